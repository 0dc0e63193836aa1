//! Tells what the records must be: how far they were acknowledged, how many there are, and a hash over all.
//!
//! Two slots are written in turn, each only after the records it describes are durable, and before anyone
//! is told so. A crash can therefore leave the records one group ahead of the witness, never behind.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use super::{
    error::{FileError, OpenError},
    file,
    packs::Position,
    place::Place,
    schema::VERSION,
    state::{RecordsHash, State},
};

const MAGIC: &[u8; 8] = b"FHWITN01";
const SLOT_BYTES: usize = 256;
/// Slots lie on pages of their own, so that one torn write cannot touch both.
const SLOT_DISTANCE: u64 = 4096;
const FIELDS: usize = 8 + 4 + 8 + 8 + 8 + 32 + 4 + 8;

/// What a slot says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Testimony {
    /// Which directory holds the records.
    pub(super) generation: u64,
    /// What they must be.
    pub(super) state: State,
}

/// The witness file, open for writing.
#[derive(Debug)]
pub(super) struct Witness {
    file: File,
    path: PathBuf,
    /// Slot that the next testimony goes to.
    next: u64,
}

impl Witness {
    /// Makes the file with a first testimony.
    pub(super) fn create(path: &Path, first: &Testimony) -> Result<(), FileError> {
        let mut contents = vec![0; SLOT_DISTANCE as usize + SLOT_BYTES];
        contents[..SLOT_BYTES].copy_from_slice(&encode(first));
        file::replace(path, &contents).map_err(FileError::of("write", path))
    }

    /// Reads the newest intact testimony; `None` when no slot is intact.
    pub(super) fn open(path: &Path) -> Result<Option<(Self, Testimony)>, FileError> {
        let file = file::private(path)
            .open(path)
            .map_err(FileError::of("open", path))?;
        let newest = [0, 1]
            .into_iter()
            .filter_map(|slot| {
                let mut bytes = [0; SLOT_BYTES];
                file::read_exact_at(&file, &mut bytes, slot * SLOT_DISTANCE).ok()?;
                Some((slot, decode(&bytes)?))
            })
            .max_by_key(|(_, found)| (found.state.sequence, found.generation));
        Ok(newest.map(|(slot, testimony)| {
            let witness = Self {
                file,
                path: path.to_owned(),
                next: 1 - slot,
            };
            (witness, testimony)
        }))
    }

    /// Writes a testimony durably, beside the last one.
    pub(super) fn testify(&mut self, testimony: &Testimony) -> Result<(), FileError> {
        file::write_all_at(&self.file, &encode(testimony), self.next * SLOT_DISTANCE)
            .and_then(|()| self.file.sync_data())
            .map_err(FileError::of("write", &self.path))?;
        self.next = 1 - self.next;
        Ok(())
    }
}

/// Opens the witness of a store; refuses a damaged one, and one of a newer schema.
pub(super) fn read(place: &Place) -> Result<(Witness, Testimony), OpenError> {
    let path = place.witness();
    let (witness, testimony) = match Witness::open(&path) {
        Ok(Some(found)) => found,
        Ok(None) => return Err(place.damage(&path, "neither of its slots is intact").into()),
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => {
            return Err(place.damage(&path, "the file is gone").into());
        }
        Err(error) => return Err(error.into()),
    };
    if testimony.state.schema > VERSION {
        return Err(OpenError::Newer {
            dir: place.dir.clone(),
            found: testimony.state.schema,
            known: VERSION,
        });
    }
    Ok((witness, testimony))
}

fn encode(testimony: &Testimony) -> [u8; SLOT_BYTES] {
    let Testimony { generation, state } = testimony;
    let mut fields = Vec::with_capacity(SLOT_BYTES);
    fields.extend_from_slice(MAGIC);
    fields.extend_from_slice(&state.schema.to_le_bytes());
    fields.extend_from_slice(&generation.to_le_bytes());
    fields.extend_from_slice(&state.sequence.to_le_bytes());
    fields.extend_from_slice(&state.records.to_le_bytes());
    fields.extend_from_slice(&state.hash.to_bytes());
    fields.extend_from_slice(&state.position.pack.to_le_bytes());
    fields.extend_from_slice(&state.position.offset.to_le_bytes());
    let checksum = blake3::hash(&fields);
    fields.extend_from_slice(checksum.as_bytes());
    let mut slot = [0; SLOT_BYTES];
    slot[..fields.len()].copy_from_slice(&fields);
    slot
}

fn decode(slot: &[u8; SLOT_BYTES]) -> Option<Testimony> {
    let (fields, rest) = slot.split_at(FIELDS);
    if !fields.starts_with(MAGIC) || blake3::hash(fields).as_bytes() != &rest[..32] {
        return None;
    }
    let (schema, rest) = fields[8..].split_first_chunk()?;
    let (generation, rest) = rest.split_first_chunk()?;
    let (sequence, rest) = rest.split_first_chunk()?;
    let (records, rest) = rest.split_first_chunk()?;
    let (hash, rest) = rest.split_first_chunk()?;
    let (pack, rest) = rest.split_first_chunk()?;
    let (offset, _) = rest.split_first_chunk()?;
    Some(Testimony {
        generation: u64::from_le_bytes(*generation),
        state: State {
            schema: u32::from_le_bytes(*schema),
            sequence: u64::from_le_bytes(*sequence),
            records: u64::from_le_bytes(*records),
            hash: RecordsHash::from_bytes(hash),
            position: Position {
                pack: u32::from_le_bytes(*pack),
                offset: u64::from_le_bytes(*offset),
            },
        },
    })
}
