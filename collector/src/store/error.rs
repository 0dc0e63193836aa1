//! What can go wrong with the store, in sentences for whoever runs the collector.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use thiserror::Error;

use super::backup;
use crate::id::Digest;

/// The store could not be opened or made.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is no store in the directory.
    #[error(
        "there is no store in {}: make one with `freehold-collector init`, or restore a backup with \
         `freehold-collector restore --from FILE --data {}`", dir.display(), data.display()
    )]
    Missing {
        /// Where it was expected.
        dir: PathBuf,
        /// The data directory it belongs to.
        data: PathBuf,
    },
    /// There already is one.
    #[error("{} already exists: choose another data directory, or serve this one", dir.display())]
    Exists {
        /// Where.
        dir: PathBuf,
    },
    /// Another process has it open.
    #[error(
        "the store {} is in use by process {holder}: stop that process first, or use the collector's \
         subcommands while it serves", dir.display()
    )]
    Locked {
        /// Which store.
        dir: PathBuf,
        /// Process identifier, as that process wrote it down.
        holder: String,
    },
    /// A later program wrote it.
    #[error(
        "the store {} has version {found} of the schema, this program knows versions up to {known}: \
         install the newer freehold-collector again, or restore a backup made by this one into \
         another directory (restore --data DIR)", dir.display()
    )]
    Newer {
        /// Which store.
        dir: PathBuf,
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// It does not hold what was acknowledged.
    #[error(transparent)]
    Damaged(Box<Damage>),
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] FileError),
    /// A record or body could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file operation that failed.
#[derive(Debug, Error)]
#[error("cannot {action} {}{}", path.display(), advice(source))]
pub struct FileError {
    /// "read", "write" and so on.
    pub action: &'static str,
    /// Which file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// What to do about a failed file operation, where that is known.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => {
            ", because its file system is read-only: make it writable, or name another data directory"
        }
        io::ErrorKind::PermissionDenied => {
            ", because this account may not: run as the account the collector runs as, or as root"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ", because the disk is full: make space on it"
        }
        _ => "",
    }
}

impl FileError {
    /// For `map_err`: names the action and the file.
    pub(super) fn of<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self {
            action,
            path: path.to_owned(),
            source,
        }
    }

    /// The disk, or the quota on it, is full.
    pub(super) fn is_full(&self) -> bool {
        matches!(
            self.source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    }
}

/// A file of the store does not hold what was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Damage {
    /// Which file.
    pub file: PathBuf,
    /// What was found in it.
    pub found: String,
    /// The newest backup that is whole.
    pub backup: Option<PathBuf>,
    /// Where backups were looked for.
    pub backups: PathBuf,
    /// The data directory to restore.
    pub data: PathBuf,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is damaged: {}. Nothing was changed. ",
            self.file.display(),
            self.found
        )?;
        match &self.backup {
            Some(backup) => write!(
                f,
                "The newest good backup is {0}; restore it with \
                 `freehold-collector restore --from {0} --data {1}`, adding --owner-kit DIR where it is \
                 encrypted",
                backup.display(),
                self.data.display()
            ),
            None => write!(
                f,
                "There is no good backup in {}; restore one kept elsewhere with \
                 `freehold-collector restore --from FILE --data {}`, adding --owner-kit DIR where it is \
                 encrypted",
                self.backups.display(),
                self.data.display()
            ),
        }
    }
}

/// A read or a change failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A record is not what its keyspace holds.
    #[error("a record of keyspace '{keyspace}' in the store cannot be decoded; restore a backup")]
    Undecodable {
        /// First byte of the key.
        keyspace: char,
    },
    /// A caller passed a record that cannot be stored.
    #[error("the record cannot be stored: field '{field}' is invalid")]
    InvalidRecord {
        /// Which field.
        field: &'static str,
    },
    /// A body is too long for a pack.
    #[error("a body of {size} bytes is longer than the store takes")]
    TooLarge {
        /// Its length.
        size: u64,
    },
    /// A body is not stored.
    #[error("no body is stored under {digest}")]
    NoBody {
        /// What was asked for.
        digest: Digest,
    },
    /// A file does not hold what was acknowledged.
    #[error(transparent)]
    Damaged(Box<Damage>),
    /// The embedded engine failed.
    #[error("the store's records cannot be {action}")]
    Engine {
        /// "read" or "written".
        action: &'static str,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] FileError),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl From<Damage> for OpenError {
    fn from(damage: Damage) -> Self {
        Self::Damaged(Box::new(damage))
    }
}

impl From<Damage> for StoreError {
    fn from(damage: Damage) -> Self {
        Self::Damaged(Box::new(damage))
    }
}

impl OpenError {
    /// Names the newest good backup; takes as long as reading it.
    pub(super) fn with_backup(mut self) -> Self {
        if let Self::Damaged(damage) | Self::Store(StoreError::Damaged(damage)) = &mut self {
            damage.backup = backup::newest_good(&damage.backups);
        }
        self
    }
}

impl StoreError {
    /// The disk, or the quota on it, is full.
    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Io(error) if error.is_full())
    }
}

/// A change was not made.
#[derive(Debug, Error)]
pub enum WriteError<E> {
    /// The change itself decided so.
    #[error(transparent)]
    Change(E),
    /// The disk is full.
    #[error(
        "nothing can be stored: the disk of {} is full. Reading goes on, and writing will by itself \
         once space is free", dir.display()
    )]
    Full {
        /// The store.
        dir: PathBuf,
    },
    /// The group could not be made durable.
    #[error("nothing can be stored until the collector is restarted")]
    Failed(#[source] Arc<StoreError>),
    /// The change panicked.
    #[error("the change broke off because of a programming error")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// Why a group was not committed; shared by all its changes.
#[derive(Clone, Debug)]
pub(super) enum CommitError {
    Full { dir: PathBuf },
    Failed(Arc<StoreError>),
}

impl<E> From<CommitError> for WriteError<E> {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Full { dir } => Self::Full { dir },
            CommitError::Failed(error) => Self::Failed(error),
        }
    }
}

/// An error with its causes, for a sentence.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
