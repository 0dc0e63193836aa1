//! The timeline of one computer, and of all.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, State as Shared},
    response::Response,
};
use serde::Deserialize;

use super::{
    Desk, State,
    computer::{section_kind, section_words},
    export::{Export, Pairs, ROWS, Sheet, one},
    facts::section_title,
    lens::{Lens, field, with},
    list::Choice,
    markup::{Markup, plain},
    page::{Page, made_aside, render},
    standing::{link, path},
    text::{self, changes as t, list},
    timeline::{Day, days, rows},
    trouble::Trouble,
};
use crate::{
    access::{ChangeFilter, ChangePosition, FoundChanges, MachineLine, Session},
    history::Moment,
    id::MachineId,
    store::record::Action,
};

/// Changes on a page.
const ENTRIES: usize = 200;

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    page: Page,
    crumb: Option<Markup>,
    lead: Markup,
    here: String,
    difference: String,
    wanted: Wanted,
    sections: Vec<Choice>,
    actions: Vec<Choice>,
    latest: String,
    is_filtered: bool,
    stopped: bool,
    days: Vec<Day>,
    newest: Option<String>,
    older: Option<String>,
    export: Export,
}

/// What is asked for; the address of the page carries it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// Where the page begins.
    before: String,
    q: String,
    section: String,
    action: String,
    since: String,
    until: String,
}

/// What may have happened, by its word in the address.
const ACTIONS: [(&str, &str, Option<Action>); 7] = [
    ("", t::EVERYTHING, None),
    ("added", t::ADDED, Some(Action::Added)),
    ("removed", t::REMOVED, Some(Action::Removed)),
    ("altered", t::ALTERED, Some(Action::Altered)),
    ("first", t::FIRST, Some(Action::FirstReport)),
    ("record", t::LIFECYCLE, Some(Action::Lifecycle)),
    ("gap", t::GAP, Some(Action::Gap)),
];

/// Shows the changes of all computers.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    made_aside(move || page(&state.desk, &session, None, wanted)).await
}

/// Shows the changes of one computer.
pub(super) async fn show_machine(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let id: MachineId = id.parse().map_err(|_| Trouble::NoMachine)?;
    made_aside(move || page(&state.desk, &session, Some(id), wanted)).await
}

fn page(
    desk: &Desk,
    session: &Session,
    only: Option<MachineId>,
    wanted: Wanted,
) -> Result<Response, Trouble> {
    let viewer = session.viewer();
    let line = only.map(|id| desk.inventory.machine(&viewer, id, Moment::Now));
    let line = line.transpose()?;
    let found = wanted.find(desk, session, only, ENTRIES)?;
    let here = line.as_ref().map_or_else(
        || "/changes".to_owned(),
        |line| format!("{}/changes", path(line.machine.id)),
    );
    let begins = !wanted.before.is_empty();
    Ok(render(&ChangesPage {
        page: headed(desk, session, line.as_ref())?,
        crumb: line.as_ref().map(link),
        lead: line.as_ref().map_or_else(
            || Markup::text(t::LEAD),
            |line| {
                let name = Markup::name(&line.machine.name());
                Markup::fill(t::LEAD_ONE, &[("computer", name)])
            },
        ),
        difference: only.map_or_else(
            || "/difference".to_owned(),
            |id| with("/difference", "computer", &id.to_string()),
        ),
        sections: wanted.sections(),
        actions: wanted.actions(),
        latest: field(desk.clock.now()),
        is_filtered: wanted.is_filtered(),
        stopped: found.stopped,
        days: days(&found.changes, line.is_none()),
        newest: begins.then(|| wanted.path(&here, None)),
        older: found.next.map(|next| wanted.path(&here, Some(next))),
        export: Export::of(session, &wanted.exported(only)),
        here,
        wanted,
    }))
}

