//! Whether what a machine sent is what the schema allows: checked on the encoded bytes, before memory is
//! used for any of it.

mod content;

use std::time::Duration;

use freehold_agent::identity::CredentialsDigest;
use freehold_proto::{
    limits,
    v1::{ChainLink, Readings, SectionSummary, UploadHeader, section::Kind},
};
use prost::Message as _;

pub(super) use self::content::{Content, content};
use super::rejection::Rejection;
use crate::{id::Digest, unpack};

/// Most sections a check-in may name: more than there are, for newer agents.
const SUMMARIES: usize = 64;

/// Longest readings, in bytes.
const READINGS_BYTES: usize = 64 * 1024;

/// Longest version of an agent that is kept, in bytes.
const AGENT_VERSION_BYTES: usize = 64;

/// Highest position of a version: leaves room to count on after a fork.
const SEQUENCE: u64 = 1 << 56;

/// What a section version claims to be, within all limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) digest: Digest,
    pub(super) age: Duration,
    pub(super) size: usize,
    pub(super) compressed_size: usize,
    pub(super) sequence: u64,
}

/// A section as the agent has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) kind: Kind,
    /// The beginning of its digest.
    pub(super) digest: [u8; limits::SUMMARY_DIGEST_BYTES],
    pub(super) age: Duration,
}

/// A link of the chain of check-ins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) counter: u64,
    /// Empty in the first link.
    pub(super) previous: Vec<u8>,
    pub(super) next: [u8; 16],
}

/// Checks the header of a section version.
pub(super) fn header(header: &UploadHeader) -> Result<Header, Rejection> {
    let kind = Kind::try_from(header.kind)
        .ok()
        .filter(|kind| *kind != Kind::Unspecified)
        .ok_or_else(|| {
            let reason = format!(
                "{} is no section this collector knows; leave it out",
                header.kind
            );
            Rejection::field("header.kind", reason)
        })?;
    let compressed_size = within(
        "header.compressed_size",
        header.compressed_size,
        limits::SECTION_BYTES,
    )?;
    let size = within("header.size", header.size, limits::SECTION_BYTES)?;
    if header.size
        > header
            .compressed_size
            .saturating_mul(limits::DECOMPRESSION_RATIO)
    {
        let reason = format!(
            "more than {} times the compressed size; compress less",
            limits::DECOMPRESSION_RATIO
        );
        return Err(Rejection::field("header.size", reason));
    }
    if !(1..=SEQUENCE).contains(&header.sequence) {
        let reason = format!("{} is not between 1 and {SEQUENCE}", header.sequence);
        return Err(Rejection::field("header.sequence", reason));
    }
    Ok(Header {
        kind,
        digest: digest("header.digest", &header.digest)?,
        age: age("header.age_ms", header.age_ms)?,
        size,
        compressed_size,
        sequence: header.sequence,
    })
}

/// Checks the sections a check-in names. Sections of newer agents are passed over.
pub(super) fn summaries(sections: &[SectionSummary]) -> Result<Vec<Summary>, Rejection> {
    if sections.len() > SUMMARIES {
        let reason = format!("{} entries, at most {SUMMARIES}", sections.len());
        return Err(Rejection::field("sections", reason));
    }
    let mut known: Vec<Summary> = Vec::with_capacity(sections.len());
    for (index, section) in sections.iter().enumerate() {
        let digest = short_digest(&section.digest, || format!("sections[{index}].digest"))?;
        let Ok(kind) = Kind::try_from(section.kind) else {
            continue;
        };
        if kind == Kind::Unspecified || known.iter().any(|summary| summary.kind == kind) {
            let reason = "each section once, by its number".to_owned();
            return Err(Rejection::field(format!("sections[{index}].kind"), reason));
        }
        // A machine that slept for years still says what it has.
        let age = Duration::from_millis(section.age_ms).min(limits::AGE);
        known.push(Summary { kind, digest, age });
    }
    Ok(known)
}

/// Checks the link of the chain of check-ins.
pub(super) fn link(link: Option<&ChainLink>) -> Result<Link, Rejection> {
    let link =
        link.ok_or_else(|| Rejection::field("chain", "missing; every check-in has its link"))?;
    if link.counter == 0 {
        return Err(Rejection::field(
            "chain.counter",
            "0; the first check-in is number 1",
        ));
    }
    if !matches!(link.previous.len(), 0 | 16) {
        let reason = format!(
            "{} bytes instead of 16, or none in the first",
            link.previous.len()
        );
        return Err(Rejection::field("chain.previous", reason));
    }
    let next = link.next.as_slice().try_into().map_err(|_| {
        let reason = format!("{} bytes instead of 16", link.next.len());
        Rejection::field("chain.next", reason)
    })?;
    Ok(Link {
        counter: link.counter,
        previous: link.previous.clone(),
        next,
    })
}

