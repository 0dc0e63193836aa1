//! The one gate for every read of what machines reported.
//!
//! What a machine is, and whether it may report, is read from the registry that also decides about each of
//! its requests: what is shown is what holds, also while the store cannot be written.

mod changes;
mod claims;
mod compared;
mod difference;
mod extract;
mod findings;
mod headlines;
mod index;
mod makers;
mod record;
mod roster;
mod search;
mod software;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use changes::{ChangeFilter, ChangePosition, FoundChanges, InvalidPosition};
use compared::Compared;
pub use difference::Differences;
pub use extract::Extract;
pub use findings::Findings;
use freehold_agent::probe::KINDS;
use freehold_proto::v1::section::Kind;
use headlines::Headlines;
use index::Index;
pub use index::{Title, Trait};
pub use record::{Change, Machine, MachineLine, Notice, Readings, Section, Seen};
use roster::Roster;
pub use search::{Hit, Hits, holds};
pub use software::{Installation, SoftwareGaps, Titles};

use super::{
    Scope, Viewer,
    headline::{Headline, SECTIONS},
};
use crate::{
    clock::UnixMillis,
    events::Events,
    finding::{Board, Progress},
    history::{Moment, MomentError},
    id::{Digest, MachineId},
    ingest::Presence,
    machines::{self, FindError, Machines},
    store::{
        Read as _, Store, StoreError,
        record::{MachineRecord, MachineState, VersionRecord},
    },
};

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such machine, or the viewer may not know of it. The two are not told apart.
    #[error("There is no computer with this identifier.")]
    NoMachine,
    /// There is no such finding, or the viewer may not know of it.
    #[error("There is no finding with this identifier.")]
    NoFinding,
    /// The viewer may not see this section.
    #[error("This part of the record is outside what you were given access to.")]
    OutOfScope,
    /// The store failed.
    #[error("the record could not be read")]
    Store(#[from] StoreError),
}

/// Reads what machines reported, for a viewer. Clones share what is kept in memory.
#[derive(Clone)]
pub struct Inventory {
    store: Store,
    machines: Machines,
    presence: Presence,
    roster: Arc<Roster>,
    headlines: Arc<Headlines>,
    index: Arc<Index>,
    compared: Arc<Compared>,
    board: Board,
    events: Events,
}

impl Inventory {
    /// Over a store and the registry of machines. Hears of reports through `events`.
    pub fn new(
        store: Store,
        machines: Machines,
        presence: Presence,
        board: Board,
        events: &Events,
    ) -> Self {
        Self {
            store,
            machines,
            presence,
            roster: Arc::default(),
            headlines: Arc::new(Headlines::new(events)),
            index: Arc::new(Index::new(events)),
            compared: Arc::default(),
            board,
            events: events.clone(),
        }
    }

    /// Name of the business; empty before it was set.
    pub fn business(&self, _viewer: &Viewer) -> Result<String, ReadError> {
        Ok(self.store.settings()?.unwrap_or_default().name)
    }

    /// The moment that a text names, if what was true then is kept; see [`Moment::read`].
    pub fn moment(&self, text: &str, now: UnixMillis) -> Result<Moment, MomentError> {
        Moment::read(text, now, self.store.retention().versions)
    }

    /// The moment of a time, if what was true then is kept; see [`Moment::of`].
    pub fn moment_of(&self, at: UnixMillis, now: UnixMillis) -> Result<Moment, MomentError> {
        Moment::of(at, now, self.store.retention().versions)
    }

    /// Which machines the viewer may see, by name; of the past those that had joined by then. Reads nothing from the disk.
    pub fn ids(&self, viewer: &Viewer, moment: Moment) -> Vec<MachineId> {
        let roster = self.roster.of(&self.machines);
        let machines = roster.iter().map(|entry| &entry.machine);
        machines
            .filter(|machine| viewer.scope().sees_machine(&machine.labels))
            .filter(|machine| machine.had_joined(moment))
            .map(|machine| machine.id)
            .collect()
    }

    /// Every machine the viewer may see, by name; of the past those that had joined by then. Blocks on the disk for
    /// those that reported since this was last asked, and for those that said something else then.
    pub fn machines(&self, viewer: &Viewer, moment: Moment) -> Result<Vec<MachineLine>, ReadError> {
        let roster = self.roster.of(&self.machines);
        let machines: Vec<&Arc<Machine>> = roster
            .iter()
            .map(|entry| &entry.machine)
            .filter(|machine| viewer.scope().sees_machine(&machine.labels))
            .filter(|machine| machine.had_joined(moment))
            .collect();
        self.lines(viewer, &machines, moment)
    }

