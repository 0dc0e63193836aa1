//! The calls, one after the other: who calls, what is written down, what is answered.

use freehold_proto::v1::{self, access_server::Access, section::Kind};
use tonic::{Request, Response, Status};

use super::{
    Remote,
    computers::{Sending, unreadable},
    lists, past, shown,
    streams::{Stream, batches, streamed},
};
use crate::{
    access::described, audit::Event, authority::RequestedKey, control, history::Moment,
    store::record::LogAct,
};

/// Changes, and entries of the log, that are told unless asked for more or fewer, and at most.
const USUAL: usize = 100;
const MOST: usize = 1000;

#[tonic::async_trait]
impl Access for Remote {
    type ListComputersStream = Stream<v1::ListComputersResponse>;
    type ReadComputerStream = Stream<v1::ComputerPart>;
    type ListSoftwareStream = Stream<v1::ListSoftwareResponse>;
    type ListAdministratorsStream = Stream<v1::ListAdministratorsResponse>;
    type ListFindingsStream = Stream<v1::ListFindingsResponse>;
    type QueryStream = Stream<v1::QueryResponse>;
    type ReadCommitmentsStream = Stream<v1::ReadCommitmentsResponse>;
    type ReadDifferenceStream = Stream<v1::ReadDifferenceResponse>;
    type SearchStream = Stream<v1::SearchResponse>;
    type ExportStream = Stream<v1::ComputerPart>;

    async fn who_am_i(
        &self,
        request: Request<v1::WhoAmIRequest>,
    ) -> Result<Response<v1::WhoAmIResponse>, Status> {
        let caller = self.caller(&request)?;
        let viewer = self
            .noted(&caller, Event::new(LogAct::OpenedAccess))
            .await?;
        let reader = &caller.reader;
        let under = reader.delegation();
        let business = self.desk.inventory.business(&viewer);
        Ok(Response::new(v1::WhoAmIResponse {
            business: business.map_err(|error| unreadable(&error))?,
            person: reader.person.clone(),
            supplier: under.map_or_else(String::new, |under| under.supplier.clone()),
            scope: described(viewer.scope()),
            until: under.map(|under| under.until.timestamp()),
            may_export: reader.may_export(),
            device: reader.device.clone(),
            certificate_expires_at: Some(caller.peer.not_after.timestamp()),
        }))
    }

    async fn renew_device(
        &self,
        request: Request<v1::RenewDeviceRequest>,
    ) -> Result<Response<v1::RenewDeviceResponse>, Status> {
        let caller = self.caller(&request)?;
        let key = RequestedKey::from_csr(&request.get_ref().csr)
            .map_err(|error| Status::invalid_argument(format!("csr: {error}")))?;
        if key.digest() != caller.peer.public_key {
            return Err(Status::invalid_argument(
                "csr: it is for another key than the device has",
            ));
        }
        let (name, now) = (&caller.reader.name, self.desk.clock.now());
        let issued = self.desk.authority.issue_device(name, &key, now);
        let issued = issued.map_err(|error| {
            tracing::error!(%error, "a device's certificate could not be renewed");
            Status::internal("the certificate could not be renewed")
        })?;
        caller.note_use(&self.desk).await;
        Ok(Response::new(v1::RenewDeviceResponse {
            credentials: Some(self.credentials(issued.chain)),
        }))
    }

