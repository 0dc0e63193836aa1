//! The computers this collector knows, at hand in memory, durable in the store.
//!
//! Every change is durable before it takes effect, and announced after. A revocation is also written to
//! the authority's list, which wins over whatever the store says.

mod connections;
mod error;
mod find;
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

use self::table::Table;
pub use self::{
    connections::Connections,
    error::{FindError, MachineError},
    standing::{RENEW_PATH, Refusal},
};
use crate::{
    authority::{IssuedCertificate, Revocations},
    clock::Clock,
    events::{Event, Events},
    id::{Digest, MachineId},
    peer::MachinePeer,
    store::{
        Read as _, Store, StoreError, Txn, WriteError,
        record::{Action, ChangeRecord, MachineRecord, MachineState, NoticeKind, NoticeRecord},
    },
};

/// Longest name an owner may give, in characters.
const NAME_CHARACTERS: usize = 100;

/// The registry of machines. Clones share it.
#[derive(Clone)]
pub struct Machines {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    revocations: Revocations,
    connections: Connections,
    clock: Clock,
    events: Events,
    table: Table,
    /// Numbers changes in the order the store makes them.
    order: Arc<AtomicU64>,
}

impl Machines {
    /// Reads all machines. Blocks on the disk.
    pub fn load(
        store: Store,
        revocations: Revocations,
        connections: Connections,
        clock: Clock,
        events: Events,
    ) -> Result<Self, StoreError> {
        let table = Table::default();
        for mut record in store.machines()? {
            let id = id_of(&record)?;
            overrule(&revocations, id, &mut record);
            table.keep(id, 0, record);
        }
        Ok(Self {
            shared: Arc::new(Shared {
                store,
                revocations,
                connections,
                clock,
                events,
                table,
                order: Arc::new(AtomicU64::new(1)),
            }),
        })
    }

    /// The state of a machine; `None` when it is not known.
    pub fn state(&self, id: MachineId) -> Option<MachineState> {
        self.shared.table.state(id)
    }

    /// Whether a machine may report.
    pub fn is_active(&self, id: MachineId) -> bool {
        self.state(id) == Some(MachineState::Active)
    }

    /// What is known of a machine.
    pub fn of(&self, id: MachineId) -> Option<Arc<MachineRecord>> {
        self.shared.table.of(id)
    }

    /// All machines, ordered by name.
    pub fn list(&self) -> Vec<Arc<MachineRecord>> {
        let mut machines = self.shared.table.all();
        machines.sort_by_cached_key(|record| (name_of(record).to_lowercase(), record.id.clone()));
        machines
    }

