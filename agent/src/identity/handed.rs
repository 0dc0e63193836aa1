//! A join string that an installer or an administrator left in a file, for the service to take up.
//!
//! The file is a secret that has served its purpose once it is read: whatever comes of it, it is erased.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{JoinError, JoinString, JoinStringError, join::expect_join};
use crate::state::{StateDirectory, read_at_most};

/// Longest file: a join string has a few hundred characters.
const FILE_BYTES: u64 = 16 * 1024;

/// Why a join string that was left for the agent was not taken up.
#[derive(Debug, thiserror::Error)]
pub enum HandedError {
    /// The file cannot be read.
    #[error("the join string in {path} cannot be read; it must be a plain file that root can read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in it is no join string.
    #[error(
        "what was in {path} is no join string; the file was removed: get a new join string from the collector and put it there"
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        source: JoinStringError,
    },
    /// The file cannot be removed.
    #[error("the join string in {path} was taken up but cannot be erased; remove the file")]
    Erase {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be kept for joining.
    #[error(transparent)]
    Keep(#[from] JoinError),
}

/// Takes up the join string in a file, so that [`super::resume`] joins with it, and erases the file. Whether
/// there was one.
pub fn take_up(path: &Path, state: &StateDirectory) -> Result<bool, HandedError> {
    let Some(text) = read(path)? else {
        return Ok(false);
    };
    match text.trim().parse::<JoinString>() {
        Ok(join_string) => {
            // Kept first: a power cut between the two leaves the string in both places, not in none.
            expect_join(state, &join_string)?;
            erase(path)?;
            Ok(true)
        }
        Err(source) => {
            erase(path)?;
            Err(HandedError::Invalid {
                path: path.to_owned(),
                source,
            })
        }
    }
}

/// Erases a join string that a machine which has joined does not need. Whether there was one.
pub fn discard(path: &Path) -> Result<bool, HandedError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        _ => erase(path).map(|()| true),
    }
}

fn read(path: &Path) -> Result<Option<Zeroizing<String>>, HandedError> {
    let failed = |source| HandedError::Read {
        path: path.to_owned(),
        source,
    };
    match fs::symlink_metadata(path) {
        // A FIFO would hold the agent up for good, a link could lead anywhere.
        Ok(metadata) if !metadata.is_file() => {
            return Err(failed(io::ErrorKind::InvalidInput.into()));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    let bytes = read_at_most(path, FILE_BYTES).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        failed(io::ErrorKind::InvalidData.into())
    })?;
    Ok(Some(Zeroizing::new(text)))
}

fn erase(path: &Path) -> Result<(), HandedError> {
    fs::remove_file(path).map_err(|source| HandedError::Erase {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place {
        directory: tempfile::TempDir,
        state: StateDirectory,
    }

    impl Place {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let state = StateDirectory::open(&directory.path().join("state")).unwrap();
            Self { directory, state }
        }

        fn file(&self) -> PathBuf {
            self.directory.path().join("join")
        }
    }

    #[test]
    fn no_file_is_nothing_to_take_up() {
        let place = Place::new();
        assert!(!take_up(&place.file(), &place.state).unwrap());
        assert!(!discard(&place.file()).unwrap());
    }

    #[test]
    fn a_join_string_is_kept_for_joining_and_its_file_erased() {
        let place = Place::new();
        let join_string = crate::identity::join_string::example();
        fs::write(place.file(), format!("{}\n", join_string.encode())).unwrap();
        assert!(take_up(&place.file(), &place.state).unwrap());
        assert!(!place.file().exists());
        assert!(place.state.join("joining").exists());
    }

    #[test]
    fn what_is_no_join_string_is_named_and_erased() {
        let place = Place::new();
        fs::write(place.file(), "freehold1:truncat").unwrap();
        let error = take_up(&place.file(), &place.state).unwrap_err();
        assert!(matches!(error, HandedError::Invalid { .. }), "{error}");
        assert!(!error.to_string().contains("truncat"), "{error}");
        assert!(!place.file().exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_or_a_directory_is_not_followed() {
        let place = Place::new();
        std::os::unix::fs::symlink("/etc/hostname", place.file()).unwrap();
        let error = take_up(&place.file(), &place.state).unwrap_err();
        assert!(matches!(error, HandedError::Read { .. }), "{error}");
    }
}
