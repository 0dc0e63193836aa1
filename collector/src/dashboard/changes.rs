//! The timeline of one computer, and of all.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, State as Shared},
    response::Response,
};
use serde::Deserialize;

use super::{
    State,
    markup::{Markup, plain},
    page::{Page, render},
    standing::{link, path},
    text::{self, changes as t},
    timeline::{Day, days},
    trouble::Trouble,
};
use crate::{
    access::{Change, Session},
    id::MachineId,
    store::ChangeKey,
};

/// Changes on a page.
const ENTRIES: usize = 200;

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    page: Page,
    crumb: Option<Markup>,
    lead: Markup,
    days: Vec<Day>,
    newest: Option<String>,
    older: Option<String>,
}

/// Where the page begins.
#[derive(Deserialize)]
pub(super) struct From {
    before: Option<String>,
}

impl From {
    fn key(&self) -> Option<ChangeKey> {
        self.before.as_deref()?.parse().ok()
    }
}

/// Shows the changes of all computers.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(from): Query<From>,
) -> Result<Response, Trouble> {
    let before = from.key();
    let changes = state
        .desk
        .inventory
        .all_changes(&session.viewer(), before, ENTRIES)?;
    Ok(render(&ChangesPage {
        page: Page::signed_in(&state.desk, &session, t::TITLE, "/changes")?.live("/events"),
        crumb: None,
        lead: Markup::text(t::LEAD),
        days: days(&changes, true),
        newest: before.map(|_| "/changes".to_owned()),
        older: older("/changes", &changes),
    }))
}

/// Shows the changes of one computer.
pub(super) async fn show_machine(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Trouble> {
    let id: MachineId = id.parse().map_err(|_| Trouble::NoMachine)?;
    let viewer = session.viewer();
    let line = state.desk.inventory.machine(&viewer, id)?;
    let before = from.key();
    let changes = state.desk.inventory.changes(&viewer, id, before, ENTRIES)?;
    let here = format!("{}/changes", path(id));
    let title = format!("{}: {}", t::TITLE, plain(&line.machine.name()));
    let name = Markup::name(&line.machine.name());
    Ok(render(&ChangesPage {
        page: Page::signed_in(&state.desk, &session, &title, "/computers")?
            .live(&format!("/events?computer={id}")),
        crumb: Some(link(&line)),
        lead: Markup::fill(t::LEAD_ONE, &[("computer", name)]),
        days: days(&changes, false),
        newest: before.map(|_| here.clone()),
        older: older(&here, &changes),
    }))
}

fn older(here: &str, changes: &[Change]) -> Option<String> {
    let last = changes.last().filter(|_| changes.len() == ENTRIES)?;
    Some(format!("{here}?before={}", last.key))
}
