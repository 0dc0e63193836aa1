//! The one thread that changes the store.
//!
//! It takes queued changes, runs them one after the other, and makes them durable as a group:
//! 1. new bodies are appended to the pack, which is flushed;
//! 2. all changed records, with the new state among them, are applied as one batch, which is flushed;
//! 3. the witness testifies to the new state, and is flushed;
//! 4. everyone in the group is told.
//!
//! A crash in between leaves, besides bodies nobody refers to, at most one group that nobody was told about.

mod group;

use std::{sync::Arc, thread::JoinHandle};

use tokio::sync::{mpsc, oneshot};

use self::group::Group;
use super::{
    Options, check,
    engine::Engine,
    error::{CommitError, FileError, StoreError},
    health::Health,
    lock::Lock,
    packs::{self, Appender},
    place::Place,
    records::Batch,
    reserve::Reserve,
    schema::Keyspace,
    seal,
    space::{self, Room},
    state::State,
    txn::{GroupChanges, Txn},
    witness::{Testimony, Witness},
};

/// Changes that wait for the writer before callers do.
const QUEUE: usize = 4096;

/// Space given to the engine's file beyond what it has and a group takes, in bytes.
const ENGINE_AHEAD: u64 = 8 * 1024 * 1024;

/// What the writer is asked to do.
pub(super) enum Job {
    /// Make a change.
    Change(Change),
    /// Do something while nothing else is being written.
    Alone(Box<dyn FnOnce(&mut Writer) + Send>),
    /// Close the store and end.
    Close(oneshot::Sender<()>),
}

/// A change that waits for its turn.
pub(super) struct Change {
    /// It is made even when little space is left.
    pub(super) urgent: bool,
    /// Makes it.
    pub(super) run: Run,
}

/// Makes a change, or learns why it may not be made; tells what to do with it.
pub(super) type Run = Box<dyn FnOnce(Result<&mut Txn, CommitError>) -> Outcome + Send>;

/// What becomes of a change that ran.
pub(super) enum Outcome {
    /// It becomes part of the group; its caller is told once that is durable, or that it failed.
    Keep(Acknowledge),
    /// It is dropped; its caller knows.
    Discard,
}

/// Tells a caller.
pub(super) type Acknowledge = Box<dyn FnOnce(Result<(), CommitError>) + Send>;

