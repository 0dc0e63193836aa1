//! The index of bodies: where each lies, and how many section versions it belongs to.

use super::{
    error::StoreError,
    packs::Location,
    read::undecodable,
    schema::{Key, Keyspace},
    source::Source,
};
use crate::id::Digest;

/// An entry of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Body {
    /// Where it lies.
    pub(super) location: Location,
    /// Versions it belongs to. It is forgotten with the last.
    pub(super) versions: u32,
}

impl Body {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(20);
        bytes.extend_from_slice(&self.location.pack.to_be_bytes());
        bytes.extend_from_slice(&self.location.offset.to_be_bytes());
        bytes.extend_from_slice(&self.location.length.to_be_bytes());
        bytes.extend_from_slice(&self.versions.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (pack, rest) = bytes.split_first_chunk()?;
        let (offset, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (versions, rest) = rest.split_first_chunk()?;
        rest.is_empty().then(|| Self {
            location: Location {
                pack: u32::from_be_bytes(*pack),
                offset: u64::from_be_bytes(*offset),
                length: u32::from_be_bytes(*length),
            },
            versions: u32::from_be_bytes(*versions),
        })
    }
}

/// Key of a body's entry.
pub(super) fn key(digest: &Digest) -> Key {
    Keyspace::Body.key(&[digest.as_bytes()])
}

/// The entry of a body.
pub(super) fn find<S: Source + ?Sized>(
    source: &S,
    digest: &Digest,
) -> Result<Option<Body>, StoreError> {
    let key = key(digest);
    source
        .value(&key)?
        .map(|value| Body::from_bytes(&value).ok_or_else(|| undecodable(&key)))
        .transpose()
}

/// Reads a body.
pub(super) fn read<S: Source + ?Sized>(source: &S, digest: &Digest) -> Result<Vec<u8>, StoreError> {
    read_at(source, digest, locate(source, digest)?)
}

/// Reads many bodies in the order in which they lie in the packs, and hands over each with its place among
/// the digests.
pub(super) fn read_each<S: Source + ?Sized>(
    source: &S,
    digests: &[Digest],
    mut each: impl FnMut(usize, Result<Vec<u8>, StoreError>),
) {
    // The index is ordered by digest: looked up in that order, each part of it is read once.
    let mut places: Vec<usize> = (0..digests.len()).collect();
    places.sort_unstable_by_key(|place| digests[*place]);
    let mut located = Vec::with_capacity(digests.len());
    for place in places {
        match locate(source, &digests[place]) {
            Ok(location) => located.push((location, place)),
            Err(error) => each(place, Err(error)),
        }
    }
    located.sort_unstable_by_key(|(location, _)| (location.pack, location.offset));
    for (location, place) in located {
        each(place, read_at(source, &digests[place], location));
    }
}

fn locate<S: Source + ?Sized>(source: &S, digest: &Digest) -> Result<Location, StoreError> {
    let missing = || StoreError::NoBody { digest: *digest };
    Ok(find(source, digest)?.ok_or_else(missing)?.location)
}

/// Reads a body. When it is moved to another pack meanwhile, reads it there.
fn read_at<S: Source + ?Sized>(
    source: &S,
    digest: &Digest,
    location: Location,
) -> Result<Vec<u8>, StoreError> {
    match source.body_at(digest, location) {
        Err(StoreError::Damaged(damage)) => match find(source, digest)? {
            Some(moved) if moved.location != location => source.body_at(digest, moved.location),
            _ => Err(StoreError::Damaged(damage)),
        },
        body => body,
    }
}
