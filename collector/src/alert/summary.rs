//! Once a day: how the business stands.

use std::{fmt::Write as _, time::Duration};

use serde_json::json;

use super::{
    message::{Message, Sender, more},
    news::Item,
    text as t,
};
use crate::{
    access::{Change, MachineLine},
    clock::UnixMillis,
    dashboard,
    finding::Progress,
    store::record::{FindingSeverity, MachineState},
};

/// What counts as today.
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many findings it lists.
const LISTED: usize = 25;

/// How many changes of administrators it lists.
const CHANGES: usize = 20;

/// What the summary is made from.
pub(super) struct Stand<'a> {
    /// Every computer.
    pub(super) lines: &'a [MachineLine],
    /// Changes of administrators in the last day, the newest first.
    pub(super) administrators: &'a [Change],
}

/// What is counted.
struct Counts {
    computers: usize,
    heard: usize,
    /// Computers that were not gone through since they reported.
    unlooked: usize,
}

impl Counts {
    fn of(lines: &[&MachineLine], now: UnixMillis) -> Self {
        let is_heard = |line: &&&MachineLine| {
            let seen = line.seen.as_ref();
            seen.is_some_and(|seen| now.since(seen.at) < DAY)
        };
        let is_unlooked = |line: &&&MachineLine| line.progress != Progress::Done;
        Self {
            computers: lines.len(),
            heard: lines.iter().filter(is_heard).count(),
            unlooked: lines.iter().filter(is_unlooked).count(),
        }
    }
}

/// The summary.
pub(super) fn message(stand: &Stand<'_>, sender: &Sender, now: UnixMillis) -> Message {
    let in_service = |line: &&MachineLine| {
        let state = line.machine.state;
        matches!(state, MachineState::Active | MachineState::Waiting)
    };
    let lines: Vec<&MachineLine> = stand.lines.iter().filter(in_service).collect();
    let counts = Counts::of(&lines, now);
    let open = open(&lines, now);
    let state = match (open.len(), counts.unlooked) {
        (0, 0) => t::FINE.to_owned(),
        (0, _) => t::UNSURE.to_owned(),
        (number, _) => sender.filled(t::NEEDS, &[("count", t::findings(number))]),
    };
    let act_now = |item: &&Item| item.severity == FindingSeverity::ActNow;
    Message {
        about: t::SUMMARY_ABOUT.to_owned(),
        subject: sender.filled(t::SUMMARY_SUBJECT, &[("state", state)]),
        text: text(stand, &open, &counts, sender, now),
        json: json!({
            "type": "summary",
            "at": now.to_string(),
            "business": sender.business,
            "computers": counts.computers,
            "heard_in_last_day": counts.heard,
            "not_gone_through_yet": counts.unlooked,
            "open": open.len(),
            "act_now": open.iter().filter(act_now).count(),
            "administrator_changes": stand.administrators.len(),
            "url": sender.link("/"),
        }),
    }
}

/// What needs a look, the worst first.
fn open(lines: &[&MachineLine], now: UnixMillis) -> Vec<Item> {
    let mut open: Vec<Item> = lines
        .iter()
        .flat_map(|line| line.findings.iter().map(move |finding| (line, finding)))
        .filter(|(_, finding)| finding.needs_a_look(now))
        .map(|(line, finding)| Item::of(line, finding, now))
        .collect();
    open.sort_by(|a, b| (a.severity, &a.computer).cmp(&(b.severity, &b.computer)));
    open
}

fn text(
    stand: &Stand<'_>,
    open: &[Item],
    counts: &Counts,
    sender: &Sender,
    now: UnixMillis,
) -> String {
    let mut text = String::new();
    let heard = match counts.computers {
        0 => t::NO_COMPUTERS.to_owned(),
        computers => sender.filled(
            t::HEARD,
            &[
                ("heard", counts.heard.to_string()),
                ("computers", t::computers(computers)),
            ],
        ),
    };
    let _ = writeln!(text, "{heard}");
    if counts.unlooked > 0 {
        let count = t::computers(counts.unlooked);
        let _ = writeln!(text, "{}", sender.filled(t::UNLOOKED, &[("count", count)]));
    }
    let _ = writeln!(text, "\n{}: {}\n", t::OPEN, t::findings(open.len()));
    for item in open.iter().take(LISTED) {
        let fresh = if now.since(item.opened_at) < DAY {
            format!(" ({})", t::SINCE)
        } else {
            String::new()
        };
        let _ = writeln!(
            text,
            "* {}: {}{fresh}",
            t::heading(item.severity),
            item.sentence
        );
    }
    if !open.is_empty() {
        let _ = writeln!(text);
    }
    more(&mut text, open.len(), sender);
    administrators(&mut text, stand.administrators);
    sender.sign(&mut text);
    text
}

fn administrators(text: &mut String, changes: &[Change]) {
    if changes.is_empty() {
        let _ = writeln!(text, "{}\n", t::NONE_CHANGED);
        return;
    }
    let _ = writeln!(text, "{}\n", t::ADMINISTRATORS);
    for change in changes.iter().take(CHANGES) {
        let computer = dashboard::plain(&change.machine_name);
        let _ = writeln!(text, "* {computer}: {}", dashboard::plain(&change.summary));
    }
    if let Some(rest) = changes.len().checked_sub(CHANGES).filter(|rest| *rest > 0) {
        let _ = writeln!(text, "* {}", t::MORE.replace("{count}", &rest.to_string()));
    }
    let _ = writeln!(text);
}
