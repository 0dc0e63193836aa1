//! What moves with every check-in, in memory: an unchanged check-in touches nothing else. It becomes
//! durable behind, at most [`INTERVAL`] late.

mod entry;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex as AsyncMutex, time};
use tokio_util::sync::CancellationToken;

pub(super) use self::entry::{Current, Entry, SECTIONS};
use crate::{
    change::schema::KINDS,
    id::{Digest, MachineId},
    store::{
        Read as _, Store, StoreError, WriteError,
        record::{PresenceRecord, VersionRecord},
    },
};

/// How late what moves with check-ins may become durable.
pub const INTERVAL: Duration = Duration::from_secs(60);

/// Tables the machines are spread over, so that requests rarely wait for each other.
const SHARDS: usize = 64;

/// About how many machines are written by one change of the store, which keeps a copy of every page that it touches
/// until it is done.
const AT_ONCE: usize = 500;

/// What is known of each machine's check-ins and of the sections it has delivered. Clones share it.
#[derive(Clone)]
pub struct Presence {
    shared: Arc<Shared>,
}

/// Entries are large: a table keeps room for as many again as it holds.
type Shard = HashMap<MachineId, Box<Entry>>;

struct Shared {
    store: Store,
    shards: Vec<Mutex<Shard>>,
    flushing: AsyncMutex<()>,
}

impl Presence {
    /// Reads everything from the store. Blocks on the disk.
    pub fn load(store: Store) -> Result<Self, StoreError> {
        let presence = Self {
            shared: Arc::new(Shared {
                store,
                shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
                flushing: AsyncMutex::default(),
            }),
        };
        let store = &presence.shared.store;
        for (id, record) in store.presences()? {
            presence.with(id, |entry| entry.record = record);
        }
        for machine in store.machines()? {
            let Ok(bytes) = <[u8; 16]>::try_from(machine.id.as_slice()) else {
                return Err(StoreError::InvalidRecord { field: "id" });
            };
            let id = MachineId::from_bytes(bytes);
            for kind in KINDS {
                let current = store
                    .current(id, kind)?
                    .as_ref()
                    .map(current_of)
                    .transpose()?;
                presence.with(id, |entry| entry.current[kind as usize] = current);
            }
            presence.with(id, |entry| entry.is_fresh = true);
        }
        Ok(presence)
    }

    /// What is known of a machine's check-ins; none when it never checked in.
    pub fn of(&self, id: MachineId) -> Option<PresenceRecord> {
        self.look(id, PresenceRecord::clone)
    }

    /// What `look` finds in what is known of a machine's check-ins; none when it never checked in. Must not
    /// block.
    pub fn look<T>(&self, id: MachineId, look: impl FnOnce(&PresenceRecord) -> T) -> Option<T> {
        let shard = self.shard(id);
        let entry = shard.get(&id)?;
        (entry.record.last_seen_at != 0).then(|| look(&entry.record))
    }

    /// How many machines told, since the collector was started, that they hold the current trust anchors and
    /// addresses.
    pub fn up_to_date(&self) -> usize {
        let shards = self.shared.shards.iter();
        let count = shards.map(|shard| {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.values().filter(|entry| entry.is_up_to_date).count()
        });
        count.sum()
    }

    /// Forgets a machine whose records were erased.
    pub fn forget(&self, id: MachineId) {
        self.shard(id).remove(&id);
    }

