//! Delivering the spool: in order, at the collector's pace, again when an acknowledgement was lost.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use freehold_proto::v1::section::Kind;

use super::super::shared::Shared;
use crate::{
    clock::Boots,
    report::{Backoff, Failure, Link, Version},
    snapshot::Digest,
};

/// Versions and bytes of one upload.
const BATCH_VERSIONS: usize = 64;
const BATCH_BYTES: u64 = 2 * 1024 * 1024;
/// Jitter on top of a delay that the collector asked for.
const LONGEST_JITTER: Duration = Duration::from_secs(60);
/// An unchanged section is delivered again at most this often, however often it is wanted.
const INSIST: Duration = Duration::from_secs(10 * 60);
/// The first and the longest pause after a version that the collector refuses for good.
const DISTASTE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(6 * 60 * 60));

/// What is known about delivering, besides the spool itself.
pub(super) struct Delivery {
    shared: Arc<Shared>,
    /// The collector takes no upload before; check-ins go on.
    hold: Option<Instant>,
    /// A version up to this position was refused; which one is found by sending them singly.
    singly_until: u64,
    /// Refused versions in a row: should the collector refuse everything, little is given up.
    distaste: Backoff,
    /// Sections that were delivered again on request: which version, when, how often.
    insisted: HashMap<Kind, (Digest, Instant, u32)>,
}

impl Delivery {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            hold: None,
            singly_until: 0,
            distaste: Backoff::new(DISTASTE.0, DISTASTE.1),
            insisted: HashMap::new(),
        }
    }

    /// How long no upload is allowed, if so.
    pub(super) fn held_for(&self) -> Option<Duration> {
        self.hold
            .map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Delivers what waits, unless the collector asked for a pause. Returns its words when it refused a
    /// version for good.
    pub(super) async fn deliver(&mut self, link: &mut Link) -> Result<Option<String>, Failure> {
        if self.hold.is_some_and(|end| Instant::now() < end) {
            return Ok(None);
        }
        self.hold = None;
        let (pause, refused) = match self.deliver_all(link).await {
            Ok(pause) => (pause, None),
            Err(Failure::Busy { after, message }) if !after.is_zero() => {
                tracing::info!(seconds = after.as_secs(), message, "reports are held back");
                (after, None)
            }
            Err(Failure::Rejected(message)) => {
                (self.distaste.failed(Duration::ZERO, 1.0), Some(message))
            }
            Err(failure) => return Err(failure),
        };
        if !pause.is_zero() {
            let jitter = pause.min(LONGEST_JITTER).mul_f64(rand::random());
            self.hold = Some(Instant::now() + pause + jitter);
        }
        Ok(refused)
    }

    /// Oldest first. Returns how long the collector asks to pause.
    async fn deliver_all(&mut self, link: &mut Link) -> Result<Duration, Failure> {
        while !self.shared.spool().entries().is_empty() {
            let (batch, boots) = self.next_batch();
            let sequences: Vec<u64> = batch.iter().map(|version| version.sequence).collect();
            let Some(last) = sequences.last() else {
                continue;
            };
            match link.upload(batch, boots).await {
                Ok(pause) => {
                    self.acknowledged(&sequences);
                    if !pause.is_zero() {
                        return Ok(pause);
                    }
                }
                Err(Failure::Rejected(_)) if sequences.len() > 1 => self.singly_until = *last,
                Err(Failure::Rejected(message)) => {
                    // One version that is never taken must not hold up the others.
                    tracing::error!(message, "the collector refuses a report; it is given up");
                    self.shared.spool().lose(*last);
                    return Err(Failure::Rejected(message));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(Duration::ZERO)
    }

    /// May be empty: unreadable versions are dropped on the way.
    fn next_batch(&self) -> (Vec<Version>, Boots) {
        let mut spool = self.shared.spool();
        let first = spool.entries().front().map(|entry| entry.sequence);
        let singly = first.is_some_and(|first| first <= self.singly_until);
        let count = if singly { 1 } else { BATCH_VERSIONS };
        (spool.batch(count, BATCH_BYTES), spool.boots())
    }

    fn acknowledged(&mut self, sequences: &[u64]) {
        tracing::debug!(count = sequences.len(), "delivered");
        self.distaste.succeeded();
        if let Err(error) = self.shared.spool().acknowledged(sequences) {
            // They may be sent again, which does no harm.
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "delivery is only noted in memory");
        }
    }

    /// Those of some sections of which no version waits to be delivered.
    pub(super) fn not_waiting(&self, kinds: &[Kind]) -> Vec<Kind> {
        let spool = self.shared.spool();
        let waits = |kind: &&Kind| spool.entries().iter().any(|entry| entry.kind == **kind);
        kinds.iter().filter(|kind| !waits(kind)).copied().collect()
    }

    /// The collector lacks sections that this agent believes delivered.
    pub(super) fn insist(&mut self, kinds: Vec<Kind>) {
        let mut again = Vec::new();
        for kind in kinds {
            let Some(digest) = self.shared.digest(kind) else {
                continue;
            };
            let times = match self.insisted.get(&kind) {
                Some((known, at, _)) if *known == digest && at.elapsed() < INSIST => continue,
                Some((known, _, times)) if *known == digest => times + 1,
                _ => 1,
            };
            if times > 1 {
                // It was acknowledged without effect: its position had been taken.
                self.shared.spool().leap();
            }
            self.insisted.insert(kind, (digest, Instant::now(), times));
            again.push(kind);
        }
        self.shared.want(again);
    }
}
