//! Trust anchors and addresses: what a collector may replace in an agent, and nothing else.

use freehold_proto::{limits, v1::CredentialBundle};
use rustls::{RootCertStore, pki_types::CertificateDer};

use crate::order;

use super::{AddressError, Certificate, JoinString, check_address};

/// Most trust anchors an agent holds.
const ANCHORS: usize = 16;
/// Longest chain of a machine's certificate.
const CHAIN: usize = 8;

/// Why credentials from the collector were not taken.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Nothing would be trusted any more.
    #[error("the collector sent no trust anchor")]
    NoAnchor,
    /// More than any collector needs.
    #[error("the collector sent more trust anchors, certificates or addresses than an agent holds")]
    TooMany,
    /// An anchor is not a certificate.
    #[error("the collector sent a trust anchor that is not a certificate")]
    Anchor,
    /// There is no machine certificate where one was asked for.
    #[error("the collector sent no machine certificate")]
    NoCertificate,
    /// The machine certificate cannot be read.
    #[error("the collector sent a machine certificate that cannot be read")]
    Certificate,
    /// The machine certificate is for another key.
    #[error("the collector sent a certificate for another machine's key")]
    OtherKey,
    /// The machine certificate does not lead to the anchors sent with it.
    #[error("the collector sent a machine certificate that its own trust anchors do not vouch for")]
    Chain(#[source] rustls::Error),
    /// With these anchors the collector itself would no longer be trusted.
    #[error("the collector sent trust anchors that do not vouch for itself")]
    LockedOut(#[source] rustls::Error),
    /// An address cannot be dialled.
    #[error("the collector sent an unusable address: {0}")]
    Address(#[source] AddressError),
}

/// Tells one set of trust anchors and addresses from another.
pub type CredentialsDigest = [u8; limits::SUMMARY_DIGEST_BYTES];

/// The first 16 bytes of BLAKE3-256 over the trust anchors and addresses that an agent holds, whatever their order.
///
/// Each list is sorted and written as its length followed by its items, each after its own length (all
/// lengths 32 bits, little-endian); anchors come first. Agent and collector compare the result.
pub fn credentials_digest(anchors: &[Vec<u8>], addresses: &[String]) -> CredentialsDigest {
    let mut hasher = blake3::Hasher::new();
    let mut add = |mut items: Vec<&[u8]>| {
        order::sort(&mut items);
        hasher.update(&(items.len() as u32).to_le_bytes());
        for item in items {
            hasher.update(&(item.len() as u32).to_le_bytes());
            hasher.update(item);
        }
    };
    add(anchors.iter().map(Vec::as_slice).collect());
    add(addresses.iter().map(String::as_bytes).collect());
    let mut digest = CredentialsDigest::default();
    hasher.finalize_xof().fill(&mut digest);
    digest
}

/// Checks what can be checked of a bundle by itself.
pub(super) fn check_bundle(bundle: &CredentialBundle) -> Result<(), BundleError> {
    if bundle.trust_anchors.is_empty() {
        return Err(BundleError::NoAnchor);
    }
    if bundle.trust_anchors.len() > ANCHORS
        || bundle.certificate_chain.len() > CHAIN
        || bundle.collector_addresses.len() > JoinString::ADDRESSES
    {
        return Err(BundleError::TooMany);
    }
    for address in &bundle.collector_addresses {
        check_address(address).map_err(BundleError::Address)?;
    }
    Ok(())
}

/// Checks that a chain begins with a certificate for `public_key` and leads to one of the anchors.
pub(super) fn check_chain(
    chain: &[Vec<u8>],
    anchors: &[Vec<u8>],
    public_key: &[u8],
) -> Result<Certificate, BundleError> {
    let (leaf, issuers) = chain.split_first().ok_or(BundleError::NoCertificate)?;
    let certificate = Certificate::read(leaf).ok_or(BundleError::Certificate)?;
    if certificate.public_key != public_key {
        return Err(BundleError::OtherKey);
    }
    let issuers: Vec<_> = issuers
        .iter()
        .map(|der| CertificateDer::from(der.clone()))
        .collect();
    let issued = u64::try_from(certificate.validity.issued()).unwrap_or(0);
    let time =
        rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(issued));
    rustls::server::WebPkiClientVerifier::builder_with_provider(
        roots(anchors)?.into(),
        super::held::provider(),
    )
    .build()
    .map_err(|_| BundleError::Anchor)?
    .verify_client_cert(&CertificateDer::from(leaf.clone()), &issuers, time)
    .map_err(BundleError::Chain)?;
    Ok(certificate)
}

/// The anchors as rustls wants them.
pub(super) fn roots(anchors: &[Vec<u8>]) -> Result<RootCertStore, BundleError> {
    let mut roots = RootCertStore::empty();
    for anchor in anchors {
        roots
            .add(CertificateDer::from(anchor.clone()))
            .map_err(|_| BundleError::Anchor)?;
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_tells_lists_apart_but_not_their_order() {
        let anchors = [vec![1], vec![2, 3]];
        let addresses = ["a:1".to_owned(), "b:2".to_owned()];
        let digest = credentials_digest(&anchors, &addresses);
        let reversed = [vec![2, 3], vec![1]];
        let other_way = ["b:2".to_owned(), "a:1".to_owned()];
        assert_eq!(digest, credentials_digest(&reversed, &other_way));
        assert_ne!(
            digest,
            credentials_digest(&[vec![1, 2], vec![3]], &addresses)
        );
        assert_ne!(digest, credentials_digest(&anchors, &addresses[..1]));
    }

    #[test]
    fn a_bundle_without_anchor_or_with_an_unusable_address_is_refused() {
        let bundle = CredentialBundle::default();
        assert!(matches!(check_bundle(&bundle), Err(BundleError::NoAnchor)));
        let bundle = CredentialBundle {
            trust_anchors: vec![vec![1]],
            collector_addresses: vec!["nowhere".into()],
            ..Default::default()
        };
        assert!(matches!(
            check_bundle(&bundle),
            Err(BundleError::Address(_))
        ));
        let bundle = CredentialBundle {
            trust_anchors: vec![vec![1]; 17],
            ..Default::default()
        };
        assert!(matches!(check_bundle(&bundle), Err(BundleError::TooMany)));
    }
}
