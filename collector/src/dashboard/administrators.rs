//! Who can administer which computers, by account, and whose that account is.

mod whose;

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    http::HeaderMap,
    response::Response,
};

pub(super) use self::whose::{ask, say};
use self::whose::{path as path_of_whose, told};
use super::{
    Desk, State,
    cookie::List,
    export::{Export, Sheet},
    lens::Lens,
    list::{Column, Table, Value, Wanted, shown},
    markup::{Markup, filled},
    page::{Done, Page, made_aside, render},
    standing::path,
    text::{self, administrators as t},
    trouble::Trouble,
};
use crate::{
    access::{Fact, MachineLine, Session},
    finding::Whose,
    store::record::MachineState,
};

/// Where the list is.
const PATH: &str = "/administrators";

/// The order it comes in.
const USUAL: &str = "name";

/// Computers named of an account.
const NAMED: usize = 12;

#[derive(Template)]
#[template(path = "administrators.html")]
struct AdministratorsPage {
    page: Page,
    wanted: Wanted,
    at: String,
    latest: String,
    shown: Markup,
    none_at_all: bool,
    gaps: Vec<Markup>,
    table: Table,
    export: Export,
}

/// An account and the computers that it administers.
pub(super) struct Row {
    name: Arc<str>,
    on: Vec<MachineLine>,
    /// Whose it is, as the owner said, and on how many computers; `None` where nobody has said so.
    whose: BTreeMap<Option<Whose>, usize>,
    /// Whoever reads it can say so.
    is_owners: bool,
    lens: Lens,
}

/// What is not known.
#[derive(Default)]
struct Gaps {
    unread: usize,
    incomplete: usize,
    unknown: usize,
}

const COLUMNS: [Column<Row>; 4] = [
    Column {
        word: "name",
        title: t::NAME,
        usual: true,
        past: true,
        html: |row| Markup::name(&row.name),
        value: |row| Value::Text(row.name.to_string()),
    },
    Column {
        word: "whose",
        title: t::WHOSE,
        usual: true,
        // It is said of today's administrators.
        past: false,
        html: |row| {
            let said = Markup::value(&told(&row.whose));
            if !row.is_owners {
                return said;
            }
            let words = if row.whose.contains_key(&None) {
                t::SAY
            } else {
                t::CHANGE
            };
            let say = Markup::link(&path_of_whose(&row.name), &Markup::text(words));
            Markup::joined([said, say], " \u{b7} ")
        },
        value: |row| Value::Text(told(&row.whose)),
    },
    Column {
        word: "computers",
        title: t::NUMBER,
        usual: true,
        past: true,
        html: |row| Markup::number(row.on.len() as u64),
        value: |row| Value::Number(row.on.len() as u64),
    },
    Column {
        word: "on",
        title: t::WHERE,
        usual: true,
        past: true,
        html: |row| {
            Markup::first(&row.on, NAMED, |line| {
                let path = format!("{}#accounts", path(line.machine.id));
                Markup::link(&row.lens.keep(&path), &Markup::name(&line.machine.name()))
            })
        },
        value: |row| {
            let names: Vec<_> = row.on.iter().map(|line| line.machine.name()).collect();
            Value::Text(names.join(", "))
        },
    },
];

/// Shows the list.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let done = Done::of(&pairs);
    let (wanted, site) = (Wanted::of(pairs), state.site.clone());
    let columns = wanted.columns.clone();
    let wanted = wanted.recalling(List::Administrators, &headers, &site);
    let page = made_aside(move || page(&state.desk, &session, wanted, &done)).await;
    Wanted::remembered(&columns, List::Administrators, &site, page)
}

