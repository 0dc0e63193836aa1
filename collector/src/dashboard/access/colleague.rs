//! A technician who may invites a colleague under the same grant.

use axum::{
    Extension, Form,
    extract::State as Shared,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    super::{
        State, guard,
        markup::Markup,
        owners::InvitePage,
        page::{Page, Signed, render},
        text::access as t,
        trouble::Trouble,
    },
    decision::Made,
};
use crate::{
    access::{Delegation, InvitationError, Session},
    audit::Actor,
};

/// Who is invited.
#[derive(Clone, Default, Deserialize)]
pub(in crate::dashboard) struct InviteForm {
    #[serde(default)]
    pub(in crate::dashboard) name: String,
    #[serde(default)]
    pub(in crate::dashboard) email: String,
}

/// Shows the form.
pub(in crate::dashboard) async fn show_invite(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
) -> Result<Response, Trouble> {
    let under = lead(&session)?;
    page(&state, &session, under, InviteForm::default(), Ok(None))
}

/// Makes the invitation.
pub(in crate::dashboard) async fn invite_colleague(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    uri: Uri,
    headers: HeaderMap,
    Form(form): Form<Signed<InviteForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let under = lead(&session)?;
    if state.pace.check_key(&session.person).is_err() {
        return Err(Trouble::TooOften);
    }
    let people = &state.desk.people;
    let invited = people
        .invite_colleague(&session, &form.name, &form.email, &by)
        .await;
    match invited {
        Ok((token, expires_at)) => {
            let base = guard::base(&state.site, &uri, &headers);
            let link = Zeroizing::new(format!("{base}/invitation/{}", *token.encode()));
            let made = Made::new(&form.name, expires_at, state.desk.clock.now(), link);
            page(&state, &session, under, form, Ok(Some(made)))
        }
        Err(InvitationError::NotLead) => Err(Trouble::NotForGuests),
        Err(error) if error.is_misuse() => {
            let page = page(&state, &session, under, form, Err(told(error)))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// Whether somebody has that address already is the owner's business.
fn told(error: InvitationError) -> String {
    match error {
        InvitationError::Taken => t::TAKEN.to_owned(),
        error => error.to_string(),
    }
}

/// Under what whoever may invites.
fn lead(session: &Session) -> Result<&Delegation, Trouble> {
    match session.delegation() {
        None => Err(Trouble::NotFound),
        Some(under) if under.leads => Ok(under),
        Some(_) => Err(Trouble::NotForGuests),
    }
}

fn page(
    state: &State,
    session: &Session,
    under: &Delegation,
    form: InviteForm,
    outcome: Result<Option<Made>, String>,
) -> Result<Response, Trouble> {
    let (made, problem) = match outcome {
        Ok(made) => (made, None),
        Err(problem) => (None, Some(problem)),
    };
    let until = Markup::moment(under.until, state.desk.clock.now());
    Ok(render(&InvitePage {
        page: Page::signed_in(&state.desk, session, t::INVITE_COLLEAGUE, "/access")?,
        back: "/access",
        back_title: t::TITLE,
        title: t::INVITE_COLLEAGUE,
        means: Markup::fill(t::INVITE_COLLEAGUE_MEANS, &[("until", until)]),
        problem,
        made,
        path: "/access/invite",
        form,
    }))
}
