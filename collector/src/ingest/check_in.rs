//! A check-in: what the agent has against what the collector has. Touches memory only, unless there is
//! something to tell the owner.

use freehold_agent::identity::CredentialsDigest;
use freehold_proto::v1::{CheckInRequest, CheckInResponse};
use rand::RngExt as _;

use super::{
    Rejection, Shared,
    chain::{self, Verdict},
    notices::Finding,
    presence::Entry,
    quota::Usage,
    validate::{self, Link, Summary},
};
use crate::{clock::UnixMillis, peer::MachinePeer};

/// A check-in that keeps the rules.
struct CheckIn<'a> {
    summaries: Vec<Summary>,
    link: Link,
    readings: Option<Vec<u8>>,
    credentials: Option<CredentialsDigest>,
    agent_version: &'a str,
    clock_unix_ms: i64,
    spool_lost: u32,
}

impl<'a> CheckIn<'a> {
    fn new(request: &'a CheckInRequest) -> Result<Self, Rejection> {
        Ok(Self {
            summaries: validate::summaries(&request.sections)?,
            link: validate::link(request.chain.as_ref())?,
            readings: request
                .readings
                .as_ref()
                .map(validate::readings)
                .transpose()?,
            credentials: validate::credentials_digest(&request.credentials_digest)?,
            agent_version: validate::agent_version(&request.agent_version),
            clock_unix_ms: request.clock_unix_ms,
            spool_lost: request.spool_lost,
        })
    }
}

impl Shared {
    pub(super) async fn check_in(
        &self,
        peer: MachinePeer,
        request: &CheckInRequest,
    ) -> Result<CheckInResponse, Rejection> {
        let check_in = CheckIn::new(request)?;
        let now = self.clock.now();
        let credentials = self.credentials.newer_than(check_in.credentials);
        let (wanted, findings) = self.presence.with(peer.id, |entry| {
            entry.is_up_to_date = credentials.is_none();
            let findings = self.notice(entry, &check_in, now);
            note(entry, &check_in, now);
            (wanted(entry, &check_in.summaries, now), findings)
        });
        for finding in findings {
            self.tell(peer.id, finding).await;
        }
        Ok(CheckInResponse {
            wanted,
            next_check_in_seconds: jittered(self.limits.check_in_seconds),
            credentials,
        })
    }

    /// What the owner should know, compared with what was known before.
    fn notice(&self, entry: &mut Entry, check_in: &CheckIn<'_>, now: UnixMillis) -> Vec<Finding> {
        let mut findings = Vec::new();
        let verdict = chain::judge(&entry.record, &check_in.link, entry.is_fresh);
        if verdict == Verdict::Forked {
            entry.count_anew();
            findings.push(Finding::ForkedChain);
        }
        let offset = check_in.clock_unix_ms.saturating_sub(now.0);
        let tolerance = self.limits.clock_tolerance.as_millis();
        let is_wrong = u128::from(offset.unsigned_abs()) > tolerance;
        if entry.is_clock_wrong.replace(is_wrong) != Some(is_wrong) {
            findings.push(Finding::Clock {
                offset_ms: is_wrong.then_some(offset),
            });
        }
        findings.extend(self.lost(entry, check_in, verdict, now));
        findings
    }

    /// The reports that a check-in tells were lost, but for those that it told of before.
    fn lost(
        &self,
        entry: &mut Entry,
        check_in: &CheckIn<'_>,
        verdict: Verdict,
        now: UnixMillis,
    ) -> Option<Finding> {
        let told = std::mem::replace(&mut entry.told_lost, check_in.spool_lost);
        let told = if verdict == Verdict::Repeated {
            told
        } else {
            0
        };
        let lost = check_in.spool_lost.saturating_sub(told);
        if lost == 0 {
            return None;
        }
        let mut usage = Usage::of(&entry.record, now);
        let in_timeline = usage.room(&self.limits) > 0;
        if in_timeline {
            usage.add_changes(1);
            usage.keep(&mut entry.record);
        }
        Some(Finding::SpoolOverflow { lost, in_timeline })
    }
}

/// Notes the check-in.
fn note(entry: &mut Entry, check_in: &CheckIn<'_>, now: UnixMillis) {
    entry.is_fresh = false;
    entry.changed = true;
    let record = &mut entry.record;
    chain::adopt(record, &check_in.link);
    record.last_seen_at = now.0;
    record.clock_offset_ms = check_in.clock_unix_ms.saturating_sub(now.0);
    if record.agent_version != check_in.agent_version {
        check_in.agent_version.clone_into(&mut record.agent_version);
    }
    if let Some(readings) = &check_in.readings {
        record.readings.clone_from(readings);
        record.readings_at = now.0;
    }
}

/// The sections whose current version is another one than the agent's. The others are confirmed.
fn wanted(entry: &mut Entry, summaries: &[Summary], now: UnixMillis) -> Vec<i32> {
    let mut wanted = Vec::new();
    for summary in summaries {
        let kind = summary.kind as usize;
        match &entry.current[kind] {
            Some(current) if current.digest.as_bytes().starts_with(&summary.digest) => {
                entry.confirm(kind, now.minus(summary.age));
            }
            _ => wanted.push(summary.kind.into()),
        }
    }
    wanted
}

/// A delay, a tenth more or less, so that machines that started together do not stay together.
fn jittered(seconds: u32) -> u32 {
    let tenth = seconds / 10;
    rand::rng()
        .random_range(seconds - tenth..=seconds + tenth)
        .max(1)
}
