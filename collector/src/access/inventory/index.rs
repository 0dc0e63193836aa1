//! What machines are found by: installed programs, people, serial numbers and addresses, kept in memory.
//!
//! Programs are kept once, each with the set of machines that have it. The index is made piece by piece ahead of
//! whoever asks; what is still missing from it is told with every answer.

mod content;
mod effort;
mod places;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use freehold_proto::v1::section::{Kind, Status};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

pub use content::Trait;
use content::Traits;
pub(super) use content::{Program, programs};
pub(super) use effort::Effort;
use places::Places;

use crate::{
    access::words::Words,
    clock::UnixMillis,
    events::{Event, Events},
    id::{Digest, MachineId},
    store::{Read as _, Store, StoreError, record::VersionRecord},
};

/// Sections that the index is made of.
const SECTIONS: [Kind; 4] = [
    Kind::Software,
    Kind::Hardware,
    Kind::Network,
    Kind::Accounts,
];

/// Programs with their versions that are kept. What machines have beyond that is not found, and said not to be.
const PROGRAMS: usize = 200_000;

/// The index, without scope applied.
pub(super) struct Index {
    kept: Mutex<Kept>,
    /// Held while sections are read.
    reading: Mutex<()>,
}

pub(super) struct Kept {
    events: Receiver<Event>,
    places: HashMap<MachineId, u32>,
    machines: Vec<Machine>,
    programs: HashMap<Arc<str>, HashMap<Arc<str>, Places>>,
    /// Programs with their versions.
    count: usize,
    words: Words,
    now: u64,
    missed: u64,
    /// Some programs were too many.
    pub(super) overflowed: bool,
}

/// A machine in the index.
#[derive(Default)]
struct Machine {
    id: Option<MachineId>,
    read: u64,
    heard: u64,
    is_read: bool,
    /// The beginnings of the digests of its sections; 0 for none.
    digests: [u64; SECTIONS.len()],
    /// When its software was collected.
    software_at: i64,
    /// How much of its software could be read; 0 when none was reported.
    software: u32,
    traits: Traits,
}

impl Index {
    pub(super) fn new(events: &Events) -> Self {
        Self {
            kept: Mutex::new(Kept {
                events: events.listen(),
                places: HashMap::new(),
                machines: Vec::new(),
                programs: HashMap::new(),
                count: 0,
                words: Words::default(),
                now: 0,
                missed: 0,
                overflowed: false,
            }),
            reading: Mutex::default(),
        }
    }

    /// Reads those of some machines that have changed, as far as the effort goes; answers how many are still to be
    /// read. Blocks on the disk.
    pub(super) fn renew(
        &self,
        store: &Store,
        machines: &[MachineId],
        effort: Effort,
    ) -> Result<usize, StoreError> {
        let started = Instant::now();
        let alone = self.reading.lock();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        let (began, stale) = self.stale(machines);
        let mut read = 0;
        while read < stale.len() && effort.allows(read, started.elapsed()) {
            self.read(store, stale[read], began)?;
            read += 1;
        }
        Ok(stale.len() - read)
    }

