//! One search over computers, programs, people, serial numbers and addresses.

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    response::Response,
};
use serde::Deserialize;

use super::{
    Desk, State, computers,
    lens::with,
    markup::Markup,
    page::{Page, made_aside, render},
    standing::{link, path},
    text::{self, search as t},
    trouble::Trouble,
};
use crate::{
    access::{Hit, Session, Trait},
    history::Moment,
};

/// Shortest text that is searched for, in characters; and longest.
const SHORTEST: usize = 2;
const LONGEST: usize = 200;

/// Found things of one kind that are shown.
const SHOWN: usize = 20;

/// Computers named of one found thing.
const NAMED: usize = 6;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    page: Page,
    q: String,
    notes: Vec<Markup>,
    is_short: bool,
    nothing: bool,
    groups: Vec<Group>,
}

/// Found things of one kind.
struct Group {
    title: &'static str,
    lines: Vec<Markup>,
    /// All of them, as a link.
    more: Option<Markup>,
}

/// What is searched for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    q: String,
}

/// Shows what is found.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    made_aside(move || page(&state.desk, &session, &wanted.q)).await
}

fn page(desk: &Desk, session: &Session, q: &str) -> Result<Response, Trouble> {
    let q: String = q.trim().chars().take(LONGEST).collect();
    let is_short = q.chars().count() < SHORTEST;
    let mut found = Found::default();
    if !is_short {
        found.computers(desk, session, &q)?;
        found.programs(desk, session, &q)?;
        found.others(desk, session, &q)?;
    }
    Ok(render(&SearchPage {
        page: Page::signed_in(desk, session, t::TITLE, "/search")?,
        nothing: !is_short && found.groups.is_empty(),
        is_short,
        notes: found.notes,
        groups: found.groups,
        q,
    }))
}

#[derive(Default)]
struct Found {
    groups: Vec<Group>,
    notes: Vec<Markup>,
}

impl Found {
    fn computers(&mut self, desk: &Desk, session: &Session, q: &str) -> Result<(), Trouble> {
        let (lines, all) =
            desk.inventory
                .machines_that(&session.viewer(), SHOWN, computers::called(q))?;
        let path = with("/computers", "q", q);
        self.add(
            t::COMPUTERS,
            lines.iter().map(link).collect(),
            more(t::ALL_COMPUTERS, all, &path),
        );
        Ok(())
    }

    fn programs(&mut self, desk: &Desk, session: &Session, q: &str) -> Result<(), Trouble> {
        let text = q.to_lowercase();
        let found = desk
            .inventory
            .titles(&session.viewer(), Moment::Now, &text)?;
        if found.gaps.overflowed {
            self.notes.push(Markup::text(text::software::OVERFLOWED));
        }
        let mut titles = found.titles;
        // What is called exactly so first, then what most computers have.
        titles.sort_by_cached_key(|title| {
            let is_other = title.name.to_lowercase() != text;
            (
                is_other,
                std::cmp::Reverse(title.machines),
                title.name.clone(),
            )
        });
        let shown = titles.iter().take(SHOWN).map(|title| {
            let path = with("/software", "name", &title.name);
            let computers = Markup::text(&text::computers_counted(title.machines));
            Markup::joined(
                [
                    Markup::link(&path, &Markup::name(&title.name)),
                    Markup::fill(t::ON, &[("computers", computers)]),
                ],
                " ",
            )
        });
        let path = with("/software", "q", q);
        self.add(
            t::PROGRAMS,
            shown.collect(),
            more(t::ALL_PROGRAMS, titles.len(), &path),
        );
        Ok(())
    }

    fn others(&mut self, desk: &Desk, session: &Session, q: &str) -> Result<(), Trouble> {
        let found = desk.inventory.search(&session.viewer(), q)?;
        for (kind, title) in [
            (Trait::Person, t::PEOPLE),
            (Trait::Serial, t::SERIALS),
            (Trait::HardwareAddress, t::HARDWARE_ADDRESSES),
            (Trait::Address, t::ADDRESSES),
        ] {
            let hits = found.hits.iter().filter(|hit| hit.kind == kind);
            let count = hits.clone().count();
            let more = (count > SHOWN).then(|| Markup::text(t::MORE));
            self.add(title, hits.take(SHOWN).map(line).collect(), more);
        }
        if found.is_more {
            self.notes.push(Markup::text(t::MORE));
        }
        if !found.cut.is_empty() {
            let computers = Markup::first(&found.cut, NAMED, |machine| {
                Markup::link(&path(machine.id), &Markup::name(&machine.name()))
            });
            let said = Markup::fill(t::CUT, &[("computers", computers)]);
            self.notes.push(said);
        }
        if found.unread > 0 {
            let computers = Markup::text(&text::computers_counted(found.unread));
            self.notes
                .push(Markup::fill(t::UNREAD, &[("computers", computers)]));
        }
        Ok(())
    }

    fn add(&mut self, title: &'static str, lines: Vec<Markup>, more: Option<Markup>) {
        if !lines.is_empty() {
            self.groups.push(Group { title, lines, more });
        }
    }
}

fn more(sentence: &str, count: usize, path: &str) -> Option<Markup> {
    let count_shown = Markup::number(count as u64);
    let words = Markup::fill(sentence, &[("count", count_shown)]);
    (count > SHOWN).then(|| Markup::link(path, &words))
}

/// A person, number or address with the computers it belongs to.
fn line(hit: &Hit) -> Markup {
    let section = match hit.kind.section() {
        freehold_proto::v1::section::Kind::Accounts => "accounts",
        freehold_proto::v1::section::Kind::Hardware => "hardware",
        _ => "network",
    };
    let computers = Markup::first(&hit.machines, NAMED, |machine| {
        let path = format!("{}#{section}", path(machine.id));
        Markup::link(&path, &Markup::name(&machine.name()))
    });
    let on = Markup::fill(t::ON, &[("computers", computers)]);
    Markup::joined([Markup::name(&hit.text).strong(), on], " ")
}
