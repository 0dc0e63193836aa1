//! Certificates that the collector's own issuing key signs but the collector would never make.

use std::{fs, path::Path};

use rcgen::{
    CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use time::{Duration, OffsetDateTime};

use crate::wire::Identity;

/// Someone who stole a copy of the issuing key.
#[derive(Debug)]
pub struct Forger {
    issuer: Issuer<'static, KeyPair>,
    issuing: Vec<u8>,
}

/// What a forged certificate says.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its subject alternative name.
    pub uri: String,
    /// Its extended key usages.
    pub usages: Vec<ExtendedKeyUsagePurpose>,
    /// When it expires, counted from now.
    pub expires_in: Duration,
}

impl Claim {
    /// An honest claim to be a machine.
    pub fn machine(id: &str) -> Self {
        Self {
            uri: format!("freehold://machine/{id}"),
            usages: vec![ExtendedKeyUsagePurpose::ClientAuth],
            expires_in: Duration::days(30),
        }
    }

    /// The same claim, expired some days ago.
    #[must_use]
    pub fn expired(self, days: i64) -> Self {
        Self {
            expires_in: Duration::days(-days),
            ..self
        }
    }

    fn params(&self) -> anyhow::Result<CertificateParams> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::URI(self.uri.as_str().try_into()?)];
        params.extended_key_usages.clone_from(&self.usages);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.not_after = OffsetDateTime::now_utc() + self.expires_in;
        params.not_before = params.not_after - Duration::days(31);
        params.use_authority_key_identifier_extension = true;
        Ok(params)
    }
}

impl Forger {
    /// Takes the issuing key from a collector's data directory.
    pub fn new(data: &Path) -> anyhow::Result<Self> {
        let certificate = fs::read_to_string(data.join("authority/issuing.crt"))?;
        let key = KeyPair::from_pem(&fs::read_to_string(data.join("authority/issuing.key"))?)?;
        let issuing = rustls::pki_types::pem::PemObject::from_pem_slice(certificate.as_bytes());
        let issuing: rustls::pki_types::CertificateDer<'_> = issuing?;
        let issuing = issuing.to_vec();
        Ok(Self {
            issuer: Issuer::from_ca_cert_pem(&certificate, key)?,
            issuing,
        })
    }

    /// Signs a claim for a new key.
    pub fn identity(&self, claim: &Claim) -> anyhow::Result<Identity> {
        self.identity_for(claim, &KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)
    }

    /// Signs a claim for a key.
    pub fn identity_for(&self, claim: &Claim, key: &KeyPair) -> anyhow::Result<Identity> {
        let leaf = claim.params()?.signed_by(key, &self.issuer)?;
        Ok(Identity {
            chain: vec![leaf.der().to_vec(), self.issuing.clone()],
            key: key.serialize_der(),
        })
    }
}

/// A claim signed by nobody but itself.
pub fn self_signed(claim: &Claim) -> anyhow::Result<Identity> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let leaf = claim.params()?.self_signed(&key)?;
    Ok(Identity {
        chain: vec![leaf.der().to_vec()],
        key: key.serialize_der(),
    })
}
