//! The list of computers.

mod columns;
mod search;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    http::HeaderMap,
    response::Response,
};
use columns::{COLUMNS, Row, in_service};
use search::Search;
pub(crate) use search::called;

use super::{
    Desk, State,
    cookie::List,
    export::{Export, Sheet},
    findings::looking,
    lens::Lens,
    list::{Choice, Table, Wanted, shown},
    markup::Markup,
    page::{Page, made_aside, render},
    standing::{Shield, Standing},
    text::{self, computers as t, history},
    trouble::Trouble,
};
use crate::{
    access::{Fact, MachineLine, Session},
    clock::UnixMillis,
    history::Moment,
    store::record::MachineState,
};

/// Where the list is.
const PATH: &str = "/computers";

/// The order it comes in.
const USUAL: &str = "name";

#[derive(Template)]
#[template(path = "computers.html")]
struct ComputersPage {
    page: Page,
    none_at_all: bool,
    wanted: Wanted,
    at: String,
    latest: String,
    looking: Option<Markup>,
    choices: Vec<Choice>,
    shown: Markup,
    later: Option<Markup>,
    table: Table,
    export: Export,
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
        in_service(line) && standing.protection == Shield::Works
    }),
    ("unprotected", t::SHOW_UNPROTECTED, |line, standing| {
        in_service(line) && standing.protection == Shield::Missing
    }),
    (
        "protection-unknown",
        t::SHOW_PROTECTION_UNKNOWN,
        |line, standing| in_service(line) && standing.protection == Shield::Unknown,
    ),
    (
        "administrators-known",
        t::SHOW_ADMINISTRATORS_KNOWN,
        |line, _| in_service(line) && line.headline.administrators.known().is_some(),
    ),
    (
        "administrators-unknown",
        t::SHOW_ADMINISTRATORS_UNKNOWN,
        |line, _| {
            in_service(line)
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

/// Choices that say something of the past too.
const OF_THE_PAST: [&str; 6] = [
    "",
    "protected",
    "unprotected",
    "protection-unknown",
    "administrators-known",
    "administrators-unknown",
];

/// Shows the list.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let (wanted, site) = (Wanted::of(pairs), state.site.clone());
    let columns = wanted.columns.clone();
    let wanted = wanted.recalling(List::Computers, &headers, &site);
    let page = made_aside(move || page(&state.desk, &session, wanted)).await;
    Wanted::remembered(&columns, List::Computers, &site, page)
}

fn page(desk: &Desk, session: &Session, wanted: Wanted) -> Result<Response, Trouble> {
    let lens = wanted.lens(desk)?;
    let (found, all, looking) = found(desk, session, &wanted, lens)?;
    let now_path = wanted.but(|wanted| wanted.at.clear()).path(PATH);
    let nouns = ("computer", "computers");
    Ok(render(&ComputersPage {
        page: Page::signed_in(desk, session, t::TITLE, PATH)?
            .seen_at(lens, &now_path)
            .live(),
        none_at_all: all == 0,
        looking,
        choices: FILTERS
            .iter()
            .filter(|(value, _, _)| lens.moment == Moment::Now || OF_THE_PAST.contains(value))
            .map(|(value, title, _)| Choice {
                value,
                title,
                chosen: *value == wanted.show,
            })
            .collect(),
        shown: shown(found.len(), all, nouns),
        later: later(desk, session, lens, all),
        at: lens.picker(PATH).at,
        latest: lens.picker(PATH).latest,
        table: Table::of(("computers", PATH, USUAL), &COLUMNS, &found, &wanted, lens),
        export: Export::of(session, &wanted.path("/export/computers")),
        wanted,
    }))
}

/// The list as it is taken along.
pub(super) fn sheet(desk: &Desk, session: &Session, wanted: &Wanted) -> Result<Sheet, Trouble> {
    let lens = wanted.lens(desk)?;
    let (found, _, _) = found(desk, session, wanted, lens)?;
    Ok(Sheet::of("computers", &COLUMNS, wanted, lens, &found))
}

/// The computers that are asked for, in order, how many there are, and of how many not everything is known yet.
fn found(
    desk: &Desk,
    session: &Session,
    wanted: &Wanted,
    lens: Lens,
) -> Result<(Vec<Row>, usize, Option<Markup>), Trouble> {
    let lines = desk.inventory.machines(&session.viewer(), lens.moment)?;
    let (all, looking) = (lines.len(), looking(&lines));
    let (_, _, keeps) = FILTERS
        .iter()
        .find(|(value, _, _)| *value == wanted.show)
        .unwrap_or(&FILTERS[0]);
    let search = Search::new(&wanted.q);
    let every = wanted.show.is_empty();
    let mut found: Vec<Row> = lines
        .into_iter()
        .filter(|line| search.is_empty() || search.finds(line))
        .filter(|line| every || keeps(line, &Standing::of(line, lens.now)))
        .map(|line| Row { line, lens })
        .collect();
    columns::sort(&mut found, wanted.order(USUAL), lens.now);
    Ok((found, all, looking))
}

/// How many computers joined after the moment that is shown.
fn later(desk: &Desk, session: &Session, lens: Lens, by_then: usize) -> Option<Markup> {
    if lens.moment == Moment::Now {
        return None;
    }
    let today = desk.inventory.joined(&session.viewer());
    let later = today.len().saturating_sub(by_then);
    let first = today.iter().min().filter(|_| by_then == 0);
    let counted = Markup::text(&text::computers_counted(later));
    let mut sentences = vec![Markup::fill(
        history::JOINED_LATER,
        &[("computers", counted)],
    )];
    if let Some(first) = first {
        let when = Markup::moment(*first, lens.now);
        sentences.push(Markup::fill(history::FIRST, &[("when", when)]));
    }
    (later > 0).then(|| Markup::joined(sentences, " "))
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
