//! Sections as they are sent: the encoded bytes, their digest, and when they were collected.

pub mod json;
pub mod text;
mod view;

use std::time::SystemTime;

use freehold_proto::v1::section;

pub use json::{JsonError, section_json, section_kind, section_name, write_snapshot};
pub use text::snapshot_text;

/// BLAKE3-256 over the exact bytes of a section.
pub type Digest = [u8; 32];

/// One section, collected and encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// Which section.
    pub kind: section::Kind,
    /// The encoded message (`v1::System`, `v1::Hardware`, ... according to `kind`).
    pub body: Vec<u8>,
    /// BLAKE3-256 over `body`.
    pub digest: Digest,
    /// When the probe finished, by the machine's own clock.
    pub collected_at: SystemTime,
}

impl Collected {
    /// Wraps an encoded section collected just now.
    pub fn now(kind: section::Kind, body: Vec<u8>) -> Self {
        let digest = *blake3::hash(&body).as_bytes();
        Self {
            kind,
            body,
            digest,
            collected_at: SystemTime::now(),
        }
    }
}
