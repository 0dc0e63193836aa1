//! A hive: the file in which Windows keeps a part of its registry, such as `NTUSER.DAT`.
//!
//! Only what is asked for is read, through [`ReadAt`], so that a hive of any size takes little memory. Offsets
//! lead anywhere in a hive that is damaged or was made to mislead: each is checked, lists are bounded, and a
//! budget ends what would otherwise go on for ever. Nothing is written, and the journals beside a hive that
//! was not closed are not applied: [`Hive::is_clean`] tells.
//!
//! Written from the published descriptions of the format.

mod cell;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;

use std::{cell::Cell as Counter, collections::HashSet, io};

use crate::rows::{Row, VALUE_BYTES, Value, file_time};

use super::registry_value;
use cell::{Cell, Named};

/// Most cells read from one hive.
const CELLS: usize = 400_000;
/// Most bytes read from one hive.
const BYTES: usize = 64 * 1024 * 1024;
/// Most keys taken from below one key.
const KEYS: usize = 20_000;
/// Most values taken from one key.
const VALUES: usize = 2000;
/// Longest data that is stored in one piece; the kinds of values that are longer are not asked for.
const PIECE: usize = 16_344;
/// Where the cells begin, and the unit of the file's header.
const PAGE: u64 = 4096;

/// Why a hive, or a part of it, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file does not begin like a hive.
    #[error("is no registry hive")]
    NoHive,
    /// Something lies where no such thing can be.
    #[error("is damaged: {what} at {offset:#x}")]
    Damaged {
        /// What was looked for.
        what: &'static str,
        /// Where, counted from the first cell.
        offset: u32,
    },
    /// More had to be read than any hive needs.
    #[error("leads the reader in circles, or is larger than any real one")]
    Endless,
    /// The file could not be read.
    #[error("{0}")]
    Read(#[from] io::Error),
}

/// Bytes at a place.
pub trait ReadAt {
    /// Fills the buffer from `offset` on, or fails with `UnexpectedEof`.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl ReadAt for &[u8] {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let source = from
            .checked_add(buffer.len())
            .and_then(|end| self.get(from..end));
        buffer.copy_from_slice(source.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// An open hive.
#[derive(Debug)]
pub struct Hive<S> {
    source: S,
    root: u32,
    /// Bytes of all cells.
    length: u32,
    clean: bool,
    cells: Counter<usize>,
    bytes: Counter<usize>,
}

/// A key of a hive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// When it was last written, in seconds since 1970.
    pub written: Option<i64>,
    keys: List,
    values: List,
}

/// A list in a hive: how many items, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct List {
    count: u32,
    offset: u32,
}

/// What could be read, and why not all of it.
#[derive(Debug)]
pub struct Part<T> {
    /// What could be read.
    pub found: T,
    /// Why the rest is missing.
    pub faults: Vec<Fault>,
}

