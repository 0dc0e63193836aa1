//! The one thread that changes the store.
//!
//! It takes queued changes, runs them one after the other, and makes them durable as a group:
//! 1. new bodies are appended to the pack, which is flushed;
//! 2. all changed records, with the new state among them, are applied as one batch, which is flushed;
//! 3. the witness testifies to the new state, and is flushed;
//! 4. everyone in the group is told.
//!
//! A crash in between leaves, besides bodies nobody refers to, at most one group that nobody was told about.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::JoinHandle,
};

use tokio::sync::{mpsc, oneshot};

use super::{
    engine::Engine,
    error::{CommitError, FileError, StoreError},
    lock::Lock,
    packs::Appender,
    place::Place,
    records::Batch,
    schema::Keyspace,
    state::State,
    txn::{GroupChanges, Txn},
    witness::{Testimony, Witness},
};

/// Most changes made durable together.
const GROUP_CHANGES: usize = 1024;
/// A group takes no further change once it adds this many bytes of bodies.
const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// Changes that wait for the writer before callers do.
const QUEUE: usize = 4096;
/// A pack of this length is not appended to any more.
const PACK_BYTES: u64 = 64 * 1024 * 1024;

/// What the writer is asked to do.
pub(super) enum Job {
    /// Make a change.
    Change(Change),
    /// Do something while nothing else is being written.
    Alone(Box<dyn FnOnce(&mut Writer) + Send>),
    /// Close the store and end.
    Close(oneshot::Sender<()>),
}

/// Runs a change, or learns why it may not run; tells what to do with it.
pub(super) type Change = Box<dyn FnOnce(Result<&mut Txn, CommitError>) -> Outcome + Send>;

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
    pub(super) lock: Lock,
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
        let mut waiting = Vec::new();
        if let Err(error) = self.prepare() {
            first(Err(error));
            return None;
        }
        let mut txn = Txn::new(self.engine.clone(), self.appender.position());
        run(first, &mut txn, &mut waiting);
        let mut other = None;
        while waiting.len() < GROUP_CHANGES && txn.appended_bytes() < GROUP_BYTES {
            match jobs.try_recv() {
                Ok(Job::Change(change)) => run(change, &mut txn, &mut waiting),
                Ok(job) => {
                    other = Some(job);
                    break;
                }
                Err(_) => break,
            }
        }
        let outcome = self.commit(txn.finish());
        for acknowledge in waiting {
            acknowledge(outcome.clone());
        }
        other
    }

    /// Whether a group may begin; begins a new pack when the current one is full.
    fn prepare(&mut self) -> Result<(), CommitError> {
        if let Some(error) = &self.failed {
            return Err(CommitError::Failed(Arc::clone(error)));
        }
        let position = self.appender.position();
        if position.offset >= PACK_BYTES {
            self.appender = self.appender.next().map_err(|error| self.refusal(error))?;
            self.full.push((position.pack, position.offset));
        }
        Ok(())
    }

    fn commit(&mut self, changes: GroupChanges) -> Result<(), CommitError> {
        let appended = changes.appended.len() as u64;
        if appended > 0
            && let Err(error) = self.appender.append(&changes.appended)
        {
            let _ = self.appender.cut();
            return Err(self.refusal(error));
        }
        match self.apply(changes) {
            Ok(Some(state)) => {
                self.appender.advance(appended);
                self.state = state;
                self.full.clear();
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::error!(%error, "the store cannot be written any more");
                let error = Arc::new(error);
                self.failed = Some(Arc::clone(&error));
                Err(CommitError::Failed(error))
            }
        }
    }

    /// Makes the records of a group durable; `None` when nothing changes.
    fn apply(&mut self, changes: GroupChanges) -> Result<Option<State>, StoreError> {
        let records = self.engine.records()?;
        let mut state = self.state.clone();
        let mut batch = Batch::default();
        let mut changed = false;
        let full = self.full.iter().map(|(pack, length)| {
            let key = Keyspace::Pack.key(&[&pack.to_be_bytes()]);
            (key, Some(length.to_be_bytes().to_vec()))
        });
        for (key, value) in full.chain(changes.records) {
            let old = records.value(&key)?;
            if old == value {
                continue;
            }
            changed = true;
            state.replace(&key, old.as_deref(), value.as_deref());
            match value {
                Some(value) => batch.put(key, value),
                None => batch.remove(key),
            }
        }
        if !changed {
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

    fn close(self) {
        drop(self.engine.exchange(None));
        drop(self.lock);
    }
}

fn run(change: Change, txn: &mut Txn, waiting: &mut Vec<Acknowledge>) {
    match catch_unwind(AssertUnwindSafe(|| change(Ok(&mut *txn)))) {
        Ok(Outcome::Keep(acknowledge)) => {
            txn.keep();
            waiting.push(acknowledge);
        }
        // A change that panicked has dropped its answer, which its caller notices.
        Ok(Outcome::Discard) | Err(_) => txn.discard(),
    }
}
