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
    store::record::MachineState,
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
    /// Computers that were not gone through since they reported.
    pub(super) unlooked: usize,
    /// Changes of administrators in the last day, the newest first.
    pub(super) administrators: &'a [Change],
}

/// The summary.
pub(super) fn message(stand: &Stand<'_>, sender: &Sender, now: UnixMillis) -> Message {
    let in_service: Vec<&MachineLine> = stand
        .lines
        .iter()
        .filter(|line| {
            matches!(
                line.machine.state,
                MachineState::Active | MachineState::Waiting
            )
        })
        .collect();
    let heard = in_service
        .iter()
        .filter(|line| {
            line.seen
                .as_ref()
                .is_some_and(|seen| now.since(seen.at) < DAY)
        })
        .count();
    let mut open: Vec<Item> = in_service
        .iter()
        .flat_map(|line| line.findings.iter().map(move |finding| (line, finding)))
        .filter(|(_, finding)| finding.needs_a_look(now))
        .map(|(line, finding)| Item::of(line, finding, now))
        .collect();
    open.sort_by(|a, b| (a.severity, &a.computer).cmp(&(b.severity, &b.computer)));
    let state = match open.len() {
        0 if stand.unlooked == 0 => t::FINE.to_owned(),
        number => sender.filled(t::NEEDS, &[("count", t::findings(number))]),
    };
    Message {
        about: t::SUMMARY_ABOUT.to_owned(),
        subject: sender.filled(t::SUMMARY_SUBJECT, &[("state", state)]),
        text: text(stand, &open, heard, in_service.len(), sender, now),
        json: json!({
            "type": "summary",
            "at": now.to_string(),
            "business": sender.business,
            "computers": in_service.len(),
            "heard_in_last_day": heard,
            "not_gone_through_yet": stand.unlooked,
            "open": open.len(),
            "act_now": open.iter().filter(|item| t::identifier(item.severity) == "act-now").count(),
            "administrator_changes": stand.administrators.len(),
            "url": sender.link("/"),
        }),
    }
}

fn text(
    stand: &Stand<'_>,
    open: &[Item],
    heard: usize,
    computers: usize,
    sender: &Sender,
    now: UnixMillis,
) -> String {
    let mut text = String::new();
    let heard = match computers {
        0 => t::NO_COMPUTERS.to_owned(),
        computers => sender.filled(
            t::HEARD,
            &[
                ("heard", heard.to_string()),
                ("computers", t::computers(computers)),
            ],
        ),
    };
    let _ = writeln!(text, "{heard}");
    if stand.unlooked > 0 {
        let count = t::computers(stand.unlooked);
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
