//! What changed, as far as a viewer may see it and asks for it.
//!
//! Nothing in an answer follows from what the viewer may not see: neither where it ends, nor where it goes on. For a
//! viewer to whom some machines are not shared, the others' changes are not even read.

mod position;
mod walk;

use std::collections::HashMap;

use freehold_proto::v1::section::Kind;
pub use position::{ChangePosition, InvalidPosition};
use walk::Walk;

use super::{Change, Inventory, Machine, ReadError, kind_of};
use crate::{
    access::Viewer,
    clock::UnixMillis,
    id::MachineId,
    store::record::{Action, ChangeRecord},
};

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
    pub next: Option<ChangePosition>,
    /// The search ended before enough were found, because it had looked through very many.
    pub stopped: bool,
}

impl Inventory {
    /// Up to `limit` changes of one machine from a position on, newest first. Blocks on the disk.
    pub fn changes(
        &self,
        viewer: &Viewer,
        id: MachineId,
        from: Option<ChangePosition>,
        limit: usize,
    ) -> Result<Vec<Change>, ReadError> {
        let filter = ChangeFilter {
            machine: Some(id),
            ..ChangeFilter::default()
        };
        Ok(self.find_changes(viewer, &filter, from, limit)?.changes)
    }

    /// Up to `limit` changes of all machines from a position on, newest first. Blocks on the disk.
    pub fn all_changes(
        &self,
        viewer: &Viewer,
        from: Option<ChangePosition>,
        limit: usize,
    ) -> Result<Vec<Change>, ReadError> {
        let all = ChangeFilter::default();
        Ok(self.find_changes(viewer, &all, from, limit)?.changes)
    }

    /// Up to `limit` changes that are asked for from a position on, newest first. Blocks on the disk.
    pub fn find_changes(
        &self,
        viewer: &Viewer,
        filter: &ChangeFilter,
        from: Option<ChangePosition>,
        limit: usize,
    ) -> Result<FoundChanges, ReadError> {
        let mut walk = self.walk(viewer, filter.machine, from, limit)?;
        let mut machines: HashMap<MachineId, Option<Machine>> = HashMap::new();
        let mut found = FoundChanges::default();
        let (mut last, mut looked_at) = (None, 0);
        while let Some((id, record)) = walk.next(&self.store)? {
            let at = UnixMillis(record.at);
            if filter.since.is_some_and(|since| at < since) {
                return Ok(found);
            }
            let machine = machines.entry(id);
            let machine = machine.or_insert_with(|| self.known(viewer, id).ok());
            let kind = kind_of(record.section);
            let sees = |it: &&Machine| viewer.scope().sees_section(&it.labels, kind);
            let Some(machine) = machine.as_ref().filter(sees) else {
                continue;
            };
            let here = ChangePosition::after(last, at);
            last = Some(here);
            if from.is_some_and(|from| !here.is_beyond(from)) {
                continue;
            }
            if filter.fits(&record) {
                if found.changes.len() == limit {
                    found.next = found.changes.last().map(|last| last.position);
                    return Ok(found);
                }
                found.changes.push(Change::new(machine, here, record));
            }
            looked_at += 1;
            if looked_at == LOOKED_THROUGH.max(limit + 1) {
                found.next = Some(here);
                found.stopped = true;
                return Ok(found);
            }
        }
        Ok(found)
    }

    /// The changes of one machine, or of those that the viewer may see, from a position on.
    fn walk(
        &self,
        viewer: &Viewer,
        only: Option<MachineId>,
        from: Option<ChangePosition>,
        limit: usize,
    ) -> Result<Walk, ReadError> {
        if let Some(id) = only {
            self.known(viewer, id)?;
            return Ok(Walk::of(&[id], from, limit));
        }
        let roster = self.roster.of(&self.machines);
        let seen = roster
            .iter()
            .filter(|entry| viewer.scope().sees_machine(&entry.machine.labels))
            .map(|entry| entry.machine.id);
        let seen: Vec<MachineId> = seen.collect();
        Ok(if seen.len() == roster.len() {
            Walk::of_all(from, limit)
        } else {
            Walk::of(&seen, from, limit)
        })
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
