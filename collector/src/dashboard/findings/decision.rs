//! What the owner decides about a finding, asked for once more before it is done.

use std::time::Duration;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    super::{
        State,
        markup::Markup,
        page::{Page, Signed, render},
        text::{self, findings as t},
        trouble::Trouble,
    },
    view::{self, Card},
};
use crate::{
    access::{Machine, Session},
    audit::Actor,
    clock::UnixMillis,
    finding::{Account, AsideError, Finding, FindingId, LONGEST_DAYS, LONGEST_REASON},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// When a finding returns unless another day is chosen.
const USUAL_DAYS: u32 = 30;

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    SetAside,
    TakeUp,
}

#[derive(Template)]
#[template(path = "finding_action.html")]
struct DecisionPage {
    page: Page,
    title: &'static str,
    card: Card,
    problem: Option<String>,
    means: Markup,
    path: String,
    back: String,
    asks: bool,
    reason: String,
    longest: usize,
    until: String,
    earliest: String,
    latest: String,
}

/// The fields of a decision.
#[derive(Clone, Default, Deserialize)]
pub(in crate::dashboard) struct DecisionForm {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: String,
}

impl Decision {
    fn of(word: &str) -> Option<Self> {
        match word {
            "set-aside" => Some(Self::SetAside),
            "take-up" => Some(Self::TakeUp),
            _ => None,
        }
    }

    /// What can be decided about a finding as it stands.
    pub(super) fn open_to(finding: &Finding, now: UnixMillis) -> Self {
        if finding.aside(now).is_some() {
            Self::TakeUp
        } else {
            Self::SetAside
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::SetAside => t::SET_ASIDE,
            Self::TakeUp => t::TAKE_UP,
        }
    }

    pub(super) fn path(self, id: FindingId) -> String {
        let word = match self {
            Self::SetAside => "set-aside",
            Self::TakeUp => "take-up",
        };
        format!("/findings/{id}/{word}")
    }
}

/// Asks whether it is meant.
pub(in crate::dashboard) async fn ask(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path((id, word)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let (decision, account, machine) = found(&state, &session, &id, &word)?;
    let form = DecisionForm::default();
    page(
        &state,
        &session,
        decision,
        (&account, &machine),
        &form,
        None,
    )
}

/// Does it.
pub(in crate::dashboard) async fn act(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path((id, word)): Path<(String, String)>,
    Form(form): Form<Signed<DecisionForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let (decision, account, machine) = found(&state, &session, &id, &word)?;
    let (inventory, now) = (&state.desk.inventory, state.desk.clock.now());
    let id = account.finding.id;
    let sentence = account.finding.rule.words.sentence;
    let about = view::written(sentence, &account.finding, &machine, "", now);
    let (done, word) = match decision {
        Decision::SetAside => {
            let until = day(&form.until).unwrap_or(UnixMillis(0));
            let done = inventory.set_aside(id, &form.reason, until, &about, &by);
            (done.await, "set-aside")
        }
        Decision::TakeUp => (inventory.take_up(id, &about, &by).await, "taken-up"),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/findings/{id}?done={word}")).into_response()),
        Err(error @ (AsideError::Store(_) | AsideError::Write(_))) => Err(Trouble::failed(error)),
        Err(error) => {
            let problem = Some(error.to_string());
            let page = page(
                &state,
                &session,
                decision,
                (&account, &machine),
                &form,
                problem,
            )?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn found(
    state: &State,
    session: &Session,
    id: &str,
    word: &str,
) -> Result<(Decision, Account, Machine), Trouble> {
    let id: FindingId = id.parse().map_err(|_| Trouble::NoFinding)?;
    let decision = Decision::of(word).ok_or(Trouble::NotFound)?;
    let (account, machine) = state.desk.inventory.finding(&session.viewer(), id)?;
    Ok((decision, account, machine))
}

fn page(
    state: &State,
    session: &Session,
    decision: Decision,
    (account, machine): (&Account, &Machine),
    form: &DecisionForm,
    problem: Option<String>,
) -> Result<Response, Trouble> {
    let now = state.desk.clock.now();
    let id = account.finding.id;
    let until = match form.until.as_str() {
        "" => iso(now.plus(DAY * USUAL_DAYS)),
        chosen => chosen.chars().take(10).collect(),
    };
    Ok(render(&DecisionPage {
        page: Page::signed_in(&state.desk, session, decision.title(), "/findings")?,
        title: decision.title(),
        card: Card::of(machine, &account.finding, now),
        problem,
        means: Markup::text(match decision {
            Decision::SetAside => t::SET_ASIDE_MEANS,
            Decision::TakeUp => t::TAKE_UP_MEANS,
        }),
        path: decision.path(id),
        back: format!("/findings/{id}"),
        asks: decision == Decision::SetAside,
        reason: form.reason.chars().take(LONGEST_REASON).collect(),
        longest: LONGEST_REASON,
        until,
        earliest: iso(now.plus(DAY)),
        latest: iso(now.plus(DAY * (LONGEST_DAYS - 1))),
    }))
}

/// A day as browsers send it; its beginning.
fn day(text: &str) -> Option<UnixMillis> {
    UnixMillis::parse(&format!("{}T00:00:00Z", text.trim()))
}

/// A day as browsers understand it.
fn iso(at: UnixMillis) -> String {
    at.to_string().chars().take(10).collect()
}
