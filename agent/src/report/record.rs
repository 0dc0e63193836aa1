//! A section version as it is kept until the collector acknowledges it.

use freehold_proto::{limits::DECOMPRESSION_RATIO, v1::section::Kind};
use prost::Message as _;

use crate::{clock::Moment, snapshot::Digest};

const MAGIC: &[u8; 4] = b"FHS1";
const CHECKSUM_BYTES: usize = 32;
/// A few hundred kilobytes once in a while are worth a closer look than the default level takes.
const LEVEL: i32 = 9;
/// What a skippable frame begins with (RFC 8878, 3.1.2): its length follows, and every decoder passes it over.
const SKIPPABLE: u32 = 0x184D_2A50;
const SKIPPABLE_HEADER: usize = 8;

/// A section version: what an upload carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Position in the machine's series.
    pub sequence: u64,
    /// Which section.
    pub kind: Kind,
    /// BLAKE3-256 over its decompressed bytes.
    pub digest: Digest,
    /// When it was collected.
    pub collected: Moment,
    /// Length of its decompressed bytes.
    pub size: u64,
    /// Its bytes as a zstd frame.
    pub frame: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Header {
    #[prost(uint64, tag = "1")]
    sequence: u64,
    #[prost(enumeration = "Kind", tag = "2")]
    kind: i32,
    #[prost(bytes = "vec", tag = "3")]
    digest: Vec<u8>,
    #[prost(message, optional, tag = "4")]
    collected: Option<Moment>,
    #[prost(uint64, tag = "5")]
    size: u64,
}

impl Version {
    /// Compresses a section. Its position is given when it is kept.
    pub fn compress(
        kind: Kind,
        digest: Digest,
        body: &[u8],
        collected: Moment,
    ) -> std::io::Result<Self> {
        let size = body.len() as u64;
        let mut frame = zstd::bulk::compress(body, LEVEL)?;
        pad(&mut frame, size);
        Ok(Self {
            sequence: 0,
            kind,
            digest,
            collected,
            size,
            frame,
        })
    }

    /// Magic number, length of the header, header, frame, BLAKE3 over all of these.
    pub(super) fn encode(&self) -> Vec<u8> {
        let header = Header {
            sequence: self.sequence,
            kind: self.kind.into(),
            digest: self.digest.to_vec(),
            collected: Some(self.collected.clone()),
            size: self.size,
        }
        .encode_to_vec();
        let length = MAGIC.len() + 4 + header.len() + self.frame.len() + CHECKSUM_BYTES;
        let mut bytes = Vec::with_capacity(length);
        bytes.extend(MAGIC);
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(&header);
        bytes.extend(&self.frame);
        let checksum = blake3::hash(&bytes);
        bytes.extend(checksum.as_bytes());
        bytes
    }

    /// Reads the file that holds a version. `None` when the bytes are not exactly what was encoded.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (content, checksum) = bytes.split_last_chunk::<CHECKSUM_BYTES>()?;
        if blake3::hash(content).as_bytes() != checksum {
            return None;
        }
        let (length, rest) = content.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
        let (header, frame) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let header = Header::decode(header).ok()?;
        Some(Self {
            sequence: header.sequence,
            kind: header.kind(),
            digest: header.digest.try_into().ok()?,
            collected: header.collected?,
            size: header.size,
            frame: frame.to_vec(),
        })
    }
}

/// Makes a frame as long as a collector demands: it takes what expands further for a zip bomb, and a list of
/// thousands of like items does.
fn pad(frame: &mut Vec<u8>, size: u64) {
    let missing = size
        .div_ceil(DECOMPRESSION_RATIO)
        .saturating_sub(frame.len() as u64) as usize;
    if missing > 0 {
        let filling = missing.saturating_sub(SKIPPABLE_HEADER);
        frame.extend(SKIPPABLE.to_le_bytes());
        frame.extend((filling as u32).to_le_bytes());
        frame.resize(frame.len() + filling, 0);
    }
}

#[cfg(test)]
mod tests {
    use freehold_proto::limits::SECTION_BYTES;

    use super::*;

    #[test]
    fn however_alike_its_items_are_no_section_looks_like_a_zip_bomb() {
        for size in [1, 199, 200, 201, 4_000, 100_000, 5_000_001, SECTION_BYTES] {
            let body = vec![b'x'; size as usize];
            let version = Version::compress(Kind::Services, [0; 32], &body, Moment::now()).unwrap();
            let length = version.frame.len() as u64;
            assert!(size <= length * DECOMPRESSION_RATIO, "{size} in {length}");
            assert!(
                length <= size / DECOMPRESSION_RATIO + 32,
                "{size} in {length}"
            );
            let mut whole = Vec::with_capacity(body.len());
            zstd::bulk::Decompressor::new()
                .unwrap()
                .decompress_to_buffer(&version.frame, &mut whole)
                .unwrap();
            assert_eq!(whole, body);
        }
    }

    fn sample() -> Version {
        let body = b"a section of some length, a section of some length";
        let digest = *blake3::hash(body).as_bytes();
        let mut version = Version::compress(Kind::Accounts, digest, body, Moment::now()).unwrap();
        version.sequence = 7;
        version
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let version = sample();
        assert_eq!(Version::decode(&version.encode()), Some(version));
    }

    #[test]
    fn no_torn_or_altered_record_is_believed() {
        let whole = sample().encode();
        for end in 0..whole.len() {
            assert_eq!(Version::decode(&whole[..end]), None);
            let mut altered = whole.clone();
            altered[end] ^= 0x40;
            assert_eq!(Version::decode(&altered), None);
        }
    }
}
