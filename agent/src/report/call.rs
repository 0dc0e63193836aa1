//! Calls to a collector on a name of the caller's choice: for programs of people, who read what agents report.

use rustls::pki_types::CertificateDer;
use tonic::transport::Channel;

use super::{Failure, Unreachable, dial, open_channel};
use crate::identity::{Identity, IdentityError};

/// A connection to a collector that has proven itself.
#[derive(Debug)]
pub struct Call {
    /// What is said over it.
    pub channel: Channel,
    /// The chain the collector proved itself with.
    pub collector: Vec<CertificateDer<'static>>,
    /// Which of its addresses answered.
    pub address: String,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No address led to the collector.
    #[error(transparent)]
    Unreachable(Unreachable),
    /// The caller's own certificate.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The connection broke at once.
    #[error(transparent)]
    Failed(Failure),
}

/// Calls a collector with the certificate it has issued.
pub async fn call(identity: &Identity, name: &'static str) -> Result<Call, CallError> {
    let (tls, _) = identity.tls()?;
    open(identity.addresses(), tls, name).await
}

/// Calls the collector whose root has a pin, without a certificate.
pub async fn call_pinned(
    addresses: &[String],
    pin: [u8; 32],
    name: &'static str,
) -> Result<Call, CallError> {
    let (tls, _) = Identity::tls_for_joining(pin)?;
    open(addresses, tls, name).await
}

async fn open(
    addresses: &[String],
    tls: rustls::ClientConfig,
    name: &'static str,
) -> Result<Call, CallError> {
    let dialled = dial(addresses, &tls.into(), name)
        .await
        .map_err(CallError::Unreachable)?;
    let (_, session) = dialled.stream.get_ref();
    let collector = session.peer_certificates().unwrap_or_default().to_vec();
    let channel = open_channel(dialled.stream, name).await;
    Ok(Call {
        channel: channel.map_err(CallError::Failed)?,
        collector,
        address: dialled.address,
    })
}
