//! Decisions about a computer, each asked for once more before it is done.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    State,
    markup::{Markup, plain},
    page::{Page, Signed, render},
    standing::path,
    text::{self, computer as t},
    trouble::Trouble,
};
use crate::{
    access::{Machine, MachineLine, Session},
    audit::Actor,
    history::Moment,
    id::MachineId,
    machines::MachineError,
    store::record::MachineState,
};

/// What can be decided about a computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Approve,
    Rename,
    Label,
    Note,
    Link,
    Retire,
    Revoke,
}

#[derive(Template)]
#[template(path = "action.html")]
struct ActionPage {
    page: Page,
    back: String,
    name: Markup,
    title: &'static str,
    problem: Option<String>,
    means: Markup,
    remark: Option<Markup>,
    path: String,
    last_seen: Markup,
    /// The field to fill in: its label and value.
    given: Option<(&'static str, String)>,
    grave: bool,
    button: &'static str,
}

/// The fields of a decision.
#[derive(Deserialize)]
pub(super) struct DecisionForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    back: String,
}

impl Decision {
    const ALL: [Self; 7] = [
        Self::Approve,
        Self::Rename,
        Self::Label,
        Self::Note,
        Self::Link,
        Self::Retire,
        Self::Revoke,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Rename => "rename",
            Self::Label => "label",
            Self::Note => "note",
            Self::Link => "link",
            Self::Retire => "retire",
            Self::Revoke => "revoke",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Rename => "renamed",
            Self::Label => "labelled",
            Self::Note => "noted",
            Self::Link => "linked",
            Self::Retire => "retired",
            Self::Revoke => "revoked",
        }
    }

    /// What its button says.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Approve => t::APPROVE,
            Self::Rename => t::RENAME,
            Self::Label => t::LABEL,
            Self::Note => t::NOTE,
            Self::Link => t::LINK,
            Self::Retire => t::RETIRE,
            Self::Revoke => t::REVOKE,
        }
    }

    /// Where it is decided.
    pub(super) fn path(self, id: MachineId) -> String {
        format!("{}/{}", path(id), self.word())
    }

    /// Decisions that make sense for a computer now.
    pub(super) fn open_to(machine: &Machine) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|decision| decision.makes_sense(machine))
            .collect()
    }

    fn makes_sense(self, machine: &Machine) -> bool {
        let in_service = matches!(machine.state, MachineState::Active | MachineState::Waiting);
        match self {
            Self::Approve => machine.state == MachineState::Waiting,
            Self::Rename | Self::Label | Self::Note => true,
            Self::Link => in_service && machine.same_hardware_as.is_some(),
            Self::Retire => in_service,
            Self::Revoke => machine.state != MachineState::Revoked,
        }
    }
}

fn decision(word: &str) -> Result<Decision, Trouble> {
    Decision::ALL
        .into_iter()
        .find(|decision| decision.word() == word)
        .ok_or(Trouble::NotFound)
}