    async fn list_computers(
        &self,
        request: Request<v1::ListComputersRequest>,
    ) -> Result<Response<Self::ListComputersStream>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let request = request.into_inner();
        let moment = self.moment("as_of", request.as_of.as_ref())?;
        let search = request.search;
        let event = Event::new(LogAct::OpenedComputers).detail(&search);
        let viewer = self.noted(&caller, event.as_of(moment)).await?;
        past::begun(&self.desk.inventory, &viewer, moment)?;
        let (inventory, sight) = (self.desk.inventory.clone(), caller.sight(&self.desk));
        Ok(streamed(place, move |sink| {
            let search = search.to_lowercase();
            let lines = match moment {
                Moment::Now => inventory.machines_when_read(&viewer),
                Moment::At(_) => inventory.machines(&viewer, moment),
            };
            let lines = lines.map_err(|error| unreadable(&error))?;
            let named = lines
                .iter()
                .filter(|line| line.machine.name().to_lowercase().contains(&search));
            for computers in batches(named.map(shown::computer).collect()) {
                sight.unchanged(&viewer)?;
                sink.send(v1::ListComputersResponse { computers })?;
            }
            Ok(())
        }))
    }

    async fn read_computer(
        &self,
        request: Request<v1::ReadComputerRequest>,
    ) -> Result<Response<Self::ReadComputerStream>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let request = request.into_inner();
        let moment = self.moment("as_of", request.as_of.as_ref())?;
        let sections: Vec<Kind> = request.sections().collect();
        if sections.contains(&Kind::Unspecified) {
            return Err(Status::invalid_argument(
                "sections: there is no such section",
            ));
        }
        let id = self.find(&caller, &request.computer).await?;
        let sight = caller.sight(&self.desk);
        let viewer = sight.viewer()?;
        for kind in &sections {
            self.require(&caller, &viewer, id, *kind).await?;
        }
        let event = match sections[..] {
            [kind] => self
                .about(&viewer, LogAct::OpenedSection, id)?
                .section(kind),
            _ => self.about(&viewer, LogAct::OpenedComputer, id)?,
        };
        self.noted(&caller, event.as_of(moment)).await?;
        self.require_joined(&viewer, id, moment)?;
        let (inventory, checkpoint) = (self.desk.inventory.clone(), self.checkpoint()?);
        Ok(streamed(place, move |sink| {
            let sending = Sending {
                inventory: &inventory,
                sight: &sight,
                moment,
                sink,
            };
            sending.all(&[id], &sections, checkpoint)
        }))
    }

    async fn list_software(
        &self,
        request: Request<v1::ListSoftwareRequest>,
    ) -> Result<Response<Self::ListSoftwareStream>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let request = request.into_inner();
        let moment = self.moment("as_of", request.as_of.as_ref())?;
        let all = Event::new(LogAct::ReadSoftware).detail(&request.search);
        let about = (Kind::Software, moment);
        let ids = self.asked(&caller, &request.computer, about, all).await?;
        let (inventory, sight) = (self.desk.inventory.clone(), caller.sight(&self.desk));
        Ok(streamed(place, move |sink| {
            let asked = lists::Asked {
                inventory: &inventory,
                sight: &sight,
                ids: &ids,
                moment,
            };
            lists::software(&asked, &request.search, sink)
        }))
    }

    async fn list_administrators(
        &self,
        request: Request<v1::ListAdministratorsRequest>,
    ) -> Result<Response<Self::ListAdministratorsStream>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let request = request.into_inner();
        let moment = self.moment("as_of", request.as_of.as_ref())?;
        let all = Event::new(LogAct::ReadAdministrators);
        let about = (Kind::Accounts, moment);
        let ids = self.asked(&caller, &request.computer, about, all).await?;
        let (inventory, sight) = (self.desk.inventory.clone(), caller.sight(&self.desk));
        Ok(streamed(place, move |sink| {
            let asked = lists::Asked {
                inventory: &inventory,
                sight: &sight,
                ids: &ids,
                moment,
            };
            lists::administrators(&asked, sink)
        }))
    }

    async fn list_findings(
        &self,
        request: Request<v1::ListFindingsRequest>,
    ) -> Result<Response<Self::ListFindingsStream>, Status> {
        self.findings(request).await
    }

    async fn query(
        &self,
        request: Request<v1::QueryRequest>,
    ) -> Result<Response<Self::QueryStream>, Status> {
        self.queried(request).await
    }

    async fn read_commitments(
        &self,
        request: Request<v1::ReadCommitmentsRequest>,
    ) -> Result<Response<Self::ReadCommitmentsStream>, Status> {
        self.commitments(&request).await
    }

    async fn suggest(
        &self,
        request: Request<v1::SuggestRequest>,
    ) -> Result<Response<v1::SuggestResponse>, Status> {
        self.suggested(request).await
    }

    async fn list_changes(
        &self,
        request: Request<v1::ListChangesRequest>,
    ) -> Result<Response<v1::ListChangesResponse>, Status> {
        self.changes(request).await
    }

    async fn read_difference(
        &self,
        request: Request<v1::ReadDifferenceRequest>,
    ) -> Result<Response<Self::ReadDifferenceStream>, Status> {
        self.difference(request).await
    }

    async fn search(
        &self,
        request: Request<v1::SearchRequest>,
    ) -> Result<Response<Self::SearchStream>, Status> {
        self.searched(request).await
    }

    async fn export(
        &self,
        request: Request<v1::ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        if !caller.reader.may_export() {
            self.noted(&caller, Event::new(LogAct::WasRefused)).await?;
            return Err(Status::permission_denied(
                "your access does not allow to take whole lists along: ask the owner",
            ));
        }
        let moment = self.moment("as_of", request.get_ref().as_of.as_ref())?;
        let sight = caller.sight(&self.desk);
        let ids = self.desk.inventory.ids(&sight.viewer()?, moment);
        let event = Event::new(LogAct::Exported).count(ids.len() as u64);
        let viewer = self.noted(&caller, event.as_of(moment)).await?;
        past::begun(&self.desk.inventory, &viewer, moment)?;
        let (inventory, checkpoint) = (self.desk.inventory.clone(), self.checkpoint()?);
        Ok(streamed(place, move |sink| {
            let sending = Sending {
                inventory: &inventory,
                sight: &sight,
                moment,
                sink,
            };
            sending.all(&ids, &[], checkpoint)
        }))
    }

    async fn read_log(
        &self,
        request: Request<v1::ReadLogRequest>,
    ) -> Result<Response<v1::ReadLogResponse>, Status> {
        let caller = self.caller(&request)?;
        let request = request.into_inner();
        let viewer = self.noted(&caller, Event::new(LogAct::OpenedLog)).await?;
        let before = (request.before > 0).then_some(request.before);
        let limit = bounded(request.limit);
        let entries = self.desk.journal.entries(&viewer, before, limit);
        let entries = entries.map_err(|error| unreadable(&error.into()))?;
        let shown = entries.iter().map(control::shown_entry).collect();
        Ok(Response::new(v1::ReadLogResponse {
            entries: batches(shown).swap_remove(0),
        }))
    }

    async fn prove(
        &self,
        request: Request<v1::ProveRequest>,
    ) -> Result<Response<v1::ProveResponse>, Status> {
        self.caller(&request)?;
        let journal = &self.desk.journal;
        let proven = journal.proof(request.get_ref().size);
        let proven = proven.map_err(|error| unreadable(&error.into()))?;
        let (checkpoint, proof) = proven.unwrap_or_default();
        Ok(Response::new(v1::ProveResponse {
            checkpoint,
            verifier: journal.verifier(),
            proof: proof.iter().map(|hash| hash.to_vec()).collect(),
        }))
    }
}

/// How many are told where so many are wanted.
pub(super) fn bounded(wanted: u32) -> usize {
    match wanted as usize {
        0 => USUAL,
        some => some.min(MOST),
    }
}
