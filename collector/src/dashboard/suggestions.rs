//! What guests propose about computers: the form they have, and the list from which an owner decides.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, Query, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    State,
    access::sentence,
    markup::{Markup, plain},
    page::{Done, Nothing, Page, Signed, render},
    standing,
    text::{self, suggestions as t},
    trouble::Trouble,
};
use crate::{
    access::{
        Grant, GrantState, MachineLine, Proposal, Session, Suggestion, SuggestionError,
        SuggestionId, described,
    },
    audit::Actor,
    clock::UnixMillis,
    id::MachineId,
    machines::MachineError,
};

#[derive(Template)]
#[template(path = "suggest.html")]
struct SuggestPage {
    page: Page,
    back: String,
    path: String,
    name: Markup,
    problem: Option<String>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    given: String,
}

#[derive(Template)]
#[template(path = "suggestions.html")]
struct SuggestionsPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    id: SuggestionId,
    says: Markup,
    by: Markup,
    /// What accepting it would share beyond what is shared now.
    widens: Vec<Markup>,
    plain: String,
}

/// The fields of a proposal.
#[derive(Clone, Default, Deserialize)]
pub(super) struct SuggestForm {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: String,
}

/// Kinds by their word in the form.
const KINDS: [(&str, &str); 3] = [("name", t::NAME), ("label", t::LABEL), ("note", t::NOTE)];

/// Shows the form for a proposal about a computer.
pub(super) async fn show_form(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let line = line(&state, &session, &id)?;
    form(&state, &session, &line, None, &SuggestForm::default())
}

/// Takes a proposal down.
pub(super) async fn suggest(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
    Form(sent): Form<Signed<SuggestForm>>,
) -> Result<Response, Trouble> {
    let sent = sent.of(&session)?;
    let line = line(&state, &session, &id)?;
    let given = sent.text.clone();
    let proposal = match sent.kind.as_str() {
        "name" => Proposal::Name(given),
        "label" => Proposal::Label(given),
        "note" => Proposal::Note(given),
        _ => return Err(Trouble::NotFound),
    };
    let id = line.machine.id;
    let made = state
        .desk
        .suggestions
        .suggest(id, proposal, session.person, &by);
    match made.await {
        Ok(()) => {
            let to = format!("{}?done=suggested", standing::path(id));
            Ok(Redirect::to(&to).into_response())
        }
        Err(error @ (SuggestionError::Text { .. } | SuggestionError::TooMany { .. })) => {
            let page = form(&state, &session, &line, Some(sentence(&error)), &sent)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(SuggestionError::Unknown) => Err(Trouble::NoMachine),
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// Shows what waits.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    let desk = &state.desk;
    let (now, grants) = (desk.clock.now(), desk.grants.all()?);
    let mut rows = Vec::new();
    for suggestion in desk.suggestions.all()? {
        // One about a computer that is gone is listed too, so that it can be refused.
        let line = desk
            .inventory
            .machine(&session.viewer(), suggestion.machine);
        rows.push(row(&suggestion, line.ok().as_ref(), &grants, now));
    }
    Ok(render(&SuggestionsPage {
        page: Page::signed_in(desk, &session, t::TITLE, "/access")?.done(&done),
        rows,
    }))
}

/// Accepts or refuses one.
pub(super) async fn decide(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path((id, word)): Path<(String, String)>,
    Form(sent): Form<Signed<Nothing>>,
) -> Result<Response, Trouble> {
    sent.of(&session)?;
    let id: SuggestionId = id.parse().map_err(|_| Trouble::NotFound)?;
    let suggestions = &state.desk.suggestions;
    let (decided, done) = match word.as_str() {
        "accept" => (suggestions.accept(id, &by).await, "suggestion-accepted"),
        "refuse" => (suggestions.refuse(id, &by).await, "suggestion-refused"),
        _ => return Err(Trouble::NotFound),
    };
    match decided {
        Ok(()) => Ok(Redirect::to(&format!("/suggestions?done={done}")).into_response()),
        // The computer went away: the proposal can still be refused.
        Err(SuggestionError::Unknown | SuggestionError::Machine(MachineError::Unknown { .. })) => {
            Err(Trouble::NotFound)
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// The computer, if whoever is signed in may see it.
fn line(state: &State, session: &Session, id: &str) -> Result<MachineLine, Trouble> {
    let id: MachineId = id.parse().map_err(|_| Trouble::NoMachine)?;
    Ok(state.desk.inventory.machine(&session.viewer(), id)?)
}

fn form(
    state: &State,
    session: &Session,
    line: &MachineLine,
    problem: Option<String>,
    sent: &SuggestForm,
) -> Result<Response, Trouble> {
    let back = standing::path(line.machine.id);
    let title = format!("{}: {}", t::SUGGEST, plain(&line.machine.name()));
    let chosen = if sent.kind.is_empty() {
        KINDS[0].0
    } else {
        &sent.kind
    };
    Ok(render(&SuggestPage {
        page: Page::signed_in(&state.desk, session, &title, "/computers")?,
        path: format!("{back}/suggest"),
        back,
        name: Markup::name(&line.machine.name()),
        problem,
        kinds: KINDS
            .iter()
            .map(|(word, title)| (*word, *title, *word == chosen))
            .collect(),
        given: sent.text.chars().take(400).collect(),
    }))
}

fn row(
    suggestion: &Suggestion,
    line: Option<&MachineLine>,
    grants: &[Grant],
    now: UnixMillis,
) -> Row {
    let computer = line.map_or_else(|| Markup::text(t::GONE), standing::link);
    let message = match suggestion.proposal {
        Proposal::Name(_) => t::NAMES,
        Proposal::Label(_) => t::LABELS,
        Proposal::Note(_) => t::NOTES,
    };
    let text = suggestion.proposal.text();
    let who = if suggestion.supplier.is_empty() {
        suggestion.person.clone()
    } else {
        format!("{} ({})", suggestion.person, suggestion.supplier)
    };
    let places = [("computer", computer), ("text", Markup::value(text))];
    let by = [
        ("who", Markup::name(&who)),
        ("when", Markup::time(suggestion.at, now)),
    ];
    Row {
        id: suggestion.id,
        says: Markup::fill(message, &places),
        by: Markup::fill(t::BY, &by),
        widens: match (&suggestion.proposal, line) {
            (Proposal::Label(label), Some(line)) => widens(label, line, grants, now),
            _ => Vec::new(),
        },
        plain: plain(text),
    }
}

/// Which grants would share more of a computer if it had one more label: a label is not only a word.
fn widens(label: &str, line: &MachineLine, grants: &[Grant], now: UnixMillis) -> Vec<Markup> {
    let labels = &line.machine.labels;
    let more = [labels.as_slice(), &[label.to_owned()]].concat();
    let holding = grants
        .iter()
        .filter(|grant| matches!(grant.state(now), GrantState::Active | GrantState::Suspended));
    let wider = holding.filter(|grant| {
        freehold_agent::probe::KINDS.into_iter().any(|kind| {
            grant.scope.sees_section(&more, kind) && !grant.scope.sees_section(labels, kind)
        })
    });
    let said = wider.map(|grant| {
        let places = [
            ("supplier", Markup::name(&grant.supplier)),
            ("scope", Markup::value(&described(&grant.scope))),
        ];
        Markup::fill(t::WIDENS, &places)
    });
    said.collect()
}
