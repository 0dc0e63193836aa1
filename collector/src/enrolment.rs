//! How a machine, or a person's device, becomes known: it shows a token or code and a key, and gets a certificate.
//!
//! [`Tokens`] are made by the owner and kept as hashes. [`admission`] decides, alone on the store's thread,
//! whether a [`request`] lets a machine in; [`Enrolment`] answers it. For [`devices`] of people who read, the people decide.

mod admission;
mod attempts;
mod devices;
mod request;
mod tokens;

#[cfg(test)]
mod tests;

use std::fmt;

use axum::Router;
use freehold_proto::{
    limits::ENROLMENT_BYTES,
    v1::{
        CredentialBundle, EnrolRequest, EnrolResponse,
        devices_server::DevicesServer,
        enrolment_server::{Enrolment as Service, EnrolmentServer},
    },
};
use tonic::{Request, Response, Status, service::Routes};

pub use self::tokens::{NewToken, TokenError, Tokens};
use self::{
    admission::{Admission, Denial},
    attempts::Attempts,
    request::Applicant,
};
use crate::{
    access::People,
    authority::Authority,
    clock::{Clock, UnixMillis},
    id::MachineId,
    machines::Machines,
    peer::{Peer, Remote},
    store::{Read as _, Store, StoreError, WriteError, record::MachineState},
};

/// When a waiting machine should ask again.
const ASK_AGAIN_SECONDS: u32 = 15;

/// The enrolment service. Clones share it.
#[derive(Clone)]
pub struct Enrolment {
    store: Store,
    machines: Machines,
    people: People,
    authority: Authority,
    addresses: Vec<String>,
    clock: Clock,
    attempts: Attempts,
}

impl Enrolment {
    /// Answers machines that join and devices that are added; `addresses` are what they are told to dial.
    pub fn new(
        store: Store,
        machines: Machines,
        people: People,
        authority: Authority,
        addresses: Vec<String>,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            machines,
            people,
            authority,
            addresses,
            attempts: Attempts::new(clock.clone()),
            clock,
        }
    }

    /// The services, for the enrolment name and no other.
    pub fn into_router(self) -> Router {
        let devices = DevicesServer::new(self.clone()).max_decoding_message_size(ENROLMENT_BYTES);
        let server = EnrolmentServer::new(self).max_decoding_message_size(ENROLMENT_BYTES);
        Routes::new(server).add_service(devices).into_axum_router()
    }

    async fn answer(&self, applicant: Applicant) -> Result<EnrolResponse, Status> {
        let now = self.clock.now();
        if let Some(id) = self.known(&applicant).map_err(broken)?
            && self.machines.state(id) == Some(MachineState::Waiting)
        {
            return Ok(wait());
        }
        let expiry = self.authority.machine_expiry(now);
        let admission = Admission {
            applicant: applicant.clone(),
            id: MachineId::random(),
            now,
            expiry,
        };
        let decided = self.machines.write(move |txn| admission.decide(txn)).await;
        let id = match decided {
            Ok(id) => id,
            Err(WriteError::Change(Denial::Store(error))) => return Err(broken(error)),
            Err(WriteError::Change(denial)) => return Err(denial.status()),
            Err(error) => return Err(broken(error)),
        };
        // The registry's word counts: it knows of revocations that the store missed.
        match self.machines.state(id) {
            Some(MachineState::Active) => self.let_in(id, &applicant, now),
            Some(MachineState::Waiting) => Ok(wait()),
            _ => Err(Denial::Refused.status()),
        }
    }

    /// The machine that this token and key made known before.
    fn known(&self, applicant: &Applicant) -> Result<Option<MachineId>, StoreError> {
        let Some(id) = self.store.machine_by_key(&applicant.key.digest())? else {
            return Ok(None);
        };
        let record = self.machines.of(id);
        let same_token = |token: &[u8]| token == applicant.token.as_bytes();
        Ok(record
            .filter(|record| same_token(&record.token))
            .map(|_| id))
    }

    fn let_in(
        &self,
        id: MachineId,
        applicant: &Applicant,
        now: UnixMillis,
    ) -> Result<EnrolResponse, Status> {
        let issued = self
            .authority
            .issue_for(id, &applicant.key, now)
            .map_err(broken)?;
        tracing::info!(machine = %id, "certificate issued to a machine that joins");
        Ok(EnrolResponse {
            credentials: Some(CredentialBundle {
                certificate_chain: issued.chain,
                trust_anchors: self.authority.trust_anchors(),
                collector_addresses: self.addresses.clone(),
            }),
            retry_after_seconds: 0,
        })
    }
}

/// Where a stranger calls from. The listener vouches for both; a router mounted elsewhere must not answer.
fn stranger<T>(request: &Request<T>) -> Result<Remote, Status> {
    let extensions = request.extensions();
    match (extensions.get::<Peer>(), extensions.get::<Remote>()) {
        (Some(Peer::Nobody), Some(remote)) => Ok(*remote),
        _ => Err(Status::permission_denied(
            "joining and accepting a code are possible on the name enrol.freehold only",
        )),
    }
}

#[tonic::async_trait]
impl Service for Enrolment {
    async fn enrol(
        &self,
        request: Request<EnrolRequest>,
    ) -> Result<Response<EnrolResponse>, Status> {
        let remote = stranger(&request)?;
        self.attempts.check(remote)?;
        let answer = match Applicant::from_request(request.into_inner(), remote) {
            Ok(applicant) => self.answer(applicant).await,
            Err(invalid) => Err(Status::invalid_argument(invalid.to_string())),
        };
        if let Err(status) = &answer
            && status.code() != tonic::Code::Unavailable
        {
            self.attempts.failed(remote);
            tracing::warn!(remote = %remote.0, reason = status.message(), "a machine could not join");
        }
        answer.map(Response::new)
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}

fn wait() -> EnrolResponse {
    EnrolResponse {
        credentials: None,
        retry_after_seconds: ASK_AGAIN_SECONDS,
    }
}

/// Details go to the log; a stranger learns none.
fn broken(error: impl fmt::Display) -> Status {
    tracing::error!(%error, "a machine cannot join because the collector is in trouble");
    let mut status = Status::unavailable(
        "the collector cannot admit computers at the moment: this one tries again by itself",
    );
    status
        .metadata_mut()
        .insert("retry-after-ms", 30_000.into());
    status
}