/// Asks whether it is meant.
pub(super) async fn ask(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path((id, word)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let decision = decision(&word)?;
    let id: MachineId = id.parse().map_err(|_| Trouble::NoMachine)?;
    let line = state
        .desk
        .inventory
        .machine(&session.viewer(), id, Moment::Now)?;
    page(&state, &session, decision, &line, None)
}

/// Does it.
pub(super) async fn act(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path((id, word)): Path<(String, String)>,
    Form(form): Form<Signed<DecisionForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let decision = decision(&word)?;
    let id: MachineId = id.parse().map_err(|_| Trouble::NoMachine)?;
    let line = state
        .desk
        .inventory
        .machine(&session.viewer(), id, Moment::Now)?;
    let machines = &state.desk.machines;
    let outcome = match decision {
        Decision::Approve => machines.approve(id, &by).await.map(drop),
        Decision::Rename => machines.rename(id, &form.name, &by).await.map(drop),
        Decision::Label => {
            let labels: Vec<String> = form.name.split(',').map(str::to_owned).collect();
            machines.label(id, &labels, &by).await.map(drop)
        }
        Decision::Note => machines.note(id, &form.name, &by).await.map(drop),
        Decision::Retire => machines.retire(id, &by).await.map(drop),
        Decision::Revoke => machines.revoke(id, &by).await.map(drop),
        Decision::Link => match line.machine.same_hardware_as {
            Some(earlier) => machines.link(id, earlier, &by).await.map(drop),
            None => return Err(Trouble::NotFound),
        },
    };
    match outcome {
        Ok(()) if form.back == "add" => Ok(Redirect::to("/add?done=approved").into_response()),
        Ok(()) => {
            let to = format!("{}?done={}", path(id), decision.done());
            Ok(Redirect::to(&to).into_response())
        }
        Err(error) if is_misuse(&error) => {
            let problem = sentence(&error);
            let page = page(&state, &session, decision, &line, Some(problem))?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// Whether the owner can do something about it.
fn is_misuse(error: &MachineError) -> bool {
    matches!(
        error,
        MachineError::Unknown { .. }
            | MachineError::NotWaiting { .. }
            | MachineError::NotInService { .. }
            | MachineError::Name { .. }
            | MachineError::Labels { .. }
            | MachineError::Note { .. }
            | MachineError::Unlinkable { .. }
    )
}

fn sentence(error: &MachineError) -> String {
    let text = plain_sentence(&error.to_string());
    format!("{text}.")
}

fn plain_sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// What whoever installed the agent proposes.
fn proposed(machine: &Machine) -> Option<Markup> {
    let labels = Markup::names(machine.proposed_labels.iter().map(String::as_str), 8);
    let remark = Markup::fill(t::LABEL_PROPOSED, &[("labels", labels)]);
    (!machine.proposed_labels.is_empty()).then_some(remark)
}

fn page(
    state: &State,
    session: &Session,
    decision: Decision,
    line: &MachineLine,
    problem: Option<String>,
) -> Result<Response, Trouble> {
    let machine = &line.machine;
    let (title, means, button, grave) = match decision {
        Decision::Approve => (t::APPROVE_TITLE, t::APPROVE_MEANS, t::APPROVE, false),
        Decision::Rename => (t::RENAME_TITLE, t::RENAME_MEANS, t::RENAME_BUTTON, false),
        Decision::Label => (t::LABEL_TITLE, t::LABEL_MEANS, t::LABEL_BUTTON, false),
        Decision::Note => (t::NOTE_TITLE, t::NOTE_MEANS, t::NOTE_BUTTON, false),
        Decision::Link => (t::LINK_TITLE, t::LINK_MEANS, t::LINK, false),
        Decision::Retire => (t::RETIRE_TITLE, t::RETIRE_MEANS, t::RETIRE, false),
        Decision::Revoke => (t::REVOKE_TITLE, t::REVOKE_MEANS, t::REVOKE, true),
    };
    let earlier = match (decision, machine.same_hardware_as) {
        (Decision::Link, Some(id)) => {
            let line = state
                .desk
                .inventory
                .machine(&session.viewer(), id, Moment::Now)?;
            Markup::name(&line.machine.name())
        }
        _ => Markup::default(),
    };
    let now = state.desk.clock.now();
    let page_title = format!("{}: {}", decision.title(), plain(&machine.name()));
    Ok(render(&ActionPage {
        page: Page::signed_in(&state.desk, session, &page_title, "/computers")?,
        back: path(machine.id),
        name: Markup::name(&machine.name()),
        title,
        problem,
        means: Markup::fill(means, &[("earlier", earlier)]),
        remark: match decision {
            Decision::Label => proposed(machine),
            _ => None,
        },
        path: decision.path(machine.id),
        last_seen: line.seen.as_ref().map_or_else(
            || Markup::text(text::NEVER),
            |seen| Markup::time(seen.at, now),
        ),
        given: match decision {
            Decision::Rename => Some((t::RENAME_LABEL, machine.given_name.clone())),
            Decision::Label => Some((t::LABEL_LABEL, machine.labels.join(", "))),
            Decision::Note => Some((t::NOTE_LABEL, machine.note.clone())),
            _ => None,
        },
        grave,
        button,
    }))
}
