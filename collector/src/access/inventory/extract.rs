//! One section of many machines at once, for questions that go over all of them.

use std::sync::Arc;

use freehold_proto::v1::section::Kind;

use super::{Inventory, Machine, ReadError, Section};
use crate::{
    access::Viewer,
    history::Moment,
    id::{Digest, MachineId},
    store::{Read as _, StoreError, record::VersionRecord},
};

/// Bytes of sections that are read from the disk together, give or take one.
const TOGETHER: u64 = 2 * 1024 * 1024;

/// What there is of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extract {
    /// The viewer may not see it, or not any more.
    Hidden,
    /// It was never reported, or not by then.
    NotReported,
    /// It was, but is damaged.
    Damaged,
    /// It is here.
    Whole(Section),
}

impl Inventory {
    /// The machines that a viewer may see, by name: of the past those that had joined by then.
    pub fn surveyed(&self, viewer: &Viewer, moment: Moment) -> Vec<Arc<Machine>> {
        let roster = self.roster.of(&self.machines);
        let machines = roster.iter().map(|entry| &entry.machine);
        machines
            .filter(|machine| viewer.scope().sees_machine(&machine.labels))
            .filter(|machine| machine.had_joined(moment))
            .cloned()
            .collect()
    }

    /// Hands over a section of machines, each with the machine's place among them, until `each` says that this is enough.
    /// Whether it may be seen is looked up for each anew. Blocks on the disk.
    pub fn each_section(
        &self,
        viewer: &Viewer,
        kind: Kind,
        moment: Moment,
        machines: &[MachineId],
        mut each: impl FnMut(usize, Extract) -> bool,
    ) -> Result<(), ReadError> {
        let mut waiting: Vec<(usize, VersionRecord)> = Vec::new();
        let mut bytes = 0;
        for (place, id) in machines.iter().enumerate() {
            let version = if self.shares(viewer, *id, kind) {
                match moment {
                    Moment::Now => self.store.current(*id, kind)?,
                    Moment::At(at) => self.store.version_at(*id, kind, at.0)?,
                }
            } else if each(place, Extract::Hidden) {
                continue;
            } else {
                return Ok(());
            };
            let Some(version) = version else {
                if each(place, Extract::NotReported) {
                    continue;
                }
                return Ok(());
            };
            bytes += version.size;
            waiting.push((place, version));
            if bytes >= TOGETHER {
                bytes = 0;
                let read = std::mem::take(&mut waiting);
                if !self.hand_over(kind, machines, moment, read, &mut each) {
                    return Ok(());
                }
            }
        }
        self.hand_over(kind, machines, moment, waiting, &mut each);
        Ok(())
    }

    /// Reads versions together, and hands them over in their order.
    fn hand_over(
        &self,
        kind: Kind,
        machines: &[MachineId],
        moment: Moment,
        waiting: Vec<(usize, VersionRecord)>,
        each: &mut impl FnMut(usize, Extract) -> bool,
    ) -> bool {
        let digest = |version: &VersionRecord| {
            // A digest of another length can only be damage: no body has it.
            Digest::from_slice(&version.digest).unwrap_or(Digest([0; 32]))
        };
        let digests: Vec<Digest> = waiting.iter().map(|(_, version)| digest(version)).collect();
        let mut bodies: Vec<Option<Result<Vec<u8>, StoreError>>> = Vec::new();
        bodies.resize_with(waiting.len(), || None);
        self.store
            .each_body(&digests, |at, body| bodies[at] = Some(body));
        for ((place, version), body) in waiting.into_iter().zip(bodies) {
            let id = machines[place];
            let extract = match body {
                Some(Ok(body)) => Extract::Whole(Section {
                    confirmed_at: match moment {
                        Moment::Now => self.confirmed_at(id, kind),
                        Moment::At(_) => None,
                    },
                    ..Section::new(kind, &version, body)
                }),
                Some(Err(error)) => {
                    tracing::error!(machine = %id, section = ?kind, %error, "a section could not be read for a question");
                    Extract::Damaged
                }
                None => Extract::Damaged,
            };
            if !each(place, extract) {
                return false;
            }
        }
        true
    }
}