    /// Those of all machines that fit, as they are now: the first `most` by name, and how many there are.
    pub fn machines_that(
        &self,
        viewer: &Viewer,
        most: usize,
        fits: impl Fn(&Machine) -> bool,
    ) -> Result<(Vec<MachineLine>, usize), ReadError> {
        let roster = self.roster.of(&self.machines);
        let machines: Vec<&Arc<Machine>> = roster
            .iter()
            .map(|entry| &entry.machine)
            .filter(|machine| viewer.scope().sees_machine(&machine.labels))
            .filter(|machine| fits(machine))
            .collect();
        let first = &machines[..machines.len().min(most)];
        Ok((self.lines(viewer, first, Moment::Now)?, machines.len()))
    }

    /// When each of the machines that the viewer may see joined.
    pub fn joined(&self, viewer: &Viewer) -> Vec<UnixMillis> {
        let roster = self.roster.of(&self.machines);
        let machines = roster.iter().map(|entry| &entry.machine);
        machines
            .filter(|machine| viewer.scope().sees_machine(&machine.labels))
            .map(|machine| machine.enrolled_at)
            .collect()
    }

    /// The same after everything that was reported so far is read, for programs that ask once. Blocks on the
    /// disk.
    pub fn machines_when_read(&self, viewer: &Viewer) -> Result<Vec<MachineLine>, ReadError> {
        self.read_ahead(usize::MAX)?;
        self.machines(viewer, Moment::Now)
    }

    /// One machine.
    pub fn machine(
        &self,
        viewer: &Viewer,
        id: MachineId,
        moment: Moment,
    ) -> Result<MachineLine, ReadError> {
        let machine = Arc::new(self.known(viewer, id)?);
        let line = self.lines(viewer, &[&machine], moment)?.pop();
        line.ok_or(ReadError::NoMachine)
    }

    /// The machine that somebody means by its identifier, an unambiguous beginning of it, or its name. What the
    /// viewer may not know of plays no part.
    pub fn find(&self, viewer: &Viewer, text: &str) -> Result<MachineId, FindError> {
        let mut machines = self.machines.all();
        machines.retain(|record| {
            record.state() != MachineState::Erased && viewer.scope().sees_machine(&record.labels)
        });
        machines::find_among(&machines, text)
    }

    /// Whether the viewer may see a section of a machine.
    pub fn shares(&self, viewer: &Viewer, id: MachineId, kind: Kind) -> bool {
        self.record(viewer, id)
            .is_ok_and(|record| viewer.scope().sees_section(&record.labels, kind))
    }

    /// Whether there is such a machine and the viewer may know of it.
    pub fn knows(&self, viewer: &Viewer, id: MachineId) -> bool {
        self.record(viewer, id).is_ok()
    }

    /// Reads ahead what lists will need of up to `most` machines, for whoever asks next; answers for how many
    /// that was. Blocks on the disk.
    pub fn read_ahead(&self, most: usize) -> Result<usize, ReadError> {
        let roster = self.roster.of(&self.machines);
        let ids: Vec<MachineId> = roster.iter().map(|entry| entry.machine.id).collect();
        self.headlines.keep_only(&ids);
        Ok(self.headlines.renew(&self.store, &ids, most)?)
    }

    /// A section as it was reported last, or by a moment of the past; `None` when it had not been by then.
    pub fn section(
        &self,
        viewer: &Viewer,
        id: MachineId,
        kind: Kind,
        moment: Moment,
    ) -> Result<Option<Section>, ReadError> {
        let machine = self.known(viewer, id)?;
        if !viewer.scope().sees_section(&machine.labels, kind) {
            return Err(ReadError::OutOfScope);
        }
        let version = match moment {
            Moment::Now => self.store.current(id, kind)?,
            Moment::At(at) => self.store.version_at(id, kind, at.0)?,
        };
        let Some(version) = version else {
            return Ok(None);
        };
        let body = self.body(&version)?;
        let section = Section::new(kind, &version, body);
        let next = self.store.version_from(id, kind, version.sequence + 1)?;
        Ok(Some(Section {
            until: next.map(|next| UnixMillis(next.collected_at)),
            confirmed_at: match moment {
                Moment::Now => self.confirmed_at(id, kind),
                Moment::At(_) => None,
            },
            ..section
        }))
    }

    /// When a machine last said that nothing in a section had changed.
    fn confirmed_at(&self, id: MachineId, kind: Kind) -> Option<UnixMillis> {
        let presence = self.presence.of(id)?;
        let at = presence.confirmed_at.get(kind as usize).copied();
        at.filter(|at| *at != 0).map(UnixMillis)
    }

