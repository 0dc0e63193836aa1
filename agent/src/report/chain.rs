//! The chain of check-ins: a fork in it shows that a machine was cloned or rolled back.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
};

use freehold_proto::v1::ChainLink;

use crate::state::{StateDirectory, StateError, open_fixed};

const FILE: &str = "chain";
const VALUE_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 16;
const CONTENT_BYTES: usize = 8 + 1 + VALUE_BYTES + VALUE_BYTES;
const RECORD_BYTES: usize = CONTENT_BYTES + CHECKSUM_BYTES;
/// Slots lie in disk sectors of their own, so that a torn write spoils one at most.
const SLOT_BYTES: u64 = 4096;

/// The link that the next check-in carries. It is on the disk before it is sent, so that a check-in whose
/// answer was lost is repeated unchanged, also after a kill. Two slots are written in turn, in place: that
/// takes one block, and works on a full disk.
#[derive(Debug)]
pub struct Chain {
    file: File,
    path: PathBuf,
    current: Link,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    counter: u64,
    previous: Option<[u8; VALUE_BYTES]>,
    next: [u8; VALUE_BYTES],
}

impl Chain {
    /// Reads the chain, or begins one.
    pub fn open(state: &StateDirectory) -> Result<Self, StateError> {
        let path = state.join(FILE);
        let failed = |source| StateError::Read {
            path: path.clone(),
            source,
        };
        let file = open_fixed(&path).map_err(failed)?;
        let slots = [
            read(&file, 0).map_err(failed)?,
            read(&file, 1).map_err(failed)?,
        ];
        let newest = slots.into_iter().flatten().max_by_key(|link| link.counter);
        let is_new = newest.is_none();
        let current = newest.unwrap_or_else(|| Link {
            counter: 1,
            previous: None,
            next: rand::random(),
        });
        let mut chain = Self {
            file,
            path,
            current,
        };
        if is_new {
            chain.write(chain.current.clone())?;
        }
        Ok(chain)
    }

    /// Forgets the chain: a machine that joins anew begins a new one.
    pub fn forget(state: &StateDirectory) -> Result<(), StateError> {
        state.remove(FILE)
    }

    /// What the next check-in carries; the same until it is answered.
    pub fn link(&self) -> ChainLink {
        ChainLink {
            counter: self.current.counter,
            previous: self.current.previous.map(Vec::from).unwrap_or_default(),
            next: self.current.next.to_vec(),
        }
    }

    /// Notes that the check-in was answered and prepares the next link.
    pub fn answered(&mut self) -> Result<(), StateError> {
        let next = Link {
            counter: self.current.counter.saturating_add(1),
            previous: Some(self.current.next),
            next: rand::random(),
        };
        self.write(next)
    }

    /// Even when the disk refuses, the chain goes on in memory: a check-in matters more.
    fn write(&mut self, link: Link) -> Result<(), StateError> {
        self.current = link;
        let slot = self.current.counter % 2;
        write(&self.file, slot, &self.current.to_bytes()).map_err(|source| StateError::Write {
            path: self.path.clone(),
            source,
        })
    }
}

impl Link {
    fn to_bytes(&self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        bytes[..8].copy_from_slice(&self.counter.to_le_bytes());
        bytes[8] = u8::from(self.previous.is_some());
        bytes[9..25].copy_from_slice(&self.previous.unwrap_or_default());
        bytes[25..41].copy_from_slice(&self.next);
        let checksum = blake3::hash(&bytes[..CONTENT_BYTES]);
        bytes[CONTENT_BYTES..].copy_from_slice(&checksum.as_bytes()[..CHECKSUM_BYTES]);
        bytes
    }

    fn from_bytes(bytes: &[u8; RECORD_BYTES]) -> Option<Self> {
        let (content, checksum) = bytes.split_at(CONTENT_BYTES);
        if !blake3::hash(content).as_bytes().starts_with(checksum) {
            return None;
        }
        let value = |range: std::ops::Range<usize>| content[range].try_into().ok();
        Some(Self {
            counter: u64::from_le_bytes(content[..8].try_into().ok()?),
            previous: if content[8] == 0 {
                None
            } else {
                Some(value(9..25)?)
            },
            next: value(25..41)?,
        })
    }
}

fn write(mut file: &File, slot: u64, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(slot * SLOT_BYTES))?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn read(mut file: &File, slot: u64) -> io::Result<Option<Link>> {
    let mut bytes = [0; RECORD_BYTES];
    file.seek(SeekFrom::Start(slot * SLOT_BYTES))?;
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Link::from_bytes(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> (tempfile::TempDir, StateDirectory) {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(place.path()).unwrap();
        (place, state)
    }

    #[test]
    fn each_answered_check_in_links_to_the_one_before() {
        let (_place, state) = state();
        let mut chain = Chain::open(&state).unwrap();
        let first = chain.link();
        assert_eq!((first.counter, first.previous.len()), (1, 0));
        chain.answered().unwrap();
        let second = chain.link();
        assert_eq!(second.counter, 2);
        assert_eq!(second.previous, first.next);
        assert_ne!(second.next, first.next);
    }

    #[test]
    fn an_unanswered_check_in_is_repeated_unchanged_after_a_kill() {
        let (_place, state) = state();
        let mut chain = Chain::open(&state).unwrap();
        chain.answered().unwrap();
        let link = chain.link();
        drop(chain);
        assert_eq!(Chain::open(&state).unwrap().link(), link);
    }

    #[test]
    fn a_torn_write_leaves_the_link_before() {
        let (_place, state) = state();
        let mut chain = Chain::open(&state).unwrap();
        chain.answered().unwrap();
        let before = chain.link();
        chain.answered().unwrap();
        write(&chain.file, chain.link().counter % 2, b"torn").unwrap();
        assert_eq!(Chain::open(&state).unwrap().link(), before);
    }
}
