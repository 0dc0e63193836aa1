//! What the observer hands to the reporter.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use freehold_proto::{
    limits::{AGE, SUMMARY_DIGEST_BYTES},
    v1::{Readings, SectionSummary, section::Kind},
};
use tokio::sync::Notify;

use crate::{
    clock::{Boots, Moment},
    report::{Spool, Version},
    snapshot::Digest,
};

/// The latest observation, and what has not been delivered.
pub(super) struct Shared {
    spool: Mutex<Spool>,
    observed: Mutex<Observed>,
    /// A section changed: there is something to deliver.
    pub(super) changed: Notify,
    /// The collector lacks sections: they are to be collected again.
    pub(super) wanted: Notify,
}

#[derive(Default)]
struct Observed {
    sections: BTreeMap<i32, Section>,
    readings: Option<Readings>,
    wanted: Vec<Kind>,
}

struct Section {
    digest: Digest,
    collected: Moment,
}

impl Shared {
    pub(super) fn new(spool: Spool) -> Self {
        Self {
            spool: Mutex::new(spool),
            observed: Mutex::new(Observed::default()),
            changed: Notify::new(),
            wanted: Notify::new(),
        }
    }

    pub(super) fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn observed(&self) -> MutexGuard<'_, Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a section as it is now; `version` is present when it has to be delivered.
    pub(super) fn observe(
        &self,
        kind: Kind,
        digest: Digest,
        collected: Moment,
        version: Option<Version>,
    ) {
        let section = Section { digest, collected };
        self.observed().sections.insert(kind.into(), section);
        if let Some(version) = version {
            let sequence = self.spool().append(version);
            tracing::debug!(section = kind.as_str_name(), sequence, "changed");
            self.changed.notify_one();
        }
    }

    pub(super) fn set_readings(&self, readings: Readings) {
        self.observed().readings = Some(readings);
    }

    pub(super) fn readings(&self) -> Option<Readings> {
        self.observed().readings.clone()
    }

    /// Each section as it was last seen.
    pub(super) fn summaries(&self, boots: &Boots, now: &Moment) -> Vec<SectionSummary> {
        let summary = |(kind, section): (&i32, &Section)| SectionSummary {
            kind: *kind,
            digest: section.digest[..SUMMARY_DIGEST_BYTES].to_vec(),
            age_ms: boots.age(&section.collected, now).min(AGE).as_millis() as u64,
        };
        self.observed().sections.iter().map(summary).collect()
    }

    pub(super) fn digest(&self, kind: Kind) -> Option<Digest> {
        let observed = self.observed();
        observed
            .sections
            .get(&kind.into())
            .map(|section| section.digest)
    }

    /// Has sections collected and delivered again, changed or not.
    pub(super) fn want(&self, kinds: Vec<Kind>) {
        if !kinds.is_empty() {
            self.observed().wanted.extend(kinds);
            self.wanted.notify_one();
        }
    }

    pub(super) fn take_wanted(&self) -> Vec<Kind> {
        std::mem::take(&mut self.observed().wanted)
    }
}
