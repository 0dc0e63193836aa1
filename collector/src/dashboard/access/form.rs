//! The form that lets a supplier in.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State as Shared,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use freehold_agent::{probe::KINDS, snapshot::section_name};

use super::super::{
    State,
    facts::section_title,
    page::{Page, Signed, render},
    text::{self, access as t},
    trouble::Trouble,
};
use crate::{
    access::{DEFAULT_DAYS, GrantError, NewGrant, Session, parsed_scope},
    audit::Actor,
};

/// The field that lets whole lists be taken along.
const MAY_EXPORT: &str = "may_export";

/// Fields by name: each section has one of its own.
type Fields = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "access_new.html")]
struct NewPage {
    page: Page,
    problem: Option<String>,
    supplier: String,
    sections: Vec<Choice>,
    labels: String,
    days: String,
    note: String,
    may_export: bool,
}

struct Choice {
    word: &'static str,
    title: &'static str,
    chosen: bool,
}

/// Shows the form: everything is chosen, for the usual time.
pub(in crate::dashboard) async fn show_form(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
) -> Result<Response, Trouble> {
    let all = KINDS.map(|kind| (section_name(kind).to_owned(), "on".to_owned()));
    let mut fields = Fields::from(all);
    fields.insert("days".to_owned(), DEFAULT_DAYS.to_string());
    page(&state, &session, None, &fields)
}

/// Makes the grant.
pub(in crate::dashboard) async fn create(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Form(form): Form<Signed<Fields>>,
) -> Result<Response, Trouble> {
    let fields = form.of(&session)?;
    let created = match new_grant(&fields) {
        Ok(new) => state.desk.grants.create(new, &by).await,
        Err(error) => Err(error),
    };
    match created {
        Ok(_) => Ok(Redirect::to("/access?done=granted").into_response()),
        Err(error @ (GrantError::Store(_) | GrantError::Write(_))) => Err(Trouble::failed(error)),
        Err(error) => {
            let problem = super::decision::sentence(&error);
            let page = page(&state, &session, Some(problem), &fields)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn new_grant(fields: &Fields) -> Result<NewGrant, GrantError> {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let mut rule = chosen(fields).collect::<Vec<_>>().join(",");
    if !field("labels").is_empty() {
        rule = format!("{rule}@{}", field("labels"));
    }
    Ok(NewGrant {
        supplier: field("supplier").to_owned(),
        scope: parsed_scope(&[rule])?,
        days: field("days").parse().unwrap_or(0),
        note: field("note").to_owned(),
        may_export: fields.contains_key(MAY_EXPORT),
    })
}

fn chosen(fields: &Fields) -> impl Iterator<Item = &'static str> {
    KINDS
        .into_iter()
        .map(section_name)
        .filter(|word| fields.contains_key(*word))
}

fn page(
    state: &State,
    session: &Session,
    problem: Option<String>,
    fields: &Fields,
) -> Result<Response, Trouble> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let choice = |kind| Choice {
        word: section_name(kind),
        title: section_title(kind),
        chosen: fields.contains_key(section_name(kind)),
    };
    Ok(render(&NewPage {
        page: Page::signed_in(&state.desk, session, t::NEW_TITLE, "/access")?,
        problem,
        supplier: field("supplier"),
        sections: KINDS.into_iter().map(choice).collect(),
        labels: field("labels"),
        days: field("days"),
        note: field("note"),
        may_export: fields.contains_key(MAY_EXPORT),
    }))
}
