//! The data directory: what lies where, and who may look into it.

mod demo;
#[cfg_attr(unix, path = "data/unix.rs")]
#[cfg_attr(windows, path = "data/windows.rs")]
mod privacy;

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

pub use demo::DemoState;
use thiserror::Error;

/// Present while `init` is at work: what is there then was never used.
const MARKER: &str = "initialising";

/// The data directory of a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDirectory {
    path: PathBuf,
}

/// The data directory cannot be used.
#[derive(Debug, Error)]
pub enum DataError {
    /// Nothing there yet.
    #[error(
        "there is no collector in {0}: make one with `freehold-collector init --name \"Your business\"`, \
         or name its data directory with --data DIR"
    )]
    NotInitialised(PathBuf),
    /// Something is there already.
    #[error(
        "there is a collector in {0} already: start it with `freehold-collector serve`, or give another --data DIR"
    )]
    AlreadyInitialised(PathBuf),
    /// `init` did not finish.
    #[error("making the collector in {0} was interrupted: run `freehold-collector init` again")]
    Interrupted(PathBuf),
    /// Others may look into it.
    #[error(
        "others may read {path} (mode {mode:03o}), which holds the collector's keys: run `chmod 700 {path}`"
    )]
    Open {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error(
        "{path} belongs to user id {owner}, but this is user id {own}: run the command as that user or as root"
    )]
    Foreign {
        /// The directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The account of this process.
        own: u32,
    },
    /// It belongs to somebody else, who could not read what root leaves in it.
    #[error(
        "{path} belongs to {owner}, who could not read what root would leave there: \
         run the same command as {owner}: {as_owner} COMMAND"
    )]
    Roots {
        /// The directory.
        path: PathBuf,
        /// Its owner, by name where it has one.
        owner: String,
        /// What runs a command as its owner.
        as_owner: String,
    },
    /// Others may look into it, on Windows.
    #[error(
        "others may enter {0}, which holds the collector's keys: run `icacls \"{0}\" /inheritance:r \
         /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F` as an administrator"
    )]
    Enterable(PathBuf),
    /// It, or the folder it lies in, belongs to somebody else, on Windows.
    #[error(
        "{0} belongs to another user, who could read or replace the collector's keys: \
         run the command as an administrator, or give another --data DIR"
    )]
    Strange(PathBuf),
    /// It is something else.
    #[error("{0} is not a directory: give another --data DIR")]
    NotADirectory(PathBuf),
    /// It cannot be read or written.
    #[error("cannot use {path}: check that it exists and may be written")]
    Io {
        /// What was tried.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

impl DataDirectory {
    /// Opens the directory of an existing collector.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let directory = Self {
            path: path.to_path_buf(),
        };
        // With the authority but no store the store is lost: opening it says how to get it back.
        if !directory.check()? || !(directory.store().exists() || directory.authority().exists()) {
            return Err(DataError::NotInitialised(directory.path));
        }
        if directory.marker().exists() {
            return Err(DataError::Interrupted(directory.path));
        }
        Ok(directory)
    }

    /// The same for a command that leaves files in it: refuses root where the collector runs as somebody else.
    pub fn open_to_write(path: &Path) -> Result<Self, DataError> {
        let directory = Self::open(path)?;
        privacy::refuse_root(path)?;
        Ok(directory)
    }

    /// The directory to restore into: made if it is not there.
    pub fn prepare(path: &Path) -> Result<Self, DataError> {
        let directory = Self {
            path: path.to_path_buf(),
        };
        if !directory.check()? {
            directory.make()?;
        }
        privacy::refuse_root(path)?;
        Ok(directory)
    }

    /// Makes the directory for a new collector. It counts as one once [`Self::finish`] was called; what
    /// an interrupted attempt left is removed.
    pub fn create(path: &Path) -> Result<Self, DataError> {
        let directory = Self {
            path: path.to_path_buf(),
        };
        let io = |source| DataError::Io {
            path: path.to_path_buf(),
            source,
        };
        if !directory.check()? {
            directory.make()?;
        }
        privacy::refuse_root(path)?;
        if directory.marker().exists() {
            for left in [
                directory.store(),
                directory.authority(),
                directory.owner_kit(),
            ] {
                remove_all(&left).map_err(io)?;
            }
        } else if directory.store().exists() || directory.authority().exists() {
            return Err(DataError::AlreadyInitialised(directory.path));
        }
        File::create(directory.marker())
            .and_then(|file| file.sync_all())
            .map_err(io)?;
        directory.sync().map_err(io)?;
        Ok(directory)
    }

    /// Declares the new collector complete.
    pub fn finish(&self) -> Result<(), DataError> {
        fs::remove_file(self.marker())
            .and_then(|()| self.sync())
            .map_err(|source| DataError::Io {
                path: self.path.clone(),
                source,
            })
    }

    /// Whether a collector was made here.
    pub fn is_initialised(path: &Path) -> Result<bool, DataError> {
        match Self::open(path) {
            Ok(_) => Ok(true),
            Err(DataError::NotInitialised(_) | DataError::Interrupted(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keys and certificates.
    pub fn authority(&self) -> PathBuf {
        self.path.join("authority")
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.path.join("store")
    }

    /// Scheduled backups.
    pub fn backups(&self) -> PathBuf {
        self.path.join("backups")
    }

    /// The last checkpoint of the log of reads and changes.
    pub fn log_checkpoint(&self) -> PathBuf {
        self.path.join("log-checkpoint")
    }

    /// Present from when a backup was restored until the collector has started on it.
    pub fn restored(&self) -> PathBuf {
        self.path.join("restored")
    }

    /// Makes that mark, so that it is there after a power cut as well; with the time at which the backup had
    /// been made, once that is known.
    pub fn mark_restored(&self, made_at: &str) -> Result<(), DataError> {
        let path = self.restored();
        File::create(&path)
            .and_then(|mut file| {
                file.write_all(made_at.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| self.sync())
            .map_err(|source| DataError::Io { path, source })
    }

    /// Where `init` leaves the owner kit until the owner moves it to a safe place.
    pub fn owner_kit(&self) -> PathBuf {
        self.path.join("owner-kit")
    }

    /// Where a new owner kit can be written: beside those that were not moved yet.
    pub fn free_owner_kit(&self) -> PathBuf {
        let mut kit = self.owner_kit();
        let mut number = 1;
        while kit.exists() {
            number += 1;
            kit = self.path.join(format!("owner-kit-{number}"));
        }
        kit
    }

    /// Identities of a demo's computers.
    pub fn demo_computers(&self) -> PathBuf {
        self.path.join("demo-computers")
    }

    /// Identity and spool of quickstart's own agent.
    pub fn agent(&self) -> PathBuf {
        self.path.join("agent")
    }

    fn make(&self) -> Result<(), DataError> {
        privacy::make(&self.path).map_err(|source| DataError::Io {
            path: self.path.clone(),
            source,
        })
    }

    fn marker(&self) -> PathBuf {
        self.path.join(MARKER)
    }

    /// Whether the directory exists; an error when it may not be used.
    fn check(&self) -> Result<bool, DataError> {
        let path = self.path.clone();
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(DataError::Io { path, source }),
        };
        if !metadata.is_dir() {
            return Err(DataError::NotADirectory(path));
        }
        privacy::check(&path, &metadata).map(|()| true)
    }

    fn sync(&self) -> io::Result<()> {
        privacy::sync(&self.path)
    }
}

/// Writes secrets for the person who makes the collector into a file that must not exist yet and that only this
/// account may read.
pub fn write_notes(path: &Path, text: &str) -> Result<(), DataError> {
    privacy::private_new()
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .map_err(|source| DataError::Io {
            path: path.to_path_buf(),
            source,
        })
}

fn remove_all(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_attempt_can_be_repeated_and_a_finished_one_cannot() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        let data = DataDirectory::create(&path).unwrap();
        fs::create_dir(data.store()).unwrap();
        assert!(matches!(
            DataDirectory::open(&path),
            Err(DataError::Interrupted(_))
        ));

        let data = DataDirectory::create(&path).unwrap();
        assert!(!data.store().exists());
        fs::create_dir(data.store()).unwrap();
        data.finish().unwrap();
        assert!(DataDirectory::open(&path).is_ok());
        assert!(matches!(
            DataDirectory::create(&path),
            Err(DataError::AlreadyInitialised(_))
        ));
    }

    #[test]
    fn a_lost_store_is_not_taken_for_a_new_collector() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDirectory::create(&dir.path().join("data")).unwrap();
        fs::create_dir(data.authority()).unwrap();
        data.finish().unwrap();
        assert!(DataDirectory::is_initialised(data.path()).unwrap());
    }

    #[test]
    fn a_missing_directory_says_how_to_begin() {
        let error = DataDirectory::open(Path::new("/nonexistent/freehold")).unwrap_err();
        assert!(error.to_string().contains("init"), "{error}");
    }
}
