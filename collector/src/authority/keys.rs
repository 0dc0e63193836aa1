//! Keys and certificates on disk, PEM.

use std::path::Path;

use rcgen::{KeyPair, PublicKeyData as _};
use rustls::{
    crypto::ring::sign::any_ecdsa_type,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use super::{error::AuthorityError, files};
use crate::clock::UnixMillis;

/// Reads a key that nobody else may have read.
pub(super) fn load(path: &Path) -> Result<KeyPair, AuthorityError> {
    files::refuse_exposed(path)?;
    let bytes = Zeroizing::new(files::read(path)?);
    let text = std::str::from_utf8(&bytes).ok();
    text.and_then(|text| KeyPair::from_pem(text).ok())
        .ok_or_else(|| damaged(path, "it does not hold a key"))
}

/// A key as PKCS #8 in PEM.
pub(super) fn pem(key: &KeyPair) -> Zeroizing<String> {
    Zeroizing::new(key.serialize_pem())
}

/// Reads a certificate.
pub(super) fn certificate(path: &Path) -> Result<CertificateDer<'static>, AuthorityError> {
    CertificateDer::from_pem_slice(&files::read(path)?)
        .map_err(|_| damaged(path, "it does not hold a certificate"))
}

/// Refuses a certificate that belongs to another key.
pub(super) fn require_match(
    path: &Path,
    certificate: &CertificateDer<'_>,
    key: &KeyPair,
) -> Result<(), AuthorityError> {
    if public_key(path, certificate)? == key.subject_public_key_info() {
        return Ok(());
    }
    Err(damaged(path, "it belongs to another key"))
}

/// Refuses a certificate that another did not sign.
pub(super) fn require_signed(
    path: &Path,
    certificate: &CertificateDer<'_>,
    issuer: &CertificateDer<'_>,
) -> Result<(), AuthorityError> {
    let unsigned = || damaged(path, "the root did not sign it");
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|_| unsigned())?;
    let (_, issuer) = X509Certificate::from_der(issuer).map_err(|_| unsigned())?;
    certificate
        .verify_signature(Some(issuer.public_key()))
        .map_err(|_| unsigned())
}

/// A certificate's `SubjectPublicKeyInfo`.
pub(super) fn public_key(
    path: &Path,
    certificate: &CertificateDer<'_>,
) -> Result<Vec<u8>, AuthorityError> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| damaged(path, "it does not hold a certificate"))?;
    Ok(parsed.public_key().raw.to_vec())
}

/// The organisation a certificate names; empty when it names none.
pub(super) fn organisation(
    path: &Path,
    certificate: &CertificateDer<'_>,
) -> Result<String, AuthorityError> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| damaged(path, "it does not hold a certificate"))?;
    let organisation = parsed.subject().iter_organization().next();
    Ok(organisation
        .and_then(|name| name.as_str().ok())
        .unwrap_or_default()
        .to_owned())
}

/// When a certificate expires.
pub(super) fn not_after(
    path: &Path,
    certificate: &CertificateDer<'_>,
) -> Result<UnixMillis, AuthorityError> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| damaged(path, "it does not hold a certificate"))?;
    Ok(UnixMillis(
        parsed.validity().not_after.timestamp().saturating_mul(1000),
    ))
}

/// A key with its chain, for TLS.
pub(super) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: &KeyPair,
) -> Result<CertifiedKey, AuthorityError> {
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialized_der()));
    Ok(CertifiedKey::new(chain, any_ecdsa_type(&der)?))
}

fn damaged(path: &Path, reason: &'static str) -> AuthorityError {
    AuthorityError::Damaged {
        path: path.to_owned(),
        reason,
    }
}
