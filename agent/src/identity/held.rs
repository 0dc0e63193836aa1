//! The identity of a machine that has joined.

use std::{fmt, sync::Arc, time::Duration};

use freehold_proto::v1::CredentialBundle;
use rustls::{
    ClientConfig,
    client::danger::ServerCertVerifier as _,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use zeroize::Zeroize as _;

use super::{
    BundleError, COLLECTOR_NAME, Certificate, Key, KeyError,
    credentials::{CredentialsDigest, check_bundle, check_chain, credentials_digest, roots},
    verify::CollectorVerifier,
};
use crate::{
    clock::{Boots, Moment},
    state::{StateDirectory, StateError},
};

const FILE: &str = "identity";

/// What a machine proves itself with, and whom it trusts.
#[derive(Clone)]
pub struct Identity {
    key: Key,
    certificate_chain: Vec<Vec<u8>>,
    trust_anchors: Vec<Vec<u8>>,
    addresses: Vec<String>,
    /// The addresses as the collector last told them, none included: what its digest is made from.
    told_addresses: Vec<String>,
    received: Moment,
    certificate: Certificate,
}

/// Why a machine has no usable identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file cannot be read or written.
    #[error(transparent)]
    State(StateError),
    /// The file is not what was written.
    #[error(
        "this computer's identity in {0} is damaged; put it back from a backup, or remove it and join again with a new join string"
    )]
    Damaged(
        std::path::PathBuf,
        #[source] Option<Box<dyn std::error::Error + Send + Sync>>,
    ),
    /// TLS cannot be set up with it.
    #[error("this computer's certificate cannot be used")]
    Tls(#[source] rustls::Error),
    /// The key failed.
    #[error(transparent)]
    Key(KeyError),
}

