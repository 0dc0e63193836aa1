//! Browsers that are signed in: everybody's to an owner, and their own to guests; each can be ended.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Desk, State, guard,
    markup::{Markup, plain},
    page::{Done, Page, Signed, render},
    text::{self, settings as t},
    trouble::Trouble,
};
use crate::{access::Session, peer::Remote};

#[derive(Template)]
#[template(path = "browsers.html")]
struct BrowsersPage {
    page: Page,
    sessions: Vec<SessionRow>,
}

/// A browser that is signed in.
pub(super) struct SessionRow {
    pub(super) id: String,
    pub(super) whose: Markup,
    pub(super) browser: Markup,
    pub(super) plain: String,
    pub(super) address: Markup,
    pub(super) opened: Markup,
    pub(super) used: Markup,
    pub(super) is_this: bool,
}

/// The field of the form that ends one.
#[derive(Deserialize)]
pub(super) struct EndForm {
    #[serde(default)]
    session: String,
}

/// Shows them.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    Ok(render(&BrowsersPage {
        page: Page::signed_in(&state.desk, &session, t::SESSIONS, "/access")?.done(&done),
        sessions: rows(&state.desk, &session)?,
    }))
}

/// Ends one.
pub(super) async fn end(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    remote: Option<Extension<Remote>>,
    Form(form): Form<Signed<EndForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let address = guard::address(remote.as_deref());
    let people = &state.desk.people;
    if people.end_session(&form.session, &session, address).await? {
        Ok(Redirect::to("/browsers?done=session-ended").into_response())
    } else {
        Err(Trouble::NotFound)
    }
}

/// The browsers that somebody may see.
pub(super) fn rows(desk: &Desk, session: &Session) -> Result<Vec<SessionRow>, Trouble> {
    let now = desk.clock.now();
    let open = desk.people.open_sessions(session)?;
    let row = |open: crate::access::OpenSession| SessionRow {
        plain: plain(&open.browser),
        browser: Markup::name(&open.browser),
        whose: Markup::name(&open.name),
        address: Markup::code(&open.remote),
        opened: Markup::time(open.opened_at, now),
        used: Markup::time(open.seen_at, now),
        is_this: open.is_this,
        id: open.id,
    };
    Ok(open.into_iter().map(row).collect())
}
