//! Computers with their sections, piece by piece.

use freehold_agent::probe::KINDS;
use freehold_proto::{
    limits::CHUNK_BYTES,
    v1::{
        ComputerPart,
        computer_part::{End, Part, SectionHeader},
        section::Kind,
    },
};
use tonic::Status;

use super::{
    caller::Sight,
    shown,
    streams::{Sink, Stop},
};
use crate::{
    access::{Inventory, ReadError, Section, Viewer},
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
};

/// Sends computers whole, each as it may be seen when its turn comes.
pub(super) struct Sending<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) sight: &'a Sight,
    pub(super) moment: Moment,
    pub(super) sink: &'a Sink<ComputerPart>,
}

impl Sending<'_> {
    /// Sends these computers and the end. One that meanwhile is no longer shared is passed over.
    pub(super) fn all(
        &self,
        ids: &[MachineId],
        sections: &[Kind],
        checkpoint: String,
    ) -> Result<(), Stop> {
        let mut computers = 0;
        for id in ids {
            if self.one(*id, sections)? {
                computers += 1;
            }
        }
        self.part(Part::End(End {
            computers,
            checkpoint,
        }))
    }

    fn one(&self, id: MachineId, sections: &[Kind]) -> Result<bool, Stop> {
        let viewer = self.sight.viewer()?;
        let line = match self.inventory.machine(&viewer, id, self.moment) {
            Ok(line) => line,
            Err(ReadError::NoMachine) => return Ok(false),
            Err(error) => return Err(unreadable(&error).into()),
        };
        self.part(Part::Computer(shown::computer(&line)))?;
        for kind in KINDS {
            if sections.is_empty() || sections.contains(&kind) {
                self.section(id, kind)?;
            }
        }
        if sections.is_empty()
            && self.moment == Moment::Now
            && let Some(readings) = self.readings(&viewer, id)?
        {
            self.part(Part::Readings(readings))?;
        }
        Ok(true)
    }

    fn readings(
        &self,
        viewer: &Viewer,
        id: MachineId,
    ) -> Result<Option<freehold_proto::v1::Readings>, Stop> {
        match self.inventory.readings(viewer, id) {
            Ok(readings) => Ok(readings.map(|readings| readings.values)),
            Err(ReadError::NoMachine) => Ok(None),
            Err(error) => Err(unreadable(&error).into()),
        }
    }

    /// Sends a section if it was reported and may be seen.
    fn section(&self, id: MachineId, kind: Kind) -> Result<(), Stop> {
        let viewer = self.sight.viewer()?;
        match self.inventory.section(&viewer, id, kind, self.moment) {
            Ok(Some(section)) => self.whole(id, &section),
            Ok(None) | Err(ReadError::NoMachine | ReadError::OutOfScope) => Ok(()),
            Err(error) => {
                tracing::error!(machine = %id, %error, "a section could not be read for somebody");
                self.part(Part::Section(SectionHeader {
                    kind: kind.into(),
                    unreadable: "the record of this section is damaged: ask the owner to look at the collector"
                        .to_owned(),
                    ..SectionHeader::default()
                }))
            }
        }
    }

    fn whole(&self, id: MachineId, section: &Section) -> Result<(), Stop> {
        self.part(Part::Section(SectionHeader {
            kind: section.kind.into(),
            collected_at: Some(section.collected_at.timestamp()),
            confirmed_at: Some(section.true_at().timestamp()),
            size: section.body.len() as u64,
            unreadable: String::new(),
            until: section.until.map(UnixMillis::timestamp),
        }))?;
        for chunk in section.body.chunks(CHUNK_BYTES) {
            // A reader who takes long over a large section may have lost sight of it meanwhile.
            let viewer = self.sight.viewer()?;
            if !self.inventory.shares(&viewer, id, section.kind) {
                return Err(no_longer_shared().into());
            }
            self.part(Part::Chunk(chunk.to_vec()))?;
        }
        Ok(())
    }

    fn part(&self, part: Part) -> Result<(), Stop> {
        self.sink.send(ComputerPart { part: Some(part) })
    }
}

pub(super) fn no_longer_shared() -> Status {
    Status::aborted("what is shared with you was changed while this was sent: ask again")
}

/// Details go to the collector's own log.
pub(super) fn unreadable(error: &ReadError) -> Status {
    tracing::error!(%error, "somebody's read failed");
    Status::internal("the record could not be read: ask the owner to look at the collector")
}

pub(super) fn broke_off() -> Status {
    Status::internal("the read broke off")
}
