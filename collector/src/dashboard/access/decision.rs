//! Decisions about those who may read, each asked for once more before it is done.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State as Shared},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::super::{
    State, guard,
    markup::{Markup, plain},
    page::{Page, Signed, render},
    text::{self, access as t},
    trouble::Trouble,
};
use crate::{
    access::{Grant, GrantError, GrantId, InvitationError, Invited, PersonId, Session},
    audit::Actor,
    clock::UnixMillis,
};

/// What can be decided about a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Invite,
    Extend,
    Suspend,
    Resume,
    Revoke,
    EndPerson(PersonId),
    /// Says whether a technician may invite colleagues.
    Lead(PersonId, bool),
}

#[derive(Template)]
#[template(path = "access_action.html")]
struct DecisionPage {
    page: Page,
    title: &'static str,
    problem: Option<String>,
    made: Option<Made>,
    means: Markup,
    path: String,
    invites: bool,
    extends: bool,
    grave: bool,
    button: &'static str,
    name: String,
    email: String,
}

/// An invitation just made. Shown once.
pub(in crate::dashboard) struct Made {
    pub(in crate::dashboard) says: Markup,
    pub(in crate::dashboard) link: Zeroizing<String>,
}

impl Made {
    /// For somebody of this name.
    pub(in crate::dashboard) fn new(
        name: &str,
        expires_at: UnixMillis,
        now: UnixMillis,
        link: Zeroizing<String>,
    ) -> Self {
        let when = Markup::moment(expires_at, now);
        let places = [("name", Markup::name(name)), ("when", when)];
        Self {
            says: Markup::fill(t::LINK_READY, &places),
            link,
        }
    }
}

/// The fields of a decision.
#[derive(Clone, Default, Deserialize)]
pub(in crate::dashboard) struct DecisionForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    days: String,
    leads: Option<String>,
}

/// Why something was not done.
enum Refusal {
    Grant(GrantError),
    Invitation(InvitationError),
}

impl Decision {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "invite" => Self::Invite,
            "extend" => Self::Extend,
            "suspend" => Self::Suspend,
            "resume" => Self::Resume,
            "revoke" => Self::Revoke,
            word => {
                let (word, id) = word.split_once('-')?;
                let id = PersonId(uuid::Uuid::try_parse(id).ok()?.into_bytes());
                match word {
                    "end" => Self::EndPerson(id),
                    "lead" => Self::Lead(id, true),
                    "leadnot" => Self::Lead(id, false),
                    _ => return None,
                }
            }
        })
    }

    /// Title, what it means, what its button says.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Invite => (t::INVITE, t::INVITE_MEANS, t::MAKE_LINK),
            Self::Extend => (t::EXTEND, t::EXTEND_MEANS, t::EXTEND),
            Self::Suspend => (t::SUSPEND, t::SUSPEND_MEANS, t::SUSPEND),
            Self::Resume => (t::RESUME, t::RESUME_MEANS, t::RESUME),
            Self::Revoke => (t::REVOKE, t::REVOKE_MEANS, t::REVOKE),
            Self::EndPerson(_) => (t::END_PERSON, t::END_PERSON_MEANS, t::END_PERSON),
            Self::Lead(_, true) => (t::LEAD_ON, t::LEAD_ON_MEANS, t::LEAD_ON),
            Self::Lead(_, false) => (t::LEAD_OFF, t::LEAD_OFF_MEANS, t::LEAD_OFF),
        }
    }
}

