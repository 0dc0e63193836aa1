//! What machines report: checked, compared with what is known, made durable, acknowledged.
//!
//! An unchanged check-in ends in [`Presence`], in memory. An upload passes `validate`, then, one machine
//! at a time, `process` compares it and the store makes it durable; only then is it acknowledged. Wire
//! messages stop here.

mod admission;
mod body;
mod chain;
mod check_in;
mod credentials;
mod notices;
mod pace;
mod presence;
mod process;
mod quota;
mod receive;
mod rejection;
mod upload;
mod validate;

#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use freehold_proto::{
    limits,
    v1::{
        CheckInRequest, CheckInResponse, RenewRequest, RenewResponse, UploadRequest,
        UploadResponse,
        reporting_server::{Reporting, ReportingServer},
    },
};
use tokio::time;
use tonic::{Request, Response, Status, Streaming, service::Routes};

use self::{admission::Admission, credentials::Credentials, pace::Call};
pub use self::{
    body::BoundedBodies,
    pace::Rate,
    presence::{FlushError, INTERVAL, Presence},
    rejection::Rejection,
};
use crate::{
    authority::Authority,
    brake::Brake,
    clock::Clock,
    events::Events,
    machines::Machines,
    peer::{MachinePeer, Peer},
    store::{Read as _, Store, StoreError},
};

/// Longest message that is decoded: a chunk with room for its frame. Within `limits::MESSAGE_BYTES`, which
/// no valid message of this service comes near.
const MESSAGE_BYTES: usize = limits::CHUNK_BYTES + 4096;

/// Bounds of what machines may send. The defaults suit 10,000 machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Seconds between check-ins, a tenth more or less at random.
    pub check_in_seconds: u32,
    /// How often a machine may check in.
    pub check_ins: Rate,
    /// How often a machine may begin an upload: a full spool is delivered in about 160.
    pub upload_calls: Rate,
    /// How often a machine may renew its certificate.
    pub renewals: Rate,
    /// Uploads under way, all machines together.
    pub uploads: usize,
    /// Uploads under way from one machine.
    pub uploads_per_machine: usize,
    /// Reports that are decompressed and compared at the same time.
    pub workers: usize,
    /// Memory for received bytes that are not stored yet, all machines together.
    pub buffered_bytes: usize,
    /// Longest silence within an upload.
    pub silence: Duration,
    /// Bytes a second an upload must at least move, once it took longer than `silence`.
    pub bytes_a_second: u64,
    /// Compressed bytes a machine may store in a day.
    pub bytes_a_day: u64,
    /// Section versions a machine may store in a day.
    pub versions_a_day: u32,
    /// Entries of the change log a machine may add in a day.
    pub changes_a_day: u32,
    /// Beyond its quota, a machine may still store one version of a section in this time.
    pub drip: Duration,
    /// Longest version, compressed, that is still stored beyond the quota.
    pub drip_bytes: usize,
    /// How wrong a machine's clock may be before the owner is told.
    pub clock_tolerance: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            check_in_seconds: 60,
            check_ins: Rate {
                at_once: 100,
                each: Duration::from_millis(50),
            },
            upload_calls: Rate {
                at_once: 200,
                each: Duration::from_millis(50),
            },
            renewals: Rate {
                at_once: 10,
                each: Duration::from_secs(60),
            },
            uploads: 256,
            uploads_per_machine: 2,
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            buffered_bytes: 128 * 1024 * 1024,
            silence: Duration::from_secs(30),
            bytes_a_second: 4096,
            bytes_a_day: 256 * 1024 * 1024,
            versions_a_day: 5_000,
            changes_a_day: 5_000,
            drip: Duration::from_secs(10 * 60),
            drip_bytes: 256 * 1024,
            clock_tolerance: Duration::from_secs(5 * 60),
        }
    }
}

/// The reporting service. Clones share everything.
#[derive(Clone)]
pub struct Ingest {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    machines: Machines,
    authority: Authority,
    presence: Presence,
    clock: Clock,
    events: Events,
    limits: Limits,
    admission: Arc<Admission>,
    credentials: Credentials,
}

