//! Which client certificates the collector lets in.

use std::{sync::Arc, time::Duration};

use freehold_proto::limits;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, UnixTime},
    server::{
        WebPkiClientVerifier,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};

use super::error::AuthorityError;
use crate::{
    clock::UnixMillis,
    peer::{DevicePeer, MachineCertificate},
};

/// Whose certificates are let in, on one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// Machines.
    Machine,
    /// Devices of people who read.
    Device,
}

/// Verifies that a client certificate chains to our root and names a holder of the right kind. One that
/// expired is let in while it may still be renewed; each request is judged by what its peer is then.
#[derive(Debug)]
pub(super) struct PeerVerifier {
    holder: Holder,
    chain: Arc<dyn ClientCertVerifier>,
    /// Our own issuing certificates, so that a machine need not send them.
    issuing: Vec<CertificateDer<'static>>,
}

impl Holder {
    /// When a certificate expires that names one of these; `None` when it names something else.
    fn expiry(self, leaf: &[u8]) -> Option<UnixMillis> {
        match self {
            Self::Machine => Some(MachineCertificate::from_der(leaf).ok()?.not_after),
            Self::Device => Some(DevicePeer::from_der(leaf).ok()?.not_after),
        }
    }
}

impl PeerVerifier {
    pub(super) fn new(
        holder: Holder,
        anchors: RootCertStore,
        issuing: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, AuthorityError> {
        let chain = WebPkiClientVerifier::builder_with_provider(Arc::new(anchors), provider)
            // A stranger need not learn the names of our authorities.
            .clear_root_hint_subjects()
            .build()?;
        Ok(Self {
            holder,
            chain,
            issuing,
        })
    }
}

impl ClientCertVerifier for PeerVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let not_after = self
            .holder
            .expiry(leaf)
            .ok_or_else(|| refusal(CertificateError::BadEncoding))?;
        let at = time_of_judgement(not_after, now)?;
        let issuers: Vec<CertificateDer<'_>> = intermediates
            .iter()
            .chain(&self.issuing)
            .map(|certificate| CertificateDer::from(certificate.as_ref()))
            .collect();
        self.chain.verify_client_cert(leaf, &issuers, at)
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// The time to judge a certificate at: now, or the last second of one that expired recently enough to be
/// renewed.
fn time_of_judgement(not_after: UnixMillis, now: UnixTime) -> Result<UnixTime, Error> {
    let end = UnixTime::since_unix_epoch(Duration::from_millis(
        u64::try_from(not_after.0).unwrap_or(0),
    ));
    let expired_for = now.as_secs().saturating_sub(end.as_secs());
    if expired_for >= limits::RENEWAL_GRACE.as_secs() {
        return Err(refusal(CertificateError::Expired));
    }
    Ok(if expired_for > 0 { end } else { now })
}

fn refusal(reason: CertificateError) -> Error {
    Error::InvalidCertificate(reason)
}
