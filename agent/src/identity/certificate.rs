//! What an agent needs to know from a certificate.

use ring::digest;
use x509_parser::{extensions::GeneralName, prelude::X509Certificate};

const MACHINE_URI: &str = "freehold://machine/";
const COLLECTOR_URI: &str = "freehold://collector";
/// Longest name that is shown.
const NAME_CHARACTERS: usize = 80;
/// Certificates are backdated by this much, for clocks that are a little slow.
const BACKDATED_SECONDS: i64 = 24 * 60 * 60;

/// The facts in a certificate that an agent acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// When it holds.
    pub validity: Validity,
    /// Who signed it, made safe to show.
    pub issuer: String,
    /// Identifier of the machine it names, if it names one.
    pub machine: Option<String>,
    /// It names a Freehold collector.
    pub is_collector: bool,
    /// Its `SubjectPublicKeyInfo`, DER.
    pub public_key: Vec<u8>,
}

/// When a certificate holds, in seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// First second.
    pub not_before: i64,
    /// Last second.
    pub not_after: i64,
}

impl Certificate {
    /// Reads a certificate. `None` when it is not one.
    pub fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let uris = uris(&certificate);
        Some(Self {
            validity: Validity {
                not_before: certificate.validity().not_before.timestamp(),
                not_after: certificate.validity().not_after.timestamp(),
            },
            issuer: shown_name(certificate.issuer()),
            machine: uris
                .iter()
                .find_map(|uri| uri.strip_prefix(MACHINE_URI))
                .map(str::to_owned),
            is_collector: uris.iter().any(|uri| uri == COLLECTOR_URI),
            public_key: certificate.public_key().raw.to_vec(),
        })
    }

    /// SHA-256 over the public key: what a join string pins.
    pub fn pin(&self) -> [u8; 32] {
        let mut pin = [0; 32];
        pin.copy_from_slice(digest::digest(&digest::SHA256, &self.public_key).as_ref());
        pin
    }
}

impl Validity {
    /// Whether a time lies within.
    pub fn contains(&self, seconds: i64) -> bool {
        (self.not_before..=self.not_after).contains(&seconds)
    }

    /// When it was issued, as near as can be told: a time at which it and its issuers surely held.
    pub fn issued(&self) -> i64 {
        self.not_before
            .saturating_add(BACKDATED_SECONDS)
            .min(self.not_after)
    }

    /// How long it holds from when it was issued.
    pub fn life(&self) -> std::time::Duration {
        let seconds = self.not_after.saturating_sub(self.issued());
        std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }
}

fn uris(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let uri = |name: &GeneralName<'_>| match name {
        GeneralName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    };
    names.value.general_names.iter().filter_map(uri).collect()
}

/// Common name and organisation, else the whole name, made safe to show.
fn shown_name(name: &x509_parser::x509::X509Name<'_>) -> String {
    let parts: Vec<_> = name
        .iter_common_name()
        .chain(name.iter_organization())
        .filter_map(|attribute| attribute.as_str().ok())
        .collect();
    let text = if parts.is_empty() {
        name.to_string()
    } else {
        parts.join(", ")
    };
    super::shown(&text, NAME_CHARACTERS)
}
