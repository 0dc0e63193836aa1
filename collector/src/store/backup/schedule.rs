//! Backups by themselves.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use tokio_util::sync::CancellationToken;

use super::{BackupSummary, Contents, EXTENSION, Store};
use crate::{
    clock::{Clock, UnixMillis},
    store::{
        error::{FileError, chain},
        file,
    },
};

/// How soon a failed backup is tried again.
const RETRY: Duration = Duration::from_secs(60 * 60);
/// How often the clock is looked at.
const TICK: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 60_000 });
const NAME: &str = "collector-";

/// When backups are made, and how many are kept.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The folder they are written to.
    pub folder: PathBuf,
    /// How often.
    pub every: Duration,
    /// How many scheduled ones are kept. Others in the folder are never touched.
    pub keep: usize,
    /// What they hold beside the store.
    pub contents: Contents,
}

impl Schedule {
    /// Daily, seven kept, of the store alone.
    pub fn daily(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            every: Duration::from_secs(24 * 60 * 60),
            keep: 7,
            contents: Contents::default(),
        }
    }

    /// Makes backups when they are due, until `shutdown`.
    pub async fn run(
        self,
        store: Store,
        clock: Clock,
        backups: Backups,
        shutdown: CancellationToken,
    ) {
        let mut last = newest_made(&self.folder);
        backups.note(|state| state.last = last);
        let mut not_before = UnixMillis::default();
        loop {
            let now = clock.now();
            // A last backup in the future means that the clock was wrong then: it does not count.
            let due = last.is_none_or(|last| last > now || now.since(last) >= self.every);
            if due && now >= not_before {
                match self.make(&store, now).await {
                    Ok(()) => {
                        last = Some(now);
                        backups.note(|state| {
                            *state = State {
                                last,
                                failure: None,
                            }
                        });
                    }
                    Err(failure) => {
                        tracing::error!(%failure, "the scheduled backup failed");
                        not_before = now.plus(RETRY);
                        backups.note(|state| state.failure = Some(failure));
                    }
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    async fn make(&self, store: &Store, now: UnixMillis) -> Result<(), Failure> {
        file::private_directory(&self.folder)
            .map_err(FileError::of("create", &self.folder))
            .map_err(|error| Failure(chain(&error)))?;
        remove_unfinished(&self.folder);
        let path = self.folder.join(name(now));
        let BackupSummary { bytes, .. } = store
            .backup(&path, &self.contents)
            .await
            .map_err(|error| Failure(chain(&error)))?;
        tracing::info!(path = %path.display(), bytes, "a backup was written");
        self.prune();
        Ok(())
    }

    /// Removes the oldest scheduled backups.
    fn prune(&self) {
        let scheduled = scheduled(&self.folder);
        let surplus = scheduled.len().saturating_sub(self.keep.max(1));
        for (_, path) in scheduled.into_iter().take(surplus) {
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "an old backup cannot be removed");
            }
        }
    }
}

/// What became of scheduled backups, for the owner. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Backups {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<UnixMillis>,
    failure: Option<Failure>,
}

/// Why a backup failed, with its causes.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
struct Failure(String);

impl Backups {
    /// When the newest scheduled backup was made.
    pub fn last(&self) -> Option<UnixMillis> {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last
    }

    /// Why the last attempt failed, as a sentence; `None` when it did not.
    pub fn failure(&self) -> Option<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failure.as_ref().map(Failure::to_string)
    }

    fn note(&self, what: impl FnOnce(&mut State)) {
        what(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// "collector-20261121T230000Z.freehold-backup": sorts by time.
fn name(at: UnixMillis) -> String {
    let at: String = at
        .to_string()
        .chars()
        .filter(|c| !matches!(c, '-' | ':'))
        .collect();
    format!("{NAME}{at}.{EXTENSION}")
}

/// Scheduled backups, oldest first.
fn scheduled(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, _)| is_scheduled(name))
        .collect();
    found.sort();
    found
}

/// Removes what a crash during a scheduled backup left.
fn remove_unfinished(folder: &Path) {
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in found {
        let name = entry.file_name();
        let whole = name.to_str().and_then(|name| name.strip_suffix(".part"));
        if whole.is_some_and(is_scheduled)
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(path = %entry.path().display(), %error, "an unfinished backup cannot be removed");
        }
    }
}

fn is_scheduled(name: &str) -> bool {
    let stamp = name
        .strip_prefix(NAME)
        .and_then(|rest| rest.strip_suffix(EXTENSION))
        .and_then(|rest| rest.strip_suffix('.'));
    stamp.is_some_and(|stamp| stamp.len() == 16 && stamp.starts_with(|c: char| c.is_ascii_digit()))
}

fn newest_made(folder: &Path) -> Option<UnixMillis> {
    let (_, path) = scheduled(folder).pop()?;
    let modified = path.metadata().ok()?.modified().ok()?;
    let since = modified.duration_since(UNIX_EPOCH).ok()?;
    Some(UnixMillis(i64::try_from(since.as_millis()).ok()?))
}
