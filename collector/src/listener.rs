//! The one port that agents dial.
//!
//! A socket is accepted, secured by TLS ([`handshake`]), and then belongs to one of three worlds that share
//! nothing: strangers on the enrolment name ([`enrolment`]), devices of people who read on the name for access
//! ([`access`]), and machines on every other ([`reporting`]). The name in the `ClientHello` decides, never the path of a request.

mod access;
mod addresses;
mod descriptors;
mod enrolment;
mod frames;
mod handshake;
mod limits;
mod protocol;
mod reporting;
mod tls;

#[cfg(test)]
mod tests;

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use thiserror::Error;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::limits::Limits;
use self::{addresses::Addresses, handshake::Secured};
use crate::{
    access::People,
    authority::AgentTls,
    clock::Clock,
    machines::{Connections, Machines},
    peer::Remote,
    port,
};

/// How long to wait when the system has no more file descriptors or memory for a connection.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// A bound port.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

/// Who answers.
#[derive(Clone)]
pub struct Services {
    /// TLS for both names.
    pub tls: AgentTls,
    /// The services for machines.
    pub reporting: Router,
    /// The services for strangers who have a token or a code.
    pub enrolment: Router,
    /// The service for people who read.
    pub access: Router,
    /// Which people may go on.
    pub people: People,
    /// Which machines may go on.
    pub machines: Machines,
    /// Where connections are noted, to be cut.
    pub connections: Connections,
    /// The time certificates expire by.
    pub clock: Clock,
}

/// Why a port cannot be listened on.
#[derive(Debug, Error)]
pub enum BindError {
    /// Someone else has it.
    #[error(
        "port {port} of {host} is already in use, perhaps by another collector: stop that one or choose \
         another port with --listen"
    )]
    InUse {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
    },
    /// It needs more rights.
    #[error("port {port} needs administrator rights: choose one from 1024 up with --listen")]
    Forbidden {
        /// The port.
        port: u16,
    },
    /// The address is not one of this computer's.
    #[error("{host} is not an address of this computer: choose another with --listen")]
    NotHere {
        /// The address.
        host: IpAddr,
    },
    /// Something else.
    #[error("cannot listen on {address}")]
    Other {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What all connections share.
struct Context {
    tls: AgentTls,
    reporting: Router,
    enrolment: Router,
    access: Router,
    people: People,
    machines: Machines,
    connections: Connections,
    clock: Clock,
    limits: Limits,
    shutdown: CancellationToken,
    shaking: Addresses,
    enrolling: Addresses,
    reading: Addresses,
    enrolments: Arc<Semaphore>,
}

impl Listener {
    /// Takes a port; 0 for any that is free.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindError> {
        Self::bind_with(address, Limits::default()).await
    }

    /// Takes a port, with other limits than the default.
    #[expect(clippy::unused_async, reason = "sockets register with the runtime")]
    pub async fn bind_with(address: SocketAddr, limits: Limits) -> Result<Self, BindError> {
        let refused = |source| refusal(address, source);
        let socket = port::listen(address).map_err(refused)?;
        Ok(Self {
            address: socket.local_addr().map_err(refused)?,
            socket,
            limits,
        })
    }

    /// The address it listens on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until told to stop, then lets requests under way finish for a moment.
    pub async fn serve(self, services: Services, shutdown: CancellationToken) {
        if let Some(files) = descriptors::allow_all() {
            tracing::debug!(files, "open files allowed");
        }
        let context = Arc::new(Context::new(services, self.limits, shutdown.clone()));
        let handshakes = Arc::new(Semaphore::new(self.limits.handshakes));
        let tasks = TaskTracker::new();
        let accepting = async {
            loop {
                let Ok(permit) = handshakes.clone().acquire_owned().await else {
                    return;
                };
                let (socket, remote) = accept(|| self.socket.accept()).await;
                let (context, connections) = (context.clone(), tasks.clone());
                tasks.spawn(async move {
                    let secured = secure(&context, socket, remote).await;
                    drop(permit);
                    // A task of its own: this one has room for a whole handshake.
                    if let Some(secured) = secured {
                        connections.spawn(converse(context, secured, remote));
                    }
                });
            }
        };
        tokio::select! {
            () = accepting => {}
            () = shutdown.cancelled() => {}
        }
        tasks.close();
        let _ = time::timeout(self.limits.shutdown_time * 2, tasks.wait()).await;
    }
}

impl Context {
    fn new(services: Services, limits: Limits, shutdown: CancellationToken) -> Self {
        Self {
            tls: services.tls,
            // Without state of their own, routers are cheaper to clone for each request.
            reporting: services.reporting.with_state(()),
            enrolment: services.enrolment.with_state(()),
            access: services.access.with_state(()),
            people: services.people,
            machines: services.machines,
            connections: services.connections,
            clock: services.clock,
            limits,
            shutdown,
            shaking: Addresses::new(limits.handshakes_per_address),
            enrolling: Addresses::new(limits.enrolments_per_address),
            reading: Addresses::new(limits.readers_per_address),
            enrolments: Arc::new(Semaphore::new(limits.enrolments)),
        }
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

fn refusal(address: SocketAddr, source: io::Error) -> BindError {
    let (host, port) = (address.ip(), address.port());
    match source.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse { host, port },
        io::ErrorKind::PermissionDenied => BindError::Forbidden { port },
        io::ErrorKind::AddrNotAvailable => BindError::NotHere { host },
        _ => BindError::Other { address, source },
    }
}

/// The next connection, however long the system cannot give one.
async fn accept<T, F>(mut next: impl FnMut() -> F) -> T
where
    F: Future<Output = io::Result<T>>,
{
    let mut told = false;
    loop {
        match next().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if !told {
                    tracing::warn!(%error, "cannot accept connections; trying again");
                    told = true;
                }
                time::sleep(EXHAUSTED).await;
            }
        }
    }
}

/// The peer was gone before we took its connection.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

async fn secure(context: &Context, socket: TcpStream, remote: SocketAddr) -> Option<Secured> {
    let Some(_share) = context.shaking.share(Remote(remote)) else {
        tracing::debug!(%remote, "too many handshakes from this address");
        return None;
    };
    let handshake = handshake::secure(socket, &context.tls);
    tokio::select! {
        done = time::timeout(context.limits.handshake_time, handshake) => match done {
            Ok(Ok(secured)) => Some(secured),
            Ok(Err(error)) => {
                tracing::debug!(%remote, %error, "handshake failed");
                None
            }
            Err(_) => {
                tracing::debug!(%remote, "handshake took too long");
                None
            }
        },
        () = context.shutdown.cancelled() => None,
    }
}

async fn converse(context: Arc<Context>, secured: Secured, remote: SocketAddr) {
    match secured {
        Secured::Enrolment(stream) => enrolment::serve(context, stream, remote).await,
        Secured::Access(stream, peer) => access::serve(context, stream, peer, remote).await,
        Secured::Reporting(stream, certificate) => {
            reporting::serve(context, stream, certificate, remote).await;
        }
    }
}
