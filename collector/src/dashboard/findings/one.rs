//! One finding: what, why, what to ask for, what it was concluded from, what ends it, and its history.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, State as Shared},
    response::Response,
};
use freehold_agent::snapshot::section_name;
use freehold_proto::v1::section::Kind;

use super::{
    super::{
        Desk, State, facts,
        markup::Markup,
        page::{Done, Page, render},
        text::{self, findings as t},
        trouble::Trouble,
    },
    decision::Decision,
    view::{self, Card},
};
use crate::{
    access::{Machine, Session, Viewer},
    clock::UnixMillis,
    finding::{Account, Evidence, FindingId},
    history::Moment,
};

#[derive(Template)]
#[template(path = "finding.html")]
struct FindingPage {
    page: Page,
    card: Card,
    resolved: Option<Markup>,
    remarks: Vec<Markup>,
    request: Option<String>,
    ends: Markup,
    checked: Vec<Markup>,
    evidence: Vec<Fact>,
    hidden: bool,
    history: Vec<Markup>,
    links: Vec<Markup>,
    decision: Option<(String, &'static str)>,
}

struct Fact {
    told: Markup,
    value: Markup,
    source: Markup,
}

/// Shows a finding.
pub(in crate::dashboard) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    let id: FindingId = id.parse().map_err(|_| Trouble::NoFinding)?;
    super::super::page::made_aside(move || page(&state.desk, &session, id, &done)).await
}

fn page(desk: &Desk, session: &Session, id: FindingId, done: &Done) -> Result<Response, Trouble> {
    let (viewer, now) = (session.viewer(), desk.clock.now());
    let (account, machine) = desk.inventory.finding(&viewer, id)?;
    let finding = &account.finding;
    let title = view::written(finding.rule.words.sentence, finding, &machine, "", now);
    let name = view::computer(&machine);
    let is_open = account.resolved_at.is_none();
    let mut card = Card::of(&machine, finding, now);
    card.sentence = view::said(finding.rule.words.sentence, finding, &name, now);
    let decision = (session.is_owner() && is_open).then(|| {
        let decision = Decision::open_to(finding, now);
        (decision.path(id), decision.title())
    });
    Ok(render(&FindingPage {
        page: Page::signed_in(desk, session, &title, "/findings")?
            .done(done)
            .live_of(machine.id),
        card,
        resolved: account
            .resolved_at
            .map(|at| Markup::fill(t::RESOLVED, &[("when", Markup::time(at, now))])),
        remarks: remarks(&account, now),
        request: is_open.then(|| view::request(desk, &viewer, &machine, finding, now)),
        ends: view::said(finding.rule.words.ends, finding, &name, now),
        checked: checked(desk, &viewer, &machine, &account, now),
        hidden: account.evidence.is_empty(),
        evidence: account.evidence.iter().map(fact).collect(),
        history: history(&account, now),
        links: links(&machine),
        decision,
    }))
}

/// What has to be said about how it stands.
fn remarks(account: &Account, now: UnixMillis) -> Vec<Markup> {
    let said = |message, at: UnixMillis| Markup::fill(message, &[("when", Markup::time(at, now))]);
    if account.resolved_at.is_some() {
        return Vec::new();
    }
    let finding = &account.finding;
    let mut remarks = vec![said(t::SINCE, finding.opened_at)];
    if account.changed_at > finding.opened_at {
        remarks.push(said(t::CHANGED, account.changed_at));
    }
    remarks.extend(finding.unchecked_since.map(|at| said(t::NOT_CHECKED, at)));
    remarks.extend(account.absent_since.map(|at| said(t::ABSENT, at)));
    remarks
}

/// When each section that it rests on was last known to be true.
fn checked(
    desk: &Desk,
    viewer: &Viewer,
    machine: &Machine,
    account: &Account,
    now: UnixMillis,
) -> Vec<Markup> {
    let sections = account.finding.rule.sections;
    if sections.is_empty() {
        return vec![Markup::text(t::CHECKED_BY_COLLECTOR)];
    }
    let when = |kind: &Kind| {
        // What is out of scope, missing or damaged has no age: the remarks say that it cannot be checked.
        let section = desk
            .inventory
            .section(viewer, machine.id, *kind, Moment::Now)
            .ok()??;
        let path = format!("/computers/{}/sections/{}", machine.id, section_name(*kind));
        let title = Markup::text(facts::section_title(*kind));
        let places = [
            ("when", Markup::time(section.true_at(), now)),
            ("section", Markup::link(&path, &title)),
        ];
        Some(Markup::fill(t::CHECKED, &places))
    };
    sections.iter().filter_map(when).collect()
}

fn fact(evidence: &Evidence) -> Fact {
    let source = match (evidence.section, evidence.source.as_str()) {
        (None, _) => Markup::text(t::BY_COLLECTOR),
        (Some(kind), "") => Markup::text(facts::section_title(kind)),
        (Some(_), source) => Markup::code(source),
    };
    Fact {
        told: Markup::value(&evidence.fact),
        value: Markup::value(&evidence.value),
        source,
    }
}

fn history(account: &Account, now: UnixMillis) -> Vec<Markup> {
    let episode = |from: UnixMillis, to: UnixMillis| {
        let places = [
            ("from", Markup::moment(from, now)),
            ("to", Markup::moment(to, now)),
        ];
        Markup::fill(t::EPISODE, &places)
    };
    let last = account
        .resolved_at
        .map(|at| episode(account.finding.opened_at, at));
    let earlier = account
        .episodes
        .iter()
        .rev()
        .map(|it| episode(UnixMillis(it.opened_at), UnixMillis(it.resolved_at)));
    last.into_iter().chain(earlier).collect()
}

fn links(machine: &Machine) -> Vec<Markup> {
    let name = Markup::name(&machine.name());
    let places = [("computer", name)];
    let all = format!("/findings?computer={}", machine.id);
    vec![
        Markup::link(
            &super::super::standing::path(machine.id),
            &Markup::fill(t::COMPUTER, &places),
        ),
        Markup::link(&all, &Markup::fill(t::OF_COMPUTER, &places)),
    ]
}
