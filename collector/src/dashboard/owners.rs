//! The owners: inviting another one, ending the access of one.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State as Shared},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use zeroize::Zeroizing;

use super::{
    State,
    access::{InviteForm, Made},
    guard,
    markup::{Markup, plain},
    page::{Nothing, Page, Signed, render},
    text::{self, settings as t},
    trouble::Trouble,
};
use crate::{
    access::{InvitationError, Invited, OwnerError, Person, PersonId, Session},
    audit::Actor,
};

#[derive(Template)]
#[template(path = "invite.html")]
pub(super) struct InvitePage {
    pub(super) page: Page,
    pub(super) back: &'static str,
    pub(super) back_title: &'static str,
    pub(super) title: &'static str,
    pub(super) means: Markup,
    pub(super) problem: Option<String>,
    pub(super) made: Option<Made>,
    pub(super) path: &'static str,
    pub(super) form: InviteForm,
}

#[derive(Template)]
#[template(path = "owner_end.html")]
struct EndPage {
    page: Page,
    problem: Option<String>,
    means: Markup,
    path: String,
}

/// Shows the form that invites another owner.
pub(super) async fn show_form(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
) -> Result<Response, Trouble> {
    page(&state, &session, InviteForm::default(), Ok(None))
}

/// Makes the invitation.
pub(super) async fn invite(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    uri: Uri,
    headers: HeaderMap,
    Form(form): Form<Signed<InviteForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let people = &state.desk.people;
    let invited = people
        .invite(Invited::Owner, &form.name, &form.email, &by)
        .await;
    match invited {
        Ok((token, expires_at)) => {
            let base = guard::base(&state.site, &uri, &headers);
            let link = Zeroizing::new(format!("{base}/invitation/{}", *token.encode()));
            let made = Made::new(&form.name, expires_at, state.desk.clock.now(), link);
            page(&state, &session, form, Ok(Some(made)))
        }
        Err(error) if error.is_misuse() => {
            let page = page(&state, &session, form, Err(error))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

fn page(
    state: &State,
    session: &Session,
    form: InviteForm,
    outcome: Result<Option<Made>, InvitationError>,
) -> Result<Response, Trouble> {
    let (made, problem) = match outcome {
        Ok(made) => (made, None),
        Err(error) => (None, Some(error.to_string())),
    };
    Ok(render(&InvitePage {
        page: Page::signed_in(&state.desk, session, t::INVITE_OWNER, "/settings")?,
        back: "/settings",
        back_title: t::TITLE,
        title: t::INVITE_OWNER,
        means: Markup::text(t::INVITE_OWNER_MEANS),
        problem,
        made,
        path: "/settings/owners",
        form,
    }))
}

/// Asks whether it is meant.
pub(super) async fn ask_end(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let owner = found(&state, &id)?;
    end_page(&state, &session, &owner, None)
}

/// Ends the access of an owner.
pub(super) async fn end(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
    Form(form): Form<Signed<Nothing>>,
) -> Result<Response, Trouble> {
    form.of(&session)?;
    let owner = found(&state, &id)?;
    match state.desk.people.end_owner(owner.id, &by).await {
        Ok(()) => Ok(Redirect::to("/settings?done=owner-ended").into_response()),
        Err(OwnerError::Unknown) => Err(Trouble::NotFound),
        Err(error @ OwnerError::Last) => {
            let page = end_page(&state, &session, &owner, Some(error.to_string()))?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

fn found(state: &State, id: &str) -> Result<Person, Trouble> {
    let id = uuid::Uuid::try_parse(id).map_err(|_| Trouble::NotFound)?;
    let id = PersonId(id.into_bytes());
    let owners = state.desk.people.owners()?;
    let owner = owners.into_iter().find(|owner| owner.id == id);
    owner.ok_or(Trouble::NotFound)
}

fn end_page(
    state: &State,
    session: &Session,
    owner: &Person,
    problem: Option<String>,
) -> Result<Response, Trouble> {
    let title = format!("{}: {}", t::END_OWNER, plain(&owner.name));
    Ok(render(&EndPage {
        page: Page::signed_in(&state.desk, session, &title, "/settings")?,
        problem,
        means: Markup::fill(t::END_OWNER_MEANS, &[("name", Markup::name(&owner.name))]),
        path: format!("/settings/owners/{:?}/end", owner.id),
    }))
}