/// The changes as they are taken along, newest first.
pub(super) fn sheet(desk: &Desk, session: &Session, pairs: &Pairs) -> Result<Sheet, Trouble> {
    let wanted = Wanted::of(pairs);
    let only = match one(pairs, "computer") {
        "" => None,
        id => Some(id.parse().map_err(|_| Trouble::NoMachine)?),
    };
    let mut sheet = Sheet {
        name: "changes",
        lens: Lens::of(desk, "")?,
        columns: rows::COLUMNS.to_vec(),
        rows: Vec::new(),
        notes: Vec::new(),
    };
    let found = wanted.find(desk, session, only, ROWS)?;
    sheet.rows = found.changes.iter().map(rows::of).collect();
    if found.stopped {
        sheet.notes.push(list::STOPPED.to_owned());
    } else {
        sheet.note_cut(found.next.is_some());
    }
    Ok(sheet)
}

fn headed(desk: &Desk, session: &Session, line: Option<&MachineLine>) -> Result<Page, Trouble> {
    let Some(line) = line else {
        let page = Page::signed_in(desk, session, t::TITLE, "/changes")?;
        return Ok(page.live());
    };
    let title = format!("{}: {}", t::TITLE, plain(&line.machine.name()));
    let page = Page::signed_in(desk, session, &title, "/computers")?;
    Ok(page.live_of(line.machine.id))
}

impl Wanted {
    fn of(pairs: &Pairs) -> Self {
        let one = |name| one(pairs, name).to_owned();
        Self {
            before: one("before"),
            q: one("q"),
            section: one("section"),
            action: one("action"),
            since: one("since"),
            until: one("until"),
        }
    }

    fn find(
        &self,
        desk: &Desk,
        session: &Session,
        machine: Option<MachineId>,
        most: usize,
    ) -> Result<FoundChanges, Trouble> {
        let actions = ACTIONS.iter().find(|(word, _, _)| *word == self.action);
        let filter = ChangeFilter {
            machine,
            section: section_kind(&self.section),
            action: actions.and_then(|(_, _, action)| *action),
            text: self.q.trim().to_lowercase(),
            since: Lens::of(desk, &self.since)?.moment.at(),
        };
        let until = Lens::of(desk, &self.until)?.moment.at();
        let until = until.map(ChangePosition::until);
        let before = self.before.parse().ok().or(until);
        let inventory = &desk.inventory;
        Ok(inventory.find_changes(&session.viewer(), &filter, before, most)?)
    }

    fn is_filtered(&self) -> bool {
        let asked = [
            &self.q,
            &self.section,
            &self.action,
            &self.since,
            &self.until,
        ];
        asked.iter().any(|value| !value.is_empty())
    }

    /// The address of the same changes from a position on.
    fn path(&self, here: &str, before: Option<ChangePosition>) -> String {
        let before = before.map(|before| before.to_string()).unwrap_or_default();
        let pairs = [
            ("q", &self.q),
            ("section", &self.section),
            ("action", &self.action),
            ("since", &self.since),
            ("until", &self.until),
            ("before", &before),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        pairs.fold(here.to_owned(), |path, (name, value)| {
            with(&path, name, value)
        })
    }

    /// The address of all of them as they are taken along.
    fn exported(&self, only: Option<MachineId>) -> String {
        let path = self.path("/export/changes", None);
        only.map_or_else(
            || path.clone(),
            |id| with(&path, "computer", &id.to_string()),
        )
    }

    fn sections(&self) -> Vec<Choice> {
        let every = ("", t::EVERY_SECTION);
        let sections = section_words().map(|(kind, word)| (word, section_title(kind)));
        let sections = std::iter::once(every).chain(sections);
        sections
            .map(|(value, title)| Choice {
                value,
                title,
                chosen: value == self.section,
            })
            .collect()
    }

    fn actions(&self) -> Vec<Choice> {
        ACTIONS
            .iter()
            .map(|(value, title, _)| Choice {
                value,
                title,
                chosen: *value == self.action,
            })
            .collect()
    }
}
