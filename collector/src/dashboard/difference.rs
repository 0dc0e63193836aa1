//! What is different between two moments, on one computer or on all.

use std::time::Duration;

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    response::Response,
};
use freehold_proto::v1::section::Kind;
use serde::Deserialize;

use super::{
    Desk, State,
    export::{Export, Pairs, Sheet, one},
    facts::section_title,
    lens::{Lens, field, with},
    markup::{self, Markup, filled, plain},
    page::{Page, made_aside, render},
    standing::{link, path},
    text::{self, changes, difference as t},
    timeline::{Field, fields, mark, rows},
    trouble::Trouble,
};
use crate::{
    access::{Differences, Session},
    clock::UnixMillis,
    history::{Group, Item, Moment, grouped},
    id::MachineId,
    store::record::Action,
};

/// Where it is.
const PATH: &str = "/difference";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How far back it goes unless asked for more or less.
const USUAL: Duration = DAY.saturating_mul(7);

/// Computers named of one difference.
const NAMED: usize = 8;

#[derive(Template)]
#[template(path = "difference.html")]
struct DifferencePage {
    page: Page,
    crumb: Option<Markup>,
    lead: Markup,
    computer: Option<String>,
    from: String,
    to: String,
    latest: String,
    presets: Vec<(String, Markup)>,
    changes: String,
    notes: Vec<Markup>,
    joined: Option<Markup>,
    sections: Vec<SectionView>,
    export: Export,
}

struct SectionView {
    title: &'static str,
    groups: Vec<GroupView>,
}

struct GroupView {
    title: Markup,
    mark: Markup,
    count: String,
    items: Vec<ItemView>,
}

struct ItemView {
    summary: Markup,
    folded: Option<Markup>,
    computers: Option<Markup>,
    fields: Vec<Field>,
}

/// What is compared.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    from: String,
    to: String,
    computer: String,
}

impl Wanted {
    /// The address of the same as it is taken along.
    fn exported(&self) -> String {
        let pairs = [
            ("from", &self.from),
            ("to", &self.to),
            ("computer", &self.computer),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        pairs.fold("/export/difference".to_owned(), |path, (name, value)| {
            with(&path, name, value)
        })
    }

    fn only(&self) -> Result<Option<MachineId>, Trouble> {
        match self.computer.as_str() {
            "" => Ok(None),
            id => Ok(Some(id.parse().map_err(|_| Trouble::NoMachine)?)),
        }
    }
}

/// Two moments, the earlier one first.
struct Span {
    from: UnixMillis,
    to: Lens,
    exchanged: bool,
}

/// Shows it.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    made_aside(move || page(&state.desk, &session, &wanted)).await
}

fn page(desk: &Desk, session: &Session, wanted: &Wanted) -> Result<Response, Trouble> {
    let viewer = session.viewer();
    let only = wanted.only()?;
    let span = span(desk, wanted)?;
    let (from, now) = (span.from, span.to.now);
    let line = only.map(|id| desk.inventory.machine(&viewer, id, Moment::Now));
    let line = line.transpose()?;
    let found = desk
        .inventory
        .difference(&viewer, only, from, span.to.moment)?;
    let to = span.to.moment.at();
    let mut places = vec![
        ("from", Markup::moment(from, now)),
        (
            "to",
            to.map_or_else(|| Markup::text(t::NOW), |to| Markup::moment(to, now)),
        ),
    ];
    places.extend(line.as_ref().map(|line| ("computer", link(line))));
    let log = line.as_ref().map_or_else(
        || "/changes".to_owned(),
        |line| format!("{}/changes", path(line.machine.id)),
    );
    let log = span.to.until(&with(&log, "since", &from.to_string()));
    Ok(render(&DifferencePage {
        page: Page::signed_in(desk, session, t::TITLE, "/changes")?,
        crumb: line.as_ref().map(link),
        lead: Markup::fill(if only.is_some() { t::LEAD_ONE } else { t::LEAD }, &places),
        computer: only.map(|id| id.to_string()),
        from: field(from),
        to: to.map(field).unwrap_or_default(),
        latest: field(now),
        presets: presets(desk, session, only, now)?,
        changes: log,
        notes: notes(&found, &span)
            .iter()
            .map(|note| Markup::text(note))
            .collect(),
        joined: joined(&found),
        sections: sections(found, only.is_none()),
        export: Export::of(session, &wanted.exported()),
    }))
}