impl<S: ReadAt> Hive<S> {
    /// Opens a hive.
    pub fn open(source: S) -> Result<Self, Fault> {
        let mut header = [0; 48];
        match source.read_at(0, &mut header) {
            Ok(()) if header.starts_with(b"regf") => {}
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error.into()),
            _ => return Err(Fault::NoHive),
        }
        let number = |at: usize| cell::number(&header, at).unwrap_or_default();
        Ok(Self {
            source,
            clean: number(4) == number(8),
            root: number(36),
            length: number(40),
            cells: Counter::new(0),
            bytes: Counter::new(0),
        })
    }

    /// Whether all changes had reached the file when it was closed; else the latest may be in a journal.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// The key at a path from the root, parts parted by backslashes; `None` where there is none.
    pub fn key(&self, path: &str) -> Result<Option<Key>, Fault> {
        let mut key = self.key_at(self.root)?;
        for part in path.split('\\').filter(|part| !part.is_empty()) {
            let below = self.keys(&key);
            let found = below.found.into_iter().find(|key| is_same(&key.name, part));
            match (found, below.faults.into_iter().next()) {
                (Some(found), _) => key = found,
                (None, Some(fault)) => return Err(fault),
                (None, None) => return Ok(None),
            }
        }
        Ok(Some(key))
    }

    /// The keys below a key, in the order of the hive.
    pub fn keys(&self, key: &Key) -> Part<Vec<Key>> {
        let mut part = Part {
            found: Vec::new(),
            faults: Vec::new(),
        };
        if key.keys.count == 0 {
            return part;
        }
        let offsets = match self.key_offsets(key.keys.offset) {
            Ok(offsets) => offsets,
            Err(fault) => {
                part.faults.push(fault);
                return part;
            }
        };
        if offsets.len() != key.keys.count as usize {
            part.faults.push(Fault::Damaged {
                what: "a list of keys of another length than its key says",
                offset: key.keys.offset,
            });
        }
        let mut seen = HashSet::new();
        for offset in offsets {
            match self.key_at(offset) {
                _ if !seen.insert(offset) => part.faults.push(Fault::Damaged {
                    what: "a key that stands twice",
                    offset,
                }),
                Ok(key) => part.found.push(key),
                Err(fault) => part.faults.push(fault),
            }
            if part.faults.len() > 20 {
                break;
            }
        }
        part
    }

    /// The values of a key whose names are wanted.
    pub fn values(&self, key: &Key, wanted: &[&str]) -> Part<Row> {
        let mut part = Part {
            found: Row {
                name: key.name.clone(),
                written: key.written,
                ..Row::default()
            },
            faults: Vec::new(),
        };
        let count = (key.values.count as usize).min(VALUES);
        if count == 0 {
            return part;
        }
        let offsets = match self.cell(key.values.offset) {
            Ok(cell) => cell.offsets(0, count),
            Err(fault) => {
                part.faults.push(fault);
                return part;
            }
        };
        if offsets.len() < count {
            part.faults.push(Fault::Damaged {
                what: "a list of values that is cut off",
                offset: key.values.offset,
            });
        }
        for offset in offsets {
            match self.value_at(offset, wanted) {
                Ok(Some((name, value))) => part.found.push(name, value),
                Ok(None) => {}
                Err(fault) => part.faults.push(fault),
            }
            if part.faults.len() > 20 {
                break;
            }
        }
        part
    }

    /// Where the keys of a list lie: a list of keys, or a list of such lists.
    fn key_offsets(&self, list: u32) -> Result<Vec<u32>, Fault> {
        let cell = self.cell(list)?;
        let Some(lists) = cell.lists() else {
            return cell.keys().ok_or(Fault::Damaged {
                what: "no list of keys",
                offset: list,
            });
        };
        let mut offsets = Vec::new();
        for list in lists {
            let keys = self.cell(list)?.keys().ok_or(Fault::Damaged {
                what: "no list of keys",
                offset: list,
            })?;
            offsets.extend(keys);
            if offsets.len() > KEYS {
                return Err(Fault::Endless);
            }
        }
        Ok(offsets)
    }

    fn key_at(&self, offset: u32) -> Result<Key, Fault> {
        const LATIN: u16 = 0x20;
        let damaged = Fault::Damaged {
            what: "no key",
            offset,
        };
        let cell = self.cell(offset)?;
        let named = Named {
            kind: *b"nk",
            length: 72,
            name: 76,
        };
        let name = cell
            .short(2)
            .and_then(|flags| cell.name(&named, flags & LATIN != 0));
        let (Some(name), Some(time)) = (name, cell.long(4)) else {
            return Err(damaged);
        };
        let list = |count: usize, offset: usize| {
            Some(List {
                count: cell.number(count)?,
                offset: cell.number(offset)?,
            })
        };
        match (list(20, 28), list(36, 40)) {
            (Some(keys), Some(values)) => Ok(Key {
                name,
                written: file_time(time),
                keys,
                values,
            }),
            _ => Err(damaged),
        }
    }

    /// A value with its name; `None` when it is not wanted.
    fn value_at(&self, offset: u32, wanted: &[&str]) -> Result<Option<(String, Value)>, Fault> {
        const LATIN: u16 = 1;
        const INSIDE: u32 = 0x8000_0000;
        let damaged = Fault::Damaged {
            what: "no value",
            offset,
        };
        let cell = self.cell(offset)?;
        let named = Named {
            kind: *b"vk",
            length: 2,
            name: 20,
        };
        let name = cell
            .short(16)
            .and_then(|flags| cell.name(&named, flags & LATIN != 0));
        let (Some(name), Some(length), Some(data), Some(kind)) =
            (name, cell.number(4), cell.number(8), cell.number(12))
        else {
            return Err(damaged);
        };
        if !wanted.iter().any(|wanted| is_same(wanted, &name)) {
            return Ok(None);
        }
        let bytes = (length & !INSIDE) as usize;
        let value = if length & INSIDE != 0 {
            let inside = data.to_le_bytes();
            registry_value::decode(kind, inside.get(..bytes).ok_or(damaged)?)
        } else if bytes == 0 {
            registry_value::decode(kind, &[])
        } else if bytes > PIECE.min(VALUE_BYTES) {
            Value::TooLong(bytes)
        } else {
            let stored = self.cell(data)?;
            registry_value::decode(kind, stored.bytes(0, bytes).ok_or(damaged)?)
        };
        Ok(Some((name, value)))
    }

    /// The cell at an offset, which must be in use and lie within the hive.
    fn cell(&self, offset: u32) -> Result<Cell, Fault> {
        let damaged = |what| Fault::Damaged { what, offset };
        if offset >= self.length || !offset.is_multiple_of(8) {
            return Err(damaged("an offset that leads nowhere"));
        }
        self.cells.set(self.cells.get() + 1);
        if self.cells.get() > CELLS {
            return Err(Fault::Endless);
        }
        let mut size = [0; 4];
        let place = PAGE + u64::from(offset);
        self.fill(place, &mut size, offset)?;
        // Cells in use have a negative size, which counts these four bytes as well.
        let size = i32::from_le_bytes(size).checked_neg().unwrap_or_default();
        let size = u32::try_from(size).map_err(|_| damaged("a cell that is not in use"))?;
        if size < 8 || size > self.length - offset {
            return Err(damaged("a cell of a size that cannot be"));
        }
        // No list of keys or of values, nor a value that is taken over, is longer.
        let length = (size as usize - 4).min(4 + 8 * 65_536);
        self.bytes.set(self.bytes.get() + length);
        if self.bytes.get() > BYTES {
            return Err(Fault::Endless);
        }
        let mut bytes = vec![0; length];
        self.fill(place + 4, &mut bytes, offset)?;
        Ok(Cell::new(bytes))
    }

    fn fill(&self, place: u64, buffer: &mut [u8], offset: u32) -> Result<(), Fault> {
        match self.source.read_at(place, buffer) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(Fault::Damaged {
                what: "the file is cut off",
                offset,
            }),
            read => Ok(read?),
        }
    }
}

/// Names are the same whatever the case of their letters.
fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
