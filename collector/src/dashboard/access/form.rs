//! The form that lets a supplier in, and the one that changes what is shared.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use freehold_agent::{probe::KINDS, snapshot::section_name};

use super::super::{
    State,
    facts::section_title,
    markup::Markup,
    page::{Page, Signed, render},
    text::{self, access as t},
    trouble::Trouble,
};
use crate::{
    access::{
        DEFAULT_DAYS, Grant, GrantError, GrantId, GrantState, NewGrant, Reach, Scope, ScopeError,
        Session, Terms, parsed_scope, written,
    },
    audit::Actor,
};

/// The field that lets whole lists be taken along.
const MAY_EXPORT: &str = "may_export";

/// The field with rules as text.
const RULES: &str = "rules";

/// Fields by name: each section has one of its own.
type Fields = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "access_new.html")]
struct TermsPage {
    page: Page,
    title: &'static str,
    lead: Markup,
    path: String,
    problem: Option<String>,
    /// The supplier's name, where a new one is let in.
    supplier: Option<String>,
    /// Rules as text, where check boxes cannot say what is shared.
    rules: Option<String>,
    sections: Vec<Choice>,
    labels: String,
    /// Where a new one is let in.
    days: Option<String>,
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
    page(&state, &session, None, None, &fields)
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
        Err(error) => refused(&state, &session, None, error, &fields),
    }
}

/// Shows what a grant shares, to be changed.
pub(in crate::dashboard) async fn show_terms(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    let grant = found(&state, &id)?;
    page(&state, &session, Some(&grant), None, &shared(&grant))
}

/// Changes what a grant shares.
pub(in crate::dashboard) async fn change_terms(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path(id): Path<String>,
    Form(form): Form<Signed<Fields>>,
) -> Result<Response, Trouble> {
    let fields = form.of(&session)?;
    let grant = found(&state, &id)?;
    let changed = match scope(&fields) {
        Ok(scope) => {
            let terms = Terms {
                scope: Some(scope),
                note: Some(field(&fields, "note").to_owned()),
                may_export: Some(fields.contains_key(MAY_EXPORT)),
            };
            state.desk.grants.alter(grant.id, terms, &by).await
        }
        Err(error) => Err(error.into()),
    };
    match changed {
        Ok(_) => Ok(Redirect::to("/access?done=changed").into_response()),
        Err(error) => refused(&state, &session, Some(&grant), error, &fields),
    }
}

/// A grant that can be changed: one that was ended for good cannot.
fn found(state: &State, id: &str) -> Result<Grant, Trouble> {
    let id: GrantId = id.parse().map_err(|_| Trouble::NotFound)?;
    let grant = state.desk.grants.of(id)?.ok_or(Trouble::NotFound)?;
    match grant.state(state.desk.clock.now()) {
        GrantState::Revoked => Err(Trouble::NotFound),
        _ => Ok(grant),
    }
}

/// The form once more, with what is wrong.
fn refused(
    state: &State,
    session: &Session,
    grant: Option<&Grant>,
    error: GrantError,
    fields: &Fields,
) -> Result<Response, Trouble> {
    if matches!(error, GrantError::Store(_) | GrantError::Write(_)) {
        return Err(Trouble::failed(error));
    }
    let problem = super::decision::sentence(&error);
    let page = page(state, session, grant, Some(problem), fields)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What a grant shares, as fields.
fn shared(grant: &Grant) -> Fields {
    let mut fields = Fields::from([("note".to_owned(), grant.note.clone())]);
    if grant.may_export {
        fields.insert(MAY_EXPORT.to_owned(), "on".to_owned());
    }
    match &grant.scope {
        Scope::Rules(rules) if rules.len() == 1 => {
            for rule in rules {
                let kinds = KINDS.into_iter();
                let kinds = kinds.filter(|kind| rule.sections.contains(&(*kind as i32)));
                fields.extend(kinds.map(|kind| (section_name(kind).to_owned(), "on".to_owned())));
                if let Reach::Labelled(labels) = &rule.reach {
                    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
                    fields.insert("labels".to_owned(), labels.join(", "));
                }
            }
        }
        several => {
            fields.insert(RULES.to_owned(), written(several).join("\n"));
        }
    }
    fields
}

fn new_grant(fields: &Fields) -> Result<NewGrant, GrantError> {
    Ok(NewGrant {
        supplier: field(fields, "supplier").to_owned(),
        scope: scope(fields)?,
        days: field(fields, "days").parse().unwrap_or(0),
        note: field(fields, "note").to_owned(),
        may_export: fields.contains_key(MAY_EXPORT),
    })
}

/// What the form shares: what its rules say if it has them, else what is checked.
fn scope(fields: &Fields) -> Result<Scope, ScopeError> {
    if let Some(rules) = fields.get(RULES) {
        let rules: Vec<&str> = rules.lines().map(str::trim).collect();
        let rules: Vec<&str> = rules.into_iter().filter(|rule| !rule.is_empty()).collect();
        if rules.is_empty() {
            return Err(ScopeError::Nothing {
                text: String::new(),
            });
        }
        return parsed_scope(&rules);
    }
    let mut rule = chosen(fields).collect::<Vec<_>>().join(",");
    if !field(fields, "labels").is_empty() {
        rule = format!("{rule}@{}", field(fields, "labels"));
    }
    parsed_scope(&[rule])
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", |value| value.trim())
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
    grant: Option<&Grant>,
    problem: Option<String>,
    fields: &Fields,
) -> Result<Response, Trouble> {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let choice = |kind| Choice {
        word: section_name(kind),
        title: section_title(kind),
        chosen: fields.contains_key(section_name(kind)),
    };
    let (title, lead, path) = match grant {
        None => (
            t::NEW_TITLE,
            Markup::text(t::NEW_LEAD),
            "/access/new".to_owned(),
        ),
        Some(grant) => {
            let supplier = ("supplier", Markup::name(&grant.supplier));
            let lead = Markup::fill(t::CHANGE_LEAD, &[supplier]);
            (t::CHANGE, lead, format!("/access/{}/change", grant.id))
        }
    };
    let is_new = grant.is_none();
    Ok(render(&TermsPage {
        page: Page::signed_in(&state.desk, session, title, "/access")?,
        title,
        lead,
        path,
        problem,
        supplier: is_new.then(|| field("supplier")),
        rules: fields.get(RULES).cloned(),
        sections: KINDS.into_iter().map(choice).collect(),
        labels: field("labels"),
        days: is_new.then(|| field("days")),
        note: field("note"),
        may_export: fields.contains_key(MAY_EXPORT),
    }))
}
