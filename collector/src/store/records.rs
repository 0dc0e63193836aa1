//! The embedded engine. Its types do not leave this file.

use std::{
    fs::File,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{
    error::{FileError, StoreError},
    file,
    schema::Keyspace,
    source::{Entries, Order},
    state::{RecordsHash, State},
};

/// How long the engine may take to let go of its files.
const CLOSING: Duration = Duration::from_secs(10);

/// How long readers that began earlier may take to end.
const READING: Duration = Duration::from_secs(2);

/// The records, open. Clones share them.
#[derive(Clone)]
pub(super) struct Records {
    engine: Arc<sled::Db>,
    dir: Arc<Path>,
}

/// Changes that are applied all together or not at all.
#[derive(Default)]
pub(super) struct Batch {
    changes: sled::Batch,
    keys: Vec<sled::IVec>,
}

impl Batch {
    pub(super) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        let key = sled::IVec::from(key);
        self.keys.push(key.clone());
        self.changes.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: Vec<u8>) {
        let key = sled::IVec::from(key);
        self.keys.push(key.clone());
        self.changes.remove(key);
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
            .map(|engine| Self {
                engine: Arc::new(engine),
                dir: dir.into(),
            })
            .map_err(|error| failed("read", dir, error))
    }

    pub(super) fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.engine.get(key).map_err(|error| self.reading(error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    pub(super) fn entries(&self, range: Range<Vec<u8>>, order: Order) -> Entries<'static> {
        if range.start >= range.end {
            return Box::new(std::iter::empty());
        }
        let entries = self.engine.range(range);
        let entries: Box<dyn Iterator<Item = _>> = match order {
            Order::Up => Box::new(entries),
            Order::Down => Box::new(entries.rev()),
        };
        let records = self.clone();
        Box::new(entries.map(move |entry| {
            let (key, value) = entry.map_err(|error| records.reading(error))?;
            Ok((key.to_vec(), value.to_vec()))
        }))
    }

    /// Gives the engine's file space on the disk beyond its end, without making it longer.
    pub(super) fn allocate(&self, ahead: u64) -> Result<(), StoreError> {
        let path = self.dir.join("db");
        file::private(&path)
            .open(&path)
            .and_then(|file| file::allocate_ahead(&file, ahead))
            .map_err(FileError::of("allocate space for", &path))?;
        Ok(())
    }

    /// Makes changes visible, then durable.
    ///
    /// The engine leaves nodes that have become too large or too small to whoever passes them next: a reader
    /// then writes, and what it wrote is not on the disk yet when it is read again. With the disk full that is
    /// the end of the engine. So every changed place is passed here, before the flush: readers find nothing
    /// left to do.
    pub(super) fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.engine
            .apply_batch(batch.changes)
            .map_err(|error| self.writing(error))?;
        for key in &batch.keys {
            self.engine.get(key).map_err(|error| self.writing(error))?;
        }
        self.flush()
    }

    /// Makes everything durable.
    pub(super) fn flush(&self) -> Result<(), StoreError> {
        self.engine
            .flush()
            .map(drop)
            .map_err(|error| self.writing(error))
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
        for entry in self.engine.iter() {
            let (key, value) = entry.map_err(|error| self.reading(error))?;
            if *key != *state {
                count += 1;
                hash.add(&key, &value);
            }
        }
        Ok((count, hash))
    }

    /// Lets go of the directory, and waits until the engine has done so too: its own threads may outlive
    /// the last handle for a moment. Answers whether it has.
    pub(super) fn close(self) -> bool {
        let lock: PathBuf = self.dir.join("db");
        self.abandon();
        let until = Instant::now() + CLOSING;
        while Instant::now() < until {
            match File::open(&lock) {
                Ok(file) if file.try_lock().is_ok() => return true,
                Ok(_) => thread::sleep(Duration::from_millis(2)),
                Err(_) => return false,
            }
        }
        false
    }

    /// Lets go of the directory without waiting: after a failed write the engine may never return from that.
    pub(super) fn abandon(self) {
        let until = Instant::now() + READING;
        while Arc::strong_count(&self.engine) > 1 && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
        thread::spawn(move || drop(self));
    }

    fn reading(&self, error: sled::Error) -> StoreError {
        failed("read", &self.dir, error)
    }

    fn writing(&self, error: sled::Error) -> StoreError {
        failed("written", &self.dir, error)
    }
}

fn failed(action: &'static str, dir: &Path, error: sled::Error) -> StoreError {
    match error {
        sled::Error::Io(source) => StoreError::Io(FileError {
            action: if action == "read" { "read" } else { "write" },
            path: dir.to_owned(),
            source,
        }),
        error => StoreError::Engine {
            action,
            source: Box::new(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes that make nodes grow, split, shrink and join.
    fn batch(round: u32) -> Batch {
        let key = |n: u32| blake3::hash(&n.to_le_bytes()).as_bytes()[..17].to_vec();
        let mut batch = Batch::default();
        for n in round * 300..(round + 1) * 300 {
            if round % 5 == 4 {
                batch.remove(key(n - 600));
                batch.remove(key(n - 900));
            } else {
                batch.put(key(n), vec![n as u8; 20 + n as usize % 400]);
            }
        }
        batch
    }

    #[test]
    fn readers_find_nothing_left_to_write() {
        let dir = tempfile::tempdir().unwrap();
        let records = Records::open(&dir.path().join("records"), 64 * 1024).unwrap();
        for round in 0..20 {
            records.apply(batch(round)).unwrap();
            let whole = || vec![0]..vec![u8::MAX; 17];
            let up = records.entries(whole(), Order::Up).count();
            assert_eq!(records.entries(whole(), Order::Down).count(), up);
            let (count, _) = records.survey().unwrap();
            assert!(count as usize >= up && up > 0);
            assert_eq!(records.engine.flush().unwrap(), 0, "bytes, round {round}");
        }
    }
}