/// Checks readings; answers their encoding.
pub(super) fn readings(readings: &Readings) -> Result<Vec<u8>, Rejection> {
    let length = readings.encoded_len();
    if length > READINGS_BYTES {
        let reason = format!("{length} bytes, at most {READINGS_BYTES}; leave some out");
        return Err(Rejection::field("readings", reason));
    }
    Ok(readings.encode_to_vec())
}

/// Checks the digest of the trust anchors and addresses an agent holds. None means that it knows none.
pub(super) fn credentials_digest(bytes: &[u8]) -> Result<Option<CredentialsDigest>, Rejection> {
    if bytes.is_empty() {
        return Ok(None);
    }
    short_digest(bytes, || "credentials_digest".to_owned()).map(Some)
}

/// Checks the length of a certificate signing request; the authority checks the rest.
pub(super) fn csr(der: &[u8]) -> Result<(), Rejection> {
    if der.is_empty() || der.len() > limits::ENROLMENT_BYTES {
        let reason = format!(
            "{} bytes, must be 1 to {}",
            der.len(),
            limits::ENROLMENT_BYTES
        );
        return Err(Rejection::field("csr", reason));
    }
    Ok(())
}

/// The version of an agent, as far as it is kept.
pub(super) fn agent_version(version: &str) -> &str {
    let mut end = version.len().min(AGENT_VERSION_BYTES);
    while !version.is_char_boundary(end) {
        end -= 1;
    }
    &version[..end]
}

/// Decompresses a frame and checks that it is what the header says: size, digest, schema.
pub(super) fn section(header: &Header, frame: &[u8]) -> Result<(Vec<u8>, Content), Rejection> {
    let body = decompress(header, frame)?;
    if Digest::of(&body) != header.digest {
        let reason = "does not match the section's bytes; send the section again";
        return Err(Rejection::field("header.digest", reason));
    }
    let content = content(header.kind, &body)?;
    Ok((body, content))
}

fn decompress(header: &Header, frame: &[u8]) -> Result<Vec<u8>, Rejection> {
    let refused = |reason: String| Rejection::field("chunk", reason);
    // One byte more than announced, to tell a frame that holds more from one that fits.
    let body = unpack::frame(frame, header.size + 1).map_err(|error| {
        refused(format!(
            "not a zstd frame of {} bytes once decompressed ({error})",
            header.size
        ))
    })?;
    if body.len() != header.size {
        let reason = format!(
            "{} bytes once decompressed, announced as {}",
            body.len(),
            header.size
        );
        return Err(Rejection::field("header.size", reason));
    }
    Ok(body)
}

fn within(field: &str, value: u64, limit: u64) -> Result<usize, Rejection> {
    usize::try_from(value)
        .ok()
        .filter(|_| (1..=limit).contains(&value))
        .ok_or_else(|| Rejection::field(field, format!("{value}, must be between 1 and {limit}")))
}

fn age(field: &str, millis: u64) -> Result<Duration, Rejection> {
    let age = Duration::from_millis(millis);
    if age > limits::AGE {
        let days = limits::AGE.as_secs() / 86_400;
        let reason = format!("{millis} ms, at most {days} days; leave out what is older");
        return Err(Rejection::field(field, reason));
    }
    Ok(age)
}

fn short_digest(
    bytes: &[u8],
    field: impl FnOnce() -> String,
) -> Result<[u8; limits::SUMMARY_DIGEST_BYTES], Rejection> {
    bytes.try_into().map_err(|_| {
        let (found, right) = (bytes.len(), limits::SUMMARY_DIGEST_BYTES);
        Rejection::field(field(), format!("{found} bytes instead of {right}"))
    })
}

fn digest(field: &str, bytes: &[u8]) -> Result<Digest, Rejection> {
    Digest::from_slice(bytes).ok_or_else(|| {
        let reason = format!("{} bytes instead of 32 (BLAKE3-256)", bytes.len());
        Rejection::field(field, reason)
    })
}

#[cfg(test)]
mod tests;
