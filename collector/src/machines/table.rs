//! Machines in memory.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use crate::{id::MachineId, store::record::MachineRecord};

/// The machines as last stored.
#[derive(Debug, Default)]
pub(super) struct Table {
    machines: RwLock<HashMap<MachineId, Entry>>,
}

#[derive(Debug)]
struct Entry {
    /// Number of the change that left the record, in the order of the store.
    order: u64,
    record: Arc<MachineRecord>,
}

impl Table {
    pub(super) fn of(&self, id: MachineId) -> Option<Arc<MachineRecord>> {
        self.read().get(&id).map(|entry| entry.record.clone())
    }

    /// Looks at a record without taking hold of it.
    pub(super) fn look<T>(
        &self,
        id: MachineId,
        look: impl FnOnce(&MachineRecord) -> T,
    ) -> Option<T> {
        self.read().get(&id).map(|entry| look(&entry.record))
    }

    pub(super) fn all(&self) -> Vec<Arc<MachineRecord>> {
        let machines = self.read();
        machines
            .values()
            .map(|entry| entry.record.clone())
            .collect()
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
        if machines.get(&id).is_some_and(|entry| entry.order > order) {
            return;
        }
        settle(&mut record);
        let record = Arc::new(record);
        machines.insert(id, Entry { order, record });
    }

    /// Alters a record at once, ahead of the store.
    pub(super) fn alter(&self, id: MachineId, alter: impl FnOnce(&mut MachineRecord)) {
        if let Some(entry) = self.write().get_mut(&id) {
            alter(Arc::make_mut(&mut entry.record));
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<MachineId, Entry>> {
        self.machines.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<MachineId, Entry>> {
        self.machines
            .write()
            .unwrap_or_else(PoisonError::into_inner)
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
}
