//! The one gate for every read of what machines reported.
//!
//! What a machine is, and whether it may report, is read from the registry that also decides about each of
//! its requests: what is shown is what holds, also while the store cannot be written.

mod headlines;
mod makers;
mod record;

use std::sync::{Arc, Mutex, PoisonError};

use freehold_agent::probe::KINDS;
use freehold_proto::v1::section::Kind;
use headlines::Headlines;
pub use record::{Change, Machine, MachineLine, Notice, Readings, Section, Seen};

use super::{
    Scope, Viewer,
    headline::{Headline, SECTIONS},
};
use crate::{
    clock::UnixMillis,
    events::Events,
    id::{Digest, MachineId},
    ingest::Presence,
    machines::Machines,
    store::{
        ChangeKey, Read as _, Store, StoreError,
        record::{MachineRecord, MachineState, VersionRecord},
    },
};

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such machine, or the viewer may not know of it. The two are not told apart.
    #[error("There is no computer with this identifier.")]
    NoMachine,
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
    headlines: Arc<Mutex<Headlines>>,
}

impl Inventory {
    /// Over a store and the registry of machines. Hears of reports through `events`.
    pub fn new(store: Store, machines: Machines, presence: Presence, events: &Events) -> Self {
        Self {
            store,
            machines,
            presence,
            headlines: Arc::new(Mutex::new(Headlines::new(events.listen()))),
        }
    }

    /// Name of the business; empty before it was set.
    pub fn business(&self, _viewer: &Viewer) -> Result<String, ReadError> {
        Ok(self.store.settings()?.unwrap_or_default().name)
    }

    /// Every machine the viewer may see, by name.
    pub fn machines(&self, viewer: &Viewer) -> Result<Vec<MachineLine>, ReadError> {
        let mut machines: Vec<Machine> = self
            .machines
            .all()
            .iter()
            .filter_map(|record| self.shown(viewer, record))
            .collect();
        machines.sort_by_cached_key(|machine| (machine.name().to_lowercase(), machine.id));
        let headlines = self.headlines(machines.iter().map(|machine| machine.id))?;
        let lines = machines.into_iter().zip(headlines);
        Ok(lines
            .map(|(machine, headline)| line(viewer, machine, &headline))
            .collect())
    }

    /// One machine.
    pub fn machine(&self, viewer: &Viewer, id: MachineId) -> Result<MachineLine, ReadError> {
        let machine = self.known(viewer, id)?;
        let headline = self.headlines([id])?.pop().ok_or(ReadError::NoMachine)?;
        Ok(line(viewer, machine, &headline))
    }

