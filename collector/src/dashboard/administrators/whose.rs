//! Whose the account of an administrator is: what the owner said, and the page on which the owner says it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    super::{
        State,
        lens::with,
        markup::{Markup, filled, plain},
        page::{Page, Signed, render},
        standing,
        text::{self, administrators as t},
        trouble::Trouble,
    },
    NAMED, PATH,
};
use crate::{
    access::Session,
    audit::Actor,
    finding::{ClaimError, LONGEST_SUPPLIER, Whose},
};

#[derive(Template)]
#[template(path = "whose.html")]
struct WhosePage {
    page: Page,
    name: Markup,
    plain: String,
    on: Markup,
    problem: Option<String>,
    choices: Vec<(&'static str, &'static str, bool)>,
    supplier: String,
    suppliers: Vec<String>,
    longest: usize,
}

/// Which account is meant.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::dashboard) struct Meant {
    name: String,
}

/// What is said.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::dashboard) struct WhoseForm {
    name: String,
    whose: String,
    supplier: String,
}

/// Answers by their word in the form.
const CHOICES: [(&str, &str); 4] = [
    ("ours", t::IS_OURS),
    ("supplier", t::IS_SUPPLIERS),
    ("maker", t::IS_MAKERS),
    ("", t::IS_NOT_SAID),
];

/// Where it is said of an account.
pub(super) fn path(name: &str) -> String {
    with("/administrators/whose", "name", name)
}

/// Whose an account is, in words, and on how many computers where that differs.
pub(super) fn told(whose: &BTreeMap<Option<Whose>, usize>) -> String {
    let word = |whose: &Option<Whose>| match whose {
        None => t::NOT_SAID.to_owned(),
        Some(Whose::Ours) => t::OURS.to_owned(),
        Some(Whose::Maker) => t::MAKERS.to_owned(),
        Some(Whose::Supplier(name)) if name.is_empty() => t::A_SUPPLIERS.to_owned(),
        Some(Whose::Supplier(name)) => filled(t::SUPPLIERS, &[("supplier", name.clone())]),
    };
    if whose.len() <= 1 {
        return whose.keys().next().map(word).unwrap_or_default();
    }
    let parts = whose.iter().map(|(whose, count)| {
        let computers = text::computers_counted(*count);
        filled(
            t::PARTLY,
            &[("whose", word(whose)), ("computers", computers)],
        )
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// Asks whose an account is.
pub(in crate::dashboard) async fn ask(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(meant): Query<Meant>,
) -> Result<Response, Trouble> {
    let said = said(&state, &session, &meant.name)?;
    let form = WhoseForm {
        whose: match &said {
            None => "",
            Some(Whose::Ours) => "ours",
            Some(Whose::Supplier(_)) => "supplier",
            Some(Whose::Maker) => "maker",
        }
        .to_owned(),
        supplier: match said {
            Some(Whose::Supplier(name)) => name,
            _ => String::new(),
        },
        name: meant.name,
    };
    page(&state, &session, &form, None)
}

/// Notes it.
pub(in crate::dashboard) async fn say(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Form(form): Form<Signed<WhoseForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let whose = match form.whose.as_str() {
        "ours" => Some(Whose::Ours),
        "supplier" => Some(Whose::Supplier(form.supplier.clone())),
        "maker" => Some(Whose::Maker),
        "" => None,
        _ => return Err(Trouble::NotFound),
    };
    let noted = state.desk.inventory.claim(&form.name, whose, &by).await;
    match noted {
        Ok(0) => Err(Trouble::NotFound),
        Ok(_) => Ok(Redirect::to(&with(PATH, "done", "claimed")).into_response()),
        Err(error @ (ClaimError::Supplier | ClaimError::TooMany)) => {
            let page = page(&state, &session, &form, Some(error.to_string()))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(Trouble::failed(error)),
    }
}

/// What was said of it wherever it is one, if that is the same everywhere.
fn said(state: &State, session: &Session, name: &str) -> Result<Option<Whose>, Trouble> {
    let claims = state.desk.inventory.claims(&session.viewer());
    let lines = state
        .desk
        .inventory
        .administered_by(&session.viewer(), name)?;
    let said = lines.iter().map(|line| {
        let claims = claims.get(&line.machine.id);
        claims.and_then(|claims| claims.whose(name))
    });
    let said: BTreeSet<Option<Whose>> = said.collect();
    Ok(said.into_iter().next_back().flatten())
}

fn page(
    state: &State,
    session: &Session,
    form: &WhoseForm,
    problem: Option<String>,
) -> Result<Response, Trouble> {
    let lines = state
        .desk
        .inventory
        .administered_by(&session.viewer(), &form.name)?;
    if lines.is_empty() {
        return Err(Trouble::NotFound);
    }
    let grants = state.desk.grants.all()?;
    let suppliers: BTreeSet<String> = grants.into_iter().map(|grant| grant.supplier).collect();
    let computers = Markup::first(&lines, NAMED, standing::link);
    let title = format!("{}: {}", t::SAY, plain(&form.name));
    Ok(render(&WhosePage {
        page: Page::signed_in(&state.desk, session, &title, PATH)?,
        name: Markup::name(&form.name),
        plain: form.name.clone(),
        on: computers,
        problem,
        choices: CHOICES
            .iter()
            .map(|(word, title)| (*word, *title, *word == form.whose))
            .collect(),
        supplier: form.supplier.chars().take(LONGEST_SUPPLIER).collect(),
        suppliers: suppliers.into_iter().collect(),
        longest: LONGEST_SUPPLIER,
    }))
}
