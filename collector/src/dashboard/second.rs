//! An owner's second factor: added and taken away.

use askama::Template;
use axum::{
    Extension, Form,
    extract::State as Shared,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{
    State,
    door::secret,
    guard,
    invitation::{FactorView, recovery},
    page::{Page, Signed, render},
    text::{self, settings as t},
    trouble::Trouble,
};
use crate::{
    access::{FactorError, Session},
    peer::Remote,
};

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage {
    page: Page,
    problem: Option<String>,
    factor: FactorView,
    has_factor: bool,
}

/// The fields of both forms.
#[derive(Deserialize)]
pub(super) struct FactorForm {
    #[serde(default, deserialize_with = "secret")]
    password: SecretString,
    #[serde(default, deserialize_with = "secret")]
    sealed: SecretString,
    #[serde(default, deserialize_with = "secret")]
    code: SecretString,
}

/// Shows a secret to take up, and where there is a factor already, how to be rid of it.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
) -> Result<Response, Trouble> {
    page(&state, &session, None, None)
}

/// Adds the factor.
pub(super) async fn add(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
    Form(form): Form<Signed<FactorForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let origin = guard::origin(&headers, remote.as_deref(), state.site.https);
    let (sealed, code) = (form.sealed.expose_secret(), form.code.expose_secret());
    let people = &state.desk.people;
    let added = people.add_factor(&session, form.password.clone(), sealed, code, &origin);
    match added.await {
        Ok(codes) => Ok(recovery(&codes, "/settings")),
        Err(error) => refused(&state, &session, error, Some(sealed)),
    }
}

/// Takes the factor away.
pub(super) async fn remove(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
    Form(form): Form<Signed<FactorForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let origin = guard::origin(&headers, remote.as_deref(), state.site.https);
    let code = form.code.expose_secret();
    let people = &state.desk.people;
    let removed = people.remove_factor(&session, form.password.clone(), code, &origin);
    match removed.await {
        Ok(()) => Ok(Redirect::to("/settings?done=factor-off").into_response()),
        Err(error) => refused(&state, &session, error, None),
    }
}

/// The page once more, with what is wrong.
fn refused(
    state: &State,
    session: &Session,
    error: FactorError,
    sealed: Option<&str>,
) -> Result<Response, Trouble> {
    let status = match error {
        FactorError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        FactorError::WrongPassword
        | FactorError::WrongCode
        | FactorError::Stale
        | FactorError::Needed => StatusCode::UNPROCESSABLE_ENTITY,
        error => return Err(Trouble::failed(error)),
    };
    let page = page(state, session, Some(error.to_string()), sealed)?;
    Ok((status, page).into_response())
}

fn page(
    state: &State,
    session: &Session,
    problem: Option<String>,
    sealed: Option<&str>,
) -> Result<Response, Trouble> {
    let desk = &state.desk;
    // The same secret again: it was scanned already.
    let known = sealed.and_then(|sealed| {
        let secret = desk.people.unsealed_factor(sealed, session)?;
        Some((secret, sealed.to_owned().into()))
    });
    let (secret, sealed) = known.unwrap_or_else(|| desk.people.new_factor(session));
    let business = desk.inventory.business(&session.viewer())?;
    Ok(render(&SecondPage {
        page: Page::signed_in(desk, session, t::SECOND, "/settings")?,
        problem,
        factor: FactorView::new(&secret, sealed, &business, &session.name),
        has_factor: desk.people.has_factor(session.person)?,
    }))
}
