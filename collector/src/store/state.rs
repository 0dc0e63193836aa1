//! What the records are at one moment: written into every group of changes, and into the witness.

use super::packs::Position;

/// State of the records after a group of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Version of the schema.
    pub(super) schema: u32,
    /// Number of the group.
    pub(super) sequence: u64,
    /// How many records there are, the state's own left out.
    pub(super) records: u64,
    /// Hash over them.
    pub(super) hash: RecordsHash,
    /// End of the newest pack.
    pub(super) position: Position,
}

impl State {
    const BYTES: usize = 4 + 8 + 8 + 32 + 4 + 8;

    /// As stored under the state's key.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::BYTES);
        bytes.extend_from_slice(&self.schema.to_be_bytes());
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.records.to_be_bytes());
        bytes.extend_from_slice(&self.hash.to_bytes());
        bytes.extend_from_slice(&self.position.pack.to_be_bytes());
        bytes.extend_from_slice(&self.position.offset.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (schema, rest) = bytes.split_first_chunk()?;
        let (sequence, rest) = rest.split_first_chunk()?;
        let (records, rest) = rest.split_first_chunk()?;
        let (hash, rest) = rest.split_first_chunk()?;
        let (pack, rest) = rest.split_first_chunk()?;
        let (offset, rest) = rest.split_first_chunk()?;
        rest.is_empty().then(|| Self {
            schema: u32::from_be_bytes(*schema),
            sequence: u64::from_be_bytes(*sequence),
            records: u64::from_be_bytes(*records),
            hash: RecordsHash::from_bytes(hash),
            position: Position {
                pack: u32::from_be_bytes(*pack),
                offset: u64::from_be_bytes(*offset),
            },
        })
    }

    /// Takes account of a record that is put, replaced or removed.
    pub(super) fn replace(&mut self, key: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) {
        if let Some(old) = old {
            self.records = self.records.wrapping_sub(1);
            self.hash.remove(key, old);
        }
        if let Some(new) = new {
            self.records = self.records.wrapping_add(1);
            self.hash.add(key, new);
        }
    }
}

/// A hash over a set of records whatever their order: the sum, modulo 2^256, of BLAKE3 over each. It guards
/// against loss and corruption, not against an adversary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RecordsHash([u64; 4]);

impl RecordsHash {
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        let mut carry = false;
        for (limb, term) in self.0.iter_mut().zip(term(key, value)) {
            (*limb, carry) = carrying_add(*limb, term, carry);
        }
    }

    pub(super) fn remove(&mut self, key: &[u8], value: &[u8]) {
        let mut borrow = false;
        for (limb, term) in self.0.iter_mut().zip(term(key, value)) {
            (*limb, borrow) = borrowing_sub(*limb, term, borrow);
        }
    }

    pub(super) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.as_chunks().0) {
            *limb = u64::from_le_bytes(*chunk);
        }
        Self(limbs)
    }
}

fn term(key: &[u8], value: &[u8]) -> [u64; 4] {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(&(key.len() as u32).to_le_bytes())
        .update(key)
        .update(value);
    RecordsHash::from_bytes(hasher.finalize().as_bytes()).0
}

fn carrying_add(left: u64, right: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = left.overflowing_add(right);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

fn borrowing_sub(left: u64, right: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = left.overflowing_sub(right);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_depends_on_the_records_and_not_on_their_order() {
        let records: Vec<_> = (0..100_u32)
            .map(|n| (n.to_be_bytes(), [n as u8; 9]))
            .collect();
        let mut up = RecordsHash::default();
        for (key, value) in &records {
            up.add(key, value);
        }
        let mut down = RecordsHash::default();
        down.add(b"gone", b"again");
        for (key, value) in records.iter().rev() {
            down.add(key, value);
        }
        assert_ne!(up, down);
        down.remove(b"gone", b"again");
        assert_eq!(up, down);
        for (key, value) in &records {
            up.remove(key, value);
        }
        assert_eq!(up, RecordsHash::default());
        assert_eq!(RecordsHash::from_bytes(&down.to_bytes()), down);
    }

    #[test]
    fn a_byte_moved_from_key_to_value_changes_the_hash() {
        let (mut one, mut other) = (RecordsHash::default(), RecordsHash::default());
        one.add(b"ab", b"c");
        other.add(b"a", b"bc");
        assert_ne!(one, other);
    }
}
