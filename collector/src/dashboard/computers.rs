//! The list of computers.

mod search;

use std::cmp::Reverse;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    response::Response,
};
use search::Search;
use serde::Deserialize;

use super::{
    Desk, State,
    findings::looking,
    guard::encoded,
    markup::Markup,
    page::{Page, made_aside, render},
    standing::{Shield, Standing, path, protection_badge, protection_tone},
    text::{self, computers as t},
    tone::Badge,
    trouble::Trouble,
};
use crate::{
    access::{Fact, MachineLine, Session},
    clock::UnixMillis,
    store::record::MachineState,
};

/// Computers on a page.
const ROWS: usize = 200;

#[derive(Template)]
#[template(path = "computers.html")]
struct ComputersPage {
    page: Page,
    none_at_all: bool,
    looking: Option<Markup>,
    query: String,
    choices: Vec<Choice>,
    shown: Markup,
    columns: Vec<Column>,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
}

struct Choice {
    value: &'static str,
    title: &'static str,
    chosen: bool,
}

struct Column {
    title: &'static str,
    path: String,
    order: Option<&'static str>,
    down: bool,
}

struct Row {
    path: String,
    name: Markup,
    status: Badge,
    antivirus: Badge,
    administrators: Markup,
    system: Markup,
    last_seen: Markup,
}

/// What is looked for; the address of the page carries it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
    show: String,
    sort: String,
    page: String,
}

/// A choice of rows: its word in the address, its title, what it keeps.
type Filter = (
    &'static str,
    &'static str,
    fn(&MachineLine, &Standing) -> bool,
);

const FILTERS: [Filter; 11] = [
    ("", t::SHOW_EVERY, |_, _| true),
    ("attention", t::SHOW_ATTENTION, |_, standing| {
        standing.needs_a_look
    }),
    ("protected", t::SHOW_PROTECTED, |line, standing| {
        active(line) && standing.protection == Shield::Works
    }),
    ("unprotected", t::SHOW_UNPROTECTED, |line, standing| {
        active(line) && standing.protection == Shield::Missing
    }),
    (
        "protection-unknown",
        t::SHOW_PROTECTION_UNKNOWN,
        |line, standing| active(line) && standing.protection == Shield::Unknown,
    ),
    (
        "administrators-known",
        t::SHOW_ADMINISTRATORS_KNOWN,
        |line, _| active(line) && line.headline.administrators.known().is_some(),
    ),
    (
        "administrators-unknown",
        t::SHOW_ADMINISTRATORS_UNKNOWN,
        |line, _| {
            active(line)
                && match &line.headline.administrators {
                    Fact::Known(administrators) => !administrators.complete,
                    Fact::Hidden => false,
                    Fact::NotRead | Fact::NotReported | Fact::Unreadable => true,
                }
        },
    ),
    ("silent", t::SHOW_SILENT, |_, standing| standing.silent),
    ("waiting", t::SHOW_WAITING, |line, _| {
        line.machine.state == MachineState::Waiting
    }),
    ("active", t::SHOW_ACTIVE, |line, _| active(line)),
    ("past", t::SHOW_PAST, |line, _| {
        matches!(
            line.machine.state,
            MachineState::Retired | MachineState::Revoked
        )
    }),
];

fn active(line: &MachineLine) -> bool {
    line.machine.state == MachineState::Active
}

/// Shows the list.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    made_aside(move || page(&state.desk, &session, wanted)).await
}

fn page(desk: &Desk, session: &Session, wanted: Wanted) -> Result<Response, Trouble> {
    let now = desk.clock.now();
    let lines = desk.inventory.machines(&session.viewer())?;
    let all = lines.len();
    let looking = looking(&lines);
    let (_, _, keeps) = FILTERS
        .iter()
        .find(|(value, _, _)| *value == wanted.show)
        .unwrap_or(&FILTERS[0]);
    let search = Search::new(&wanted.q);
    let every = wanted.show.is_empty();
    let mut found: Vec<MachineLine> = lines
        .into_iter()
        .filter(|line| search.is_empty() || search.finds(line))
        .filter(|line| every || keeps(line, &Standing::of(line, now)))
        .collect();
    sort(&mut found, &wanted.sort, now);
    let number: usize = wanted.page.parse().unwrap_or(0);
    let first = number.saturating_mul(ROWS).min(found.len());
    let shown = Markup::fill(
        t::SHOWN,
        &[
            ("shown", Markup::number(found.len() as u64)),
            ("all", Markup::text(&text::computers_counted(all))),
        ],
    );
    let more = found.len() > first + ROWS;
    let page_at = |number: usize| {
        wanted.path(&Wanted {
            page: number.to_string(),
            ..wanted.clone()
        })
    };
    Ok(render(&ComputersPage {
        page: Page::signed_in(desk, session, t::TITLE, "/computers")?.live("/events"),
        none_at_all: all == 0,
        looking,
        choices: FILTERS
            .iter()
            .map(|(value, title, _)| Choice {
                value,
                title,
                chosen: *value == wanted.show,
            })
            .collect(),
        shown,
        columns: columns(&wanted),
        previous: (first > 0).then(|| page_at(number.saturating_sub(1))),
        next: more.then(|| page_at(number + 1)),
        rows: found
            .iter()
            .skip(first)
            .take(ROWS)
            .map(|line| row(line, &Standing::of(line, now), now))
            .collect(),
        query: wanted.q,
    }))
}

