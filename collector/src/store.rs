//! Everything that must survive a restart.
//!
//! Small records lie in an embedded engine (sled), in one tree. The first byte of a key names its keyspace:
//!
//! | byte | rest of the key | value |
//! |---|---|---|
//! | `.` | | state: schema version, sequence, count and hash of all records, end of the newest pack |
//! | `s` | | `SettingsRecord` |
//! | `m` | machine, 16 bytes | `MachineRecord` |
//! | `k` | hash of a public key, 32 bytes | machine, 16 bytes |
//! | `f` | hash of a part of a hardware fingerprint, 32 bytes; machine, 16 bytes | empty |
//! | `p` | machine | `PresenceRecord` |
//! | `v` | machine; section kind, 1 byte; sequence, 8 bytes big-endian | `VersionRecord` |
//! | `w` | machine; section kind | `VersionRecord` of the current version |
//! | `c` | machine; time, 8 bytes that sort; serial, 8 bytes big-endian | `ChangeRecord` |
//! | `F` | machine | `MemoryRecord` |
//! | `F` | machine; hash of rule and subject, 8 bytes; 0 | `FindingRecord` |
//! | `F` | machine; hash of rule and subject, 8 bytes; 1 | `AsideRecord` |
//! | `F` | machine; 8 zeros; 2 | `LookedRecord` |
//! | `F` | machine; hash of rule and subject, 8 bytes; 3 | `ToldRecord` |
//! | `F` | machine; 8 zeros; 4 | `ClaimsRecord` |
//! | `A` | | `AlertSettingsRecord` |
//! | `D` | number of a message, 8 bytes big-endian | `DeliveryRecord` |
//! | `l` | time; serial | machine the change of this time and serial belongs to |
//! | `n` | | serial of the next change, 8 bytes big-endian |
//! | `t` | hash of a join token, 32 bytes | `TokenRecord` |
//! | `o` | person, 16 bytes | `PersonRecord` |
//! | `x` | hash of a session's cookie, 32 bytes | `SessionRecord` |
//! | `q` | person | `FactorRecord` |
//! | `u` | | `SetupCodeRecord` |
//! | `g` | grant, 16 bytes | `GrantRecord` |
//! | `i` | hash of an invitation, 32 bytes | `InvitationRecord` |
//! | `d` | device, 16 bytes | `DeviceRecord` |
//! | `y` | hash of a device's one-time code, 32 bytes | `DeviceCodeRecord` |
//! | `S` | suggestion, 16 bytes | `SuggestionRecord` |
//! | `Q` | person | `SavedQuestionsRecord` |
//! | `r` | | `LogHeadRecord` |
//! | `a` | number of an entry of the log, 8 bytes big-endian | what it commits to, 32 bytes |
//! | `e` | number of an entry | 16 random bytes; `LogBodyRecord`. Absent when erased |
//! | `h` | level, 1 byte; position, 8 bytes big-endian | root of the perfect tree over these entries, 32 bytes |
//! | `j` | grant or person; number of an entry | empty |
//! | `b` | digest of a section body, 32 bytes | where it lies: pack, 4 bytes; offset, 8; length, 4; how many versions it belongs to, 4; big-endian |
//! | `z` | number of a full pack, 4 bytes big-endian | its length, 8 bytes big-endian |
//!
//! Records are prost messages, declared in [`record`]. Section bodies lie beside the engine:
//!
//! | file | what |
//! |---|---|
//! | `records-NNNNNN/` | the engine's own files |
//! | `packs/NNNNNN.pack` | section bodies as uploaded, each in a self-verifying record |
//! | `witness` | what the records must be: compared when the store is opened |
//! | `seal` | what the engine's files were when the store was closed cleanly |
//! | `reserve` | disk space held back for the day the disk is full |
//! | `lock` | held while a process has the store open |
//!
//! All changes pass through one thread, which makes many of them durable together; readers never wait for it.

mod alert;
pub mod backup;
mod bodies;
mod check;
mod engine;
mod error;
mod file;
mod finding;
mod health;
mod history;
mod lock;
mod log;
mod migrations;
mod open;
mod packs;
mod place;
mod read;
mod reclaim;
pub mod record;
mod records;
mod recovery;
mod reserve;
mod schema;
mod seal;
mod source;
mod space;
mod state;
mod txn;
mod witness;
mod writer;

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread::JoinHandle,
};

use tokio::sync::{mpsc, oneshot};

use self::{
    engine::Engine,
    health::Health,
    packs::Location,
    source::{Entries, Order, Source},
    writer::{Change, Job, Outcome, Run},
};
pub use self::{
    error::{Damage, FileError, OpenError, StoreError, WriteError},
    finding::StoredFindings,
    health::Statistics,
    history::{Forgotten, Retention},
    log::{LogBody, ReadLog},
    read::Read,
    reclaim::Thoroughness,
    schema::ChangeKey,
    txn::Txn,
};
use crate::id::Digest;

const MIB: u64 = 1024 * 1024;

/// How a store is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where backups are looked for when the store is damaged; the folder `backups` beside it when absent.
    pub backups: Option<PathBuf>,
    /// Memory the engine may use to keep records at hand, in bytes.
    pub cache_bytes: u64,
    /// Length at which a pack is full, in bytes.
    pub pack_bytes: u64,
    /// How much of the newest bodies is verified before the store is served, in bytes. The others are
    /// verified whenever they are read, and by [`Store::check_bodies`].
    pub checked_bytes: u64,
    /// Space that reports leave free on the disk, in bytes. Urgent changes may use three quarters of it.
    pub keep_free_bytes: u64,
    /// How long history is kept.
    pub retention: Retention,
    /// Space held back, in bytes, besides what a check after a crash takes; 0 for none at all.
    pub reserve_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            backups: None,
            cache_bytes: 4 * MIB,
            pack_bytes: 64 * MIB,
            checked_bytes: 1024 * MIB,
            keep_free_bytes: 64 * MIB,
            reserve_bytes: 32 * MIB,
            retention: Retention::default(),
        }
    }
}

