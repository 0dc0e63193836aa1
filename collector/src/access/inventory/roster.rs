//! All machines in the order of their names, put together anew only when the registry has changed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::Machine;
use crate::{
    id::MachineId,
    machines::{self, Machines},
    store::record::{MachineRecord, MachineState},
};

/// The machines, without scope applied. The erased ones are not among them.
#[derive(Debug, Default)]
pub(super) struct Roster {
    listed: Mutex<Listed>,
}

#[derive(Debug, Default)]
struct Listed {
    /// Which state of the registry this is.
    revision: Option<u64>,
    by_name: Arc<[Entry]>,
}

/// A machine, and the record it was made from.
#[derive(Debug)]
pub(super) struct Entry {
    record: Arc<MachineRecord>,
    pub(super) machine: Arc<Machine>,
}

impl Roster {
    /// The machines as the registry has them now, by name.
    pub(super) fn of(&self, machines: &Machines) -> Arc<[Entry]> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((revision, records)) = machines.since(listed.revision) {
            listed.by_name = sorted(&listed.by_name, records);
            listed.revision = Some(revision);
        }
        Arc::clone(&listed.by_name)
    }
}

/// Sorts records by name; takes over what has not changed.
fn sorted(before: &[Entry], records: Vec<Arc<MachineRecord>>) -> Arc<[Entry]> {
    let known: HashMap<MachineId, &Entry> = before
        .iter()
        .map(|entry| (entry.machine.id, entry))
        .collect();
    let mut entries: Vec<Entry> = records
        .into_iter()
        .filter(|record| record.state() != MachineState::Erased)
        .filter_map(|record| entry(&known, record))
        .collect();
    entries.sort_by_cached_key(|entry| (entry.machine.name().to_lowercase(), entry.machine.id));
    entries.into()
}

fn entry(known: &HashMap<MachineId, &Entry>, record: Arc<MachineRecord>) -> Option<Entry> {
    let id = machines::id_of(&record).ok()?;
    let machine = match known.get(&id) {
        Some(known) if Arc::ptr_eq(&known.record, &record) => Arc::clone(&known.machine),
        _ => Arc::new(Machine::new(&record)?),
    };
    Some(Entry { record, machine })
}