    /// The latest readings of a machine, cut to the sections the viewer may see; `None` when it sent none.
    pub fn readings(&self, viewer: &Viewer, id: MachineId) -> Result<Option<Readings>, ReadError> {
        let machine = self.known(viewer, id)?;
        let Some(presence) = self.presence.of(id) else {
            return Ok(None);
        };
        Ok(Readings::of(&presence, |kind| {
            viewer.scope().sees_section(&machine.labels, kind)
        }))
    }

    /// A machine, if the viewer may know of it.
    fn known(&self, viewer: &Viewer, id: MachineId) -> Result<Machine, ReadError> {
        Machine::new(&*self.record(viewer, id)?).ok_or(ReadError::NoMachine)
    }

    fn record(&self, viewer: &Viewer, id: MachineId) -> Result<Arc<MachineRecord>, ReadError> {
        let record = self.machines.of(id);
        record
            .filter(|record| record.state() != MachineState::Erased)
            .filter(|record| viewer.scope().sees_machine(&record.labels))
            .ok_or(ReadError::NoMachine)
    }

    /// Machines with as much of their headlines as the viewer may see. What moves with every check-in and what is
    /// found are known of now alone.
    fn lines(
        &self,
        viewer: &Viewer,
        machines: &[&Arc<Machine>],
        moment: Moment,
    ) -> Result<Vec<MachineLine>, ReadError> {
        let ids: Vec<MachineId> = machines.iter().map(|machine| machine.id).collect();
        let headlines = match moment {
            Moment::Now => self.headlines.of(&self.store, &ids)?,
            Moment::At(at) => self.headlines.past(&self.store, &ids, at)?,
        };
        let findings = match moment {
            Moment::Now => self.findings_of(viewer, machines),
            Moment::At(_) => vec![(Findings::default(), Progress::Done); ids.len()],
        };
        let lines = machines.iter().copied().zip(headlines).zip(findings);
        let line =
            |((machine, headline), found)| self.line(viewer, machine, headline, found, moment);
        Ok(lines.map(line).collect())
    }

    fn line(
        &self,
        viewer: &Viewer,
        machine: &Arc<Machine>,
        headline: Option<Arc<Headline>>,
        (findings, progress): (Findings, Progress),
        moment: Moment,
    ) -> MachineLine {
        MachineLine {
            moment,
            seen: match moment {
                Moment::Now => self.presence.look(machine.id, Seen::of),
                Moment::At(_) => None,
            },
            progress: if headline.is_some() {
                progress
            } else {
                Progress::Never
            },
            headline: within(
                viewer,
                machine,
                headline.unwrap_or_else(|| self.headlines.not_read()),
            ),
            findings,
            machine: if *viewer.scope() == Scope::Everything {
                Arc::clone(machine)
            } else {
                self.narrowed(viewer, Arc::clone(machine))
            },
        }
    }

    /// A machine without what would tell of other machines, or of sections, that the viewer may not see.
    fn narrowed(&self, viewer: &Viewer, mut machine: Arc<Machine>) -> Arc<Machine> {
        let scope = viewer.scope();
        let visible = |id: &MachineId| self.knows(viewer, *id);
        let sees_all = KINDS
            .iter()
            .all(|kind| scope.sees_section(&machine.labels, *kind));
        let telling = machine.same_hardware_as.is_some()
            || !machine.continues.is_empty()
            || !machine.proposed_labels.is_empty()
            || (!sees_all && !machine.notices.is_empty());
        if telling {
            let machine = Arc::make_mut(&mut machine);
            machine.same_hardware_as = machine.same_hardware_as.filter(visible);
            machine.continues.retain(visible);
            machine.proposed_labels.clear();
            for notice in machine.notices.iter_mut().filter(|_| !sees_all) {
                notice.detail.clear();
            }
        }
        machine
    }

    fn body(&self, version: &VersionRecord) -> Result<Vec<u8>, ReadError> {
        // A digest of another length can only be damage: no body has it.
        let digest = Digest::from_slice(&version.digest).unwrap_or(Digest([0; 32]));
        Ok(self.store.body(&digest)?)
    }
}

/// As much of a headline as the viewer may see: the one that is shared, unless something is hidden.
fn within(viewer: &Viewer, machine: &Machine, mut headline: Arc<Headline>) -> Arc<Headline> {
    for kind in SECTIONS {
        if !viewer.scope().sees_section(&machine.labels, kind) {
            Arc::make_mut(&mut headline).hide(kind);
        }
    }
    headline
}

fn kind_of(number: u32) -> Kind {
    i32::try_from(number)
        .ok()
        .and_then(|number| Kind::try_from(number).ok())
        .unwrap_or(Kind::Unspecified)
}
