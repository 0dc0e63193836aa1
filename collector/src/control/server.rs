//! The console's service: what the subcommands may ask of the running collector.

mod access;
mod machine;

pub(crate) use self::{
    access::entry as shown_entry,
    machine::{found as shown_finding, shown as shown_machine},
};

use std::{path::PathBuf, sync::Arc};

use freehold_proto::v1::{
    self, ApproveMachineRequest, ApproveMachineResponse, AuthorityStatusRequest,
    AuthorityStatusResponse, BackupRequest, BackupResponse, CreateTokenRequest,
    CreateTokenResponse, LinkMachineRequest, LinkMachineResponse, ListMachinesRequest,
    ListMachinesResponse, ResetOwnerRequest, ResetOwnerResponse, RevokeMachineRequest,
    RevokeMachineResponse, ShowMachineRequest, ShowMachineResponse, StatusRequest, StatusResponse,
    control_server::{Control, ControlServer},
};
use tonic::{Request, Response, Status};

use crate::{
    access::Viewer,
    app::Parts,
    audit::Actor,
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
    store::{Read as _, record::MachineState},
};

/// Changes shown with a machine.
const CHANGES: usize = 1000;

/// Answers the control socket, as the console.
#[derive(Clone)]
pub struct Console {
    parts: Arc<Parts>,
}

impl Console {
    /// The service over a running collector.
    pub fn service(parts: Arc<Parts>) -> ControlServer<Self> {
        ControlServer::new(Self { parts }).max_encoding_message_size(usize::MAX)
    }

    fn find(&self, text: &str) -> Result<MachineId, Status> {
        self.parts
            .machines
            .find(text)
            .map_err(|error| Status::not_found(error.to_string()))
    }

    fn in_service(&self) -> u32 {
        let counts = self.parts.machines.counts();
        let active = counts.get(&MachineState::Active).copied();
        u32::try_from(active.unwrap_or_default()).unwrap_or(u32::MAX)
    }

    fn machine(&self, id: MachineId) -> Result<v1::Machine, Status> {
        let line = self
            .parts
            .inventory
            .machine(&Viewer::console(), id, Moment::Now)
            .map_err(internal)?;
        Ok(machine::shown(&line))
    }
}