    /// Forgets all machines but these.
    pub(super) fn keep_only(&self, machines: &[MachineId]) {
        let mut kept = self.kept();
        if kept.places.len() <= machines.len() {
            return;
        }
        let known: std::collections::HashSet<&MachineId> = machines.iter().collect();
        let places = kept.places.iter();
        let gone: Vec<(MachineId, u32)> = places
            .filter(|(id, _)| !known.contains(id))
            .map(|(id, place)| (*id, *place))
            .collect();
        for (id, place) in gone {
            kept.places.remove(&id);
            kept.forget_programs(place);
            kept.machines[place as usize] = Machine::default();
        }
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stale(&self, machines: &[MachineId]) -> (u64, Vec<MachineId>) {
        let mut kept = self.kept();
        kept.hear();
        let stale = machines.iter().filter(|id| kept.is_stale(**id)).copied();
        let stale = stale.collect();
        (kept.now, stale)
    }

    fn read(&self, store: &Store, id: MachineId, began: u64) -> Result<(), StoreError> {
        let known = self.kept().known(id);
        let mut digests = [0; SECTIONS.len()];
        let (mut software_at, mut software) = (0, 0);
        for (section, kind) in SECTIONS.into_iter().enumerate() {
            let Some(version) = store.current(id, kind)? else {
                continue;
            };
            digests[section] = beginning(&version);
            if kind == Kind::Software {
                software_at = version.collected_at;
                software = version.status;
            }
            if digests[section] == known[section] {
                continue;
            }
            let digest = Digest::from_slice(&version.digest).unwrap_or(Digest([0; 32]));
            match store.body(&digest) {
                Ok(body) => self.take_in(id, kind, &body),
                // Tried again with the next report; one damaged section must not hide the others.
                Err(error) => {
                    tracing::error!(machine = %id, section = ?kind, %error, "a section could not be read for the search");
                }
            }
        }
        let mut kept = self.kept();
        let place = kept.place(id);
        let machine = &mut kept.machines[place as usize];
        machine.digests = digests;
        machine.software_at = software_at;
        machine.software = software;
        machine.read = began;
        machine.is_read = true;
        Ok(())
    }

    fn take_in(&self, id: MachineId, kind: Kind, body: &[u8]) {
        if kind == Kind::Software {
            let programs = programs(body);
            let mut kept = self.kept();
            let place = kept.place(id);
            kept.forget_programs(place);
            for (name, version) in &programs {
                kept.note_program(place, name, version);
            }
        } else {
            let traits = content::traits(kind, body);
            let mut kept = self.kept();
            let place = kept.place(id) as usize;
            kept.machines[place].traits = kept.machines[place].traits.with(kind, &traits);
        }
    }
}

impl Kept {
    /// Notes whose sections have changed.
    fn hear(&mut self) {
        loop {
            let event = self.events.try_recv();
            if matches!(event, Err(TryRecvError::Empty | TryRecvError::Closed)) {
                return;
            }
            self.now += 1;
            match event {
                Ok(Event::Report(id)) => {
                    if let Some(place) = self.places.get(&id) {
                        self.machines[*place as usize].heard = self.now;
                    }
                }
                Ok(Event::Machine(_) | Event::Finding(_) | Event::Complete) => {}
                Err(_) => self.missed = self.now,
            }
        }
    }

    fn is_stale(&self, id: MachineId) -> bool {
        self.machine(id)
            .is_none_or(|machine| !machine.is_read || machine.heard.max(self.missed) > machine.read)
    }

    fn machine(&self, id: MachineId) -> Option<&Machine> {
        let place = self.places.get(&id)?;
        self.machines.get(*place as usize)
    }

    fn known(&self, id: MachineId) -> [u64; SECTIONS.len()] {
        self.machine(id)
            .map(|machine| machine.digests)
            .unwrap_or_default()
    }

    /// The place of a machine, which gets one if it has none.
    fn place(&mut self, id: MachineId) -> u32 {
        if let Some(place) = self.places.get(&id) {
            return *place;
        }
        let has_room = self.machines.len() > self.places.len();
        let mut machines = self.machines.iter();
        let free = machines
            .position(|machine| machine.id.is_none())
            .filter(|_| has_room);
        let place = free.unwrap_or(self.machines.len());
        if place == self.machines.len() {
            self.machines.push(Machine::default());
        }
        self.machines[place].id = Some(id);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        self.places.insert(id, place);
        place
    }

    fn note_program(&mut self, place: u32, name: &str, version: &str) {
        if let Some(places) = self
            .programs
            .get_mut(name)
            .and_then(|versions| versions.get_mut(version))
        {
            places.insert(place);
            return;
        }
        if self.count >= PROGRAMS {
            self.overflowed = true;
            return;
        }
        self.count += 1;
        let name = match self.programs.get_key_value(name) {
            Some((name, _)) => Arc::clone(name),
            None => name.into(),
        };
        let version = self.words.shared(version);
        let versions = self.programs.entry(name).or_default();
        versions.entry(version).or_default().insert(place);
    }

