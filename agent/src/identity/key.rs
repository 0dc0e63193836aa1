//! The machine's private key.

use std::fmt;

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

/// An ECDSA P-256 key. It is made on the machine and never leaves it.
#[derive(Clone)]
pub struct Key {
    pkcs8: Zeroizing<Vec<u8>>,
}

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The operating system gave no randomness, or the library failed.
    #[error("no key could be made")]
    Make(#[source] rcgen::Error),
    /// The stored bytes are not a key.
    #[error("the machine's key is not usable")]
    Use(#[source] rcgen::Error),
}

impl Key {
    /// Makes a key.
    pub fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(KeyError::Make)?;
        Ok(Self {
            pkcs8: Zeroizing::new(pair.serialize_der()),
        })
    }

    /// Takes a stored key, checking that it is one.
    pub fn from_pkcs8(pkcs8: Vec<u8>) -> Result<Self, KeyError> {
        let key = Self {
            pkcs8: Zeroizing::new(pkcs8),
        };
        key.pair()?;
        Ok(key)
    }

    /// The key as it is stored, never sent or logged.
    pub fn expose_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// A certificate signing request, DER. It carries nothing but the public key.
    pub fn signing_request(&self) -> Result<Vec<u8>, KeyError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let request = params
            .serialize_request(&self.pair()?)
            .map_err(KeyError::Make)?;
        Ok(request.der().to_vec())
    }

    /// The `SubjectPublicKeyInfo`, DER.
    pub fn public_key(&self) -> Result<Vec<u8>, KeyError> {
        Ok(self.pair()?.subject_public_key_info())
    }

    pub(super) fn for_tls(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.pkcs8.to_vec()).into()
    }

    fn pair(&self) -> Result<KeyPair, KeyError> {
        let der = PrivatePkcs8KeyDer::from(&self.pkcs8[..]);
        KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256).map_err(KeyError::Use)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::FromDer as _;

    use super::*;

    #[test]
    fn a_signing_request_carries_the_public_key_and_no_name() {
        let key = Key::generate().unwrap();
        let der = key.signing_request().unwrap();
        let (_, request) =
            x509_parser::certification_request::X509CertificationRequest::from_der(&der).unwrap();
        request.verify_signature().unwrap();
        let info = &request.certification_request_info;
        assert_eq!(info.subject_pki.raw, key.public_key().unwrap());
        assert_eq!(info.subject.iter().count(), 0);
    }

    #[test]
    fn a_stored_key_is_the_same_key_and_rubbish_is_none() {
        let key = Key::generate().unwrap();
        let again = Key::from_pkcs8(key.expose_pkcs8().to_vec()).unwrap();
        assert_eq!(again.public_key().unwrap(), key.public_key().unwrap());
        assert!(matches!(
            Key::from_pkcs8(vec![1, 2, 3]),
            Err(KeyError::Use(_))
        ));
        assert_eq!(format!("{key:?}"), "Key(redacted)");
    }
}