/// Asks whether it is meant.
pub(in crate::dashboard) async fn ask(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path((id, word)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let (grant, decision) = found(&state, &id, &word)?;
    page(
        &state,
        &session,
        decision,
        &grant,
        &DecisionForm::default(),
        Ok(None),
    )
}

/// Does it.
pub(in crate::dashboard) async fn act(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path((id, word)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    Form(form): Form<Signed<DecisionForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let (grant, decision) = found(&state, &id, &word)?;
    let outcome = if decision == Decision::Invite {
        let base = guard::base(&state.site, &uri, &headers);
        let made = invite(&state, &grant, &form, &base, &by).await;
        match made {
            Ok(made) => return page(&state, &session, decision, &grant, &form, Ok(Some(made))),
            Err(refusal) => Err(refusal),
        }
    } else {
        decide(&state, decision, &grant, &form, &by).await
    };
    match outcome {
        Ok(word) => Ok(Redirect::to(&format!("/access?done={word}")).into_response()),
        Err(refusal) => {
            let problem = refusal.problem()?;
            let page = page(&state, &session, decision, &grant, &form, Err(problem))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Makes an invitation.
async fn invite(
    state: &State,
    grant: &Grant,
    form: &DecisionForm,
    base: &str,
    by: &Actor,
) -> Result<Made, Refusal> {
    let desk = &state.desk;
    let to = Invited::Technician {
        grant: grant.id,
        leads: form.leads.is_some(),
    };
    let invited = desk.people.invite(to, &form.name, &form.email, by).await;
    let (token, expires_at) = invited.map_err(Refusal::Invitation)?;
    let link = Zeroizing::new(format!("{base}/invitation/{}", *token.encode()));
    Ok(Made::new(&form.name, expires_at, desk.clock.now(), link))
}

/// Does everything else; answers with the word for what was done.
async fn decide(
    state: &State,
    decision: Decision,
    grant: &Grant,
    form: &DecisionForm,
    by: &Actor,
) -> Result<&'static str, Refusal> {
    let (grants, id) = (&state.desk.grants, grant.id);
    let (changed, word) = match decision {
        Decision::EndPerson(person) => {
            let ended = state.desk.people.end_technician(person, by).await;
            return ended.map(|()| "person-ended").map_err(Refusal::Invitation);
        }
        Decision::Lead(person, leads) => {
            let said = state.desk.people.set_lead(person, leads, by).await;
            let word = if leads { "leads" } else { "leads-not" };
            return said.map(|()| word).map_err(Refusal::Invitation);
        }
        Decision::Invite => return Ok("invited"),
        Decision::Extend => {
            let days = form.days.trim().parse().unwrap_or(0);
            (grants.extend(id, days, by).await, "extended")
        }
        Decision::Suspend => (grants.suspend(id, by).await, "suspended"),
        Decision::Resume => (grants.resume(id, by).await, "resumed"),
        Decision::Revoke => (grants.revoke(id, by).await, "withdrawn"),
    };
    changed.map(|_| word).map_err(Refusal::Grant)
}

impl Refusal {
    /// What the owner can do something about, as a sentence.
    fn problem(self) -> Result<String, Trouble> {
        match self {
            Self::Grant(error @ (GrantError::Store(_) | GrantError::Write(_))) => {
                Err(Trouble::failed(error))
            }
            Self::Invitation(error) if !error.is_misuse() => Err(Trouble::failed(error)),
            Self::Grant(error) => Ok(sentence(&error)),
            Self::Invitation(error) => Ok(error.to_string()),
        }
    }
}

/// An error as a sentence.
pub(in crate::dashboard) fn sentence(error: &impl std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}

fn found(state: &State, id: &str, word: &str) -> Result<(Grant, Decision), Trouble> {
    let id: GrantId = id.parse().map_err(|_| Trouble::NotFound)?;
    let decision = Decision::of(word).ok_or(Trouble::NotFound)?;
    let grant = state.desk.grants.of(id)?.ok_or(Trouble::NotFound)?;
    Ok((grant, decision))
}

fn page(
    state: &State,
    session: &Session,
    decision: Decision,
    grant: &Grant,
    form: &DecisionForm,
    outcome: Result<Option<Made>, String>,
) -> Result<Response, Trouble> {
    let (title, means, button) = decision.words();
    let word = match decision {
        Decision::Invite => "invite".to_owned(),
        Decision::Extend => "extend".to_owned(),
        Decision::Suspend => "suspend".to_owned(),
        Decision::Resume => "resume".to_owned(),
        Decision::Revoke => "revoke".to_owned(),
        Decision::EndPerson(id) => format!("end-{id:?}"),
        Decision::Lead(id, true) => format!("lead-{id:?}"),
        Decision::Lead(id, false) => format!("leadnot-{id:?}"),
    };
    let name = match decision {
        Decision::EndPerson(id) | Decision::Lead(id, _) => {
            let technicians = state.desk.people.technicians(grant.id)?;
            let person = technicians.into_iter().find(|person| person.id == Some(id));
            person.ok_or(Trouble::NotFound)?.name
        }
        _ => String::new(),
    };
    let supplier = ("supplier", Markup::name(&grant.supplier));
    let means = Markup::fill(means, &[supplier, ("name", Markup::name(&name))]);
    let (made, problem) = match outcome {
        Ok(made) => (made, None),
        Err(problem) => (None, Some(problem)),
    };
    let page_title = format!("{title}: {}", plain(&grant.supplier));
    Ok(render(&DecisionPage {
        page: Page::signed_in(&state.desk, session, &page_title, "/access")?,
        title,
        problem,
        made,
        means,
        path: format!("/access/{}/{word}", grant.id),
        invites: decision == Decision::Invite,
        extends: decision == Decision::Extend,
        grave: matches!(decision, Decision::Revoke | Decision::EndPerson(_)),
        button,
        name: form.name.chars().take(60).collect(),
        email: form.email.chars().take(120).collect(),
    }))
}
