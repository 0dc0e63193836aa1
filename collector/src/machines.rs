//! The computers this collector knows, at hand in memory, durable in the store.
//!
//! Every change is durable before it takes effect, and announced after. A revocation is also written to
//! the authority's list, which wins over whatever the store says.

mod connections;
mod decisions;
mod error;
mod find;
mod notices;
mod standing;
mod table;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use self::standing::Standing;
use self::table::Table;
pub use self::{
    connections::Connections,
    error::{FindError, MachineError},
    standing::{RENEW_PATH, Refusal},
};
pub(crate) use self::{decisions::is_label, find::find as find_among, notices::lost_reports};
use crate::{
    audit::Log,
    authority::{IssuedCertificate, Revocations},
    clock::{Clock, UnixMillis},
    events::{Event, Events},
    id::{Digest, MachineId},
    peer::MachinePeer,
    store::{
        Read as _, Store, StoreError, Txn, WriteError,
        record::{Action, ChangeRecord, MachineRecord, MachineState},
    },
};

/// The registry of machines. Clones share it.
#[derive(Clone)]
pub struct Machines {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    revocations: Revocations,
    connections: Connections,
    log: Log,
    clock: Clock,
    events: Events,
    table: Table,
    /// Numbers changes in the order the store makes them.
    order: Arc<AtomicU64>,
}

/// How much a change matters when the disk is nearly full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    /// It waits until there is room.
    Usual,
    /// The owner decided: the last room is for that.
    Decision,
}

impl Machines {
    /// Reads all machines. Blocks on the disk.
    pub fn load(
        store: Store,
        revocations: Revocations,
        connections: Connections,
        log: Log,
        events: Events,
    ) -> Result<Self, StoreError> {
        let table = Table::default();
        for mut record in store.machines()? {
            let id = id_of(&record)?;
            overrule(&revocations, id, &mut record);
            table.keep(id, 0, record, |_| ());
        }
        Ok(Self {
            shared: Arc::new(Shared {
                store,
                revocations,
                connections,
                clock: log.clock().clone(),
                log,
                events,
                table,
                order: Arc::new(AtomicU64::new(1)),
            }),
        })
    }

    /// The state of a machine; `None` when it is not known.
    pub fn state(&self, id: MachineId) -> Option<MachineState> {
        self.shared.table.look(id, MachineRecord::state)
    }

    /// Whether a machine may report.
    pub fn is_active(&self, id: MachineId) -> bool {
        self.state(id) == Some(MachineState::Active)
    }

    /// What is known of a machine.
    pub fn of(&self, id: MachineId) -> Option<Arc<MachineRecord>> {
        self.shared.table.of(id)
    }

    /// All machines, in no order, the erased ones among them.
    pub fn all(&self) -> Vec<Arc<MachineRecord>> {
        self.shared.table.all()
    }

    /// The same with a number that grows with every change; `None` when nothing changed since the number
    /// that is given.
    pub(crate) fn since(&self, seen: Option<u64>) -> Option<(u64, Vec<Arc<MachineRecord>>)> {
        self.shared.table.since(seen)
    }

    /// All machines, ordered by name.
    pub fn list(&self) -> Vec<Arc<MachineRecord>> {
        let mut machines = self.all();
        machines.sort_by_cached_key(|record| (name_of(record).to_lowercase(), record.id.clone()));
        machines
    }

    /// How many machines are in each state.
    pub fn counts(&self) -> BTreeMap<MachineState, usize> {
        let mut counts = BTreeMap::new();
        for record in self.all() {
            *counts.entry(record.state()).or_insert(0) += 1;
        }
        counts
    }

    /// The machine that a person means: by its identifier, an unambiguous beginning of it, or its name.
    pub fn find(&self, text: &str) -> Result<MachineId, FindError> {
        find::find(&self.shared.table.all(), text)
    }

    /// Whether the holder of a certificate may make a request.
    pub fn admit(&self, peer: &MachinePeer, path: &str) -> Result<(), Refusal> {
        let look = |record: &MachineRecord| Standing::of(record, &peer.public_key);
        let standing = self.shared.table.look(peer.id, look);
        standing::judge(standing, peer, path)?;
        if standing.is_some_and(|standing| standing.outdates_key) {
            self.forget_earlier_key(peer.id);
        }
        Ok(())
    }

    /// The new key is used: the earlier one is good no more.
    fn forget_earlier_key(&self, id: MachineId) {
        let forget = |record: &mut MachineRecord| record.earlier_key.clear();
        self.shared.table.alter(id, forget);
        let machines = self.clone();
        tokio::spawn(async move {
            let forget = move |_: &mut Txn, record: &mut MachineRecord| {
                forget(record);
                Ok(())
            };
            if let Err(error) = machines.edit(Urgency::Usual, id, forget).await {
                tracing::warn!(machine = %id, %error, "a replaced key is good again after a restart");
            }
        });
    }

