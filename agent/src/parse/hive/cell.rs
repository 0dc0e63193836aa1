//! Cells, of which a hive is made.

use super::super::registry_value::units;

/// The bytes of a cell, without its size.
#[derive(Debug)]
pub(super) struct Cell(Vec<u8>);

/// A cell that has a name: its signature, where the length of the name stands, and where the name does.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) kind: [u8; 2],
    pub(super) length: usize,
    pub(super) name: usize,
}

impl Cell {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self, at: usize, length: usize) -> Option<&[u8]> {
        self.0.get(at..at.checked_add(length)?)
    }

    pub(super) fn short(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.bytes(at, 2)?.try_into().ok()?))
    }

    pub(super) fn number(&self, at: usize) -> Option<u32> {
        number(&self.0, at)
    }

    pub(super) fn long(&self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes(at, 8)?.try_into().ok()?))
    }

    /// The name of a cell of that kind; `None` when it is of another, or cut off. Names are stored as UTF-16,
    /// or as the first 256 characters of it, one byte each.
    pub(super) fn name(&self, named: &Named, latin: bool) -> Option<String> {
        if self.bytes(0, 2)? != named.kind {
            return None;
        }
        let length = usize::from(self.short(named.length)?);
        let bytes = self.bytes(named.name, length)?;
        Some(if latin {
            bytes.iter().copied().map(char::from).collect()
        } else {
            String::from_utf16_lossy(&units(bytes))
        })
    }

    /// Offsets of lists, where this is a list of lists.
    pub(super) fn lists(&self) -> Option<Vec<u32>> {
        let is_lists = self.bytes(0, 2) == Some(b"ri");
        is_lists.then(|| self.offsets(4, self.count()))
    }

    /// Offsets of keys, where this is a list of keys.
    pub(super) fn keys(&self) -> Option<Vec<u32>> {
        match self.bytes(0, 2)? {
            b"li" => Some(self.offsets(4, self.count())),
            // Beside each offset stands the beginning or a hash of the name.
            b"lf" | b"lh" => {
                let pairs = self.offsets(4, 2 * self.count());
                Some(pairs.into_iter().step_by(2).collect())
            }
            _ => None,
        }
    }

    /// Up to `count` offsets in a row; fewer where the cell ends before.
    pub(super) fn offsets(&self, at: usize, count: usize) -> Vec<u32> {
        (0..count)
            .map_while(|index| self.number(at + 4 * index))
            .collect()
    }

    fn count(&self) -> usize {
        self.short(2).map_or(0, usize::from)
    }
}

/// A number of four bytes.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}
