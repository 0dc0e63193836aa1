//! What is known of one machine.

use std::sync::Arc;

use tokio::sync::Mutex as AsyncMutex;

use crate::{
    change::schema::KINDS, clock::UnixMillis, id::Digest, ingest::pace::Paces,
    store::record::PresenceRecord,
};

/// Places for the sections: their numbers begin at 1.
pub(in crate::ingest) const SECTIONS: usize = KINDS.len() + 1;

/// What is known of one machine.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Entry {
    /// What becomes durable behind.
    pub(in crate::ingest) record: PresenceRecord,
    /// The record differs from the stored one.
    pub(in crate::ingest) changed: bool,
    /// The current version of each section, by the number of its kind.
    pub(in crate::ingest) current: [Option<Current>; SECTIONS],
    /// When a version of each section was last looked at.
    pub(in crate::ingest) attempted_at: [UnixMillis; SECTIONS],
    /// The machine was known when the collector was started and has not checked in since.
    pub(in crate::ingest) is_fresh: bool,
    /// It told, since the collector was started, that it holds the current anchors and addresses.
    pub(in crate::ingest) is_up_to_date: bool,
    /// How often it calls.
    pub(in crate::ingest) paces: Paces,
    /// Uploads under way.
    pub(in crate::ingest) uploads: usize,
    /// Held while versions of this machine are compared and stored.
    pub(in crate::ingest) turn: Arc<AsyncMutex<()>>,
    /// Whether its clock was wrong at the last check-in; none before the first since the start.
    pub(in crate::ingest) is_clock_wrong: Option<bool>,
    /// Lost reports that the last check-in told of.
    pub(in crate::ingest) told_lost: u32,
    /// When the owner was last told about invalid reports of it.
    pub(in crate::ingest) told_invalid_at: Option<UnixMillis>,
    /// The day for which the owner was told that it used up its quota.
    pub(in crate::ingest) told_quota_day: Option<u32>,
}

/// The current version of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ingest) struct Current {
    /// Of its bytes.
    pub(in crate::ingest) digest: Digest,
    /// Its position, as stored.
    pub(in crate::ingest) sequence: u64,
    /// When it was collected.
    pub(in crate::ingest) collected_at: i64,
}

impl Entry {
    /// Notes that the current version of a section was confirmed.
    pub(in crate::ingest) fn confirm(&mut self, kind: usize, at: UnixMillis) {
        let confirmed = &mut self.record.confirmed_at;
        if confirmed.len() <= kind {
            confirmed.reserve_exact(SECTIONS - confirmed.len());
            confirmed.resize(kind + 1, 0);
        }
        confirmed[kind] = confirmed[kind].max(at.0);
        self.changed = true;
    }

    /// Counts positions anew: whatever the machine sends from now on follows what is stored.
    pub(in crate::ingest) fn count_anew(&mut self) {
        let stored = self
            .current
            .iter()
            .flatten()
            .map(|current| current.sequence);
        self.record.sequence_base = stored.max().unwrap_or(0);
        self.changed = true;
    }
}
