//! TLS for agents: one configuration for each name, TLS 1.3 only, nothing shared between them.

use std::sync::Arc;

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, UnixTime},
    server::{NoServerSessionStorage, ResolvesServerCert, danger::ClientCertVerifier},
    time_provider::TimeProvider,
};

use super::{
    error::AuthorityError,
    verifier::{Holder, PeerVerifier},
};
use crate::clock::Clock;

/// TLS for the names that are dialled on the agents' port.
#[derive(Clone, Debug)]
pub struct AgentTls {
    /// For `enrol.freehold`: asks for no client certificate.
    pub enrolment: Arc<ServerConfig>,
    /// For `access.freehold`: demands the certificate of a person's device.
    pub access: Arc<ServerConfig>,
    /// For every other name and for none: demands a machine's certificate.
    pub reporting: Arc<ServerConfig>,
}

impl AgentTls {
    pub(super) fn new(
        clock: &Clock,
        server: &Arc<dyn ResolvesServerCert>,
        anchors: &[CertificateDer<'static>],
        issuing: &[CertificateDer<'static>],
    ) -> Result<Self, AuthorityError> {
        let mut roots = RootCertStore::empty();
        for anchor in anchors {
            roots.add(anchor.clone())?;
        }
        let demanding = |holder| {
            let verifier = PeerVerifier::new(holder, roots.clone(), issuing.to_vec(), provider())?;
            let clients: Arc<dyn ClientCertVerifier> = Arc::new(verifier);
            configuration(clock, server.clone(), Some(clients), &[b"h2"]).map(Arc::new)
        };
        Ok(Self {
            enrolment: Arc::new(configuration(clock, server.clone(), None, &[b"h2"])?),
            access: demanding(Holder::Device)?,
            reporting: demanding(Holder::Machine)?,
        })
    }
}

/// A server configuration. No resumption: a session begun on one name must never continue on another, and
/// each handshake shows the certificate anew.
pub(super) fn configuration(
    clock: &Clock,
    server: Arc<dyn ResolvesServerCert>,
    clients: Option<Arc<dyn ClientCertVerifier>>,
    protocols: &[&[u8]],
) -> Result<ServerConfig, AuthorityError> {
    let builder = ServerConfig::builder_with_details(provider(), Arc::new(Time(clock.clone())))
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let builder = match clients {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut configuration = builder.with_cert_resolver(server);
    configuration.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    configuration.session_storage = Arc::new(NoServerSessionStorage {});
    configuration.send_tls13_tickets = 0;
    Ok(configuration)
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The collector's clock for rustls.
#[derive(Debug)]
struct Time(Clock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let since = u64::try_from(self.0.now().0).ok()?;
        Some(UnixTime::since_unix_epoch(
            std::time::Duration::from_millis(since),
        ))
    }
}