    /// Notes the new certificate of a machine that asked for it with another one.
    pub async fn renewed(
        &self,
        peer: &MachinePeer,
        issued: &IssuedCertificate,
    ) -> Result<(), MachineError> {
        let (id, used) = (peer.id, peer.public_key);
        let (key, not_after) = (issued.public_key, issued.not_after);
        self.edit(Urgency::Usual, id, move |txn, record| {
            if let Some(old) = Digest::from_slice(&record.public_key)
                && old != key
            {
                txn.remove_key(&old);
            }
            txn.put_key(&key, id);
            record.public_key = key.as_bytes().to_vec();
            record.earlier_key = if used == key {
                Vec::new()
            } else {
                used.as_bytes().to_vec()
            };
            record.certificate_expires_at = not_after.0;
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Runs a change of the store that alters machines, and has them take effect once it is durable. The
    /// change says which records it left.
    pub(crate) async fn write<T, E>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<(T, Vec<MachineRecord>), E> + Send + 'static,
    ) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        self.submit(Urgency::Usual, change).await
    }

    async fn submit<T, E>(
        &self,
        urgency: Urgency,
        change: impl FnOnce(&mut Txn) -> Result<(T, Vec<MachineRecord>), E> + Send + 'static,
    ) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let (store, order) = (&self.shared.store, self.shared.order.clone());
        let numbered = move |txn: &mut Txn| {
            let (answer, records) = change(txn)?;
            Ok((answer, order.fetch_add(1, Ordering::Relaxed), records))
        };
        let (answer, number, records) = match urgency {
            Urgency::Usual => store.write(numbered).await?,
            Urgency::Decision => store.write_urgent(numbered).await?,
        };
        for record in records {
            // What was just written has an identifier.
            if let Ok(id) = id_of(&record) {
                let settle =
                    |record: &mut MachineRecord| overrule(&self.shared.revocations, id, record);
                self.shared.table.keep(id, number, record, settle);
                self.shared.events.announce(Event::Machine(id));
            }
        }
        Ok(answer)
    }

    async fn edit(
        &self,
        urgency: Urgency,
        id: MachineId,
        edit: impl FnOnce(&mut Txn, &mut MachineRecord) -> Result<(), MachineError> + Send + 'static,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let shared = self.shared.clone();
        self.submit(urgency, move |txn| {
            let mut record = shared.read(txn, id)?;
            edit(txn, &mut record)?;
            txn.put_machine(id, &record);
            Ok(((), vec![record]))
        })
        .await?;
        self.of(id).ok_or(MachineError::Unknown { id })
    }
}

impl Shared {
    fn read(&self, txn: &Txn, id: MachineId) -> Result<MachineRecord, MachineError> {
        let mut record = txn.machine(id)?.ok_or(MachineError::Unknown { id })?;
        if record.state() == MachineState::Erased {
            return Err(MachineError::Unknown { id });
        }
        // A revocation that the store missed must not be undone by another change.
        overrule(&self.revocations, id, &mut record);
        Ok(record)
    }
}

impl fmt::Debug for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machines").finish_non_exhaustive()
    }
}

/// A machine's name: the owner's, else the host name it enrolled with.
pub fn name_of(record: &MachineRecord) -> &str {
    if record.given_name.is_empty() {
        &record.host_name
    } else {
        &record.given_name
    }
}

/// A machine's identifier.
pub fn id_of(record: &MachineRecord) -> Result<MachineId, StoreError> {
    <[u8; 16]>::try_from(record.id.as_slice())
        .map(MachineId::from_bytes)
        .map_err(|_| StoreError::InvalidRecord { field: "id" })
}

/// An entry of a machine's timeline about the machine itself.
pub(crate) fn lifecycle(at: i64, record: &MachineRecord, what: &str) -> ChangeRecord {
    ChangeRecord {
        at,
        action: Action::Lifecycle.into(),
        noun: "computer".to_owned(),
        item: name_of(record).to_owned(),
        summary: format!("computer {what}"),
        ..ChangeRecord::default()
    }
}

/// The revocation list wins.
fn overrule(revocations: &Revocations, id: MachineId, record: &mut MachineRecord) {
    let settled = matches!(record.state(), MachineState::Revoked | MachineState::Erased);
    if !settled && let Some(revocation) = revocations.of(id) {
        shut_out(record, revocation.at);
    }
}

/// Says in a record that the machine is revoked, and since when if that is known.
fn shut_out(record: &mut MachineRecord, at: Option<UnixMillis>) {
    record.set_state(MachineState::Revoked);
    if let Some(at) = at {
        record.state_since = at.0;
    }
}