#[tonic::async_trait]
impl Control for Console {
    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let parts = &self.parts;
        let settings = parts
            .store
            .settings()
            .map_err(internal)?
            .unwrap_or_default();
        let lines = parts
            .inventory
            .machines(&Viewer::console(), Moment::Now)
            .map_err(internal)?;
        Ok(Response::new(StatusResponse {
            name: settings.name,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(parts.started_at.timestamp()),
            dashboard_url: parts.dashboard_url.clone(),
            listen_address: parts.agents_address.to_string(),
            advertised_addresses: settings.addresses,
            data_directory: parts.data.path().display().to_string(),
            machines: machine::counts(&lines),
            store_bytes: parts.store.statistics().map_err(internal)?.bytes,
            last_backup_at: parts.backups.last().map(UnixMillis::timestamp),
            warnings: parts.warnings(),
            owner_set_up: parts.people.set_up().map_err(internal)?,
            connected_agents: u32::try_from(parts.connections.machines()).unwrap_or(u32::MAX),
        }))
    }

    async fn create_token(
        &self,
        request: Request<CreateTokenRequest>,
    ) -> Result<Response<CreateTokenResponse>, Status> {
        let request = request.into_inner();
        let new = machine::new_token(request)?;
        let uses = new.uses;
        let made = self.parts.tokens.create(new, &Actor::console()).await;
        let (join_string, expires_at) = made.map_err(refused)?;
        Ok(Response::new(CreateTokenResponse {
            join_string: join_string.encode(),
            expires_at: Some(expires_at.timestamp()),
            uses,
        }))
    }

    async fn list_machines(
        &self,
        _: Request<ListMachinesRequest>,
    ) -> Result<Response<ListMachinesResponse>, Status> {
        let lines = self
            .parts
            .inventory
            .machines(&Viewer::console(), Moment::Now)
            .map_err(internal)?;
        let machines = lines.iter().map(machine::shown).collect();
        Ok(Response::new(ListMachinesResponse { machines }))
    }

    async fn show_machine(
        &self,
        request: Request<ShowMachineRequest>,
    ) -> Result<Response<ShowMachineResponse>, Status> {
        let id = self.find(&request.into_inner().id)?;
        let inventory = self.parts.inventory.clone();
        let now = self.parts.clock.now();
        let read = move || machine::everything(&inventory, &Viewer::console(), id, CHANGES, now);
        let shown = tokio::task::spawn_blocking(read).await.map_err(internal)?;
        Ok(Response::new(shown.map_err(internal)?))
    }

    async fn approve_machine(
        &self,
        request: Request<ApproveMachineRequest>,
    ) -> Result<Response<ApproveMachineResponse>, Status> {
        let id = self.find(&request.into_inner().id)?;
        self.parts
            .machines
            .approve(id, &Actor::console())
            .await
            .map_err(refused)?;
        Ok(Response::new(ApproveMachineResponse {
            machine: Some(self.machine(id)?),
        }))
    }

    async fn revoke_machine(
        &self,
        request: Request<RevokeMachineRequest>,
    ) -> Result<Response<RevokeMachineResponse>, Status> {
        let id = self.find(&request.into_inner().id)?;
        self.parts
            .machines
            .revoke(id, &Actor::console())
            .await
            .map_err(refused)?;
        Ok(Response::new(RevokeMachineResponse {
            machine: Some(self.machine(id)?),
        }))
    }

    async fn link_machine(
        &self,
        request: Request<LinkMachineRequest>,
    ) -> Result<Response<LinkMachineResponse>, Status> {
        let request = request.into_inner();
        let id = self.find(&request.id)?;
        let earlier = self.find(&request.earlier_id)?;
        self.parts
            .machines
            .link(id, earlier, &Actor::console())
            .await
            .map_err(refused)?;
        Ok(Response::new(LinkMachineResponse {
            machine: Some(self.machine(id)?),
        }))
    }

    async fn reset_owner(
        &self,
        _: Request<ResetOwnerRequest>,
    ) -> Result<Response<ResetOwnerResponse>, Status> {
        let (code, expires_at) = self
            .parts
            .people
            .issue_code(&Actor::console())
            .await
            .map_err(internal)?;
        tracing::info!("a new set-up code for the owner was made at the console");
        Ok(Response::new(ResetOwnerResponse {
            setup_code: code.expose().to_string(),
            dashboard_url: format!("{}/setup", self.parts.dashboard_url),
            expires_at: Some(expires_at.timestamp()),
        }))
    }

    async fn authority_status(
        &self,
        _: Request<AuthorityStatusRequest>,
    ) -> Result<Response<AuthorityStatusResponse>, Status> {
        let status = self.parts.authority.status();
        let kit = status.owner_kit.map(|kit| kit.display().to_string());
        Ok(Response::new(AuthorityStatusResponse {
            root_fingerprint: status.root_fingerprint,
            root_expires_at: Some(status.root_expires_at.timestamp()),
            issuing_expires_at: Some(status.issuing_expires_at.timestamp()),
            server_expires_at: Some(status.server_expires_at.timestamp()),
            owner_kit: kit.unwrap_or_default(),
            following_until: status.following_until.map(UnixMillis::timestamp),
            computers: self.in_service(),
            computers_following: self.parts.presence.up_to_date() as u32,
        }))
    }

    async fn label_machine(
        &self,
        request: Request<v1::LabelMachineRequest>,
    ) -> Result<Response<v1::LabelMachineResponse>, Status> {
        let request = request.into_inner();
        let id = self.find(&request.id)?;
        let by = Actor::console();
        let labelled = self.parts.machines.label(id, &request.labels, &by).await;
        labelled.map_err(refused)?;
        Ok(Response::new(v1::LabelMachineResponse {
            machine: Some(self.machine(id)?),
        }))
    }

    async fn create_grant(
        &self,
        request: Request<v1::CreateGrantRequest>,
    ) -> Result<Response<v1::CreateGrantResponse>, Status> {
        access::create_grant(&self.parts, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn list_grants(
        &self,
        _: Request<v1::ListGrantsRequest>,
    ) -> Result<Response<v1::ListGrantsResponse>, Status> {
        access::list_grants(&self.parts).map(Response::new)
    }

    async fn show_grant(
        &self,
        request: Request<v1::ShowGrantRequest>,
    ) -> Result<Response<v1::ShowGrantResponse>, Status> {
        access::show_grant(&self.parts, &request.into_inner()).map(Response::new)
    }

    async fn change_grant(
        &self,
        request: Request<v1::ChangeGrantRequest>,
    ) -> Result<Response<v1::ChangeGrantResponse>, Status> {
        access::change_grant(&self.parts, &request.into_inner())
            .await
            .map(Response::new)
    }

    async fn invite_technician(
        &self,
        request: Request<v1::InviteTechnicianRequest>,
    ) -> Result<Response<v1::InviteTechnicianResponse>, Status> {
        access::invite(&self.parts, &request.into_inner())
            .await
            .map(Response::new)
    }

    async fn list_log(
        &self,
        request: Request<v1::ListLogRequest>,
    ) -> Result<Response<v1::ListLogResponse>, Status> {
        access::list_log(&self.parts, &request.into_inner()).map(Response::new)
    }

    async fn verify_log(
        &self,
        request: Request<v1::VerifyLogRequest>,
    ) -> Result<Response<v1::VerifyLogResponse>, Status> {
        access::verify_log(&self.parts, request.into_inner())
            .await
            .map(Response::new)
    }

    async fn backup(
        &self,
        request: Request<BackupRequest>,
    ) -> Result<Response<BackupResponse>, Status> {
        let to = PathBuf::from(request.into_inner().path);
        if !to.is_absolute() {
            return Err(Status::invalid_argument(
                "the backup's path must be absolute",
            ));
        }
        let written = self.parts.backup(&to).await.map_err(refused)?;
        let path = written.path.display().to_string();
        Ok(Response::new(BackupResponse {
            path,
            bytes: written.bytes,
        }))
    }
}

/// An error and what caused it, as one line.
fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn refused(error: impl std::error::Error) -> Status {
    Status::failed_precondition(sentence(&error))
}

fn internal(error: impl std::error::Error) -> Status {
    let text = sentence(&error);
    tracing::error!(error = %text, "the console could not be answered");
    Status::internal(text)
}
