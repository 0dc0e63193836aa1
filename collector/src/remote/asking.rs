//! What is asked about: found among what is shared, refused by name, written down.

use freehold_proto::v1::{self, section::Kind};
use tonic::{Request, Status};

use super::{Remote, caller::Caller, computers::unreadable, past};
use crate::{
    access::Viewer, audit::Event, history::Moment, id::MachineId, machines::FindError,
    store::record::LogAct,
};

impl Remote {
    /// Who calls, unless too often.
    pub(super) fn caller<T>(&self, request: &Request<T>) -> Result<Caller, Status> {
        let caller = Caller::of(&self.desk, request)?;
        self.check_pace(&caller)?;
        Ok(caller)
    }

    /// The computer that somebody means, among those that are shared; what is not there is written down as refused.
    pub(super) async fn find(&self, caller: &Caller, text: &str) -> Result<MachineId, Status> {
        let viewer = caller.sight(&self.desk).viewer()?;
        match self.desk.inventory.find(&viewer, text) {
            Ok(id) => Ok(id),
            Err(error) => {
                self.noted(caller, Event::new(LogAct::WasRefused)).await?;
                Err(match error {
                    FindError::Nothing { .. } => Status::not_found(
                        "no computer that is shared with you has this identifier or name: look it up in the list of \
                         computers",
                    ),
                    FindError::Several { .. } => Status::failed_precondition(error.to_string()),
                })
            }
        }
    }

    /// What a read of one computer is written down as.
    pub(super) fn about(
        &self,
        viewer: &Viewer,
        act: LogAct,
        id: MachineId,
    ) -> Result<Event, Status> {
        let line = self.desk.inventory.machine(viewer, id, Moment::Now);
        let line = line.map_err(|error| unreadable(&error))?;
        Ok(Event::new(act).machine(id, &line.machine.name()))
    }

    /// The computers a list is about, once that is written down: the one that was named, or all that are shared.
    pub(super) async fn asked(
        &self,
        caller: &Caller,
        computer: &str,
        (kind, moment): (Kind, Moment),
        all: Event,
    ) -> Result<Vec<MachineId>, Status> {
        if computer.is_empty() {
            let viewer = self.noted(caller, all.as_of(moment)).await?;
            past::begun(&self.desk.inventory, &viewer, moment)?;
            return Ok(self.desk.inventory.ids(&viewer, moment));
        }
        let id = self.find(caller, computer).await?;
        let viewer = caller.sight(&self.desk).viewer()?;
        self.require(caller, &viewer, id, kind).await?;
        let event = self.about(&viewer, LogAct::OpenedSection, id)?;
        let event = event.section(kind).as_of(moment);
        self.noted(caller, event).await?;
        self.require_joined(&viewer, id, moment)?;
        Ok(vec![id])
    }

    /// Refuses a section that was asked for by name and is not shared, whether it was ever reported or not.
    pub(super) async fn require(
        &self,
        caller: &Caller,
        viewer: &Viewer,
        id: MachineId,
        kind: Kind,
    ) -> Result<(), Status> {
        if self.desk.inventory.shares(viewer, id, kind) {
            return Ok(());
        }
        let event = self.about(viewer, LogAct::WasRefused, id)?;
        self.noted(caller, event).await?;
        Err(Status::permission_denied(format!(
            "the section {} of this computer is not shared with you: ask the owner",
            freehold_agent::snapshot::section_name(kind)
        )))
    }

    /// Refuses a moment before a computer had joined.
    pub(super) fn require_joined(
        &self,
        viewer: &Viewer,
        id: MachineId,
        moment: Moment,
    ) -> Result<(), Status> {
        if moment == Moment::Now {
            return Ok(());
        }
        let line = self.desk.inventory.machine(viewer, id, Moment::Now);
        past::had_joined(&line.map_err(|error| unreadable(&error))?, moment)
    }

    /// The log's signed checkpoint as it is now.
    pub(super) fn checkpoint(&self) -> Result<String, Status> {
        let checkpoint = self.desk.journal.checkpoint();
        let checkpoint = checkpoint.map_err(|error| unreadable(&error.into()))?;
        Ok(checkpoint.unwrap_or_default())
    }

    /// What a device needs to trust and reach this collector.
    pub(super) fn credentials(&self, chain: Vec<Vec<u8>>) -> v1::CredentialBundle {
        v1::CredentialBundle {
            certificate_chain: chain,
            trust_anchors: self.desk.authority.trust_anchors(),
            collector_addresses: self.desk.addresses.clone(),
        }
    }
}
