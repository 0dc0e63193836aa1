//! Certificate signing requests. Nothing but the key is taken from one.

use rcgen::SubjectPublicKeyInfo;
use x509_parser::{
    certification_request::X509CertificationRequest, prelude::FromDer, public_key::PublicKey,
};

use super::error::CsrError;
use crate::id::Digest;

/// What the `SubjectPublicKeyInfo` of an uncompressed P-256 key begins with, up to the point.
const P256_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// Length of the `SubjectPublicKeyInfo` of an uncompressed P-256 key.
const P256_LENGTH: usize = P256_PREFIX.len() + 64;

/// An ECDSA P-256 key whose holder asked for a certificate.
#[derive(Clone, Debug)]
pub struct RequestedKey {
    pub(super) key: SubjectPublicKeyInfo,
    digest: Digest,
}

impl RequestedKey {
    /// Reads a request, DER, and checks that its sender holds the key.
    pub fn from_csr(der: &[u8]) -> Result<Self, CsrError> {
        let (rest, csr) =
            X509CertificationRequest::from_der(der).map_err(|_| CsrError::Unreadable)?;
        if !rest.is_empty() {
            return Err(CsrError::Unreadable);
        }
        let key = &csr.certification_request_info.subject_pki;
        // One key has one encoding, so that its digest identifies it.
        if key.raw.len() != P256_LENGTH || !key.raw.starts_with(P256_PREFIX) {
            return Err(CsrError::WrongKeyType {
                found: key_type(key.parsed().ok().as_ref()),
            });
        }
        csr.verify_signature().map_err(|_| CsrError::BadSignature)?;
        Ok(Self {
            key: SubjectPublicKeyInfo::from_der(key.raw).map_err(|_| CsrError::Unreadable)?,
            digest: Digest::of(key.raw),
        })
    }

    /// BLAKE3-256 over its `SubjectPublicKeyInfo`.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

fn key_type(key: Option<&PublicKey<'_>>) -> &'static str {
    match key {
        Some(PublicKey::RSA(_)) => "RSA",
        Some(PublicKey::DSA(_)) => "DSA",
        Some(PublicKey::EC(_)) => "elliptic curve, but of another curve or form",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    };

    use super::*;

    fn csr(algorithm: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let request = CertificateParams::default()
            .serialize_request(&key)
            .unwrap();
        request.der().to_vec()
    }

    #[test]
    fn a_p256_key_is_accepted_and_hashed_as_it_stands_in_the_certificate() {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let request = CertificateParams::default()
            .serialize_request(&key)
            .unwrap();
        let requested = RequestedKey::from_csr(request.der()).unwrap();
        assert_eq!(
            requested.digest(),
            Digest::of(&rcgen::PublicKeyData::subject_public_key_info(&key))
        );
    }

    #[test]
    fn another_key_type_is_refused_by_name() {
        let found = RequestedKey::from_csr(&csr(&PKCS_ECDSA_P384_SHA384)).unwrap_err();
        assert!(found.to_string().contains("ECDSA P-256"), "{found}");
        assert!(matches!(
            RequestedKey::from_csr(&csr(&PKCS_ED25519)),
            Err(CsrError::WrongKeyType { .. })
        ));
    }

    #[test]
    fn a_request_for_someone_elses_key_is_refused() {
        let mut der = csr(&PKCS_ECDSA_P256_SHA256);
        // The signature is the last thing in a request.
        *der.last_mut().unwrap() ^= 1;
        assert_eq!(
            RequestedKey::from_csr(&der).unwrap_err(),
            CsrError::BadSignature
        );
    }

    #[test]
    fn rubbish_is_refused_whatever_its_length() {
        let der = csr(&PKCS_ECDSA_P256_SHA256);
        for length in 0..der.len() {
            assert!(RequestedKey::from_csr(&der[..length]).is_err());
        }
        let mut longer = der.clone();
        longer.push(0);
        assert_eq!(
            RequestedKey::from_csr(&longer).unwrap_err(),
            CsrError::Unreadable
        );
    }
}
