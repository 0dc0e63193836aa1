//! What is different on machines between two moments.

use std::collections::BTreeSet;

use freehold_agent::probe::KINDS;
use freehold_proto::v1::section::Kind;

use super::{Change, ChangePosition, Inventory, Machine, ReadError};
use crate::{
    access::Viewer,
    change,
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
    store::{ChangeKey, Read as _, StoreError, record::VersionRecord},
};

/// Sections that are compared for one answer: each costs two bodies to read.
const COMPARED: usize = 300;

/// Entries of the change log that are looked through for machines with differences.
const LOOKED_THROUGH: usize = 200_000;

/// What is different between two moments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// What is different, in the order of the machines' names.
    pub changes: Vec<Change>,
    /// Machines that were compared and are different.
    pub machines: usize,
    /// Machines that have changed in between, but were not compared, because there are too many. They may be fewer than
    /// there are.
    pub left_out: usize,
    /// Machines that joined in between: all about them is new.
    pub joined: Vec<(MachineId, String)>,
    /// Sections of machines that could not be compared: what is stored is damaged.
    pub damaged: Vec<(String, Kind)>,
}

impl Inventory {
    /// What is different between two moments on one machine, or on all that the viewer may see. Blocks on the disk.
    pub fn difference(
        &self,
        viewer: &Viewer,
        only: Option<MachineId>,
        from: UnixMillis,
        to: Moment,
    ) -> Result<Differences, ReadError> {
        let mut found = Differences::default();
        let mut room = COMPARED;
        for machine in self.changed(viewer, only, from, to)? {
            if !machine.had_joined(to) {
                continue;
            }
            if !machine.had_joined(Moment::At(from)) {
                let name = machine.name().into_owned();
                found.joined.push((machine.id, name));
                continue;
            }
            let pairs = self.pairs(viewer, &machine, from, to)?;
            if pairs.is_empty() {
                continue;
            }
            if room < pairs.len() {
                found.left_out += 1;
                continue;
            }
            room -= pairs.len();
            found.machines += 1;
            self.compare(&machine, &pairs, &mut found)?;
        }
        Ok(found)
    }

    /// The machines of which something was noted between two moments, by name.
    fn changed(
        &self,
        viewer: &Viewer,
        only: Option<MachineId>,
        from: UnixMillis,
        to: Moment,
    ) -> Result<Vec<Machine>, ReadError> {
        if let Some(id) = only {
            return Ok(vec![self.known(viewer, id)?]);
        }
        let end = to.at().map(|at| ChangeKey::before(at.0 + 1));
        let start = ChangeKey::before(from.0);
        // Where there are too many to look through, each machine may have changed: none is passed over in silence.
        let ids: Option<BTreeSet<MachineId>> = self.store.changed(start, end, LOOKED_THROUGH)?;
        let may_differ = |machine: &Machine| {
            let noted = ids.as_ref().is_none_or(|ids| ids.contains(&machine.id));
            noted || machine.enrolled_at > from
        };
        let roster = self.roster.of(&self.machines);
        Ok(roster
            .iter()
            .map(|entry| &entry.machine)
            .filter(|machine| viewer.scope().sees_machine(&machine.labels))
            .filter(|machine| may_differ(machine))
            .map(|machine| Machine::clone(machine))
            .collect())
    }

    /// The sections of a machine that the viewer may see and that were others at the two moments.
    fn pairs(
        &self,
        viewer: &Viewer,
        machine: &Machine,
        from: UnixMillis,
        to: Moment,
    ) -> Result<Vec<(Kind, Option<VersionRecord>, VersionRecord)>, ReadError> {
        let mut pairs = Vec::new();
        for kind in KINDS {
            if !viewer.scope().sees_section(&machine.labels, kind) {
                continue;
            }
            let newer = match to {
                Moment::Now => self.store.current(machine.id, kind)?,
                Moment::At(at) => self.store.version_at(machine.id, kind, at.0)?,
            };
            let Some(newer) = newer else { continue };
            let older = self.store.version_at(machine.id, kind, from.0)?;
            if older.as_ref().map(|older| &older.digest) != Some(&newer.digest) {
                pairs.push((kind, older, newer));
            }
        }
        Ok(pairs)
    }

    fn compare(
        &self,
        machine: &Machine,
        pairs: &[(Kind, Option<VersionRecord>, VersionRecord)],
        found: &mut Differences,
    ) -> Result<(), ReadError> {
        for (kind, older, newer) in pairs {
            let at = UnixMillis(newer.collected_at);
            let bodies = older
                .as_ref()
                .map(|older| self.body(older))
                .transpose()
                .and_then(|older| Ok((older, self.body(newer)?)));
            let (older, newer) = match bodies {
                Ok(bodies) => bodies,
                Err(ReadError::Store(StoreError::Damaged(_) | StoreError::NoBody { .. })) => {
                    found.damaged.push((machine.name().into_owned(), *kind));
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Ok(entries) = change::between(*kind, older.as_deref(), &newer, at) else {
                found.damaged.push((machine.name().into_owned(), *kind));
                continue;
            };
            let position = ChangePosition::until(at);
            let entries = entries.into_iter();
            found
                .changes
                .extend(entries.map(|entry| Change::new(machine, position, entry)));
        }
        Ok(())
    }
}
