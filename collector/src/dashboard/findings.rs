//! The list of findings: what needs a look, the worst first.

mod decision;
mod fold;
mod one;
mod sheet;
mod view;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    response::Response,
};
use serde::Deserialize;

pub(super) use decision::{act, ask};
pub(super) use fold::{UNFOLDED, folded};
pub(super) use one::show as show_one;
pub(super) use sheet::sheet;
pub(super) use view::{Card, request, severity_tone};
pub(crate) use view::{sentence, sentence_and_why as said};

use super::{
    Desk, State,
    export::Export,
    markup::Markup,
    page::{Page, made_aside, render},
    standing,
    text::{self, count, findings as t},
    tone::{Badge, Tone},
    trouble::Trouble,
};
use crate::{
    access::{MachineLine, Session},
    clock::UnixMillis,
    finding::{Finding, Progress},
    history::Moment,
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
    export: Export,
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

/// The word for what has ended.
const ENDED: &str = "ended";

/// Shows the list.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    made_aside(move || page(&state.desk, &session, &wanted)).await
}

/// Findings of machines in service, the worst first, then by name.
pub(crate) fn sorted(
    lines: &[MachineLine],
    keeps: impl Fn(&Finding) -> bool,
) -> Vec<(&MachineLine, &Finding)> {
    // The lines come by name. There may be tens of thousands of findings: they are dealt out, not sorted.
    let mut by_severity: BTreeMap<FindingSeverity, Vec<(&MachineLine, &Finding)>> = BTreeMap::new();
    let in_service = [MachineState::Active, MachineState::Waiting];
    for line in lines
        .iter()
        .filter(|line| in_service.contains(&line.machine.state))
    {
        for finding in line.findings.iter().filter(|finding| keeps(finding)) {
            let same = by_severity.entry(finding.severity).or_default();
            same.push((line, finding.as_ref()));
        }
    }
    by_severity.into_values().flatten().collect()
}

fn page(desk: &Desk, session: &Session, wanted: &Wanted) -> Result<Response, Trouble> {
    let now = desk.clock.now();
    let viewer = session.viewer();
    let only = wanted.only()?;
    let lines = match only {
        Some(id) => vec![desk.inventory.machine(&viewer, id, Moment::Now)?],
        None => desk.inventory.machines(&viewer, Moment::Now)?,
    };
    let found = sorted(&lines, |finding| wanted.keeps(finding, now));
    let number: usize = wanted.page.parse().unwrap_or(0);
    let first = number.saturating_mul(ROWS).min(found.len());
    let mut groups = groups(&fold::part(folded(&found), first, ROWS), now);
    let mut count = found.len();
    if let Some(id) = only.filter(|_| wanted.show == ENDED) {
        let ended = ended(desk, session, id, now)?;
        count = ended.cards.len();
        groups = vec![ended];
    }
    let page_at = |number: usize| wanted.path(only, number);
    Ok(render(&FindingsPage {
        page: Page::signed_in(desk, session, t::TITLE, "/findings")?.live(),
        choices: choices(&wanted.show, only.is_some()),
        only: only.and(lines.first()).map(only_words),
        computer: only.map(|id| id.to_string()),
        shown: shown(&lines, count, now, wanted.show.is_empty()),
        looking: looking(&lines),
        export: Export::of(session, &wanted.exported(only)),
        no_computers: lines.is_empty(),
        groups,
        previous: (first > 0).then(|| page_at(number.saturating_sub(1))),
        next: (found.len() > first + ROWS).then(|| page_at(number + 1)),
    }))
}

impl Wanted {
    /// The computer that alone is asked for.
    fn only(&self) -> Result<Option<MachineId>, Trouble> {
        if self.computer.is_empty() {
            return Ok(None);
        }
        let id = self.computer.parse().map_err(|_| Trouble::NoMachine)?;
        Ok(Some(id))
    }

    fn keeps(&self, finding: &Finding, now: UnixMillis) -> bool {
        let (_, _, severity) = CHOICES
            .iter()
            .find(|(value, _, _)| *value == self.show)
            .unwrap_or(&CHOICES[0]);
        self.show != ENDED
            && finding.aside(now).is_some() == (self.show == "aside")
            && severity.is_none_or(|severity| finding.severity == severity)
    }

