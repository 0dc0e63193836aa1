//! Why a backup was not written or not restored.

use std::path::PathBuf;

use thiserror::Error;

use crate::store::error::{Damage, FileError, OpenError, StoreError};

/// A backup could not be written. The unfinished file is gone.
#[derive(Debug, Error)]
pub enum BackupError {
    /// There is something under that name.
    #[error("{} exists: backups never overwrite anything, choose another name", path.display())]
    Exists {
        /// The name.
        path: PathBuf,
    },
    /// The recipient is none.
    #[error(
        "'{recipient}' is not an age recipient (\"age1...\"): backups cannot be encrypted to it"
    )]
    Recipient {
        /// What was configured.
        recipient: String,
    },
    /// It would fill the disk that the store needs.
    #[error(
        "a backup of about {needed} bytes does not fit beside the store in {}: name a folder on \
         another disk", folder.display()
    )]
    NoSpace {
        /// Where to.
        folder: PathBuf,
        /// How much.
        needed: u64,
    },
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] FileError),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A backup could not be restored. Nothing was changed.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// It is not a whole backup.
    #[error(
        "{} is not a whole backup: it was cut off or changed since it was written; restore another one",
        path.display()
    )]
    NotWhole {
        /// The file.
        path: PathBuf,
    },
    /// It was made by a newer program.
    #[error(
        "{} has version {found} of the schema, this program knows versions up to {known}: install a \
         newer freehold-collector", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// It is encrypted.
    #[error(
        "{} is encrypted to the owner kit: plug that in and add --owner-kit DIR, with its folder",
        path.display()
    )]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// The key does not fit.
    #[error("{} cannot be decrypted: it was encrypted to another owner kit", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
    },
    /// There is a whole store in the way.
    #[error(
        "{} holds a store that is not damaged: move it away, or name another data directory",
        dir.display()
    )]
    Occupied {
        /// Where.
        dir: PathBuf,
    },
    /// There is something in the way that is in use, or cannot be looked at.
    #[error(transparent)]
    Open(OpenError),
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] FileError),
    /// The store could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for RestoreError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Io(error) => Self::Io(error),
            OpenError::Store(error) => Self::Store(error),
            error => Self::Open(error),
        }
    }
}

impl From<Damage> for RestoreError {
    fn from(damage: Damage) -> Self {
        Self::Open(damage.into())
    }
}