/// Everything that changing the store takes.
pub(super) struct Writer {
    pub(super) engine: Engine,
    pub(super) place: Place,
    pub(super) appender: Appender,
    pub(super) witness: Witness,
    pub(super) generation: u64,
    pub(super) state: State,
    pub(super) options: Options,
    pub(super) reserve: Reserve,
    pub(super) lock: Lock,
    pub(super) health: Arc<Health>,
    /// Full packs that no committed record tells of yet.
    pub(super) full: Vec<(u32, u64)>,
    /// Set once the store is in an unknown condition: nothing is written any more.
    pub(super) failed: Option<Arc<StoreError>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(self) -> std::io::Result<(mpsc::Sender<Job>, JoinHandle<()>)> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || self.run(jobs))?;
        Ok((queue, thread))
    }

    fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut next = jobs.blocking_recv();
        while let Some(job) = next.take() {
            match job {
                Job::Change(first) => next = self.group(first, &mut jobs),
                Job::Alone(task) => task(&mut self),
                Job::Close(done) => {
                    self.close();
                    let _ = done.send(());
                    return;
                }
            }
            next = next.or_else(|| jobs.blocking_recv());
        }
        self.close();
    }

    /// Runs and commits a group; answers a job that is not a change, if one ended the group.
    fn group(&mut self, first: Change, jobs: &mut mpsc::Receiver<Job>) -> Option<Job> {
        let room = match self.prepare() {
            Ok(room) => room,
            Err(error) => {
                (first.run)(Err(error));
                return None;
            }
        };
        let mut group = Group::new(&self.engine, self.appender.position(), room);
        group.run(first);
        let mut other = None;
        while group.has_room() {
            match jobs.try_recv() {
                Ok(Job::Change(change)) => group.run(change),
                Ok(job) => {
                    other = Some(job);
                    break;
                }
                Err(_) => break,
            }
        }
        let (changes, waiting) = group.finish();
        let outcome = self.commit(changes);
        for acknowledge in waiting {
            acknowledge(outcome.clone());
        }
        other
    }

    /// Whether a group may begin, and how much it may do; begins a new pack when the current one is full.
    fn prepare(&mut self) -> Result<Room, CommitError> {
        if let Some(error) = &self.failed {
            return Err(CommitError::Failed(Arc::clone(error)));
        }
        let keep_free = self.options.keep_free_bytes;
        let room = space::room(&self.place, keep_free, &mut self.reserve, &self.health);
        let is_full = self.appender.position().offset >= self.options.pack_bytes;
        if is_full && room == Room::Ample {
            self.begin_pack()?;
        }
        Ok(room)
    }

    /// Ends the newest pack and begins another.
    pub(super) fn begin_pack(&mut self) -> Result<(), CommitError> {
        let position = self.appender.position();
        if position.offset == packs::FILE_HEADER.len() as u64 {
            return Ok(());
        }
        self.appender = self.appender.next().map_err(|error| self.refusal(error))?;
        self.full.push((position.pack, position.offset));
        Ok(())
    }

    fn commit(&mut self, changes: GroupChanges) -> Result<(), CommitError> {
        let appended = changes.appended.len() as u64;
        self.allocate(&changes)?;
        if appended > 0
            && let Err(error) = self.appender.append(&changes.appended)
        {
            let _ = self.appender.cut();
            return Err(self.refusal(error));
        }
        match self.apply(changes) {
            Ok(Some(state)) => {
                self.appender.advance(appended);
                self.full.clear();
                self.health.committed(state.records, state.sequence);
                self.state = state;
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Gives the engine's file the space that a group takes, before the engine is asked to write: it does
    /// not survive the end of the disk.
    fn allocate(&mut self, changes: &GroupChanges) -> Result<(), CommitError> {
        let values = changes.records.values().flatten().map(Vec::len);
        let bytes = values.sum::<usize>() as u64;
        let records = self.engine.records();
        match records.and_then(|records| records.allocate(ENGINE_AHEAD + 4 * bytes)) {
            Ok(()) => Ok(()),
            Err(error) if error.is_full() => {
                self.health.set_full(true);
                Err(CommitError::Full {
                    dir: self.place.dir.clone(),
                })
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// From now on nothing is written: what the files hold is not known. Opening the store again finds out.
    fn fail(&mut self, error: StoreError) -> CommitError {
        if error.is_full() {
            self.reserve.release();
        }
        tracing::error!(%error, "the store cannot be written any more");
        self.health.set_failed();
        let error = Arc::new(error);
        self.failed = Some(Arc::clone(&error));
        CommitError::Failed(error)
    }

    /// Makes the records of a group durable; `None` when nothing changes.
    fn apply(&mut self, changes: GroupChanges) -> Result<Option<State>, StoreError> {
        let records = self.engine.records()?;
        let mut state = self.state.clone();
        let mut batch = Batch::default();
        let mut any = false;
        let full = self.full.iter().map(|(pack, length)| {
            let key = Keyspace::Pack.key(&[&pack.to_be_bytes()]);
            (key, Some(length.to_be_bytes().to_vec()))
        });
        for (key, value) in full.chain(changes.records) {
            let old = records.value(&key)?;
            if old == value {
                continue;
            }
            any = true;
            state.replace(&key, old.as_deref(), value.as_deref());
            match value {
                Some(value) => batch.put(key, value),
                None => batch.remove(key),
            }
        }
        if !any {
            return Ok(None);
        }
        state.sequence += 1;
        state.position = self.appender.position();
        state.position.offset += changes.appended.len() as u64;
        batch.put(Keyspace::State.single(), state.to_bytes());
        records.apply(batch)?;
        self.witness.testify(&Testimony {
            generation: self.generation,
            state: state.clone(),
        })?;
        Ok(Some(state))
    }

    /// How a file error that left everything as it was is reported.
    fn refusal(&self, error: FileError) -> CommitError {
        if error.is_full() {
            CommitError::Full {
                dir: self.place.dir.clone(),
            }
        } else {
            CommitError::Failed(Arc::new(error.into()))
        }
    }

    /// Lets go of the directory, and seals what the engine leaves there.
    pub(super) fn close(self) {
        let Some(records) = self.engine.take() else {
            return;
        };
        if self.failed.is_some() {
            records.abandon();
            return;
        }
        let packs = check::expected(&records, &self.state);
        if records.close()
            && let Ok(packs) = packs
            && let Err(error) = seal::write(&self.place, self.generation, &packs)
        {
            tracing::warn!(%error, "the store was closed, but will be checked at length when it is opened");
        }
        drop(self.lock);
    }
}
