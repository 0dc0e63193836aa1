//! A join string that an installer or an administrator left for the service to take up: in a file, or where
//! the installer of the system leaves things.
//!
//! It is a secret that has served its purpose once it is read: whatever comes of it, it is erased.

#[cfg_attr(windows, path = "handed/windows.rs")]
#[cfg_attr(not(windows), path = "handed/elsewhere.rs")]
mod installer;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{
    AddressError, JoinError, JoinString, JoinStringError, check_address, join::expect_join,
};
use crate::{
    service,
    state::{StateDirectory, read_at_most},
};

/// Longest file: a join string has a few hundred characters.
const FILE_BYTES: u64 = 16 * 1024;

/// Most labels that are proposed.
const PROPOSALS: usize = 8;

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
        "what was in {path} is no join string; it was removed: get a new join string from the collector and put it there"
    )]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Why.
        source: JoinStringError,
    },
    /// What the installer was given is no join string.
    #[error(
        "what the installer was given as JOIN is no join string; it was removed from {place}: get a new join string from the collector and run 'freehold-agent join -' as an administrator, then '{}'",
        service::START
    )]
    Given {
        /// Where it lay.
        place: &'static str,
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
    /// What the installer left cannot be read or erased.
    #[error("what the installer left in {place} cannot be taken up; run as an administrator")]
    Installer {
        /// Where.
        place: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The installer was given an address that is none.
    #[error(
        "the installer was given an unusable address of the collector as COLLECTOR, and this computer has not joined: {source}; run 'freehold-agent join -' as an administrator with a new join string, then '{}'",
        service::START
    )]
    Collector {
        /// What is wrong with it.
        source: AddressError,
    },
    /// It cannot be kept for joining.
    #[error(transparent)]
    Keep(#[from] JoinError),
}

/// What an installer left.
#[cfg_attr(
    not(windows),
    allow(dead_code, reason = "installers leave a file there")
)]
struct Left {
    text: Zeroizing<String>,
    /// Addresses at which the collector is to be tried first, with commas between them; may be empty.
    collector: String,
    /// Labels to propose to the owner, with commas between them; may be empty.
    labels: String,
}

impl Left {
    fn of(text: Zeroizing<String>) -> Self {
        Self {
            text,
            collector: String::new(),
            labels: String::new(),
        }
    }
}

/// Takes up the join string in a file, or one that the installer left, so that [`super::resume`] joins with
/// it, and erases it. Whether there was one.
pub fn take_up(path: &Path, state: &StateDirectory) -> Result<bool, HandedError> {
    let Some(text) = read(path)? else {
        return take_up_left(state);
    };
    // Kept first: a power cut between the two leaves the string in both places, not in none.
    let invalid = |source| HandedError::Invalid {
        path: path.to_owned(),
        source,
    };
    let kept = keep(state, &Left::of(text), invalid);
    erase(path)?;
    kept.map(|()| true)
}

fn take_up_left(state: &StateDirectory) -> Result<bool, HandedError> {
    let failed = |source| HandedError::Installer {
        place: installer::PLACE,
        source,
    };
    let Some(left) = installer::left().map_err(failed)? else {
        return Ok(false);
    };
    let kept = keep(state, &left, |source| HandedError::Given {
        place: installer::PLACE,
        source,
    });
    installer::erase().map_err(failed)?;
    kept.map(|()| true)
}

fn keep(
    state: &StateDirectory,
    left: &Left,
    invalid: impl FnOnce(JoinStringError) -> HandedError,
) -> Result<(), HandedError> {
    let join_string = left.text.trim().parse::<JoinString>().map_err(invalid)?;
    let join_string = preferring(&left.collector, join_string)?;
    Ok(expect_join(state, join_string, proposals(&left.labels))?)
}

/// Labels out of a list with commas. What is no label the collector drops.
fn proposals(labels: &str) -> Vec<String> {
    let labels = labels.split([',', ';']).map(str::trim);
    let labels = labels.filter(|label| !label.is_empty());
    labels.take(PROPOSALS).map(str::to_owned).collect()
}

/// The join string with addresses in front of its own.
fn preferring(collector: &str, mut join_string: JoinString) -> Result<JoinString, HandedError> {
    let addresses = collector.split([',', ';', ' ']).map(str::trim);
    let mut preferred = Vec::new();
    for address in addresses.filter(|address| !address.is_empty()) {
        check_address(address).map_err(|source| HandedError::Collector { source })?;
        preferred.push(address.to_owned());
    }
    let own = std::mem::take(&mut join_string.addresses);
    let own = own
        .into_iter()
        .filter(|address| !preferred.contains(address));
    let all: Vec<_> = preferred.iter().cloned().chain(own).collect();
    join_string.addresses = all.into_iter().take(JoinString::ADDRESSES).collect();
    Ok(join_string)
}

/// Erases a join string that a machine which has joined does not need. Whether there was one.
pub fn discard(path: &Path) -> Result<bool, HandedError> {
    let was_left = installer::erase().map_err(|source| HandedError::Installer {
        place: installer::PLACE,
        source,
    })?;
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(was_left),
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

    #[test]
    fn addresses_that_the_installer_was_given_are_tried_first() {
        let join_string = crate::identity::join_string::example();
        let own = join_string.addresses.clone();
        let joined = preferring(" office:7443, 10.0.0.9:7443", join_string.clone()).unwrap();
        assert_eq!(joined.addresses[..2], ["office:7443", "10.0.0.9:7443"]);
        assert_eq!(joined.addresses[2..], own);
        let same = preferring(&own.join(","), join_string.clone()).unwrap();
        assert_eq!(same.addresses, own);
        let many = vec!["a:1"; JoinString::ADDRESSES + 1].join(",");
        let joined = preferring(&many, join_string.clone()).unwrap();
        assert_eq!(joined.addresses.len(), JoinString::ADDRESSES);
        let error = preferring("office", join_string).unwrap_err();
        assert!(matches!(error, HandedError::Collector { .. }), "{error}");
    }

    #[test]
    fn labels_are_proposed_as_the_installer_was_told() {
        assert_eq!(
            proposals(" Empfang , 受付;; back office"),
            ["Empfang", "受付", "back office"]
        );
        assert!(proposals("").is_empty());
        assert_eq!(proposals(&"a,".repeat(100)).len(), PROPOSALS);
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