    /// The address of the same list as it is taken along.
    fn exported(&self, only: Option<MachineId>) -> String {
        self.path(only, 0).replacen('/', "/export/", 1)
    }

    /// The address of a page of the same list.
    fn path(&self, only: Option<MachineId>, page: usize) -> String {
        let show = CHOICES.iter().find(|(value, _, _)| *value == self.show);
        let show = show.map_or("", |(value, _, _)| value);
        let computer = only.map(|id| id.to_string()).unwrap_or_default();
        format!("/findings?show={show}&computer={computer}&page={page}")
    }
}

/// The choices; what has ended is listed for one computer at a time.
fn choices(chosen: &str, of_one: bool) -> Vec<Choice> {
    let ended = of_one.then_some((ENDED, t::ENDED));
    CHOICES
        .iter()
        .map(|(value, title, _)| (*value, *title))
        .chain(ended)
        .map(|(value, title)| Choice {
            value,
            title,
            chosen: value == chosen,
        })
        .collect()
}

/// What was found about a computer before and has ended, the latest first.
fn ended(desk: &Desk, session: &Session, id: MachineId, now: UnixMillis) -> Result<Group, Trouble> {
    let viewer = session.viewer();
    let line = desk.inventory.machine(&viewer, id, Moment::Now)?;
    let ended = desk.inventory.resolved_findings(&viewer, id)?;
    let cards = ended.iter().take(ROWS).map(|account| {
        let card = Card::of(&line.machine, &account.finding, now);
        let when = account.resolved_at.unwrap_or(now);
        card.ended(&Markup::time(when, now))
    });
    Ok(Group {
        badge: Badge::new(Tone::Good, t::ENDED),
        cards: cards.collect(),
    })
}

fn only_words(line: &MachineLine) -> Markup {
    let all = Markup::link("/findings", &Markup::text(t::SHOW_ALL));
    Markup::fill(
        t::SHOWN_OF,
        &[("computer", standing::link(line)), ("all", all)],
    )
}

/// How many are shown, and how many are set aside.
fn shown(lines: &[MachineLine], number: usize, now: UnixMillis, is_open: bool) -> Markup {
    let put_aside = sorted(lines, |finding| finding.aside(now).is_some()).len();
    let rest = if !is_open || put_aside == 0 {
        Markup::default()
    } else {
        let number = Markup::number(put_aside as u64);
        let words = Markup::fill(t::ASIDE_COUNT, &[("count", number)]);
        Markup::link("/findings?show=aside", &words)
    };
    let counted = Markup::text(&count(number, "finding", "findings"));
    Markup::fill(t::SHOWN, &[("count", counted), ("rest", rest)])
}

/// How many computers in service are still being gone through: what is not shown of them may still come.
pub(crate) fn behind<'a>(lines: impl IntoIterator<Item = &'a MachineLine>) -> usize {
    let in_service = [MachineState::Active, MachineState::Waiting];
    let lines = lines.into_iter();
    lines
        .filter(|line| line.progress != Progress::Done)
        .filter(|line| in_service.contains(&line.machine.state))
        .count()
}

/// The same as a sentence; `None` when it is none.
pub(super) fn looking<'a>(lines: impl IntoIterator<Item = &'a MachineLine>) -> Option<Markup> {
    let behind = behind(lines);
    let counted = Markup::text(&text::computers_counted(behind));
    (behind > 0).then(|| Markup::fill(t::LOOKING, &[("count", counted)]))
}

fn groups(folds: &[fold::Fold<'_>], now: UnixMillis) -> Vec<Group> {
    let mut groups: Vec<(FindingSeverity, Group)> = Vec::new();
    for fold in folds {
        let severity = fold.severity();
        if groups.last().is_none_or(|(last, _)| *last != severity) {
            let group = Group {
                badge: view::badge(severity),
                cards: Vec::new(),
            };
            groups.push((severity, group));
        }
        if let Some((_, group)) = groups.last_mut() {
            // The heading says how serious they are.
            let cards = fold.cards(now, |_, _, card| card);
            let cards = cards.into_iter().map(|card| Card { word: "", ..card });
            group.cards.extend(cards);
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
