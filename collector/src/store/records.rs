//! The embedded engine. Its types do not leave this file.

use std::{error::Error, ops::Range, path::Path, sync::Arc};

use super::{
    error::StoreError,
    schema::Keyspace,
    source::{Entries, Order},
    state::{RecordsHash, State},
};

/// The records, open. Clones share them.
#[derive(Clone)]
pub(super) struct Records(Arc<sled::Db>);

/// Changes that are applied all together or not at all.
#[derive(Default)]
pub(super) struct Batch(sled::Batch);

impl Batch {
    pub(super) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.0.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: Vec<u8>) {
        self.0.remove(key);
    }
}

impl Records {
    /// Opens a directory, or makes it. May panic when it is damaged: see [`super::open`].
    pub(super) fn open(dir: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        sled::Config::new()
            .path(dir)
            .cache_capacity(cache_bytes)
            .flush_every_ms(None)
            .open()
            .map(|records| Self(Arc::new(records)))
            .map_err(reading)
    }

    pub(super) fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.0.get(key).map_err(reading)?;
        Ok(value.map(|value| value.to_vec()))
    }

    pub(super) fn entries(&self, range: Range<Vec<u8>>, order: Order) -> Entries<'static> {
        if range.start >= range.end {
            return Box::new(std::iter::empty());
        }
        let entries = self.0.range(range);
        let entries: Box<dyn Iterator<Item = _>> = match order {
            Order::Up => Box::new(entries),
            Order::Down => Box::new(entries.rev()),
        };
        Box::new(entries.map(|entry| {
            let (key, value) = entry.map_err(reading)?;
            Ok((key.to_vec(), value.to_vec()))
        }))
    }

    /// Makes changes visible, then durable.
    pub(super) fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.0.apply_batch(batch.0).map_err(writing)?;
        self.flush()
    }

    /// Makes everything durable.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.0.flush().map(drop).map_err(writing)
    }

    /// The state as stored; `None` when the record is missing or malformed.
    pub(super) fn state(&self) -> Result<Option<State>, StoreError> {
        let value = self.value(&Keyspace::State.single())?;
        Ok(value.as_deref().and_then(State::from_bytes))
    }

    /// Counts and hashes all records but the state's own.
    pub(super) fn survey(&self) -> Result<(u64, RecordsHash), StoreError> {
        let state = Keyspace::State.single();
        let (mut count, mut hash) = (0, RecordsHash::default());
        for entry in self.0.iter() {
            let (key, value) = entry.map_err(reading)?;
            if *key != *state {
                count += 1;
                hash.add(&key, &value);
            }
        }
        Ok((count, hash))
    }
}

fn reading(error: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Engine {
        action: "read",
        source: Box::new(error),
    }
}

fn writing(error: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Engine {
        action: "written",
        source: Box::new(error),
    }
}
