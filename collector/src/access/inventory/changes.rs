//! What changed, as far as a viewer may see it and asks for it.

use std::collections::HashMap;

use freehold_proto::v1::section::Kind;

use super::{Change, Inventory, Machine, ReadError, kind_of};
use crate::{
    access::Viewer,
    clock::UnixMillis,
    id::MachineId,
    store::{
        ChangeKey, Read as _,
        record::{Action, ChangeRecord},
    },
};

/// Entries read at once.
const STEP: usize = 500;

/// Entries that are looked through for one answer, so that a search for what is not there ends.
const LOOKED_THROUGH: usize = 20_000;

/// Which changes are asked for: those that fit all of this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// Of this machine.
    pub machine: Option<MachineId>,
    /// Of this section.
    pub section: Option<Kind>,
    /// Of this kind.
    pub action: Option<Action>,
    /// With this text in the sentence or the item's name, in small letters; empty for any.
    pub text: String,
    /// Not before this time.
    pub since: Option<UnixMillis>,
}

/// Changes that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundChanges {
    /// The changes, newest first.
    pub changes: Vec<Change>,
    /// Where to go on; `None` when these are all.
    pub next: Option<ChangeKey>,
    /// The search ended before enough were found, because it had looked through very many.
    pub stopped: bool,
}

impl Inventory {
    /// Up to `limit` changes that are asked for and happened before `before`, newest first. Blocks on the disk.
    pub fn find_changes(
        &self,
        viewer: &Viewer,
        filter: &ChangeFilter,
        mut before: Option<ChangeKey>,
        limit: usize,
    ) -> Result<FoundChanges, ReadError> {
        if let Some(id) = filter.machine {
            self.known(viewer, id)?;
        }
        let oldest = filter.since.map(|since| ChangeKey::before(since.0));
        let mut machines: HashMap<MachineId, Option<Machine>> = HashMap::new();
        let mut found = FoundChanges::default();
        for _ in 0..LOOKED_THROUGH / STEP {
            let entries = self.entries(filter.machine, before)?;
            let is_last = entries.len() < STEP;
            for (id, key, record) in entries {
                if oldest.is_some_and(|oldest| key < oldest) {
                    return Ok(found);
                }
                before = Some(key);
                if !filter.fits(&record) {
                    continue;
                }
                let machine = machines.entry(id);
                let machine = machine.or_insert_with(|| self.known(viewer, id).ok());
                let kind = kind_of(record.section);
                let sees = |it: &&Machine| viewer.scope().sees_section(&it.labels, kind);
                let Some(machine) = machine.as_ref().filter(sees) else {
                    continue;
                };
                if found.changes.len() == limit {
                    found.next = found.changes.last().map(|last| last.key);
                    return Ok(found);
                }
                found.changes.push(Change::new(machine, key, record));
            }
            if is_last {
                return Ok(found);
            }
        }
        found.next = before;
        found.stopped = true;
        Ok(found)
    }

    fn entries(
        &self,
        machine: Option<MachineId>,
        before: Option<ChangeKey>,
    ) -> Result<Vec<(MachineId, ChangeKey, ChangeRecord)>, ReadError> {
        let Some(id) = machine else {
            return Ok(self.store.all_changes(before, STEP)?);
        };
        let entries = self.store.changes(id, before, STEP)?.into_iter();
        Ok(entries.map(|(key, record)| (id, key, record)).collect())
    }
}

impl ChangeFilter {
    fn fits(&self, record: &ChangeRecord) -> bool {
        self.section
            .is_none_or(|kind| kind as u32 == record.section)
            && self.action.is_none_or(|action| action == record.action())
            && (self.text.is_empty()
                || record.summary.to_lowercase().contains(&self.text)
                || record.item.to_lowercase().contains(&self.text))
    }
}
