//! How the store does, for whoever watches it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio_util::sync::CancellationToken;

/// What the writer tells about itself.
#[derive(Debug, Default)]
pub(super) struct Health {
    records: AtomicU64,
    sequence: AtomicU64,
    full: AtomicBool,
    failed: CancellationToken,
    reserve: AtomicBool,
}

/// State of a store, for the owner and for support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Records in the engine.
    pub records: u64,
    /// Groups of changes ever made durable.
    pub sequence: u64,
    /// Bytes on disk, all files together.
    pub bytes: u64,
    /// The disk is too full to store reports; reading goes on.
    pub full: bool,
    /// Nothing can be stored until the collector is restarted.
    pub failed: bool,
    /// Space is held back for the day the disk is full.
    pub reserve_held: bool,
}

impl Health {
    pub(super) fn committed(&self, records: u64, sequence: u64) {
        self.records.store(records, Ordering::Relaxed);
        self.sequence.store(sequence, Ordering::Relaxed);
    }

    /// Notes whether there is room; answers whether that is news.
    pub(super) fn set_full(&self, full: bool) -> bool {
        self.full.swap(full, Ordering::Relaxed) != full
    }

    pub(super) fn set_failed(&self) {
        self.failed.cancel();
    }

    pub(super) fn failed(&self) -> &CancellationToken {
        &self.failed
    }

    pub(super) fn set_reserve(&self, held: bool) {
        self.reserve.store(held, Ordering::Relaxed);
    }

    pub(super) fn statistics(&self, bytes: u64) -> Statistics {
        Statistics {
            records: self.records.load(Ordering::Relaxed),
            sequence: self.sequence.load(Ordering::Relaxed),
            bytes,
            full: self.full.load(Ordering::Relaxed),
            failed: self.failed.is_cancelled(),
            reserve_held: self.reserve.load(Ordering::Relaxed),
        }
    }
}
