//! Machines in memory.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use crate::{
    id::MachineId,
    store::record::{MachineRecord, MachineState},
};

/// The machines as last stored.
#[derive(Debug, Default)]
pub(super) struct Table {
    machines: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_id: HashMap<MachineId, Entry>,
    /// Grows with every change.
    revision: u64,
}

#[derive(Debug)]
struct Entry {
    /// Number of the change that left the record, in the order of the store.
    order: u64,
    record: Arc<MachineRecord>,
}

impl Table {
    pub(super) fn of(&self, id: MachineId) -> Option<Arc<MachineRecord>> {
        self.read().by_id.get(&id).map(|entry| entry.record.clone())
    }

    pub(super) fn state(&self, id: MachineId) -> Option<MachineState> {
        self.read().by_id.get(&id).map(|entry| entry.record.state())
    }

    pub(super) fn all(&self) -> Vec<Arc<MachineRecord>> {
        self.read().records()
    }

    /// All records with the revision they are of; `None` when that is `seen`.
    pub(super) fn since(&self, seen: Option<u64>) -> Option<(u64, Vec<Arc<MachineRecord>>)> {
        let machines = self.read();
        (seen != Some(machines.revision)).then(|| (machines.revision, machines.records()))
    }

    /// Keeps a record, unless a later change was kept already: two changes of one machine may come back
    /// from the store in either order. What holds regardless of the store is settled while nobody else
    /// alters a record: a revocation in between would be lost.
    pub(super) fn keep(
        &self,
        id: MachineId,
        order: u64,
        mut record: MachineRecord,
        settle: impl FnOnce(&mut MachineRecord),
    ) {
        let mut machines = self.write();
        let later = machines.by_id.get(&id);
        if later.is_some_and(|entry| entry.order > order) {
            return;
        }
        settle(&mut record);
        let record = Arc::new(record);
        machines.by_id.insert(id, Entry { order, record });
        machines.revision += 1;
    }

    /// Alters a record at once, ahead of the store.
    pub(super) fn shut_out(&self, id: MachineId, alter: impl FnOnce(&mut MachineRecord)) {
        let mut machines = self.write();
        if let Some(entry) = machines.by_id.get_mut(&id) {
            alter(Arc::make_mut(&mut entry.record));
            machines.revision += 1;
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.machines.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.machines
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn records(&self) -> Vec<Arc<MachineRecord>> {
        self.by_id
            .values()
            .map(|entry| entry.record.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_comes_late_does_not_undo_a_newer_one() {
        let table = Table::default();
        let id = MachineId::random();
        let named = |name: &str| MachineRecord {
            host_name: name.to_owned(),
            ..MachineRecord::default()
        };
        table.keep(id, 2, named("newer"), |_| ());
        table.keep(id, 1, named("older"), |_| ());
        assert_eq!(table.of(id).unwrap().host_name, "newer");
    }

    #[test]
    fn every_change_is_seen_by_whoever_asks_what_is_new() {
        let table = Table::default();
        let id = MachineId::random();
        let (first, none) = table.since(None).unwrap();
        assert!(none.is_empty() && table.since(Some(first)).is_none());
        table.keep(id, 1, MachineRecord::default(), |_| ());
        let (second, one) = table.since(Some(first)).unwrap();
        assert_eq!(one.len(), 1);
        table.shut_out(id, |record| record.set_state(MachineState::Revoked));
        let (third, one) = table.since(Some(second)).unwrap();
        assert_eq!(one[0].state(), MachineState::Revoked);
        assert!(table.since(Some(third)).is_none());
    }
}
