//! The log of who read and changed what, as it is stored: hashes that stay, and bodies that can be erased
//! apart from them. What they mean is the business of [`crate::audit`].

use super::{
    error::StoreError,
    read::{Read, decode, record, undecodable},
    record::{LogBodyRecord, LogHeadRecord},
    schema::{Key, Keyspace},
    source::{Order, Source},
    txn::Txn,
};

/// Bytes that blind the commitment to a body.
const BLINDING: usize = 16;

/// A body as it is stored: exactly the bytes that the log commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogBody {
    /// Random bits that keep anybody from guessing an erased body by its hash.
    pub blinding: [u8; BLINDING],
    /// The encoded [`LogBodyRecord`].
    pub bytes: Vec<u8>,
}

impl LogBody {
    /// What it says.
    pub fn record(&self) -> Result<LogBodyRecord, StoreError> {
        decode(&Keyspace::LogBody.single(), &self.bytes)
    }

    fn from_value(key: &[u8], value: &[u8]) -> Result<Self, StoreError> {
        let (blinding, bytes) = value
            .split_first_chunk::<BLINDING>()
            .ok_or_else(|| undecodable(key))?;
        Ok(Self {
            blinding: *blinding,
            bytes: bytes.to_vec(),
        })
    }

    fn to_value(&self) -> Vec<u8> {
        [&self.blinding[..], &self.bytes].concat()
    }
}

/// What can be looked up in the log.
pub trait ReadLog: Read {
    /// Where the log stands; `None` before its first entry.
    fn log_head(&self) -> Result<Option<LogHeadRecord>, StoreError> {
        record(self, &Keyspace::LogHead.single())
    }

    /// What an entry commits to; `None` when there is no such entry.
    fn log_leaf(&self, index: u64) -> Result<Option<[u8; 32]>, StoreError> {
        let key = numbered(Keyspace::LogLeaf, index);
        self.value(&key)?
            .map(|value| hash(&key, &value))
            .transpose()
    }

    /// Up to `limit` entries from `from` on, with what they commit to.
    fn log_leaves(&self, from: u64, limit: usize) -> Result<Vec<(u64, [u8; 32])>, StoreError> {
        let range = numbered(Keyspace::LogLeaf, from)..Keyspace::LogLeaf.below(&[]).end;
        self.entries(range, Order::Up)
            .take(limit)
            .map(|entry| {
                let (key, value) = entry?;
                Ok((index_of(&key)?, hash(&key, &value)?))
            })
            .collect()
    }

    /// The body of an entry; `None` when it was erased.
    fn log_body(&self, index: u64) -> Result<Option<LogBody>, StoreError> {
        let key = numbered(Keyspace::LogBody, index);
        self.value(&key)?
            .map(|value| LogBody::from_value(&key, &value))
            .transpose()
    }

    /// Up to `limit` bodies from `from` on.
    fn log_bodies(&self, from: u64, limit: usize) -> Result<Vec<(u64, LogBody)>, StoreError> {
        let range = numbered(Keyspace::LogBody, from)..Keyspace::LogBody.below(&[]).end;
        bodies(self, range, Order::Up, limit)
    }

    /// Up to `limit` bodies before entry `before`, or the last ones, newest first.
    fn log_before(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<(u64, LogBody)>, StoreError> {
        let mut range = Keyspace::LogBody.below(&[]);
        if let Some(before) = before {
            range.end = numbered(Keyspace::LogBody, before);
        }
        bodies(self, range, Order::Down, limit)
    }

    /// Up to `limit` entries about a grant or person before entry `before`, newest first.
    fn log_about(
        &self,
        subject: &[u8; 16],
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let mut range = Keyspace::LogSubject.below(&[subject]);
        if let Some(before) = before {
            range.end = Keyspace::LogSubject.key(&[subject, &before.to_be_bytes()]);
        }
        self.entries(range, Order::Down)
            .take(limit)
            .map(|entry| index_of(&entry?.0))
            .collect()
    }

    /// The root of the perfect tree over the entries `position << level` and the `1 << level` that begin
    /// there.
    fn log_node(&self, level: u8, position: u64) -> Result<Option<[u8; 32]>, StoreError> {
        let key = node_key(level, position);
        self.value(&key)?
            .map(|value| hash(&key, &value))
            .transpose()
    }
}

impl<R: Read + ?Sized> ReadLog for R {}

impl Txn {
    /// Says where the log stands.
    pub fn put_log_head(&mut self, head: &LogHeadRecord) {
        self.put(Keyspace::LogHead.single(), head);
    }

    /// Adds an entry.
    pub fn put_log_leaf(&mut self, index: u64, commitment: &[u8; 32]) {
        self.put_bytes(numbered(Keyspace::LogLeaf, index), commitment.to_vec());
    }

    /// Adds the body of an entry.
    pub fn put_log_body(&mut self, index: u64, body: &LogBody) {
        self.put_bytes(numbered(Keyspace::LogBody, index), body.to_value());
    }

    /// Erases the body of an entry.
    pub fn remove_log_body(&mut self, index: u64) {
        self.remove(numbered(Keyspace::LogBody, index));
    }

    /// Makes an entry found by a grant or person it is about.
    pub fn put_log_subject(&mut self, subject: &[u8; 16], index: u64) {
        let key = Keyspace::LogSubject.key(&[subject, &index.to_be_bytes()]);
        self.put_bytes(key, Vec::new());
    }

    /// Forgets that an entry is about a grant or person.
    pub fn remove_log_subject(&mut self, subject: &[u8; 16], index: u64) {
        self.remove(Keyspace::LogSubject.key(&[subject, &index.to_be_bytes()]));
    }

    /// Adds the root of a perfect tree.
    pub fn put_log_node(&mut self, level: u8, position: u64, hash: &[u8; 32]) {
        self.put_bytes(node_key(level, position), hash.to_vec());
    }

    /// Takes an entry away, as nobody may: to see that it is noticed.
    #[cfg(test)]
    pub(crate) fn tear_log_leaf(&mut self, index: u64) {
        self.remove(numbered(Keyspace::LogLeaf, index));
    }
}

fn numbered(keyspace: Keyspace, index: u64) -> Key {
    keyspace.key(&[&index.to_be_bytes()])
}

fn node_key(level: u8, position: u64) -> Key {
    Keyspace::LogNode.key(&[&[level], &position.to_be_bytes()])
}

fn index_of(key: &[u8]) -> Result<u64, StoreError> {
    let (_, bytes) = key.split_last_chunk().ok_or_else(|| undecodable(key))?;
    Ok(u64::from_be_bytes(*bytes))
}

fn hash(key: &[u8], value: &[u8]) -> Result<[u8; 32], StoreError> {
    value.try_into().map_err(|_| undecodable(key))
}

fn bodies<S: Source + ?Sized>(
    source: &S,
    range: std::ops::Range<Key>,
    order: Order,
    limit: usize,
) -> Result<Vec<(u64, LogBody)>, StoreError> {
    source
        .entries(range, order)
        .take(limit)
        .map(|entry| {
            let (key, value) = entry?;
            Ok((index_of(&key)?, LogBody::from_value(&key, &value)?))
        })
        .collect()
}
