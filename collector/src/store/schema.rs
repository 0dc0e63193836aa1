//! How keys are encoded. The table is at the top of `store.rs`.

use std::{fmt, ops::Range};

use freehold_proto::v1::section;

use crate::id::MachineId;

/// Version of the schema that this program reads and writes.
pub(super) const VERSION: u32 = 1;

/// Which records a key belongs to: its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Keyspace {
    Body = b'b',
    State = b'.',
    Alert = b'A',
    Delivery = b'D',
    LogLeaf = b'a',
    Change = b'c',
    Device = b'd',
    Finding = b'F',
    LogBody = b'e',
    Fingerprint = b'f',
    Grant = b'g',
    LogNode = b'h',
    Invitation = b'i',
    LogSubject = b'j',
    PublicKey = b'k',
    Recent = b'l',
    Machine = b'm',
    Counter = b'n',
    Person = b'o',
    Presence = b'p',
    Factor = b'q',
    LogHead = b'r',
    Settings = b's',
    Suggestion = b'S',
    Token = b't',
    SavedQuestions = b'Q',
    SetupCode = b'u',
    Version = b'v',
    Current = b'w',
    Session = b'x',
    DeviceCode = b'y',
    Pack = b'z',
}

/// An encoded key.
pub(super) type Key = Vec<u8>;

impl Keyspace {
    /// The key of a keyspace that holds a single record.
    pub(super) fn single(self) -> Key {
        vec![self as u8]
    }

    /// A key made of the keyspace and some parts.
    pub(super) fn key(self, parts: &[&[u8]]) -> Key {
        let mut key = vec![self as u8];
        for part in parts {
            key.extend_from_slice(part);
        }
        key
    }

    /// All keys that begin with some parts.
    pub(super) fn below(self, parts: &[&[u8]]) -> Range<Key> {
        let first = self.key(parts);
        let end = successor(&first);
        first..end
    }
}

/// The first key after all that begin with `prefix`.
fn successor(prefix: &[u8]) -> Key {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// Key of a section version.
pub(super) fn version_key(id: MachineId, kind: section::Kind, sequence: u64) -> Key {
    Keyspace::Version.key(&[id.as_bytes(), &[kind_byte(kind)], &sequence.to_be_bytes()])
}

/// A section's kind as it stands in keys.
pub(super) fn kind_byte(kind: section::Kind) -> u8 {
    u8::try_from(i32::from(kind)).unwrap_or(u8::MAX)
}

/// Where a change stands among all changes: by time, then by the order in which they were stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeKey {
    at: i64,
    serial: u64,
}

impl ChangeKey {
    pub(super) const BYTES: usize = 16;

    pub(super) fn new(at: i64, serial: u64) -> Self {
        Self { at, serial }
    }

    /// A key older than every change at or after `at` (milliseconds since 1970-01-01 UTC), to list what
    /// happened before that time.
    pub fn before(at: i64) -> Self {
        Self { at, serial: 0 }
    }

    /// 16 bytes that sort as the keys do.
    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (at, serial) = bytes.split_at_mut(8);
        at.copy_from_slice(&(self.at.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        serial.copy_from_slice(&self.serial.to_be_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (at, serial) = bytes.split_at_checked(8)?;
        Some(Self {
            at: (u64::from_be_bytes(at.try_into().ok()?) ^ (1 << 63)).cast_signed(),
            serial: u64::from_be_bytes(serial.try_into().ok()?),
        })
    }
}

impl fmt::Display for ChangeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.serial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_keys_sort_by_time_also_before_1970() {
        let keys = [(-5, 9), (-4, 1), (0, 0), (0, 1), (7, 0)].map(|(a, s)| ChangeKey::new(a, s));
        assert!(
            keys.windows(2)
                .all(|pair| pair[0].to_bytes() < pair[1].to_bytes())
        );
        for key in keys {
            assert_eq!(ChangeKey::from_bytes(&key.to_bytes()), Some(key));
        }
    }

    #[test]
    fn a_range_ends_where_the_prefix_does() {
        let range = Keyspace::Version.below(&[&[7, u8::MAX]]);
        assert!(range.contains(&Keyspace::Version.key(&[&[7, u8::MAX, u8::MAX]])));
        assert!(!range.contains(&Keyspace::Version.key(&[&[8]])));
    }
}