impl Ingest {
    /// Makes the service. Reads the addresses that agents are told from the store.
    pub fn new(
        store: Store,
        machines: Machines,
        authority: Authority,
        presence: Presence,
        clock: Clock,
        events: Events,
        limits: Limits,
    ) -> Result<Self, StoreError> {
        let addresses = store.settings()?.unwrap_or_default().addresses;
        Ok(Self {
            shared: Arc::new(Shared {
                admission: Admission::new(&limits),
                credentials: Credentials::new(authority.trust_anchors(), addresses),
                store,
                machines,
                authority,
                presence,
                clock,
                events,
                limits,
            }),
        })
    }

    /// The service with its bounds on message sizes, for the listener.
    pub fn router(self) -> axum::Router {
        let server = ReportingServer::new(self).max_decoding_message_size(MESSAGE_BYTES);
        Routes::new(BoundedBodies::new(server)).into_axum_router()
    }

    /// Tells agents other addresses, or trust anchors, from now on.
    pub fn tell_credentials(&self, trust_anchors: Vec<Vec<u8>>, addresses: Vec<String>) {
        self.shared.credentials.replace(trust_anchors, addresses);
    }
}

#[tonic::async_trait]
impl Reporting for Ingest {
    async fn check_in(
        &self,
        request: Request<CheckInRequest>,
    ) -> Result<Response<CheckInResponse>, Status> {
        let (peer, brake) = (reporter(&request)?, brake(&request));
        let answer = self.shared.check_in(peer, request.get_ref());
        self.paced(Call::CheckIn, peer, brake, answer).await
    }

    async fn upload(
        &self,
        request: Request<Streaming<UploadRequest>>,
    ) -> Result<Response<UploadResponse>, Status> {
        let (peer, brake) = (reporter(&request)?, brake(&request));
        let answer = upload::upload(self.shared.clone(), peer, request.into_inner());
        self.paced(Call::Upload, peer, brake, answer).await
    }

    async fn renew(
        &self,
        request: Request<RenewRequest>,
    ) -> Result<Response<RenewResponse>, Status> {
        let (peer, brake) = (machine(&request)?, brake(&request));
        let answer = self.shared.renew(peer, request.get_ref());
        self.paced(Call::Renew, peer, brake, answer).await
    }
}

impl Ingest {
    /// Answers a call of a machine, unless it makes too many of them. Nothing of a call that is refused for
    /// that is looked at.
    async fn paced<T>(
        &self,
        call: Call,
        peer: MachinePeer,
        brake: Brake,
        answer: impl Future<Output = Result<T, Rejection>>,
    ) -> Result<Response<T>, Status> {
        let now = Instant::now();
        let admitted = self.shared.presence.with(peer.id, |entry| {
            entry.paces.admit(call, &self.shared.limits, now)
        });
        if let Err(refusal) = admitted {
            // The brake holds even if the machine does not wait for its answer.
            brake.hold(pace::HELD);
            time::sleep(pace::HELD).await;
            return Err(refusal.status());
        }
        Ok(Response::new(self.or_tell(peer, answer.await).await?))
    }

    /// Logs a refusal once and tells the owner about it where he should know.
    async fn or_tell<T>(
        &self,
        peer: MachinePeer,
        answer: Result<T, Rejection>,
    ) -> Result<T, Status> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(rejection) => {
                tracing::debug!(machine = %peer.id, %rejection, "request refused");
                self.shared.tell_refusal(peer.id, &rejection).await;
                Err(rejection.status())
            }
        }
    }
}

/// The machine behind a request, whose certificate has not expired.
fn reporter<T>(request: &Request<T>) -> Result<MachinePeer, Rejection> {
    let peer = machine(request)?;
    if peer.expired {
        return Err(Rejection::Expired);
    }
    Ok(peer)
}

/// The brake of the connection that a request came on.
fn brake<T>(request: &Request<T>) -> Brake {
    request.extensions().get().cloned().unwrap_or_default()
}

/// The machine behind a request.
fn machine<T>(request: &Request<T>) -> Result<MachinePeer, Rejection> {
    match request.extensions().get::<Peer>() {
        Some(Peer::Machine(peer)) => Ok(*peer),
        Some(Peer::Nobody | Peer::Device(_)) | None => Err(Rejection::NotAMachine),
    }
}

impl fmt::Debug for Ingest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ingest")
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}
