//! How findings open, change, resolve and come back: pure functions over what is stored.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{Found, Rule, Verdict};
use crate::{
    clock::UnixMillis,
    store::{
        StoredFindings,
        record::{EpisodeRecord, FindingRecord, MarkRecord, MemoryRecord},
    },
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Most findings of one rule on one machine: a hostile machine cannot drown the page.
const MOST: usize = 16;

/// Most that is noted of one machine.
const MARKS: usize = 2000;

/// Earlier times that are kept.
const EPISODES: usize = 20;

/// A finding that has come back this often within [`RESTLESS_WITHIN`] resolves only once it was gone for
/// [`CALM`]: until then it is shown all the time instead of flickering.
const RESTLESS: usize = 3;
const RESTLESS_WITHIN: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const CALM: Duration = DAY;

/// How long a resolved finding is kept.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What has changed and must be stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Changes {
    /// Findings that were added or altered, and those to be forgotten.
    pub(super) findings: BTreeSet<u64>,
    /// What the rules remember is different.
    pub(super) memory: bool,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty() && !self.memory
    }
}

/// A hash of rule and subject.
pub(super) fn hash(rule: &str, subject: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(rule.as_bytes())
        .update(&[0])
        .update(subject.as_bytes());
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_be_bytes(first)
}

/// Takes in what the rules say now.
pub(super) fn step(
    stored: &mut StoredFindings,
    verdicts: &[(&'static Rule, Verdict)],
    now: UnixMillis,
) -> Changes {
    let mut changes = Changes::default();
    for (rule, verdict) in verdicts {
        let mut present = BTreeSet::new();
        for found in verdict.found.iter().take(MOST) {
            let hash = hash(rule.id, &found.subject);
            present.insert(hash);
            if appear(stored.findings.entry(hash).or_default(), rule, found, now) {
                changes.findings.insert(hash);
            }
        }
        let is_whole = verdict.is_whole && verdict.found.len() <= MOST;
        for (hash, record) in &mut stored.findings {
            let missing =
                record.rule == rule.id && record.resolved_at == 0 && !present.contains(hash);
            if missing && disappear(record, is_whole, now) {
                changes.findings.insert(*hash);
            }
        }
    }
    changes.memory = remember(&mut stored.memory, verdicts, now);
    forget(&mut stored.findings, &mut changes, now);
    changes
}

/// Resolves everything: the machine is out of service.
pub(super) fn end(stored: &mut StoredFindings, now: UnixMillis) -> Changes {
    let mut changes = Changes::default();
    for (hash, record) in &mut stored.findings {
        if record.resolved_at == 0 {
            record.resolved_at = now.0;
            record.absent_since = 0;
            changes.findings.insert(*hash);
        }
    }
    forget(&mut stored.findings, &mut changes, now);
    changes
}

/// Something is found; whether that is news.
fn appear(record: &mut FindingRecord, rule: &Rule, found: &Found, now: UnixMillis) -> bool {
    let before = record.clone();
    if record.opened_at == 0 {
        rule.id.clone_into(&mut record.rule);
        record.subject.clone_from(&found.subject);
        record.opened_at = now.0;
        record.changed_at = now.0;
    } else if record.resolved_at != 0 {
        reopen(record, now);
    }
    record.absent_since = 0;
    record.unchecked_since = 0;
    record.set_severity(found.severity.unwrap_or(rule.severity));
    record.particulars = found
        .particulars
        .iter()
        .map(super::Particular::to_record)
        .collect();
    record.evidence = found
        .evidence
        .iter()
        .map(super::Evidence::to_record)
        .collect();
    if record.severity != before.severity || record.particulars != before.particulars {
        record.changed_at = now.0;
    }
    *record != before
}

fn reopen(record: &mut FindingRecord, now: UnixMillis) {
    record.episodes.push(EpisodeRecord {
        opened_at: record.opened_at,
        resolved_at: record.resolved_at,
    });
    let surplus = record.episodes.len().saturating_sub(EPISODES);
    record.episodes.drain(..surplus);
    record.returns.push(now.0);
    let surplus = record.returns.len().saturating_sub(RESTLESS);
    record.returns.drain(..surplus);
    record.opened_at = now.0;
    record.changed_at = now.0;
    record.resolved_at = 0;
}

/// Something is no longer found; whether that is news. It resolves only when everything was looked at.
fn disappear(record: &mut FindingRecord, is_whole: bool, now: UnixMillis) -> bool {
    if !is_whole {
        let is_news = record.unchecked_since == 0;
        if is_news {
            record.unchecked_since = now.0;
        }
        return is_news;
    }
    let absent_since = match record.absent_since {
        0 => now,
        since => UnixMillis(since),
    };
    if is_restless(record, now) && now.since(absent_since) < CALM {
        let is_news = record.absent_since == 0 || record.unchecked_since != 0;
        record.absent_since = absent_since.0;
        record.unchecked_since = 0;
        return is_news;
    }
    record.resolved_at = now.0;
    record.absent_since = 0;
    record.unchecked_since = 0;
    true
}

fn is_restless(record: &FindingRecord, now: UnixMillis) -> bool {
    let lately = record.returns.iter();
    let lately = lately.filter(|at| now.since(UnixMillis(**at)) < RESTLESS_WITHIN);
    lately.count() >= RESTLESS
}

/// Notes what holds, and keeps what could not be looked at; whether anything is different.
fn remember(
    memory: &mut MemoryRecord,
    verdicts: &[(&'static Rule, Verdict)],
    now: UnixMillis,
) -> bool {
    let known: BTreeMap<&str, i64> = memory
        .marks
        .iter()
        .map(|known| (known.mark.as_str(), known.since))
        .collect();
    let mut marks: BTreeMap<String, i64> = BTreeMap::new();
    for (rule, verdict) in verdicts {
        let prefix = format!("{}:", rule.id);
        if !verdict.is_whole {
            let own = known.iter().filter(|(mark, _)| mark.starts_with(&prefix));
            marks.extend(own.map(|(mark, since)| ((*mark).to_owned(), *since)));
        }
        for mark in &verdict.marks {
            let mark = format!("{prefix}{mark}");
            let since = known.get(mark.as_str()).copied().unwrap_or(now.0);
            marks.insert(mark, since);
        }
    }
    let marks: Vec<MarkRecord> = marks
        .into_iter()
        .take(MARKS)
        .map(|(mark, since)| MarkRecord { mark, since })
        .collect();
    let is_news = memory.marks != marks;
    memory.marks = marks;
    is_news
}

/// Forgets what was resolved long ago.
fn forget(findings: &mut BTreeMap<u64, FindingRecord>, changes: &mut Changes, now: UnixMillis) {
    let is_old = |record: &FindingRecord| {
        record.resolved_at != 0 && now.since(UnixMillis(record.resolved_at)) > KEPT
    };
    let old: Vec<u64> = findings
        .iter()
        .filter(|(_, record)| is_old(record))
        .map(|(hash, _)| *hash)
        .collect();
    for hash in old {
        findings.remove(&hash);
        changes.findings.insert(hash);
    }
}

#[cfg(test)]
mod tests;