/// The identity as it is stored.
#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", repeated, tag = "2")]
    certificate_chain: Vec<Vec<u8>>,
    #[prost(bytes = "vec", repeated, tag = "3")]
    trust_anchors: Vec<Vec<u8>>,
    #[prost(string, repeated, tag = "4")]
    addresses: Vec<String>,
    #[prost(message, optional, tag = "5")]
    received: Option<Moment>,
    #[prost(string, repeated, tag = "6")]
    told_addresses: Vec<String>,
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Identity {
    /// Makes an identity from the answer to an enrolment. `addresses` are used where the answer names none.
    pub fn new(
        key: Key,
        bundle: CredentialBundle,
        addresses: &[String],
    ) -> Result<Self, BundleError> {
        check_bundle(&bundle)?;
        let public_key = key.public_key().map_err(|_| BundleError::OtherKey)?;
        let certificate = check_chain(
            &bundle.certificate_chain,
            &bundle.trust_anchors,
            &public_key,
        )?;
        Ok(Self {
            key,
            certificate_chain: bundle.certificate_chain,
            trust_anchors: bundle.trust_anchors,
            addresses: if bundle.collector_addresses.is_empty() {
                addresses.to_vec()
            } else {
                bundle.collector_addresses.clone()
            },
            told_addresses: bundle.collector_addresses,
            received: Moment::now(),
            certificate,
        })
    }

    /// Reads the identity. `None` when the machine has not joined.
    pub fn load(state: &StateDirectory) -> Result<Option<Self>, IdentityError> {
        let damaged = |source| IdentityError::Damaged(state.join(FILE), source);
        let mut stored: Stored = match state.load(FILE) {
            Ok(Some(stored)) => stored,
            Ok(None) => return Ok(None),
            Err(StateError::Damaged(_)) => return Err(damaged(None)),
            Err(error) => return Err(IdentityError::State(error)),
        };
        let key = Key::from_pkcs8(std::mem::take(&mut stored.key))
            .map_err(|error| damaged(Some(error.into())))?;
        let public_key = key.public_key().map_err(IdentityError::Key)?;
        let certificate = check_chain(
            &stored.certificate_chain,
            &stored.trust_anchors,
            &public_key,
        )
        .map_err(|error| damaged(Some(error.into())))?;
        Ok(Some(Self {
            key,
            certificate_chain: std::mem::take(&mut stored.certificate_chain),
            trust_anchors: std::mem::take(&mut stored.trust_anchors),
            addresses: std::mem::take(&mut stored.addresses),
            told_addresses: std::mem::take(&mut stored.told_addresses),
            received: stored.received.take().unwrap_or_default(),
            certificate,
        }))
    }

    /// Writes the identity; when this returns it survives a power cut.
    pub fn save(&self, state: &StateDirectory) -> Result<(), IdentityError> {
        let stored = Stored {
            key: self.key.expose_pkcs8().to_vec(),
            certificate_chain: self.certificate_chain.clone(),
            trust_anchors: self.trust_anchors.clone(),
            addresses: self.addresses.clone(),
            told_addresses: self.told_addresses.clone(),
            received: Some(self.received.clone()),
        };
        state.save(FILE, &stored).map_err(IdentityError::State)
    }

    /// Identifier that the collector gave the machine.
    pub fn machine(&self) -> Option<&str> {
        self.certificate.machine.as_deref()
    }

    /// Addresses of the collector, in order of preference.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// The machine's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What the collector compares to see whether this machine's anchors and addresses are current.
    pub fn credentials_digest(&self) -> CredentialsDigest {
        credentials_digest(&self.trust_anchors, &self.told_addresses)
    }

    /// A certificate signing request for the machine's key.
    pub fn signing_request(&self) -> Result<Vec<u8>, IdentityError> {
        self.key.signing_request().map_err(IdentityError::Key)
    }

    /// How long until the certificate should be renewed: two thirds of its life after it was received,
    /// and up to a fifteenth later, differently for each machine. Zero when it is due.
    pub fn renewal_in(&self, boots: &Boots, now: &Moment) -> Duration {
        let life = self.certificate.validity.life();
        let spread = blake3::hash(&self.certificate_chain[0]).as_bytes()[0];
        let due = life * 2 / 3 + life / 15 * u32::from(spread) / 255;
        due.saturating_sub(boots.age(&self.received, now))
    }

    /// How this machine speaks to its collector: TLS 1.3, with its certificate.
    pub(crate) fn tls(&self) -> Result<(ClientConfig, Arc<CollectorVerifier>), IdentityError> {
        let anchors = roots(&self.trust_anchors)
            .map_err(|error| IdentityError::Tls(rustls::Error::General(error.to_string())))?;
        let own = self.certificate.validity;
        let verifier = Arc::new(CollectorVerifier::anchored(anchors, own, provider()));
        let chain = self
            .certificate_chain
            .iter()
            .map(|der| CertificateDer::from(der.clone()))
            .collect();
        let config = client_config(verifier.clone())?
            .with_client_auth_cert(chain, self.key.for_tls())
            .map_err(IdentityError::Tls)?;
        Ok((finish(config), verifier))
    }

    /// How a machine without a certificate speaks to the collector with that pin.
    pub(crate) fn tls_for_joining(
        pin: [u8; 32],
    ) -> Result<(ClientConfig, Arc<CollectorVerifier>), IdentityError> {
        let verifier = Arc::new(CollectorVerifier::pinned(pin, provider()));
        let config = client_config(verifier.clone())?.with_no_client_auth();
        Ok((finish(config), verifier))
    }

    /// The identity with what a collector sent taken over. `collector` is the chain that this collector
    /// itself presented: anchors that do not vouch for it are refused, for they would lock it out.
    pub fn with(
        &self,
        bundle: CredentialBundle,
        collector: &[CertificateDer<'_>],
    ) -> Result<Self, BundleError> {
        check_bundle(&bundle)?;
        let mut next = self.clone();
        if !bundle.collector_addresses.is_empty() {
            next.addresses.clone_from(&bundle.collector_addresses);
        }
        next.told_addresses = bundle.collector_addresses;
        next.trust_anchors = bundle.trust_anchors;
        if !bundle.certificate_chain.is_empty() {
            next.certificate_chain = bundle.certificate_chain;
            next.received = Moment::now();
            let public_key = self.key.public_key().map_err(|_| BundleError::OtherKey)?;
            next.certificate =
                check_chain(&next.certificate_chain, &next.trust_anchors, &public_key)?;
        }
        next.vouch_for(collector)?;
        Ok(next)
    }

    /// The same identity, with the collector to be found at other addresses.
    #[must_use]
    pub fn at(mut self, addresses: Vec<String>) -> Self {
        self.addresses = addresses;
        self
    }

    fn vouch_for(&self, collector: &[CertificateDer<'_>]) -> Result<(), BundleError> {
        let (leaf, issuers) = collector.split_first().ok_or(BundleError::Certificate)?;
        let name = ServerName::try_from(COLLECTOR_NAME).map_err(|_| BundleError::Certificate)?;
        let anchors = roots(&self.trust_anchors)?;
        CollectorVerifier::anchored(anchors, self.certificate.validity, provider())
            .verify_server_cert(leaf, issuers, &name, &[], UnixTime::now())
            .map_err(BundleError::LockedOut)?;
        Ok(())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Identity")
            .field("machine", &self.certificate.machine)
            .field("addresses", &self.addresses)
            .field("validity", &self.certificate.validity)
            .finish_non_exhaustive()
    }
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn client_config(verifier: Arc<CollectorVerifier>) -> Result<Builder, IdentityError> {
    Ok(ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(IdentityError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(verifier))
}

/// One connection is kept, so there is nothing to resume.
fn finish(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    config
}