/// The differences as they are taken along.
pub(super) fn sheet(desk: &Desk, session: &Session, pairs: &Pairs) -> Result<Sheet, Trouble> {
    let wanted = Wanted {
        from: one(pairs, "from").to_owned(),
        to: one(pairs, "to").to_owned(),
        computer: one(pairs, "computer").to_owned(),
    };
    let only = wanted.only()?;
    let span = span(desk, &wanted)?;
    let viewer = session.viewer();
    let found = desk
        .inventory
        .difference(&viewer, only, span.from, span.to.moment)?;
    let columns = rows::COLUMNS.to_vec();
    let mut sheet = Sheet::new("difference", columns, span.to, &found.changes, rows::of);
    sheet.notes.extend(notes(&found, &span));
    let joined = found.joined.iter();
    sheet
        .notes
        .extend(joined.map(|(_, name)| filled(t::JOINED_ONE, &[("computer", name.clone())])));
    Ok(sheet)
}

fn span(desk: &Desk, wanted: &Wanted) -> Result<Span, Trouble> {
    let now = desk.clock.now();
    let from = match Lens::of(desk, &wanted.from)?.moment {
        Moment::At(at) => at,
        Moment::Now => now.minus(USUAL),
    };
    let to = Lens::of(desk, &wanted.to)?;
    Ok(match to.moment {
        Moment::At(earlier) if earlier < from => Span {
            from: earlier,
            to: Lens {
                moment: Moment::At(from),
                now,
            },
            exchanged: true,
        },
        _ => Span {
            from,
            to,
            exchanged: false,
        },
    })
}

/// Moments that are asked about often, as links.
fn presets(
    desk: &Desk,
    session: &Session,
    only: Option<MachineId>,
    now: UnixMillis,
) -> Result<Vec<(String, Markup)>, Trouble> {
    let path = |from: UnixMillis| {
        let path = with(PATH, "from", &from.to_string());
        only.map_or_else(
            || path.clone(),
            |id| with(&path, "computer", &id.to_string()),
        )
    };
    let times = [(t::DAY, 1), (t::WEEK, 7), (t::MONTH, 30)];
    let times = times.map(|(title, days)| (path(now.minus(DAY * days)), Markup::text(title)));
    let mut presets = times.to_vec();
    // Which suppliers there are is the owner's business.
    if session.is_owner() {
        for grant in desk.grants.all()? {
            let supplier = Markup::name(&grant.supplier);
            presets.push((
                path(grant.created_at),
                Markup::fill(t::SUPPLIER, &[("supplier", supplier)]),
            ));
        }
    }
    Ok(presets)
}

/// What the answer leaves open.
fn notes(found: &Differences, span: &Span) -> Vec<String> {
    let mut notes = Vec::new();
    if span.exchanged {
        notes.push(t::BACKWARDS.to_owned());
    }
    if found.left_out > 0 {
        let computers = text::computers_counted(found.left_out);
        notes.push(filled(t::LEFT_OUT, &[("computers", computers)]));
    }
    let damaged = found.damaged.iter();
    notes.extend(damaged.map(|(computer, section)| {
        let places = [
            ("computer", plain(computer)),
            ("section", section_title(*section).to_owned()),
        ];
        filled(t::DAMAGED, &places)
    }));
    notes
}

fn joined(found: &Differences) -> Option<Markup> {
    let joined = found.joined.iter();
    let names = Markup::first(joined, 100, |(id, name)| {
        Markup::link(&path(*id), &Markup::name(name))
    });
    (!found.joined.is_empty()).then_some(names)
}

fn sections(found: Differences, of_many: bool) -> Vec<SectionView> {
    let mut sections: Vec<(Kind, SectionView)> = Vec::new();
    for group in grouped(found.changes) {
        let shown = group_view(&group, of_many);
        match sections.last_mut() {
            Some((kind, section)) if *kind == group.section => section.groups.push(shown),
            _ => sections.push((
                group.section,
                SectionView {
                    title: section_title(group.section),
                    groups: vec![shown],
                },
            )),
        }
    }
    sections.into_iter().map(|(_, section)| section).collect()
}

fn group_view(group: &Group, of_many: bool) -> GroupView {
    let title = match group.action {
        Action::Added => t::ADDED,
        Action::Removed => t::REMOVED,
        Action::Altered => t::ALTERED,
        _ => t::OTHER,
    };
    let (mark, _) = mark(group.action);
    GroupView {
        title: Markup::fill(title, &[("noun", Markup::name(&group.noun))]),
        mark,
        count: markup::grouped(group.items.len() as u64),
        items: group
            .items
            .iter()
            .map(|item| item_view(item, of_many))
            .collect(),
    }
}

fn item_view(item: &Item, of_many: bool) -> ItemView {
    let computers = Markup::first(&item.machines, NAMED, |(id, name)| {
        Markup::link(&path(*id), &Markup::name(name))
    });
    ItemView {
        summary: Markup::value(&item.summary),
        folded: (item.folded > 0)
            .then(|| Markup::fill(changes::FOLDED, &[("count", Markup::number(item.folded))])),
        computers: of_many.then_some(computers),
        fields: fields(&item.fields),
    }
}
