//! Certificates made for a test.

use std::{sync::Arc, time::Duration};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData as _, SanType,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use time::OffsetDateTime;

const DAY: Duration = Duration::from_secs(86_400);

/// A root, an issuer below it and the collector's own certificate.
pub(crate) struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    issuing: CertifiedIssuer<'static, KeyPair>,
    leaf_key: KeyPair,
    leaf: CertificateDer<'static>,
    /// What clients are presented with in the place of the root.
    presented_root: CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let now = OffsetDateTime::now_utc();
        Self::valid(now - DAY, now + DAY * 90)
    }

    /// The collector's own certificate holds between two times.
    pub(crate) fn valid(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Self {
        Self::make(
            "Riverside Dental",
            Some("freehold://collector"),
            not_before,
            not_after,
        )
    }

    /// A box that opens connections: it has certificates for every name, from its own issuer.
    pub(crate) fn interceptor(name: &str) -> Self {
        let now = OffsetDateTime::now_utc();
        Self::make(name, None, now - DAY, now + DAY)
    }

    fn make(
        business: &str,
        uri: Option<&str>,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Self {
        let root = CertifiedIssuer::self_signed(issuer(business, "Root"), key()).unwrap();
        let issuing =
            CertifiedIssuer::signed_by(issuer(business, "Issuing"), key(), &root).unwrap();
        let names = ["collector.freehold", "enrol.freehold"].map(str::to_owned);
        let mut params = CertificateParams::new(names).unwrap();
        if let Some(uri) = uri {
            params
                .subject_alt_names
                .push(SanType::URI(uri.try_into().unwrap()));
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = not_before;
        params.not_after = not_after;
        let leaf_key = key();
        let leaf = params.signed_by(&leaf_key, &issuing).unwrap().der().clone();
        let presented_root = root.der().clone();
        Self {
            root,
            issuing,
            leaf_key,
            leaf,
            presented_root,
        }
    }

    /// SHA-256 over the root's public key.
    pub(crate) fn pin(&self) -> [u8; 32] {
        let spki = self.root.key().subject_public_key_info();
        ::ring::digest::digest(&::ring::digest::SHA256, &spki)
            .as_ref()
            .try_into()
            .unwrap()
    }

    pub(crate) fn root(&self) -> Vec<u8> {
        self.root.der().to_vec()
    }

    /// Issues a machine certificate for a signing request; returns it with its issuer, and its public key.
    pub(crate) fn issue(&self, csr: &[u8], life: Duration) -> (Vec<Vec<u8>>, Vec<u8>) {
        let csr = CertificateSigningRequestDer::from(csr.to_vec());
        let mut request = CertificateSigningRequestParams::from_der(&csr).unwrap();
        let uri = "freehold://machine/6f6a0c5e-0c62-4a36-9dc9-3f1f6c1b8f01";
        request.params = CertificateParams::default();
        request.params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
        request.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let now = OffsetDateTime::now_utc();
        request.params.not_before = now - DAY;
        request.params.not_after = now + life;
        let public_key = request.public_key.subject_public_key_info();
        let certificate = request.signed_by(&self.issuing).unwrap();
        let chain = vec![certificate.der().to_vec(), self.issuing.der().to_vec()];
        (chain, public_key)
    }

    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
            .allow_unauthenticated()
            .build()
            .unwrap();
        let chain = vec![
            self.leaf.clone(),
            self.issuing.der().clone(),
            self.presented_root.clone(),
        ];
        let key = PrivatePkcs8KeyDer::from(self.leaf_key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(chain, key.into())
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.into()
    }
}

fn key() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

fn issuer(business: &str, role: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, format!("{business} {role}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}