fn page(desk: &Desk, session: &Session, wanted: Wanted, done: &Done) -> Result<Response, Trouble> {
    let lens = wanted.lens(desk)?;
    let (found, all, gaps) = found(desk, session, &wanted, lens)?;
    let now_path = wanted.but(|wanted| wanted.at.clear()).path(PATH);
    let picker = lens.picker(PATH);
    Ok(render(&AdministratorsPage {
        page: Page::signed_in(desk, session, t::TITLE, PATH)?
            .seen_at(lens, &now_path)
            .live()
            .done(done),
        shown: shown(found.len(), all, (t::SHOWN_ONE, t::SHOWN_MANY)),
        none_at_all: all == 0,
        gaps: gaps.said().iter().map(|said| Markup::text(said)).collect(),
        table: Table::of(
            ("administrators", PATH, USUAL),
            &COLUMNS,
            &found,
            &wanted,
            lens,
        ),
        at: picker.at,
        latest: picker.latest,
        export: Export::of(session, &wanted.path("/export/administrators")),
        wanted,
    }))
}

/// The list as it is taken along.
pub(super) fn sheet(desk: &Desk, session: &Session, wanted: &Wanted) -> Result<Sheet, Trouble> {
    let lens = wanted.lens(desk)?;
    let (found, _, gaps) = found(desk, session, wanted, lens)?;
    let mut sheet = Sheet::of("administrators", &COLUMNS, wanted, lens, &found);
    sheet.notes.extend(gaps.said());
    Ok(sheet)
}

/// The accounts that are asked for, in order, how many there are, and what is not known.
fn found(
    desk: &Desk,
    session: &Session,
    wanted: &Wanted,
    lens: Lens,
) -> Result<(Vec<Row>, usize, Gaps), Trouble> {
    let lines = desk.inventory.machines(&session.viewer(), lens.moment)?;
    let mut gaps = Gaps::default();
    let mut by_name: BTreeMap<Arc<str>, Vec<MachineLine>> = BTreeMap::new();
    for line in lines {
        let is_past = lens.moment.at().is_some();
        match &line.headline.administrators {
            // Those that cannot report any more administer nothing today.
            _ if !is_past && line.machine.state != MachineState::Active => {}
            Fact::Known(known) => {
                gaps.incomplete += usize::from(!known.complete);
                for name in known.names.iter() {
                    let on = by_name.entry(Arc::clone(name)).or_default();
                    on.push(line.clone());
                }
            }
            Fact::Hidden => {}
            Fact::NotRead => gaps.unread += 1,
            Fact::NotReported | Fact::Unreadable => gaps.unknown += 1,
        }
    }
    let all = by_name.len();
    let q = wanted.q.trim().to_lowercase();
    let fits = |text: &str| q.is_empty() || text.to_lowercase().contains(&q);
    let claims = desk.inventory.claims(&session.viewer());
    let row = |(name, on): (Arc<str>, Vec<MachineLine>)| {
        let mut whose = BTreeMap::new();
        for line in &on {
            let said = claims.get(&line.machine.id);
            *whose
                .entry(said.and_then(|it| it.whose(&name)))
                .or_default() += 1;
        }
        Row {
            name,
            on,
            whose,
            is_owners: session.is_owner(),
            lens,
        }
    };
    let mut found: Vec<Row> = by_name.into_iter().map(row).collect();
    found.retain_mut(|row| {
        if fits(&row.name) {
            return true;
        }
        row.on.retain(|line| fits(&line.machine.name()));
        !row.on.is_empty()
    });
    let (word, down) = wanted.order(USUAL);
    if word == "whose" {
        found.sort_by_cached_key(|row| told(&row.whose));
    }
    if matches!(word, "computers" | "on") {
        found.sort_by_key(|row| row.on.len());
    }
    if down {
        found.reverse();
    }
    Ok((found, all, gaps))
}

impl Gaps {
    /// As sentences.
    fn said(&self) -> Vec<String> {
        let counts = [
            (t::UNREAD, self.unread),
            (t::INCOMPLETE, self.incomplete),
            (t::UNKNOWN, self.unknown),
        ];
        let said = counts.into_iter().filter(|(_, count)| *count > 0);
        said.map(|(sentence, count)| {
            filled(sentence, &[("computers", text::computers_counted(count))])
        })
        .collect()
    }
}
