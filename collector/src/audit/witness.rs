//! The last checkpoint, in a file outside the store and outside backups: a store that was set back, or
//! exchanged, contradicts it.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time;
use tokio_util::sync::CancellationToken;

use super::{
    checkpoint::{Checkpoint, CheckpointError},
    log::Log,
    verify::{Flaw, Source},
};
use crate::store::{Store, StoreError};

/// How far the file may be behind the log.
const EVERY: Duration = Duration::from_secs(2);

/// Why the file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// It cannot be read or written.
    #[error("the checkpoint of the log in {path} cannot be {action}")]
    Io {
        /// The file.
        path: PathBuf,
        /// "read" or "written".
        action: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The file. Clones share what was written last.
#[derive(Clone, Debug)]
pub struct Witness {
    path: Arc<Path>,
    written: Arc<Mutex<Option<String>>>,
}

impl Witness {
    /// In a file.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.into(),
            written: Arc::default(),
        }
    }

    /// What it says; `None` when there is none yet.
    pub fn checkpoint(
        &self,
        log: &Log,
    ) -> Result<Option<Result<Checkpoint, CheckpointError>>, WitnessError> {
        match fs::read_to_string(&self.path) {
            Ok(note) => Ok(Some(log.key().open(&note))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io("read", error)),
        }
    }

    /// What the log as it is contradicts, found without reading every entry; `None` when it continues what
    /// the file says.
    pub fn contradiction(&self, log: &Log, store: &Store) -> Result<Option<Flaw>, WitnessError> {
        let known = match self.checkpoint(log)? {
            None => return Ok(None),
            Some(Err(error)) => return Ok(Some(Flaw::Signature(error))),
            Some(Ok(known)) => known,
        };
        if log.continues(store, &known)? {
            return Ok(None);
        }
        let (source, known) = (Source::Witness, known.size);
        let found = log.consistency(store, 1)?.map_or(0, |(now, _)| now.size);
        Ok(Some(if found < known {
            Flaw::SetBack {
                source,
                known,
                found,
            }
        } else {
            Flaw::Rewritten { source, known }
        }))
    }

    /// Writes down where the log stands, if it moved. Blocks on the disk.
    pub fn testify(&self, log: &Log, store: &Store) -> Result<(), WitnessError> {
        let Some(now) = log.checkpoint(store)? else {
            return Ok(());
        };
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.as_ref() == Some(&now) {
            return Ok(());
        }
        let path = self.path.with_extension("new");
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&path)
            .and_then(|mut file| {
                file.write_all(now.as_bytes())?;
                file.sync_all()?;
                fs::rename(&path, &self.path)
            })
            .map_err(|error| self.io("written", error))?;
        *written = Some(now);
        Ok(())
    }

    /// Follows the log until told to stop. Does nothing once it contradicts what the file says: that must not
    /// be forgotten.
    pub async fn follow(&self, log: Log, store: Store, shutdown: CancellationToken) {
        match self.contradiction(&log, &store) {
            Ok(None) => {}
            Ok(Some(flaw)) => {
                tracing::error!(%flaw, "the log of reads and changes is not what it was");
                return;
            }
            Err(error) => tracing::warn!(%error, "the log's checkpoint cannot be compared"),
        }
        let mut going = true;
        while going {
            going = shutdown
                .run_until_cancelled(time::sleep(EVERY))
                .await
                .is_some();
            let (witness, log, store) = (self.clone(), log.clone(), store.clone());
            let testified =
                tokio::task::spawn_blocking(move || witness.testify(&log, &store)).await;
            if let Ok(Err(error)) = testified {
                tracing::warn!(%error, "the log's checkpoint could not be written beside the store");
            }
        }
    }

    fn io(&self, action: &'static str, source: io::Error) -> WitnessError {
        WitnessError::Io {
            path: self.path.to_path_buf(),
            action,
            source,
        }
    }
}