/// The store, open. Clones share it; it is closed by [`Store::close`], or when the last clone is dropped.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    jobs: mpsc::Sender<Job>,
    health: Arc<Health>,
    options: Options,
    /// The newest good backup, once damage made someone look for it.
    backup: Arc<OnceLock<Option<PathBuf>>>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Store {
    /// Makes an empty store; refuses when one is there.
    pub fn create(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        open::create(dir, options)?;
        Self::open(dir, options)
    }

    /// Opens a store; refuses one that is damaged, in use by another process, or of a newer schema.
    pub fn open(dir: &Path, options: &Options) -> Result<Self, OpenError> {
        let writer = open::open(dir, options).map_err(OpenError::with_backup)?;
        let engine = writer.engine.clone();
        let health = Arc::clone(&writer.health);
        let (jobs, thread) = writer
            .start()
            .map_err(FileError::of("start the writer of", dir))?;
        Ok(Self {
            engine,
            jobs,
            health,
            options: options.clone(),
            backup: Arc::default(),
            thread: Arc::new(Mutex::new(Some(thread))),
        })
    }

    /// Runs `change` alone, over everything committed and what earlier changes of the same group did.
    /// Resolves when the whole group is durable. If the change errs, nothing of it is applied.
    ///
    /// The change runs on the store's own thread, where every other change waits for it: it must not block.
    pub async fn write<T, E>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        self.submit(false, change).await
    }

    /// The same, for the little that must work even when the disk is nearly full: signing in, shutting a
    /// machine out.
    pub async fn write_urgent<T, E>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        self.submit(true, change).await
    }

    async fn submit<T, E>(
        &self,
        urgent: bool,
        change: impl FnOnce(&mut Txn) -> Result<T, E> + Send + 'static,
    ) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let run: Run = Box::new(move |txn| match txn.map(change) {
            Ok(Ok(value)) => Outcome::Keep(Box::new(move |durable| {
                let _ = answer.send(durable.map(|()| value).map_err(WriteError::from));
            })),
            Ok(Err(error)) => {
                let _ = answer.send(Err(WriteError::Change(error)));
                Outcome::Discard
            }
            Err(error) => {
                let _ = answer.send(Err(error.into()));
                Outcome::Discard
            }
        });
        let change = Job::Change(Change { urgent, run });
        self.jobs
            .send(change)
            .await
            .map_err(|_| WriteError::Closed)?;
        match outcome.await {
            Ok(result) => result,
            Err(_) if self.jobs.is_closed() => Err(WriteError::Closed),
            Err(_) => Err(WriteError::Panicked),
        }
    }

    /// The bytes behind a digest, decompressed and verified. Blocks on the disk.
    pub fn body(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        Read::body(self, digest).map_err(|error| match error {
            StoreError::Damaged(mut damage) => {
                let newest = || backup::newest_good(&self.engine.place().backups);
                damage.backup.clone_from(self.backup.get_or_init(newest));
                StoreError::Damaged(damage)
            }
            error => error,
        })
    }

    /// The bytes behind many digests, each handed over with its place among them, in the order in which they
    /// are quickest to read. Blocks on the disk.
    pub fn each_body(
        &self,
        digests: &[Digest],
        each: impl FnMut(usize, Result<Vec<u8>, StoreError>),
    ) {
        bodies::read_each(self, digests, each);
    }

    /// How long history is kept.
    pub fn retention(&self) -> Retention {
        self.options.retention
    }

    /// How the store does. Looks at every file: not for every request.
    pub fn statistics(&self) -> Result<Statistics, FileError> {
        let dir = &self.engine.place().dir;
        let bytes = file::bytes_below(dir).map_err(FileError::of("read", dir))?;
        Ok(self.health.statistics(bytes))
    }

    /// Resolves when nothing can be stored any more until the store is opened by another process: reading
    /// goes on meanwhile. Whoever runs the collector ends it, to be started again.
    pub async fn failed(&self) {
        self.health.failed().cancelled().await;
    }

    /// Verifies every body that is stored, however long that takes. Blocks on the disk.
    pub fn check_bodies(&self) -> Result<(), StoreError> {
        let kept = self.engine.packs().kept().read();
        let _kept = kept.unwrap_or_else(PoisonError::into_inner);
        let records = self.engine.records()?;
        let state = records.state()?.ok_or(StoreError::Closed)?;
        check::contents(self.engine.place(), &check::expected(&records, &state)?)
    }

    /// Makes everything durable and lets go of the directory. Changes still queued are made first; other
    /// clones answer [`StoreError::Closed`] from then on.
    pub async fn close(self) {
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Read for Store {}

impl Source for Store {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.engine.value(key)
    }

    fn entries(&self, range: Range<Vec<u8>>, order: Order) -> Entries<'_> {
        self.engine.entries(range, order)
    }

    fn body_at(&self, digest: &Digest, location: Location) -> Result<Vec<u8>, StoreError> {
        self.engine.body_at(digest, location)
    }
}

#[cfg(test)]
mod tests;
