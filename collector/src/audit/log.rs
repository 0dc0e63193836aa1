//! Adding to the log, and reading it.

use std::{fmt, sync::Arc};

use super::{
    checkpoint::{Checkpoint, LogKey},
    entry::{self, Actor, Entry, Event},
    tree::{Edge, Hash},
};
use crate::{
    access::{GrantId, PersonId},
    clock::{Clock, UnixMillis},
    store::{
        ReadLog as _, Store, StoreError, Txn, WriteError,
        record::{LogAct, LogBodyRecord, LogHeadRecord},
    },
};

/// Entries looked through at most for those of a grant, in one go.
const LOOKED_THROUGH: usize = 2000;

/// The entry could not be made durable, so what it tells about does not happen either.
#[derive(Debug, thiserror::Error)]
#[error("this could not be written into the log, without which nothing is shown to guests")]
pub struct NotLogged(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Why a new epoch of the log begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// When the backup that was restored had been made.
    pub backup_from: UnixMillis,
    /// The last checkpoint known from before the restore.
    pub before: Option<Checkpoint>,
}

/// The log. Clones share it.
#[derive(Clone)]
pub struct Log {
    key: Arc<LogKey>,
    clock: Clock,
}

impl Log {
    /// A log whose checkpoints this key signs.
    pub fn new(key: Arc<LogKey>, clock: Clock) -> Self {
        Self { key, clock }
    }

    /// The key its checkpoints are signed with.
    pub fn key(&self) -> &LogKey {
        &self.key
    }

    /// The clock its entries are dated by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Adds an entry to a change of the store: it becomes durable with the change, or neither does. Answers
    /// with its number.
    pub fn note(&self, txn: &mut Txn, by: &Actor, event: Event) -> Result<u64, StoreError> {
        let head = txn.log_head()?.unwrap_or_default();
        let mut edge = edge(&head)?;
        let index = edge.size();
        let body = entry::body(self.clock.now(), by, event);
        let commitment = entry::commitment(&body);
        txn.put_log_leaf(index, &commitment);
        for subject in subjects(&body.record()?) {
            txn.put_log_subject(&subject, index);
        }
        txn.put_log_body(index, &body);
        for complete in edge.push(&commitment) {
            txn.put_log_node(complete.level, complete.position, &complete.root);
        }
        self.put_head(txn, head.epoch.max(1), &edge);
        Ok(index)
    }

    /// Adds an entry by itself; on return it is durable.
    pub async fn write(&self, store: &Store, by: &Actor, event: Event) -> Result<u64, NotLogged> {
        let (log, by) = (self.clone(), by.clone());
        store
            .write(move |txn| log.note(txn, &by, event))
            .await
            .map_err(|error: WriteError<StoreError>| NotLogged(error.into()))
    }

    /// Erases what an entry says, and notes that. The entry itself, and every proof, stays. Entries about
    /// an erasure stay as they are, and so does what is not there: then nothing is done.
    pub fn erase(&self, txn: &mut Txn, by: &Actor, index: u64) -> Result<bool, StoreError> {
        let Some(body) = txn.log_body(index)? else {
            return Ok(false);
        };
        let record = body.record()?;
        if record.act() == LogAct::ErasedEntry {
            return Ok(false);
        }
        for subject in subjects(&record) {
            txn.remove_log_subject(&subject, index);
        }
        txn.remove_log_body(index);
        self.note(txn, by, Event::new(LogAct::ErasedEntry).count(index))?;
        Ok(true)
    }

    /// Begins a new epoch after a backup was restored, and says so in its first entry.
    pub fn begin_epoch(&self, txn: &mut Txn, epoch: &Epoch) -> Result<(), StoreError> {
        let mut head = txn.log_head()?.unwrap_or_default();
        let restored = head.size;
        head.epoch = head.epoch.max(1) + 1;
        txn.put_log_head(&head);
        let before = epoch.before.as_ref().map_or_else(
            || format!("entry {restored} of the backup"),
            |before| {
                let root = super::sentence::hexadecimal(&before.root);
                format!("entry {} with root {root}", before.size)
            },
        );
        let detail = format!(
            "made {}; until then the log had reached {before}",
            epoch.backup_from
        );
        let event = Event::new(LogAct::BeganEpoch)
            .detail(&detail)
            .count(head.epoch.into());
        self.note(txn, &Actor::collector(), event)?;
        Ok(())
    }

    /// The signed checkpoint over all that is durable; `None` while the log is empty.
    pub fn checkpoint(&self, store: &Store) -> Result<Option<String>, StoreError> {
        Ok(store.log_head()?.map(|head| head.checkpoint))
    }

    /// Up to `limit` entries before entry `before`, newest first. Erased ones are passed over.
    pub fn entries(
        &self,
        store: &Store,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let found = store.log_before(before, limit)?;
        found
            .iter()
            .map(|(index, body)| Entry::new(*index, body))
            .collect()
    }

    /// The same for one grant: what was done under it, and what was decided about it.
    pub fn of_grant(
        &self,
        store: &Store,
        grant: GrantId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        about(store, &grant.0, before, limit.min(LOOKED_THROUGH))
    }

    /// The last read of a person.
    pub fn last_read(&self, store: &Store, person: PersonId) -> Result<Option<Entry>, StoreError> {
        let entries = about(store, &person.0, None, 20)?;
        Ok(entries.into_iter().find(Entry::is_read))
    }

    fn put_head(&self, txn: &mut Txn, epoch: u32, edge: &Edge) {
        let checkpoint = Checkpoint {
            epoch,
            size: edge.size(),
            root: edge.root(),
        };
        txn.put_log_head(&LogHeadRecord {
            epoch,
            size: edge.size(),
            peaks: edge.peaks().iter().map(|peak| peak.to_vec()).collect(),
            checkpoint: self.key.sign(&checkpoint),
        });
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Up to `limit` entries about a grant or person, newest first.
fn about(
    store: &Store,
    subject: &[u8; 16],
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for index in store.log_about(subject, before, limit)? {
        if let Some(body) = store.log_body(index)? {
            entries.push(Entry::new(index, &body)?);
        }
    }
    Ok(entries)
}

/// The edge of the tree as the head has it.
pub(super) fn edge(head: &LogHeadRecord) -> Result<Edge, StoreError> {
    let damaged = || StoreError::InvalidRecord { field: "peaks" };
    let peaks: Option<Vec<Hash>> = head
        .peaks
        .iter()
        .map(|peak| peak.as_slice().try_into().ok())
        .collect();
    Edge::new(head.size, peaks.ok_or_else(damaged)?).ok_or_else(damaged)
}

/// By what an entry is found: the grant and the people it is about.
fn subjects(body: &LogBodyRecord) -> Vec<[u8; 16]> {
    [&body.grant, &body.person, &body.about]
        .into_iter()
        .filter_map(|id| id.as_slice().try_into().ok())
        .collect()
}
