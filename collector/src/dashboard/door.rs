//! Choosing the first password, signing in, signing out.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};

use super::{
    State, cookie, guard,
    markup::Markup,
    page::{Nothing, Page, Signed, render},
    text,
    trouble::Trouble,
};
use crate::{
    access::{Session, SetUpError, SignInError, SignedIn, Viewer},
    peer::Remote,
};

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    page: Page,
    title: &'static str,
    lead: &'static str,
    problem: Option<String>,
    code: String,
    name: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    lead: Option<Markup>,
    problem: Option<String>,
    next: String,
    /// The e-mail address that was typed, for the form of who was invited.
    guest: Option<String>,
    /// A code is asked for, too.
    asks_code: bool,
    /// Somebody signs in without an e-mail address.
    has_first: bool,
}

/// The form with the set-up code.
#[derive(Deserialize)]
pub(super) struct SetUpForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default, deserialize_with = "secret")]
    password: SecretString,
    #[serde(default, deserialize_with = "secret")]
    again: SecretString,
}

/// The form with the password; a guest's has an e-mail address and a code too.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    email: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    password: SecretString,
    #[serde(default, deserialize_with = "secret")]
    code: SecretString,
    #[serde(default)]
    next: String,
}

/// Reads a field that no log may ever show.
pub(super) fn secret<'de, D: Deserializer<'de>>(field: D) -> Result<SecretString, D::Error> {
    String::deserialize(field).map(SecretString::from)
}

/// Where to go after signing in, and who wants to.
#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
    /// "guest" for the form of those who were invited.
    #[serde(rename = "as", default)]
    who: String,
}

/// Shows the form with the set-up code.
pub(super) async fn show_set_up(Shared(state): Shared<State>) -> Result<Response, Trouble> {
    set_up_page(&state, None, String::new(), String::new())
}

/// Takes the set-up code and the new password.
pub(super) async fn set_up(
    Shared(state): Shared<State>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
    Form(form): Form<SetUpForm>,
) -> Result<Response, Trouble> {
    let https = state.site.https;
    let origin = guard::origin(&headers, remote.as_deref(), https);
    let chosen = state
        .desk
        .people
        .choose_password(&form.code, &form.name, form.password, &form.again, &origin)
        .await;
    let (status, problem) = match chosen {
        Ok(signed_in) => return Ok(welcome(&signed_in, "/", https)),
        Err(problem @ SetUpError::TooMany(_)) => (StatusCode::TOO_MANY_REQUESTS, problem),
        Err(
            problem @ (SetUpError::NoCode
            | SetUpError::Spent
            | SetUpError::WrongCode
            | SetUpError::Password(_)),
        ) => (StatusCode::UNPROCESSABLE_ENTITY, problem),
        Err(error) => return Err(Trouble::failed(error)),
    };
    // A right code need not be typed again; a wrong one only misleads.
    let code = if matches!(problem, SetUpError::Password(_)) {
        form.code.chars().take(40).collect()
    } else {
        String::new()
    };
    let name = form.name.chars().take(60).collect();
    let page = set_up_page(&state, Some(problem.to_string()), code, name)?;
    Ok((status, page).into_response())
}

fn set_up_page(
    state: &State,
    problem: Option<String>,
    code: String,
    name: String,
) -> Result<Response, Trouble> {
    let (title, lead) = if state.desk.people.set_up()? {
        (text::door::RESET_TITLE, text::door::RESET_LEAD)
    } else {
        (text::door::SET_UP_TITLE, text::door::SET_UP_LEAD)
    };
    Ok(render(&SetUpPage {
        page: Page::bare(title),
        title,
        lead,
        problem,
        code,
        name,
    }))
}

/// Shows the form with the password.
pub(super) async fn show_sign_in(
    Shared(state): Shared<State>,
    Query(next): Query<Next>,
) -> Result<Response, Trouble> {
    if !state.desk.people.set_up()? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let guest = (next.who == "guest").then(String::new);
    sign_in_page(&state, None, local(&next.next), guest)
}

/// Takes the password.
pub(super) async fn sign_in(
    Shared(state): Shared<State>,
    remote: Option<Extension<Remote>>,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Trouble> {
    let https = state.site.https;
    let origin = guard::origin(&headers, remote.as_deref(), https);
    let next = local(&form.next);
    let people = &state.desk.people;
    let tried = match &form.email {
        None => {
            let code = form.code.expose_secret();
            people.sign_in(form.password, code, &origin).await
        }
        Some(email) => {
            let code = form.code.expose_secret();
            people
                .sign_in_by_email(email, form.password, code, &origin)
                .await
        }
    };
    let (status, problem) = match tried {
        Ok(signed_in) => return Ok(welcome(&signed_in, next, https)),
        Err(SignInError::NotSetUp) => return Ok(Redirect::to("/setup").into_response()),
        Err(problem @ SignInError::TooMany(_)) => (StatusCode::TOO_MANY_REQUESTS, problem),
        Err(
            problem @ (SignInError::WrongPassword
            | SignInError::Wrong
            | SignInError::WrongPair
            | SignInError::Locked
            | SignInError::LockedOwner
            | SignInError::Over { .. }
            | SignInError::Ended),
        ) => (StatusCode::UNPROCESSABLE_ENTITY, problem),
        Err(error) => return Err(Trouble::failed(error)),
    };
    let guest = form.email.map(|email| email.chars().take(120).collect());
    let page = sign_in_page(&state, Some(problem.to_string()), next, guest)?;
    Ok((status, page).into_response())
}

fn sign_in_page(
    state: &State,
    problem: Option<String>,
    next: &str,
    guest: Option<String>,
) -> Result<Response, Trouble> {
    // The name of the business stands on this page for everybody who reaches it: it is on the door too.
    let business = state.desk.inventory.business(&Viewer::console())?;
    let lead = (!business.is_empty()).then(|| {
        Markup::fill(
            text::door::SIGN_IN_LEAD,
            &[("business", Markup::name(&business))],
        )
    });
    let first = state.desk.people.first_owner_has_factor()?;
    // Where everybody was invited, everybody has an e-mail address.
    let guest = guest.or_else(|| first.is_none().then(String::new));
    Ok(render(&SignInPage {
        asks_code: guest.is_some() || first == Some(true),
        has_first: first.is_some(),
        page: Page::bare(text::door::SIGN_IN_TITLE),
        lead,
        problem,
        next: next.to_owned(),
        guest,
    }))
}

/// Ends the session.
pub(super) async fn sign_out(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Form(form): Form<Signed<Nothing>>,
) -> Result<Response, Trouble> {
    form.of(&session)?;
    state.desk.people.sign_out(&session).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    cookie::sign_out(response.headers_mut(), state.site.https);
    Ok(response)
}

pub(super) fn welcome(signed_in: &SignedIn, next: &str, https: bool) -> Response {
    let mut response = Redirect::to(next).into_response();
    cookie::sign_in(response.headers_mut(), signed_in, https);
    response
}

/// A path of this dashboard, or the overview: nobody is sent elsewhere.
fn local(next: &str) -> &str {
    let safe = next.starts_with('/')
        && !next.starts_with("//")
        && next
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if safe { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        for elsewhere in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            "",
            "/a\r\nSet-Cookie: x=y",
        ] {
            assert_eq!(local(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(local("/computers?q=a%20b"), "/computers?q=a%20b");
    }
}