    fn forget_programs(&mut self, place: u32) {
        let mut count = 0;
        self.programs.retain(|_, versions| {
            versions.retain(|_, places| {
                places.remove(place);
                // Looking at every place of a set that many have would cost more than it gives.
                !matches!(places, Places::Few(_)) || !places.is_empty()
            });
            count += versions.len();
            !versions.is_empty()
        });
        self.count = count;
    }

    /// The set of some machines, and those of them whose software is newer than a time.
    pub(super) fn mask(
        &self,
        machines: impl Iterator<Item = MachineId>,
        at: Option<UnixMillis>,
    ) -> (Mask, Vec<MachineId>) {
        let (mut mask, mut newer) = (Places::wide(), Vec::new());
        for id in machines {
            let Some(place) = self.places.get(&id) else {
                continue;
            };
            let machine = &self.machines[*place as usize];
            if at.is_some_and(|at| machine.software_at > at.0) {
                newer.push(id);
            } else {
                mask.insert(*place);
            }
        }
        (Mask(mask), newer)
    }

    /// Of some machines, how many have not reported their software, and of how many not everything could be read.
    pub(super) fn states(&self, mask: &Mask) -> (usize, usize) {
        let places = mask.0.iter().map(|place| place as usize);
        let states = places.filter_map(|place| self.machines.get(place));
        states.fold((0, 0), |(none, some), machine| {
            let is_none = machine.digests[0] == 0;
            let is_part = !is_none && machine.software != Status::Complete as u32;
            (none + usize::from(is_none), some + usize::from(is_part))
        })
    }

    /// Each program whose name fits, with how many machines of a set have it, and each of its versions.
    pub(super) fn titles(&self, mask: &Mask, fits: impl Fn(&str) -> bool) -> Vec<Title> {
        let fitting = self.programs.iter().filter(|(name, _)| fits(name));
        fitting
            .filter_map(|(name, versions)| {
                let mut all = Places::wide();
                let mut counted = Vec::new();
                for (version, places) in versions {
                    let count = places.shared(&mask.0);
                    if count > 0 {
                        all.add(places, &mask.0);
                        counted.push((Arc::clone(version), count));
                    }
                }
                (!counted.is_empty()).then(|| Title {
                    name: Arc::clone(name),
                    machines: all.len(),
                    versions: counted,
                })
            })
            .collect()
    }

    /// Which machines of a set have a program, in which version.
    pub(super) fn installed(&self, mask: &Mask, name: &str) -> Vec<(MachineId, Arc<str>)> {
        let versions = self.programs.get(name).into_iter().flatten();
        let mut found = Vec::new();
        for (version, places) in versions {
            let visible = places.iter().filter(|place| mask.0.contains(*place));
            let ids = visible.filter_map(|place| self.machines[place as usize].id);
            found.extend(ids.map(|id| (id, Arc::clone(version))));
        }
        found
    }

    /// Whether not everything that a section of a machine told is kept.
    pub(super) fn is_cut(&self, id: MachineId, section: Kind) -> bool {
        self.machine(id)
            .is_some_and(|machine| machine.traits.is_cut(section))
    }

    /// What a machine is found by, all on lines of one text.
    pub(super) fn all_traits(&self, id: MachineId) -> &str {
        self.machine(id).map_or("", |machine| machine.traits.text())
    }

    /// What a machine is found by.
    pub(super) fn traits(&self, id: MachineId) -> impl Iterator<Item = (Trait, &str)> {
        let machine = self.machine(id).into_iter();
        machine.flat_map(|machine| machine.traits.iter())
    }
}

/// Some machines.
pub(super) struct Mask(Places);

impl Mask {
    /// How many.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// A program with its versions, and how many machines have each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// Its name.
    pub name: Arc<str>,
    /// Machines that have it, in whatever version.
    pub machines: usize,
    /// Its versions, and how many machines have each.
    pub versions: Vec<(Arc<str>, usize)>,
}

/// Tells versions of a section apart.
fn beginning(version: &VersionRecord) -> u64 {
    let bytes = version.digest.get(..8).and_then(|it| it.try_into().ok());
    bytes.map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests;
