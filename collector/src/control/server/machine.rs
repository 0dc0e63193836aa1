//! Machines as the console shows them.

use std::{collections::BTreeMap, time::Duration};

use freehold_agent::probe::KINDS;
use freehold_proto::v1::{
    self, CreateTokenRequest, MachineCount, ShowMachineResponse, StoredSection,
    create_token_request::Approval,
};
use prost::Message as _;
use tonic::Status;

use crate::{
    access::{Inventory, MachineLine, Notice, ReadError, Viewer},
    clock::UnixMillis,
    dashboard,
    enrolment::NewToken,
    finding::{Finding, Progress},
    history::Moment,
    id::MachineId,
    store::record::NoticeKind,
};

/// A machine without its sections.
pub(crate) fn shown(line: &MachineLine) -> v1::Machine {
    let (machine, seen) = (&line.machine, line.seen.as_ref());
    v1::Machine {
        id: machine.id.to_string(),
        name: machine.name().into_owned(),
        state: machine.state as i32,
        enrolled_at: Some(machine.enrolled_at.timestamp()),
        last_seen_at: seen.map(|seen| seen.at.timestamp()),
        agent_version: seen
            .map(|seen| seen.agent_version.clone())
            .unwrap_or_default(),
        labels: machine.labels.clone(),
        proposed_labels: machine.proposed_labels.clone(),
        notices: machine.notices.iter().map(notice).collect(),
        same_hardware_as: machine
            .same_hardware_as
            .map(|id| id.to_string())
            .unwrap_or_default(),
    }
}

/// What a token was asked to be good for; what is left out means the default.
pub(super) fn new_token(request: CreateTokenRequest) -> Result<NewToken, Status> {
    let default = NewToken::default();
    let networks = request.networks.iter().map(|network| {
        network.parse().map_err(|_| {
            Status::invalid_argument(format!(
                "{network:?} is not a network: write it like 192.168.1.0/24"
            ))
        })
    });
    Ok(NewToken {
        uses: if request.uses == 0 {
            default.uses
        } else {
            request.uses
        },
        expires_in: match request.expires_in_seconds {
            0 => default.expires_in,
            seconds => Duration::from_secs(seconds),
        },
        networks: networks.collect::<Result<_, _>>()?,
        wait: match request.approval() {
            Approval::Unspecified => None,
            Approval::InAdvance => Some(false),
            Approval::Wait => Some(true),
        },
        labels: request.labels,
        for_this_computer: false,
    })
}

/// Why the owner should look at a machine, for a technician at the console.
fn notice(notice: &Notice) -> String {
    let what = match notice.kind {
        NoticeKind::Unspecified => "something unknown to this program",
        NoticeKind::ForkedChain => {
            "two computers use the same key, or one was rolled back to an earlier state"
        }
        NoticeKind::WrongClock => "its clock is wrong",
        NoticeKind::OverQuota => "it reports more than a computer may; the rest is summarised",
        NoticeKind::SpoolOverflow => "it lost reports while it could not reach the collector",
        NoticeKind::InvalidReport => "it sent something that is not a valid report",
    };
    let since = notice.since;
    if notice.detail.is_empty() {
        format!("{what} (since {since})")
    } else {
        format!("{what}: {} (since {since})", notice.detail)
    }
}

/// How many machines are in each state.
pub(super) fn counts(lines: &[MachineLine]) -> Vec<MachineCount> {
    let mut counts: BTreeMap<i32, u32> = BTreeMap::new();
    for line in lines {
        *counts.entry(line.machine.state as i32).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(state, count)| MachineCount { state, count })
        .collect()
}

/// A finding in a line.
pub(crate) fn found(line: &MachineLine, finding: &Finding, now: UnixMillis) -> v1::Finding {
    let aside = finding.aside(now);
    v1::Finding {
        id: finding.id.to_string(),
        rule: finding.rule.id.to_owned(),
        severity: finding.severity.into(),
        sentence: dashboard::sentence(&line.machine, finding, now),
        opened_at: Some(finding.opened_at.timestamp()),
        aside_until: aside.map(|aside| UnixMillis(aside.until).timestamp()),
    }
}

/// A machine with everything it reported, and what is found about it.
pub(super) fn everything(
    inventory: &Inventory,
    viewer: &Viewer,
    id: MachineId,
    changes: usize,
    now: UnixMillis,
) -> Result<ShowMachineResponse, ReadError> {
    let line = inventory.machine(viewer, id, Moment::Now)?;
    let mut sections = Vec::new();
    for kind in KINDS {
        if let Some(section) = inventory.section(viewer, id, kind, Moment::Now)? {
            sections.push(StoredSection {
                kind: kind as u32,
                body: section.body,
                collected_at: Some(section.collected_at.timestamp()),
            });
        }
    }
    let findings = line.findings.iter();
    let findings = findings.map(|finding| found(&line, finding, now)).collect();
    let changes = inventory.changes(viewer, id, None, changes)?;
    let readings = inventory.readings(viewer, id)?;
    Ok(ShowMachineResponse {
        machine: Some(shown(&line)),
        sections,
        findings_pending: line.progress != Progress::Done,
        findings,
        changes: changes
            .into_iter()
            .map(|change| v1::Change {
                at: Some(change.at.timestamp()),
                section: change.section as u32,
                summary: change.summary,
            })
            .collect(),
        readings: readings
            .map(|readings| readings.values.encode_to_vec())
            .unwrap_or_default(),
    })
}