    /// How many machines are in each state.
    pub fn counts(&self) -> BTreeMap<MachineState, usize> {
        let mut counts = BTreeMap::new();
        for record in self.shared.table.all() {
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
        standing::judge(self.state(peer.id), peer, path)
    }

    /// Lets a waiting machine in.
    pub async fn approve(&self, id: MachineId) -> Result<Arc<MachineRecord>, MachineError> {
        self.change(id, "approved", |_, record| match record.state() {
            MachineState::Waiting => {
                record.set_state(MachineState::Active);
                Ok(())
            }
            state => Err(MachineError::NotWaiting {
                name: name_of(record).to_owned(),
                state: standing::describe(state),
            }),
        })
        .await
    }

    /// Shuts a machine out for good: its next request is refused, its open streams end within a second.
    /// Effective even when the store cannot be written.
    pub async fn revoke(&self, id: MachineId) -> Result<Arc<MachineRecord>, MachineError> {
        let known = self.of(id).ok_or(MachineError::Unknown { id })?;
        let (revocations, now) = (self.shared.revocations.clone(), self.shared.clock.now());
        tokio::task::spawn_blocking(move || revocations.add(id, now))
            .await
            .map_err(|_| MachineError::Interrupted)??;
        self.shared
            .table
            .shut_out(id, |record| record.set_state(MachineState::Revoked));
        self.shared.connections.cut(id);
        let stored = self
            .change(id, "revoked", |_, record| {
                record.set_state(MachineState::Revoked);
                Ok(())
            })
            .await;
        match stored {
            Ok(record) => Ok(record),
            Err(error) => {
                tracing::error!(
                    machine = %id, %error,
                    "the machine is revoked, but the store could not be told; the revocation list holds"
                );
                self.shared.events.announce(Event::Machine(id));
                Ok(self.of(id).unwrap_or(known))
            }
        }
    }

    /// Puts a machine out of service; its records are kept.
    pub async fn retire(&self, id: MachineId) -> Result<Arc<MachineRecord>, MachineError> {
        let retired = self
            .change(id, "retired", |_, record| match record.state() {
                MachineState::Waiting | MachineState::Active | MachineState::Retired => {
                    record.set_state(MachineState::Retired);
                    Ok(())
                }
                state => Err(MachineError::NotInService {
                    name: name_of(record).to_owned(),
                    state: standing::describe(state),
                }),
            })
            .await?;
        self.shared.connections.cut(id);
        Ok(retired)
    }

    /// Gives a machine a name; an empty one brings its host name back.
    pub async fn rename(
        &self,
        id: MachineId,
        name: &str,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let name = name.trim().to_owned();
        if name.chars().count() > NAME_CHARACTERS || name.chars().any(char::is_control) {
            return Err(MachineError::Name {
                maximum: NAME_CHARACTERS,
            });
        }
        self.change(id, "renamed", |_, record| {
            record.given_name = name;
            Ok(())
        })
        .await
    }

    /// Joins the history of a machine's earlier self to it; the earlier one is retired.
    pub async fn link(
        &self,
        id: MachineId,
        earlier: MachineId,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let shared = self.shared.clone();
        self.write(move |txn| {
            let mut record = shared.read(txn, id)?;
            let mut before = shared.read(txn, earlier)?;
            refuse_link(txn, id, &record, earlier, &before)?;
            record.continues.push(before.id.clone());
            record.continues.extend(before.continues.clone());
            record.same_hardware_as.clear();
            if record.given_name.is_empty() {
                record.given_name.clone_from(&before.given_name);
            }
            shared.note(
                txn,
                id,
                &record,
                &format!("linked: continues the history of {}", name_of(&before)),
            )?;
            if before.state() != MachineState::Revoked {
                before.set_state(MachineState::Retired);
                before.state_since = shared.clock.now().0;
                shared.note(txn, earlier, &before, "retired")?;
            }
            txn.put_machine(id, &record);
            txn.put_machine(earlier, &before);
            Ok(((), vec![record, before]))
        })
        .await?;
        self.shared.connections.cut(earlier);
        self.of(id).ok_or(MachineError::Unknown { id })
    }

    /// Notes a machine's new certificate.
    pub async fn renewed(
        &self,
        id: MachineId,
        issued: &IssuedCertificate,
    ) -> Result<(), MachineError> {
        let (key, not_after) = (issued.public_key, issued.not_after);
        self.edit(id, move |txn, record| {
            if let Some(old) = Digest::from_slice(&record.public_key)
                && old != key
            {
                txn.remove_key(&old);
            }
            txn.put_key(&key, id);
            record.public_key = key.as_bytes().to_vec();
            record.certificate_expires_at = not_after.0;
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Notes something the owner should look at. Writes nothing when it is noted already.
    pub async fn raise_notice(
        &self,
        id: MachineId,
        kind: NoticeKind,
        detail: &str,
    ) -> Result<(), MachineError> {
        let known = self.of(id).ok_or(MachineError::Unknown { id })?;
        let is_noted = |notice: &NoticeRecord| notice.kind() == kind && notice.detail == detail;
        if known.notices.iter().any(is_noted) {
            return Ok(());
        }
        let (detail, now) = (detail.to_owned(), self.shared.clock.now());
        self.edit(id, move |_, record| {
            let earlier = record.notices.iter().find(|notice| notice.kind() == kind);
            let since = earlier.map_or(now.0, |notice| notice.since);
            record.notices.retain(|notice| notice.kind() != kind);
            let kind = kind.into();
            record.notices.push(NoticeRecord {
                kind,
                since,
                detail,
            });
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Takes a notice back. Writes nothing when there is none.
    pub async fn clear_notice(&self, id: MachineId, kind: NoticeKind) -> Result<(), MachineError> {
        let known = self.of(id).ok_or(MachineError::Unknown { id })?;
        if known.notices.iter().all(|notice| notice.kind() != kind) {
            return Ok(());
        }
        self.edit(id, move |_, record| {
            record.notices.retain(|notice| notice.kind() != kind);
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
        let order = self.shared.order.clone();
        let (answer, number, records) = self
            .shared
            .store
            .write(move |txn| {
                let (answer, records) = change(txn)?;
                Ok((answer, order.fetch_add(1, Ordering::Relaxed), records))
            })
            .await?;
        for mut record in records {
            // What was just written has an identifier.
            if let Ok(id) = id_of(&record) {
                overrule(&self.shared.revocations, id, &mut record);
                self.shared.table.keep(id, number, record);
                self.shared.events.announce(Event::Machine(id));
            }
        }
        Ok(answer)
    }

    /// Changes a machine's state or name and notes that in its timeline.
    async fn change(
        &self,
        id: MachineId,
        what: &'static str,
        change: impl FnOnce(&mut Txn, &mut MachineRecord) -> Result<(), MachineError> + Send + 'static,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let shared = self.shared.clone();
        self.edit(id, move |txn, record| {
            // As stored: the list of revocations may know more.
            let before = txn.machine(id)?.ok_or(MachineError::Unknown { id })?;
            change(txn, record)?;
            if *record == before {
                return Ok(());
            }
            if record.state != before.state {
                record.state_since = shared.clock.now().0;
            }
            Ok(shared.note(txn, id, record, what)?)
        })
        .await
    }

    async fn edit(
        &self,
        id: MachineId,
        edit: impl FnOnce(&mut Txn, &mut MachineRecord) -> Result<(), MachineError> + Send + 'static,
    ) -> Result<Arc<MachineRecord>, MachineError> {
        let shared = self.shared.clone();
        self.write(move |txn| {
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

    fn note(
        &self,
        txn: &mut Txn,
        id: MachineId,
        record: &MachineRecord,
        what: &str,
    ) -> Result<(), StoreError> {
        txn.put_change(id, &lifecycle(self.clock.now().0, record, what))?;
        Ok(())
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
    if record.state() != MachineState::Erased && revocations.contains(id) {
        record.set_state(MachineState::Revoked);
    }
}

fn refuse_link(
    txn: &Txn,
    id: MachineId,
    record: &MachineRecord,
    earlier: MachineId,
    before: &MachineRecord,
) -> Result<(), MachineError> {
    let unlinkable = |reason| MachineError::Unlinkable {
        name: name_of(record).to_owned(),
        earlier: name_of(before).to_owned(),
        reason,
    };
    if id == earlier {
        return Err(unlinkable("it is the same computer"));
    }
    if before.continues.contains(&record.id) {
        return Err(unlinkable("the history already runs the other way"));
    }
    let continued = |other: &MachineRecord| other.continues.contains(&before.id);
    if txn.machines()?.iter().any(continued) {
        return Err(unlinkable("another computer already continues its history"));
    }
    if record.state() != MachineState::Active && record.state() != MachineState::Waiting {
        return Err(unlinkable("it is not in service"));
    }
    Ok(())
}
