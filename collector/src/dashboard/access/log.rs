//! The read log as sentences, by day and person.

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    response::Response,
};
use serde::Deserialize;

use super::super::{
    State,
    markup::{self, Markup},
    page::{Page, render},
    text::{self, access as t},
    trouble::Trouble,
};
use crate::{access::Session, audit::Entry};

/// Entries on a page.
const ENTRIES: usize = 300;

#[derive(Template)]
#[template(path = "read_log.html")]
struct LogPage {
    page: Page,
    days: Vec<Day>,
    newest: Option<&'static str>,
    older: Option<String>,
    checkpoint: Option<String>,
}

struct Day {
    title: String,
    people: Vec<PersonDay>,
}

/// What one person did in a day.
struct PersonDay {
    plain: String,
    who: Markup,
    entries: Vec<Line>,
}

struct Line {
    at: Markup,
    deed: Markup,
    from: Option<Markup>,
}

/// Where the page begins.
#[derive(Deserialize)]
pub(in crate::dashboard) struct Before {
    before: Option<String>,
}

/// Shows the log: all of it to an owner, that of its own grant to a guest.
pub(in crate::dashboard) async fn show_log(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(from): Query<Before>,
) -> Result<Response, Trouble> {
    let desk = &state.desk;
    let before = from.before.and_then(|before| before.parse().ok());
    let entries = desk.journal.entries(&session.viewer(), before, ENTRIES)?;
    let last = entries.last().filter(|_| entries.len() == ENTRIES);
    Ok(render(&LogPage {
        page: Page::signed_in(desk, &session, t::LOG_TITLE, "/access")?,
        older: last.map(|entry| format!("/access/log?before={}", entry.index)),
        newest: before.map(|_| "/access/log"),
        days: days(&entries),
        checkpoint: desk.journal.checkpoint()?,
    }))
}

/// Entries, newest first, by the day and then by who did it.
fn days(entries: &[Entry]) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let title = markup::day(entry.at);
        if days.last().is_none_or(|day| day.title != title) {
            days.push(Day {
                title,
                people: Vec::new(),
            });
        }
        let Some(day) = days.last_mut() else {
            continue;
        };
        let plain = entry.who();
        let line = Line {
            at: Markup::clock(entry.at),
            deed: Markup::value(&entry.deed()),
            from: (!entry.body.remote.is_empty()).then(|| Markup::code(&entry.body.remote)),
        };
        match day.people.iter_mut().find(|person| person.plain == plain) {
            Some(person) => person.entries.push(line),
            None => day.people.push(PersonDay {
                who: Markup::name(&plain),
                plain,
                entries: vec![line],
            }),
        }
    }
    days
}
