//! Section bodies, kept once each in append-only files of self-verifying records.
//!
//! A pack begins with [`FILE_HEADER`]. A record is a header of [`RECORD_HEADER`] bytes and the zstd frame
//! as it was uploaded:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic "FHB1" |
//! | 4 | length of the frame, little-endian |
//! | 8 | length once decompressed, little-endian |
//! | 32 | BLAKE3-256 over the decompressed bytes: the body's name |
//! | 16 | BLAKE3 over the fields above and the frame, cut to 128 bits |

mod appender;

use std::{
    collections::HashMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

pub(super) use self::appender::Appender;
use super::{
    error::{Damage, FileError, StoreError},
    file,
    place::Place,
    read::undecodable,
};
use crate::{id::Digest, unpack};

/// First bytes of every pack.
pub(super) const FILE_HEADER: &[u8; 16] = b"freehold pack 1\n";

/// Length of a record without its frame.
pub(super) const RECORD_HEADER: usize = 64;

/// No body is longer once decompressed.
const BODY_BYTES: u64 = 64 * 1024 * 1024;

const MAGIC: &[u8; 4] = b"FHB1";

/// Where the next record goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Number of the pack.
    pub(super) pack: u32,
    /// Offset in it.
    pub(super) offset: u64,
}

/// Where a record lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    pub(super) pack: u32,
    pub(super) offset: u64,
    pub(super) length: u32,
}

/// The packs of a store, open for reading.
#[derive(Debug)]
pub(super) struct Packs {
    place: Place,
    open: RwLock<HashMap<u32, Arc<File>>>,
    /// Read-locked by a backup: no pack may go meanwhile.
    kept: RwLock<()>,
}

impl Packs {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            open: RwLock::default(),
            kept: RwLock::default(),
        }
    }

    /// Where the store lies.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Path of a pack.
    pub(super) fn path(&self, pack: u32) -> PathBuf {
        path(&self.place.packs(), pack)
    }

    /// Reads, decompresses and verifies a body.
    pub(super) fn read(&self, digest: &Digest, location: Location) -> Result<Vec<u8>, StoreError> {
        let record = self.record(location)?;
        Ok(decode(digest, &record).map_err(|found| {
            self.damaged(
                location.pack,
                format!("at byte {}, {found}", location.offset),
            )
        })?)
    }

    /// Reads a record as it lies in its pack.
    pub(super) fn record(&self, location: Location) -> Result<Vec<u8>, StoreError> {
        let mut record = vec![0; location.length as usize];
        let path = self.path(location.pack);
        let file = match self.file(location.pack) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.damaged(location.pack, "the file is gone").into());
            }
            file => file.map_err(FileError::of("open", &path))?,
        };
        match file::read_exact_at(&file, &mut record, location.offset) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let found = format!(
                    "it ends before byte {}",
                    location.offset + record.len() as u64
                );
                Err(self.damaged(location.pack, found).into())
            }
            result => {
                result.map_err(FileError::of("read", &path))?;
                Ok(record)
            }
        }
    }

    /// Held for reading by whoever needs all packs to stay.
    pub(super) fn kept(&self) -> &RwLock<()> {
        &self.kept
    }

    /// Closes a pack that is going to be removed.
    pub(super) fn forget(&self, pack: u32) {
        self.open
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&pack);
    }

    /// A damage report about a pack.
    pub(super) fn damaged(&self, pack: u32, found: impl Into<String>) -> Damage {
        self.place.damage(&self.path(pack), found)
    }

    fn file(&self, pack: u32) -> io::Result<Arc<File>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&pack) {
            return Ok(Arc::clone(file));
        }
        drop(open);
        let file = Arc::new(File::open(self.path(pack))?);
        self.open
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(pack, Arc::clone(&file));
        Ok(file)
    }
}

fn path(dir: &Path, pack: u32) -> PathBuf {
    dir.join(format!("{pack:06}.pack"))
}

/// Number and length of a full pack, as recorded.
pub(super) fn decode_full(key: &[u8], value: &[u8]) -> Result<(u32, u64), StoreError> {
    let pack = key.last_chunk().copied().map(u32::from_be_bytes);
    let length = value.try_into().map(u64::from_be_bytes);
    match (pack, length) {
        (Some(pack), Ok(length)) => Ok((pack, length)),
        _ => Err(undecodable(key)),
    }
}

/// A record for a body.
pub(super) fn encode(digest: &Digest, frame: &[u8], size: u64) -> Result<Vec<u8>, StoreError> {
    let too_large = StoreError::TooLarge { size };
    let Ok(length) = u32::try_from(frame.len()) else {
        return Err(too_large);
    };
    if size > BODY_BYTES || u64::from(length) > BODY_BYTES {
        return Err(too_large);
    }
    let mut record = Vec::with_capacity(RECORD_HEADER + frame.len());
    record.extend_from_slice(MAGIC);
    record.extend_from_slice(&length.to_le_bytes());
    record.extend_from_slice(&size.to_le_bytes());
    record.extend_from_slice(digest.as_bytes());
    let checksum = checksum(&record, frame);
    record.extend_from_slice(&checksum);
    record.extend_from_slice(frame);
    Ok(record)
}

/// Decompresses and verifies a record; otherwise says what was found.
pub(super) fn decode(digest: &Digest, record: &[u8]) -> Result<Vec<u8>, String> {
    let (found, size, frame) = verify(record)?;
    if found != *digest {
        return Err(format!("another body lies where {digest} should"));
    }
    let body = unpack::frame(frame, size as usize)
        .map_err(|error| format!("the body {digest} cannot be decompressed ({error})"))?;
    if Digest::of(&body) != *digest {
        return Err(format!("the body {digest} has another digest"));
    }
    Ok(body)
}

/// Verifies a record's header and checksum; otherwise says what was found.
pub(super) fn verify(record: &[u8]) -> Result<(Digest, u64, &[u8]), String> {
    let broken = || "there is no intact record".to_owned();
    let (header, frame) = record.split_at_checked(RECORD_HEADER).ok_or_else(broken)?;
    let (fields, sum) = header.split_at(48);
    let length = u32::from_le_bytes(fields[4..8].try_into().map_err(|_| broken())?);
    let size = u64::from_le_bytes(fields[8..16].try_into().map_err(|_| broken())?);
    let digest = Digest::from_slice(&fields[16..48]).ok_or_else(broken)?;
    let whole = fields.starts_with(MAGIC) && length as usize == frame.len() && size <= BODY_BYTES;
    if !whole || checksum(fields, frame) != *sum {
        return Err(broken());
    }
    Ok((digest, size, frame))
}

/// Length of the frame that a record's header announces; `None` when it is no header.
pub(super) fn frame_length(header: &[u8]) -> Option<u32> {
    let (magic, rest) = header.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*rest.first_chunk()?);
    (magic == MAGIC && u64::from(length) <= BODY_BYTES).then_some(length)
}

fn checksum(fields: &[u8], frame: &[u8]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(fields).update(frame);
    let mut sum = [0; 16];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_byte_of_a_record_is_noticed() {
        let body = b"a body that is long enough to be interesting".repeat(4);
        let digest = Digest::of(&body);
        let frame = zstd::bulk::compress(&body, 3).unwrap();
        let record = encode(&digest, &frame, body.len() as u64).unwrap();
        assert_eq!(decode(&digest, &record).unwrap(), body);
        for at in 0..record.len() {
            let mut broken = record.clone();
            broken[at] ^= 1;
            assert!(decode(&digest, &broken).is_err(), "byte {at}");
            assert!(decode(&digest, &record[..at]).is_err(), "cut at {at}");
        }
    }
}