    /// A section as it was last reported; `None` when it never was.
    pub fn section(
        &self,
        viewer: &Viewer,
        id: MachineId,
        kind: Kind,
    ) -> Result<Option<Section>, ReadError> {
        let machine = self.known(viewer, id)?;
        if !viewer.scope().sees_section(&machine.labels, kind) {
            return Err(ReadError::OutOfScope);
        }
        let Some(version) = self.store.current(id, kind)? else {
            return Ok(None);
        };
        let confirmed_at = self
            .presence
            .of(id)
            .and_then(|presence| presence.confirmed_at.get(kind as usize).copied())
            .filter(|at| *at != 0)
            .map(UnixMillis);
        let body = self.body(&version)?;
        Ok(Some(Section::new(kind, &version, confirmed_at, body)))
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

    /// Up to `limit` changes of one machine that happened before `before`, newest first.
    pub fn changes(
        &self,
        viewer: &Viewer,
        id: MachineId,
        before: Option<ChangeKey>,
        limit: usize,
    ) -> Result<Vec<Change>, ReadError> {
        let machine = self.known(viewer, id)?;
        gather(before, limit, |before, limit| {
            let page = self.store.changes(id, before, limit)?;
            Ok(page
                .into_iter()
                .map(|(key, change)| {
                    let seen = viewer
                        .scope()
                        .sees_section(&machine.labels, kind_of(change.section));
                    let shown = seen.then(|| Change::new(&machine, key, change));
                    (key, shown)
                })
                .collect())
        })
    }

    /// Up to `limit` changes of all machines that happened before `before`, newest first.
    pub fn all_changes(
        &self,
        viewer: &Viewer,
        before: Option<ChangeKey>,
        limit: usize,
    ) -> Result<Vec<Change>, ReadError> {
        gather(before, limit, |before, limit| {
            let page = self.store.all_changes(before, limit)?;
            page.into_iter()
                .map(|(id, key, change)| {
                    let machine = match self.known(viewer, id) {
                        Ok(machine) => machine,
                        Err(ReadError::NoMachine) => return Ok((key, None)),
                        Err(other) => return Err(other),
                    };
                    let seen = viewer
                        .scope()
                        .sees_section(&machine.labels, kind_of(change.section));
                    Ok((key, seen.then(|| Change::new(&machine, key, change))))
                })
                .collect()
        })
    }

    /// A machine, if the viewer may know of it.
    fn known(&self, viewer: &Viewer, id: MachineId) -> Result<Machine, ReadError> {
        let record = self.machines.of(id).ok_or(ReadError::NoMachine)?;
        self.shown(viewer, &record).ok_or(ReadError::NoMachine)
    }

    /// Applies the viewer's scope to one machine and adds what moves with every check-in.
    fn shown(&self, viewer: &Viewer, record: &MachineRecord) -> Option<Machine> {
        let erased = record.state() == MachineState::Erased;
        if erased || !viewer.scope().sees_machine(&record.labels) {
            return None;
        }
        let mut machine = Machine::new(record)?;
        machine.seen = self.presence.of(machine.id).map(|p| Seen::of(&p));
        if *viewer.scope() != Scope::Everything {
            self.narrow(viewer, &mut machine);
        }
        Some(machine)
    }

    /// Takes away what would tell of other machines, or of sections, that the viewer may not see.
    fn narrow(&self, viewer: &Viewer, machine: &mut Machine) {
        let visible = |id: &MachineId| {
            let record = self.machines.of(*id);
            record.is_some_and(|record| viewer.scope().sees_machine(&record.labels))
        };
        machine.same_hardware_as = machine.same_hardware_as.filter(visible);
        machine.continues.retain(visible);
        let scope = viewer.scope();
        if !KINDS
            .iter()
            .all(|kind| scope.sees_section(&machine.labels, *kind))
        {
            for notice in &mut machine.notices {
                notice.detail.clear();
            }
        }
    }

    fn headlines(
        &self,
        machines: impl IntoIterator<Item = MachineId>,
    ) -> Result<Vec<Arc<Headline>>, ReadError> {
        let mut headlines = self
            .headlines
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(headlines.of(&self.store, machines)?)
    }

    fn body(&self, version: &VersionRecord) -> Result<Vec<u8>, ReadError> {
        // A digest of another length can only be damage: no body has it.
        let digest = Digest::from_slice(&version.digest).unwrap_or(Digest([0; 32]));
        Ok(self.store.body(&digest)?)
    }
}

/// A machine with as much of its headline as the viewer may see.
fn line(viewer: &Viewer, machine: Machine, headline: &Headline) -> MachineLine {
    let mut headline = headline.clone();
    for kind in SECTIONS {
        if !viewer.scope().sees_section(&machine.labels, kind) {
            headline.hide(kind);
        }
    }
    MachineLine { machine, headline }
}

/// Reads page after page until enough changes are visible: what is hidden must not shorten a list.
fn gather(
    mut before: Option<ChangeKey>,
    limit: usize,
    page: impl Fn(Option<ChangeKey>, usize) -> Result<Vec<(ChangeKey, Option<Change>)>, ReadError>,
) -> Result<Vec<Change>, ReadError> {
    let mut shown = Vec::new();
    loop {
        let entries = page(before, limit)?;
        let last = entries.len() < limit;
        before = entries.last().map(|(key, _)| *key).or(before);
        shown.extend(entries.into_iter().filter_map(|(_, change)| change));
        if last || shown.len() >= limit {
            shown.truncate(limit);
            return Ok(shown);
        }
    }
}

fn kind_of(number: u32) -> Kind {
    i32::try_from(number)
        .ok()
        .and_then(|number| Kind::try_from(number).ok())
        .unwrap_or(Kind::Unspecified)
}
