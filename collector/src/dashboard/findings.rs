//! The list of findings: what needs a look, the worst first.

mod decision;
mod one;
mod view;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    response::Response,
};
use serde::Deserialize;

pub(super) use decision::{act, ask};
pub(super) use one::show as show_one;
pub(super) use view::{Card, request, severity_tone};

use super::{
    Desk, State,
    markup::Markup,
    page::{Page, made_aside, render},
    standing,
    text::{self, count, findings as t},
    tone::Badge,
    trouble::Trouble,
};
use crate::{
    access::{MachineLine, Session},
    clock::UnixMillis,
    finding::Finding,
    id::MachineId,
    store::record::{FindingSeverity, MachineState},
};

/// Findings on a page.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "findings.html")]
struct FindingsPage {
    page: Page,
    choices: Vec<Choice>,
    computer: Option<String>,
    only: Option<Markup>,
    shown: Markup,
    looking: Option<Markup>,
    no_computers: bool,
    groups: Vec<Group>,
    previous: Option<String>,
    next: Option<String>,
}

struct Choice {
    value: &'static str,
    title: &'static str,
    chosen: bool,
}

/// Findings that are equally serious.
struct Group {
    badge: Badge,
    cards: Vec<Card>,
}

/// What is looked for; the address of the page carries it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    show: String,
    computer: String,
    page: String,
}

/// Choices by their word in the address.
const CHOICES: [(&str, &str, Option<FindingSeverity>); 6] = [
    ("", t::EVERY, None),
    ("act-now", t::ACT_NOW, Some(FindingSeverity::ActNow)),
    ("plan", t::PLAN, Some(FindingSeverity::Plan)),
    ("unknown", t::UNKNOWN, Some(FindingSeverity::Unknown)),
    ("know", t::KNOW, Some(FindingSeverity::Know)),
    ("aside", t::ASIDE, None),
];

/// Shows the list.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    made_aside(move || page(&state.desk, &session, &wanted)).await
}

/// Findings of machines in service, the worst first, then by name.
pub(super) fn sorted<'a>(
    lines: &'a [MachineLine],
    keeps: impl Fn(&Finding) -> bool,
) -> Vec<(&'a MachineLine, &'a Finding)> {
    let in_service = |line: &&MachineLine| {
        matches!(
            line.machine.state,
            MachineState::Active | MachineState::Waiting
        )
    };
    let mut found: Vec<(&MachineLine, &Finding)> = lines
        .iter()
        .filter(in_service)
        .flat_map(|line| {
            line.findings
                .iter()
                .map(move |finding| (line, finding.as_ref()))
        })
        .filter(|(_, finding)| keeps(finding))
        .collect();
    // The lines come by name, and the sort is stable.
    found.sort_by_key(|(_, finding)| finding.severity);
    found
}

fn page(desk: &Desk, session: &Session, wanted: &Wanted) -> Result<Response, Trouble> {
    let now = desk.clock.now();
    let viewer = session.viewer();
    let only: Option<MachineId> = match wanted.computer.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Trouble::NoMachine)?),
    };
    let lines = match only {
        Some(id) => vec![desk.inventory.machine(&viewer, id)?],
        None => desk.inventory.machines(&viewer)?,
    };
    let (_, _, severity) = CHOICES
        .iter()
        .find(|(value, _, _)| *value == wanted.show)
        .unwrap_or(&CHOICES[0]);
    let aside = wanted.show == "aside";
    let found = sorted(&lines, |finding| {
        finding.aside(now).is_some() == aside
            && severity.is_none_or(|severity| finding.severity == severity)
    });
    let number: usize = wanted.page.parse().unwrap_or(0);
    let first = number.saturating_mul(ROWS).min(found.len());
    let on_page = &found[first..found.len().min(first + ROWS)];
    let page_at = |number: usize| wanted.path(number);
    Ok(render(&FindingsPage {
        page: Page::signed_in(desk, session, t::TITLE, "/findings")?.live("/events"),
        choices: choices(&wanted.show),
        only: only.and(lines.first()).map(only_words),
        computer: only.map(|id| id.to_string()),
        shown: shown(&lines, found.len(), now, aside),
        looking: looking(desk, &lines),
        no_computers: lines.is_empty(),
        groups: groups(on_page, now),
        previous: (first > 0).then(|| page_at(number.saturating_sub(1))),
        next: (found.len() > first + ROWS).then(|| page_at(number + 1)),
    }))
}

impl Wanted {
    /// The address of a page of the same list.
    fn path(&self, page: usize) -> String {
        let show = CHOICES.iter().find(|(value, _, _)| *value == self.show);
        let show = show.map_or("", |(value, _, _)| value);
        // A computer's identifier was read as one before: nothing in it needs to be encoded.
        format!(
            "/findings?show={show}&computer={}&page={page}",
            self.computer
        )
    }
}

fn choices(chosen: &str) -> Vec<Choice> {
    CHOICES
        .iter()
        .map(|(value, title, _)| Choice {
            value,
            title,
            chosen: *value == chosen,
        })
        .collect()
}

fn only_words(line: &MachineLine) -> Markup {
    let all = Markup::link("/findings", &Markup::text(t::SHOW_ALL));
    Markup::fill(
        t::SHOWN_OF,
        &[("computer", standing::link(line)), ("all", all)],
    )
}

/// How many are shown, and how many are set aside.
fn shown(lines: &[MachineLine], number: usize, now: UnixMillis, aside: bool) -> Markup {
    let put_aside = sorted(lines, |finding| finding.aside(now).is_some()).len();
    let rest = if aside || put_aside == 0 {
        Markup::default()
    } else {
        let number = Markup::number(put_aside as u64);
        let words = Markup::fill(t::ASIDE_COUNT, &[("count", number)]);
        Markup::link("/findings?show=aside", &words)
    };
    let counted = Markup::text(&count(number, "finding", "findings"));
    Markup::fill(t::SHOWN, &[("count", counted), ("rest", rest)])
}

/// That not everything was looked at yet: what is not shown may still come.
pub(super) fn looking(desk: &Desk, lines: &[MachineLine]) -> Option<Markup> {
    let unlooked = desk.inventory.unlooked(lines);
    let counted = Markup::text(&text::computers_counted(unlooked));
    (unlooked > 0).then(|| Markup::fill(t::LOOKING, &[("count", counted)]))
}

fn groups(found: &[(&MachineLine, &Finding)], now: UnixMillis) -> Vec<Group> {
    let mut groups: Vec<(FindingSeverity, Group)> = Vec::new();
    for (line, finding) in found {
        if groups
            .last()
            .is_none_or(|(severity, _)| *severity != finding.severity)
        {
            let group = Group {
                badge: view::badge(finding.severity),
                cards: Vec::new(),
            };
            groups.push((finding.severity, group));
        }
        if let Some((_, group)) = groups.last_mut() {
            group.cards.push(Card::of(&line.machine, finding, now));
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
