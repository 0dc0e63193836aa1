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
/// A longer pause than this is about the version, which was more than the collector takes from this machine in
/// a day; a busy collector asks for a shorter one.
const ABOUT_ALL: Duration = Duration::from_secs(5 * 60);

/// What is known about delivering, besides the spool itself.
pub(super) struct Delivery {
    shared: Arc<Shared>,
    /// The collector takes no upload before; check-ins go on.
    hold: Option<Instant>,
    /// A version up to this position was refused; which one is found by sending them singly.
    singly_until: u64,
    /// Sections that wait while the others go on.
    held: HashMap<Kind, Held>,
    /// Sections that were delivered again on request: which version, when, how often.
    insisted: HashMap<Kind, (Digest, Instant, u32)>,
}

/// A section of which the collector did not take a version.
struct Held {
    until: Instant,
    /// Refused versions in a row: should the collector refuse everything, little is given up.
    distaste: Backoff,
}

impl Delivery {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            hold: None,
            singly_until: 0,
            held: HashMap::new(),
            insisted: HashMap::new(),
        }
    }

    /// How long it takes until more can be delivered, if something waits for that.
    pub(super) fn held_for(&self) -> Option<Duration> {
        let spool = self.shared.spool();
        let waits = |kind: &Kind| spool.entries().iter().any(|entry| entry.kind == *kind);
        let sections = self.held.iter().filter(|(kind, _)| waits(kind));
        let ends = sections.map(|(_, held)| held.until).chain(self.hold);
        ends.min()
            .map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Delivers what waits, unless the collector asked for a pause. Returns its words when it refused a
    /// version for good.
    pub(super) async fn deliver(&mut self, link: &mut Link) -> Result<Option<String>, Failure> {
        if self.hold.is_some_and(|end| Instant::now() < end) {
            return Ok(None);
        }
        self.hold = None;
        let mut refused = None;
        let pause = match self.deliver_all(link, &mut refused).await {
            Ok(pause) => pause,
            Err(Failure::Busy { after, message }) if !after.is_zero() => {
                tracing::info!(seconds = after.as_secs(), message, "reports are held back");
                after
            }
            Err(failure) => return Err(failure),
        };
        if !pause.is_zero() {
            self.hold = Some(jittered(pause));
        }
        Ok(refused)
    }

    /// Oldest first. Returns how long the collector asks to pause.
    async fn deliver_all(
        &mut self,
        link: &mut Link,
        refused: &mut Option<String>,
    ) -> Result<Duration, Failure> {
        loop {
            let (batch, boots) = self.next_batch();
            let Some(last) = batch.last() else {
                return Ok(Duration::ZERO);
            };
            let (kind, last) = (last.kind, last.sequence);
            let delivered: Vec<_> = batch
                .iter()
                .map(|version| (version.sequence, version.kind))
                .collect();
            match link.upload(batch, boots).await {
                Ok(pause) => {
                    self.acknowledged(&delivered);
                    if !pause.is_zero() {
                        return Ok(pause);
                    }
                }
                Err(failure) if is_about_one(&failure) && delivered.len() > 1 => {
                    self.singly_until = last;
                }
                Err(Failure::Rejected(message)) => {
                    tracing::error!(message, "the collector refuses a report; it is given up");
                    self.shared.spool().lose(last);
                    self.distaste(kind);
                    *refused = Some(message);
                }
                Err(Failure::Busy { after, message }) if after > ABOUT_ALL => {
                    let (section, seconds) = (kind.as_str_name(), after.as_secs());
                    tracing::info!(section, seconds, message, "a report is held back");
                    self.held_section(kind).until = jittered(after);
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    fn next_batch(&self) -> (Vec<Version>, Boots) {
        let now = Instant::now();
        let may = |kind| self.held.get(&kind).is_none_or(|held| held.until <= now);
        let mut spool = self.shared.spool();
        let first = spool.entries().iter().find(|entry| may(entry.kind));
        let singly = first.is_some_and(|first| first.sequence <= self.singly_until);
        let count = if singly { 1 } else { BATCH_VERSIONS };
        (spool.batch(count, BATCH_BYTES, may), spool.boots())
    }

    /// A version that is never taken must not hold up others: only its own section waits.
    fn distaste(&mut self, kind: Kind) {
        let held = self.held_section(kind);
        held.until = jittered(held.distaste.failed(Duration::ZERO, 1.0));
    }

    fn held_section(&mut self, kind: Kind) -> &mut Held {
        self.held.entry(kind).or_insert_with(|| Held {
            until: Instant::now(),
            distaste: Backoff::new(DISTASTE.0, DISTASTE.1),
        })
    }

    fn acknowledged(&mut self, delivered: &[(u64, Kind)]) {
        tracing::debug!(count = delivered.len(), "delivered");
        for (_, kind) in delivered {
            self.held.remove(kind);
        }
        let sequences: Vec<u64> = delivered.iter().map(|(sequence, _)| *sequence).collect();
        if let Err(error) = self.shared.spool().acknowledged(&sequences) {
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

/// Whether a failure says something of a version, and nothing of the collector.
fn is_about_one(failure: &Failure) -> bool {
    match failure {
        Failure::Rejected(_) => true,
        Failure::Busy { after, .. } => *after > ABOUT_ALL,
        _ => false,
    }
}

/// The end of a pause, with jitter on top.
fn jittered(pause: Duration) -> Instant {
    Instant::now() + pause + pause.min(LONGEST_JITTER).mul_f64(rand::random())
}
