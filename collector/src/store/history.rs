//! What is forgotten, and when: versions and changes that are too old, and machines that are erased.

use std::time::Duration;

use tokio::task::spawn_blocking;

use super::{
    Options, Store,
    bodies::{self, Body},
    error::{StoreError, WriteError},
    read,
    record::VersionRecord,
    schema::{ChangeKey, Key, Keyspace},
    source::{Order, Source},
    txn::Txn,
};
use crate::{
    clock::UnixMillis,
    id::{Digest, MachineId},
};

/// Most records forgotten by one change of the store, so that reports never wait long.
const STEP: usize = 500;

/// Bytes of a version's key that name its machine and section.
const SUBJECT: usize = 18;

/// How long history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Section versions: what was true at any time since then is known. The current one of each section always is.
    pub versions: Duration,
    /// Changes.
    pub changes: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            versions: Duration::from_secs(400 * 24 * 60 * 60),
            changes: Duration::from_secs(1200 * 24 * 60 * 60),
        }
    }
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Section versions.
    pub versions: u64,
    /// Changes.
    pub changes: u64,
}

impl Store {
    /// Forgets the versions and changes that are older than [`Options::retention`] tells, in small steps.
    pub async fn forget_old(&self, now: UnixMillis) -> Result<Forgotten, WriteError<StoreError>> {
        let Options { retention, .. } = self.options;
        let mut forgotten = Forgotten::default();
        let mut from = Keyspace::Version.single();
        loop {
            let before = now.minus(retention.versions).0;
            let keys = self
                .look(move |store| old_versions(store, from, before))
                .await?;
            let Some(last) = keys.last() else {
                break;
            };
            from = last.clone();
            forgotten.versions += keys.len() as u64;
            self.write(move |txn| keys.iter().try_for_each(|key| txn.forget_version(key)))
                .await?;
        }
        loop {
            let before = now.minus(retention.changes).0;
            let keys = self.look(move |store| old_changes(store, before)).await?;
            if keys.is_empty() {
                break;
            }
            forgotten.changes += keys.len() as u64;
            self.write(move |txn| {
                for (id, key) in &keys {
                    txn.forget_change(*id, *key);
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        }
        Ok(forgotten)
    }

    /// Reads on a thread that may block.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, WriteError<StoreError>> {
        let store = self.clone();
        match spawn_blocking(move || task(&store)).await {
            Ok(result) => result.map_err(WriteError::Change),
            Err(_) => Err(WriteError::Panicked),
        }
    }
}

/// Some versions that another one followed before a time, from a key on: what was true at that time, or later, stays
/// known.
fn old_versions(store: &Store, from: Key, before: i64) -> Result<Vec<Key>, StoreError> {
    let mut keys = Vec::new();
    let mut earlier: Option<Key> = None;
    let range = from..Keyspace::Version.below(&[]).end;
    for entry in store.entries(range, Order::Up) {
        let (key, value) = entry?;
        let version: VersionRecord = read::decode(&key, &value)?;
        let follows = |earlier: &Key| earlier.get(..SUBJECT) == key.get(..SUBJECT);
        if let Some(earlier) = earlier.filter(follows)
            && version.received_at < before
        {
            keys.push(earlier);
        }
        earlier = Some(key);
        if keys.len() == STEP {
            break;
        }
    }
    Ok(keys)
}

fn is_current(
    source: &impl Source,
    key: &[u8],
    version: &VersionRecord,
) -> Result<bool, StoreError> {
    let Some(subject) = key.get(1..SUBJECT) else {
        return Err(read::undecodable(key));
    };
    let current = read::record::<_, VersionRecord>(source, &Keyspace::Current.key(&[subject]))?;
    Ok(current.is_some_and(|current| current.sequence == version.sequence))
}

/// Some changes before a time.
fn old_changes(store: &Store, before: i64) -> Result<Vec<(MachineId, ChangeKey)>, StoreError> {
    let mut range = Keyspace::Recent.below(&[]);
    range.end = Keyspace::Recent.key(&[&ChangeKey::before(before).to_bytes()]);
    store
        .entries(range, Order::Up)
        .take(STEP)
        .map(|entry| {
            let (key, value) = entry?;
            Ok((read::machine_id(&value)?, read::change_key(&key)?))
        })
        .collect()
}

impl Txn {
    /// Forgets everything about a machine, its own record included. The bodies' bytes are overwritten by
    /// [`Store::reclaim`].
    pub fn erase_machine(&mut self, id: MachineId) -> Result<(), StoreError> {
        for key in self.keys(Keyspace::Version, id)? {
            self.drop_version(&key)?;
        }
        for key in self.keys(Keyspace::Change, id)? {
            self.forget_change(id, read::change_key(&key)?);
        }
        for key in self.keys(Keyspace::Current, id)? {
            self.remove(key);
        }
        for keyspace in [Keyspace::Fingerprint, Keyspace::PublicKey] {
            self.forget_names(keyspace, id)?;
        }
        for key in self.keys(Keyspace::Finding, id)? {
            self.remove(key);
        }
        self.remove(Keyspace::Presence.key(&[id.as_bytes()]));
        self.remove(Keyspace::Machine.key(&[id.as_bytes()]));
        Ok(())
    }

    /// Counts one version more for a body, which must be stored.
    pub(super) fn refer_to_body(&mut self, digest: &Digest) -> Result<(), StoreError> {
        let body = bodies::find(self, digest)?.ok_or(StoreError::NoBody { digest: *digest })?;
        let versions = body.versions.saturating_add(1);
        self.put_bytes(bodies::key(digest), Body { versions, ..body }.to_bytes());
        Ok(())
    }

    /// Removes a version that may have been there, and its body with the last version of it.
    pub(super) fn drop_version(&mut self, key: &[u8]) -> Result<(), StoreError> {
        let Some(version) = read::record::<_, VersionRecord>(self, key)? else {
            return Ok(());
        };
        self.remove(key.to_vec());
        let digest = Digest::from_slice(&version.digest).ok_or_else(|| read::undecodable(key))?;
        let Some(body) = bodies::find(self, &digest)? else {
            return Ok(());
        };
        let versions = body.versions.saturating_sub(1);
        match versions {
            0 => self.remove(bodies::key(&digest)),
            _ => self.put_bytes(bodies::key(&digest), Body { versions, ..body }.to_bytes()),
        }
        Ok(())
    }

    /// Removes a version unless it became the current one meanwhile.
    fn forget_version(&mut self, key: &[u8]) -> Result<(), StoreError> {
        match read::record::<_, VersionRecord>(self, key)? {
            Some(version) if !is_current(self, key, &version)? => self.drop_version(key),
            _ => Ok(()),
        }
    }

    fn forget_change(&mut self, id: MachineId, key: ChangeKey) {
        self.remove(Keyspace::Change.key(&[id.as_bytes(), &key.to_bytes()]));
        self.remove(Keyspace::Recent.key(&[&key.to_bytes()]));
    }

    fn keys(&self, keyspace: Keyspace, id: MachineId) -> Result<Vec<Key>, StoreError> {
        self.entries(keyspace.below(&[id.as_bytes()]), Order::Up)
            .map(|entry| entry.map(|(key, _)| key))
            .collect()
    }

    /// Removes what leads from a fingerprint or a key to the machine.
    fn forget_names(&mut self, keyspace: Keyspace, id: MachineId) -> Result<(), StoreError> {
        let mut names = Vec::new();
        for entry in self.entries(keyspace.below(&[]), Order::Up) {
            let (key, value) = entry?;
            if key.ends_with(id.as_bytes()) && keyspace == Keyspace::Fingerprint
                || value == id.as_bytes()
            {
                names.push(key);
            }
        }
        for key in names {
            self.remove(key);
        }
        Ok(())
    }
}
