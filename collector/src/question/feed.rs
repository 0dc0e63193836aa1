//! What a worker is told: computers, then the sections it needs, through the gate.

use std::{
    collections::{BTreeSet, HashMap},
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use freehold_proto::v1::section::{Kind, Status};
use prost::Message as _;

use super::{
    frame::{self, Computer, Needs},
    notes::{Gap, Notes},
    process::Input,
};
use crate::{
    access::{Extract, Inventory, Machine, MachineLine, Protection, ReadError, Section, Viewer},
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
    store::record::MachineState,
};

/// Why not everything was told.
#[derive(Debug)]
pub(super) enum FeedError {
    /// The worker does not listen any more. Why, it says itself.
    Gone,
    /// The record could not be read.
    Read(ReadError),
}

impl From<io::Error> for FeedError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<ReadError> for FeedError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// What a worker is told, and where from.
pub(super) struct Feed {
    pub(super) inventory: Inventory,
    pub(super) viewer: Viewer,
    pub(super) moment: Moment,
    pub(super) needs: Needs,
    pub(super) machines: Vec<Arc<Machine>>,
    /// Sections that were read so far.
    pub(super) read: Arc<AtomicU32>,
}

impl Feed {
    /// Tells everything, and answers with what is not known. Blocks on the disk and on the worker. The pipe stays open,
    /// for the worker ends when it is closed.
    pub(super) fn run(self, input: &mut Input) -> Result<Notes, FeedError> {
        let mut out = io::BufWriter::with_capacity(256 * 1024, input);
        self.computers(&mut out)?;
        let mut notes = Notes::default();
        let asked: BTreeSet<Kind> = kinds(&self.needs.sections);
        for kind in &asked {
            self.section(*kind, &mut out, &mut notes)?;
        }
        for kind in kinds(&self.needs.touched).difference(&asked) {
            for machine in in_service(&self.machines, self.moment) {
                if !self.inventory.shares(&self.viewer, machine.id, *kind) {
                    notes.add(*kind, Gap::Hidden, &machine.name());
                }
            }
        }
        if self.needs.readings {
            self.readings(&mut out)?;
        }
        frame::write(&mut out, frame::Kind::Complete, &[])?;
        out.flush()?;
        Ok(notes)
    }

    /// Computers are numbered as they are told.
    fn computers(&self, out: &mut impl Write) -> Result<(), FeedError> {
        let lines = if !self.needs.computers {
            Vec::new()
        } else if self.needs.headlines && self.moment == Moment::Now {
            self.inventory.machines_when_read(&self.viewer)?
        } else {
            self.inventory.machines(&self.viewer, self.moment)?
        };
        let lines: HashMap<MachineId, &MachineLine> =
            lines.iter().map(|line| (line.machine.id, line)).collect();
        for machine in &self.machines {
            let computer = Computer {
                name: machine.name().into_owned(),
                id: machine.id.to_string(),
                facts: lines
                    .get(&machine.id)
                    .copied()
                    .map(facts)
                    .unwrap_or_default(),
            };
            frame::write(out, frame::Kind::Computer, &computer.encode_to_vec())?;
        }
        Ok(())
    }

    fn section(
        &self,
        kind: Kind,
        out: &mut impl Write,
        notes: &mut Notes,
    ) -> Result<(), FeedError> {
        let (places, ids) = self.places();
        let mut told = Ok(());
        self.inventory
            .each_section(&self.viewer, kind, self.moment, &ids, |at, extract| {
                let place = places[at];
                let name = self.machines[place].name();
                match extract {
                    Extract::Hidden => notes.add(kind, Gap::Hidden, &name),
                    Extract::NotReported => notes.add(kind, Gap::NotReported, &name),
                    Extract::Damaged => notes.add(kind, Gap::Damaged, &name),
                    Extract::Whole(section) => {
                        if section.status != Status::Complete {
                            notes.add(kind, Gap::Incomplete, &name);
                        }
                        told = tell(out, place, &section);
                    }
                }
                self.read.fetch_add(1, Ordering::Relaxed);
                told.is_ok()
            })?;
        Ok(told?)
    }

    fn readings(&self, out: &mut impl Write) -> Result<(), FeedError> {
        let (places, ids) = self.places();
        for (place, id) in places.into_iter().zip(ids) {
            let readings = match self.inventory.readings(&self.viewer, id) {
                Ok(Some(readings)) => readings,
                Ok(None) | Err(ReadError::NoMachine) => continue,
                Err(error) => return Err(error.into()),
            };
            let mut content = (place as u32).to_le_bytes().to_vec();
            content.extend(readings.values.encode_to_vec());
            frame::write(out, frame::Kind::Readings, &content)?;
        }
        Ok(())
    }

    /// The computers whose sections are read: their places among all, and their identifiers.
    fn places(&self) -> (Vec<usize>, Vec<MachineId>) {
        let machines = self.machines.iter().enumerate();
        machines
            .filter(|(_, machine)| is_in_service(machine, self.moment))
            .map(|(place, machine)| (place, machine.id))
            .unzip()
    }
}

/// The computers whose sections questions are about.
pub(super) fn in_service(
    machines: &[Arc<Machine>],
    moment: Moment,
) -> impl Iterator<Item = &Arc<Machine>> {
    machines
        .iter()
        .filter(move |machine| is_in_service(machine, moment))
}

/// How it stood in the past is not known: what it reported then counts.
fn is_in_service(machine: &Machine, moment: Moment) -> bool {
    moment != Moment::Now || machine.state == MachineState::Active
}

/// Kinds of sections by their numbers. What a worker says is not believed: unknown ones are passed over.
pub(super) fn kinds(numbers: &[i32]) -> BTreeSet<Kind> {
    let kinds = numbers
        .iter()
        .filter_map(|number| Kind::try_from(*number).ok());
    kinds.filter(|kind| *kind != Kind::Unspecified).collect()
}

fn tell(out: &mut impl Write, place: usize, section: &Section) -> io::Result<()> {
    let confirmed = section.confirmed_at.map_or(0, |at| at.0);
    let times = (section.collected_at.0, confirmed);
    frame::section(out, place as u32, section.kind, times, &section.body)
}

/// The values of the table `computers`, in the order of its columns.
fn facts(line: &MachineLine) -> Vec<String> {
    let (machine, seen) = (&line.machine, line.seen.as_ref());
    let time = |at: UnixMillis| at.to_string();
    let protection = line.headline.protection.known();
    vec![
        state_word(machine.state).to_owned(),
        serde_json::to_string(&machine.labels).unwrap_or_default(),
        machine.note.clone(),
        machine.host_name.clone(),
        time(machine.enrolled_at),
        seen.map(|seen| time(seen.at)).unwrap_or_default(),
        seen.map(|seen| seen.agent_version.clone())
            .unwrap_or_default(),
        line.headline
            .system
            .known()
            .map(|system| system.name.to_string())
            .unwrap_or_default(),
        protection.map_or("", protection_word).to_owned(),
    ]
}

fn state_word(state: MachineState) -> &'static str {
    match state {
        MachineState::Unspecified | MachineState::Erased => "",
        MachineState::Waiting => "WAITING",
        MachineState::Active => "ACTIVE",
        MachineState::Retired => "RETIRED",
        MachineState::Revoked => "REVOKED",
    }
}

fn protection_word(protection: &Protection) -> &'static str {
    match protection {
        Protection::Working { .. } => "working",
        Protection::Weak { .. } => "weak",
        Protection::Absent => "none",
        Protection::Unknown => "unknown",
    }
}