impl Wanted {
    /// The address of a list.
    #[expect(clippy::unused_self, reason = "reads as: from this list to that one")]
    fn path(&self, to: &Self) -> String {
        let pairs = [
            ("q", &to.q),
            ("show", &to.show),
            ("sort", &to.sort),
            ("page", &to.page),
        ];
        let query: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        format!("/computers?{}", query.join("&"))
    }
}

/// Columns by their word in the address.
const COLUMNS: [(&str, &str); 6] = [
    ("name", t::NAME),
    ("status", t::STATUS),
    ("antivirus", t::ANTIVIRUS),
    ("administrators", t::ADMINISTRATORS),
    ("system", t::SYSTEM),
    ("seen", t::LAST_SEEN),
];

fn columns(wanted: &Wanted) -> Vec<Column> {
    let (sorted, down) = order(&wanted.sort);
    COLUMNS
        .iter()
        .map(|(word, title)| {
            let here = *word == sorted;
            let sort = if here && !down {
                format!("-{word}")
            } else {
                (*word).to_owned()
            };
            Column {
                title,
                path: wanted.path(&Wanted {
                    sort,
                    page: String::new(),
                    ..wanted.clone()
                }),
                order: here.then_some(if down { "descending" } else { "ascending" }),
                down,
            }
        })
        .collect()
}

fn order(sort: &str) -> (&str, bool) {
    match sort.strip_prefix('-') {
        Some(word) => (word, true),
        None if sort.is_empty() => ("name", false),
        None => (sort, false),
    }
}

/// The list comes sorted by name, and every sort is stable.
fn sort(found: &mut [MachineLine], by: &str, now: UnixMillis) {
    let (word, down) = order(by);
    match word {
        "status" => found.sort_by_cached_key(|line| Standing::of(line, now).tone),
        "antivirus" => found.sort_by_key(|line| protection_tone(&line.headline.protection)),
        "administrators" => found.sort_by_key(administrators),
        "system" => found.sort_by(|a, b| system(a).cmp(system(b))),
        "seen" => found.sort_by_key(|line| Reverse(seen(line))),
        _ => {}
    }
    if down {
        found.reverse();
    }
}

fn administrators(line: &MachineLine) -> Option<usize> {
    line.headline
        .administrators
        .known()
        .map(|administrators| administrators.names.len())
}

fn system(line: &MachineLine) -> &str {
    line.headline
        .system
        .known()
        .map_or("", |system| &system.name)
}

fn seen(line: &MachineLine) -> Option<UnixMillis> {
    line.seen.as_ref().map(|seen| seen.at)
}

fn row(line: &MachineLine, standing: &Standing, now: UnixMillis) -> Row {
    Row {
        path: path(line.machine.id),
        name: Markup::name(&line.machine.name()),
        status: standing.badge(),
        antivirus: protection_badge(&line.headline.protection),
        administrators: match &line.headline.administrators {
            Fact::Known(known) => {
                let number = Markup::number(known.names.len() as u64);
                if known.complete {
                    number
                } else {
                    Markup::fill(t::AT_LEAST, &[("count", number)])
                }
            }
            Fact::Hidden => Markup::text(t::HIDDEN),
            Fact::NotRead => Markup::text(t::NOT_READ),
            Fact::NotReported => Markup::text(t::NOT_REPORTED),
            Fact::Unreadable => Markup::text(t::PROTECTION_UNKNOWN),
        },
        system: match &line.headline.system {
            Fact::Known(known) if known.name.is_empty() => Markup::unknown(),
            Fact::Known(known) => Markup::name(&known.name),
            Fact::Hidden => Markup::text(t::HIDDEN),
            Fact::NotRead => Markup::text(t::NOT_READ),
            Fact::NotReported => Markup::text(t::NOT_REPORTED),
            Fact::Unreadable => Markup::text(t::PROTECTION_UNKNOWN),
        },
        last_seen: seen(line).map_or_else(|| Markup::text(text::NEVER), |at| Markup::time(at, now)),
    }
}
