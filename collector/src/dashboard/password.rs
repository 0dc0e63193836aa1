//! Choosing another password while signed in.

use askama::Template;
use axum::{
    Extension, Form,
    extract::State as Shared,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    State, cookie,
    door::secret,
    guard,
    page::{Page, Signed, render},
    text::{self, settings as t},
    trouble::Trouble,
};
use crate::{
    access::{ChangeError, Session},
    peer::Remote,
};

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    page: Page,
    problem: Option<String>,
}

/// The form with both passwords.
#[derive(Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default, deserialize_with = "secret")]
    present: SecretString,
    #[serde(default, deserialize_with = "secret")]
    password: SecretString,
    #[serde(default, deserialize_with = "secret")]
    again: SecretString,
}

/// Shows the form.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
) -> Result<Response, Trouble> {
    page(&state, &session, None)
}

/// Takes the present password and the new one.
pub(super) async fn change(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
    Form(form): Form<Signed<PasswordForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let https = state.site.https;
    let origin = guard::origin(&headers, remote.as_deref(), https);
    let changed = state
        .desk
        .people
        .change_password(&session, form.present, form.password, &form.again, &origin)
        .await;
    let (status, problem) = match changed {
        Ok(signed_in) => {
            let mut response = Redirect::to("/settings?done=password").into_response();
            cookie::sign_in(response.headers_mut(), &signed_in, https);
            return Ok(response);
        }
        Err(problem @ ChangeError::TooMany(_)) => (StatusCode::TOO_MANY_REQUESTS, problem),
        Err(problem @ (ChangeError::WrongPassword | ChangeError::Password(_))) => {
            (StatusCode::UNPROCESSABLE_ENTITY, problem)
        }
        Err(error) => return Err(Trouble::failed(error)),
    };
    let page = page(&state, &session, Some(problem.to_string()))?;
    Ok((status, page).into_response())
}

fn page(state: &State, session: &Session, problem: Option<String>) -> Result<Response, Trouble> {
    Ok(render(&PasswordPage {
        page: Page::signed_in(&state.desk, session, t::CHANGE_PASSWORD, "/settings")?,
        problem,
    }))
}
