//! The one gate for every read of what machines reported.

mod lines;
mod makers;
mod record;

use std::sync::{Arc, Mutex, PoisonError};

use freehold_proto::v1::section::Kind;
use lines::Lines;
pub use record::{Change, Machine, MachineLine, Notice, Readings, Section, Seen};

use super::{Viewer, headline::SECTIONS};
use crate::{
    clock::UnixMillis,
    events::Events,
    id::{Digest, MachineId},
    ingest::Presence,
    store::{
        ChangeKey, Read as _, Store, StoreError,
        record::{MachineState, VersionRecord},
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
    presence: Presence,
    lines: Arc<Mutex<Lines>>,
}

impl Inventory {
    /// Over a store. Hears of changes through `events`.
    pub fn new(store: Store, presence: Presence, events: &Events) -> Self {
        Self {
            store,
            presence,
            lines: Arc::new(Mutex::new(Lines::new(events.listen()))),
        }
    }

    /// Name of the business; empty before it was set.
    pub fn business(&self, _viewer: &Viewer) -> Result<String, ReadError> {
        Ok(self.store.settings()?.unwrap_or_default().name)
    }

    /// Every machine the viewer may see, by name.
    pub fn machines(&self, viewer: &Viewer) -> Result<Vec<MachineLine>, ReadError> {
        let lines = self
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .all(&self.store)?;
        let mut seen: Vec<MachineLine> = lines
            .iter()
            .filter_map(|line| self.shown(viewer, line))
            .collect();
        seen.sort_by_cached_key(|line| (line.machine.name().to_lowercase(), line.machine.id));
        Ok(seen)
    }

    /// One machine.
    pub fn machine(&self, viewer: &Viewer, id: MachineId) -> Result<MachineLine, ReadError> {
        let line = self
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .one(&self.store, id)?
            .ok_or(ReadError::NoMachine)?;
        self.shown(viewer, &line).ok_or(ReadError::NoMachine)
    }

    /// A section as it was last reported; `None` when it never was.
    pub fn section(
        &self,
        viewer: &Viewer,
        id: MachineId,
        kind: Kind,
    ) -> Result<Option<Section>, ReadError> {
        let machine = self.machine(viewer, id)?.machine;
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
        let machine = self.machine(viewer, id)?.machine;
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
        let machine = self.machine(viewer, id)?.machine;
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
                    let machine = match self.machine(viewer, id) {
                        Ok(line) => line.machine,
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

    /// Applies the viewer's scope to one machine and adds what moves with every check-in.
    fn shown(&self, viewer: &Viewer, line: &MachineLine) -> Option<MachineLine> {
        let machine = &line.machine;
        if machine.state == MachineState::Erased || !viewer.scope().sees_machine(&machine.labels) {
            return None;
        }
        let mut line = line.clone();
        line.machine.seen = self.presence.of(line.machine.id).map(|p| Seen::of(&p));
        for kind in SECTIONS {
            if !viewer.scope().sees_section(&line.machine.labels, kind) {
                line.headline.hide(kind);
            }
        }
        Some(line)
    }

    fn body(&self, version: &VersionRecord) -> Result<Vec<u8>, ReadError> {
        // A digest of another length can only be damage: no body has it.
        let digest = Digest::from_slice(&version.digest).unwrap_or(Digest([0; 32]));
        Ok(self.store.body(&digest)?)
    }
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