    /// Makes durable whatever is not yet.
    pub async fn flush(&self) -> Result<(), FlushError> {
        let _alone = self.shared.flushing.lock().await;
        let mut changed = Vec::new();
        for shard in &self.shared.shards {
            take_changed(shard, &mut changed);
            if changed.len() >= AT_ONCE {
                self.write(std::mem::take(&mut changed)).await?;
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        self.write(changed).await
    }

    async fn write(&self, changed: Vec<(MachineId, PresenceRecord)>) -> Result<(), FlushError> {
        let ids: Vec<MachineId> = changed.iter().map(|(id, _)| *id).collect();
        let written = self.shared.store.write(move |txn| {
            for (id, record) in &changed {
                txn.put_presence(*id, record);
            }
            Ok(())
        });
        written.await.map_err(|error: WriteError<StoreError>| {
            for id in ids {
                self.with(id, |entry| entry.changed = true);
            }
            FlushError(Box::new(error))
        })
    }

    /// Writes behind until told to stop, and then once more.
    pub async fn write_behind(&self, shutdown: CancellationToken) {
        while shutdown
            .run_until_cancelled(time::sleep(INTERVAL))
            .await
            .is_some()
        {
            self.flush_or_tell().await;
        }
        self.flush_or_tell().await;
    }

    /// Looks at a machine's entry or alters it. Must not block.
    pub(super) fn with<T>(&self, id: MachineId, look: impl FnOnce(&mut Entry) -> T) -> T {
        look(self.shard(id).entry(id).or_default())
    }

    async fn flush_or_tell(&self) {
        if let Err(error) = self.flush().await {
            tracing::error!(%error, cause = %error.0, "check-ins are not durable yet");
        }
    }

    fn shard(&self, id: MachineId) -> MutexGuard<'_, Shard> {
        // Identifiers are random: any byte of them spreads evenly.
        let index = usize::from(id.as_bytes()[15]) % SHARDS;
        self.shared.shards[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes what is not durable yet of one shard.
fn take_changed(shard: &Mutex<Shard>, changed: &mut Vec<(MachineId, PresenceRecord)>) {
    let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
    for (id, entry) in shard.iter_mut().filter(|(_, entry)| entry.changed) {
        entry.changed = false;
        changed.push((*id, entry.record.clone()));
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").finish_non_exhaustive()
    }
}

/// What moved with check-ins could not be made durable. It stays in memory and is tried again.
#[derive(Debug, thiserror::Error)]
#[error("cannot store when computers were last seen")]
pub struct FlushError(#[source] Box<WriteError<StoreError>>);

fn current_of(version: &VersionRecord) -> Result<Current, StoreError> {
    Ok(Current {
        digest: Digest::from_slice(&version.digest)
            .ok_or(StoreError::InvalidRecord { field: "digest" })?,
        sequence: version.sequence,
        collected_at: version.collected_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(presence: &Presence, id: MachineId, at: i64) {
        presence.with(id, |entry| {
            entry.record.last_seen_at = at;
            entry.changed = true;
        });
    }

    #[tokio::test]
    async fn what_was_flushed_is_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = Store::create(&path, &crate::store::Options::default()).unwrap();
        let presence = Presence::load(store.clone()).unwrap();
        let (flushed, late) = (MachineId::random(), MachineId::random());
        seen(&presence, flushed, 1);
        presence.flush().await.unwrap();
        seen(&presence, late, 2);
        assert_eq!(presence.of(late).unwrap().last_seen_at, 2);
        assert_eq!(presence.of(MachineId::random()), None);
        store.close().await;

        let store = Store::open(&path, &crate::store::Options::default()).unwrap();
        let presence = Presence::load(store).unwrap();
        assert_eq!(presence.of(flushed).unwrap().last_seen_at, 1);
        assert_eq!(presence.of(late), None);
    }

    #[tokio::test]
    async fn stopping_writes_what_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = Store::create(&path, &crate::store::Options::default()).unwrap();
        let presence = Presence::load(store.clone()).unwrap();
        let id = MachineId::random();
        seen(&presence, id, 3);
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        presence.write_behind(shutdown).await;
        assert_eq!(store.presence(id).unwrap().unwrap().last_seen_at, 3);
    }

    #[tokio::test]
    async fn of_more_machines_than_are_written_at_once_each_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = Store::create(&path, &crate::store::Options::default()).unwrap();
        let presence = Presence::load(store.clone()).unwrap();
        let machines = 3 * AT_ONCE + 1;
        for at in (1..).take(machines) {
            seen(&presence, MachineId::random(), at);
        }
        presence.flush().await.unwrap();
        assert_eq!(store.presences().unwrap().len(), machines);
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_kept_for_the_next_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store");
        let store = Store::create(&path, &crate::store::Options::default()).unwrap();
        let presence = Presence::load(store.clone()).unwrap();
        seen(&presence, MachineId::random(), 3);
        store.close().await;
        presence.flush().await.unwrap_err();
        let mut changed = Vec::new();
        for shard in &presence.shared.shards {
            take_changed(shard, &mut changed);
        }
        assert_eq!(changed.len(), 1);
    }
}
