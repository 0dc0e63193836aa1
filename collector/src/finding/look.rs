//! What a rule gets to see.

use freehold_proto::v1::{self, toggle};

use super::{Business, Facts, Whose, state};
use crate::{
    access::{Machine, Seen},
    clock::UnixMillis,
    store::{
        StoredFindings,
        record::{FindingRecord, MarkRecord},
    },
};

/// One look at one machine, for one rule.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The rule that looks.
    pub(super) rule: &'static str,
    /// The machine.
    pub machine: &'a Machine,
    /// Its last check-in; `None` before the first.
    pub seen: Option<&'a Seen>,
    /// What it reported.
    pub facts: &'a Facts,
    /// Its latest readings; empty when it sent none.
    pub readings: &'a v1::Readings,
    /// The business it belongs to.
    pub business: &'a Business,
    /// What was found and noted before.
    pub(super) past: &'a StoredFindings,
    /// The time.
    pub now: UnixMillis,
}

impl Look<'_> {
    /// Since when the rule notes something without a break; `None` when it did not note it the last time.
    pub fn since(&self, mark: &str) -> Option<UnixMillis> {
        let marks = &self.past.memory.marks;
        let is_it = |known: &&MarkRecord| {
            let own = known.mark.strip_prefix(self.rule);
            own.and_then(|rest| rest.strip_prefix(':')) == Some(mark)
        };
        let known = marks.iter().find(is_it)?;
        Some(UnixMillis(known.since))
    }

    /// What the rule found about a subject the last time, while that is open.
    pub fn open(&self, subject: &str) -> Option<&FindingRecord> {
        let hash = state::hash(self.rule, subject);
        let record = self.past.findings.get(&hash)?;
        (record.resolved_at == 0).then_some(record)
    }

    /// Whose the account of an administrator is; `None` when the owner has not said so.
    pub fn whose(&self, principal: &str) -> Option<Whose> {
        self.past.claims.whose(principal)
    }

    /// Whether the rule's finding about a subject is open: what opened it may then have to be well over before
    /// it ends.
    pub fn is_open(&self, subject: &str) -> bool {
        self.open(subject).is_some()
    }
}

/// A timestamp of the schema.
pub(super) fn time(at: &prost_types::Timestamp) -> UnixMillis {
    UnixMillis(at.seconds.saturating_mul(1000))
}

/// A statement in words.
pub(super) fn state_word(state: toggle::State) -> &'static str {
    match state {
        toggle::State::On => "yes",
        toggle::State::Off => "no",
        toggle::State::Unknown => "could not be read",
        toggle::State::Unspecified => "not told",
    }
}
