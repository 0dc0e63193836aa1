//! Installed programs, their versions, and where each is installed.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Extension,
    extract::{Query, State as Shared},
    http::HeaderMap,
    response::Response,
};

use super::{
    Desk, State,
    cookie::List,
    export::{Export, Sheet},
    lens::{Lens, with},
    list::{Column, Table, Value, Wanted, shown},
    markup::{Markup, filled, plain},
    page::{Page, made_aside, render},
    standing::path,
    text::{self, software as t},
    trouble::Trouble,
};
use crate::access::{Installation, Session, SoftwareGaps, Title};

/// Where the list is.
const PATH: &str = "/software";

/// The order titles come in, and that of the computers with one.
const USUAL: &str = "name";
const USUAL_WHERE: &str = "computer";

/// Versions named of a program.
const VERSIONS: usize = 6;

/// What counts as new.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[derive(Template)]
#[template(path = "software.html")]
struct SoftwarePage {
    page: Page,
    heading: Markup,
    is_one: bool,
    all_path: String,
    new_path: String,
    wanted: Wanted,
    at: String,
    latest: String,
    shown: Markup,
    gaps: Vec<Markup>,
    table: Table,
    export: Export,
}

/// A program in the list.
pub(super) struct Row {
    title: Title,
    lens: Lens,
}

/// A computer with a version of the program that is asked for.
pub(super) struct Place {
    installation: Installation,
    lens: Lens,
}

const COLUMNS: [Column<Row>; 3] = [
    Column {
        word: "name",
        title: t::NAME,
        usual: true,
        past: true,
        html: |row| {
            let path = with(PATH, "name", &row.title.name);
            Markup::link(&row.lens.keep(&path), &Markup::name(&row.title.name))
        },
        value: |row| Value::Text(row.title.name.to_string()),
    },
    Column {
        word: "computers",
        title: t::NUMBER,
        usual: true,
        past: true,
        html: |row| Markup::number(row.title.machines as u64),
        value: |row| Value::Number(row.title.machines as u64),
    },
    Column {
        word: "versions",
        title: t::VERSIONS,
        usual: true,
        past: true,
        html: |row| {
            Markup::first(&row.title.versions, VERSIONS, |(version, count)| {
                let version = if version.is_empty() {
                    Markup::unknown()
                } else {
                    Markup::name(version)
                };
                let count = Markup::number(*count as u64);
                Markup::fill(
                    "{version} ({count})",
                    &[("version", version), ("count", count)],
                )
            })
        },
        value: |row| {
            let versions = row.title.versions.iter();
            let versions: Vec<String> = versions
                .map(|(version, count)| format!("{version} ({count})"))
                .collect();
            Value::Text(versions.join(", "))
        },
    },
];

const PLACES: [Column<Place>; 2] = [
    Column {
        word: "computer",
        title: t::COMPUTER,
        usual: true,
        past: true,
        html: |place| {
            let machine = &place.installation.0;
            let path = place.lens.keep(&path(machine.id));
            Markup::link(&path, &Markup::name(&machine.name()))
        },
        value: |place| Value::Text(place.installation.0.name().into_owned()),
    },
    Column {
        word: "version",
        title: t::VERSION,
        usual: true,
        past: true,
        html: |place| Markup::value(&place.installation.1),
        value: |place| Value::Text(place.installation.1.to_string()),
    },
];

/// Shows the list, or where one program is installed.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let (wanted, site) = (Wanted::of(pairs), state.site.clone());
    let list = if wanted.name.is_empty() {
        List::Software
    } else {
        List::Places
    };
    let columns = wanted.columns.clone();
    let wanted = wanted.recalling(list, &headers, &site);
    let page = made_aside(move || page(&state.desk, &session, wanted)).await;
    Wanted::remembered(&columns, list, &site, page)
}

fn page(desk: &Desk, session: &Session, wanted: Wanted) -> Result<Response, Trouble> {
    let lens = wanted.lens(desk)?;
    let is_one = !wanted.name.is_empty();
    let (table, shown, gaps) = if is_one {
        let (found, all, gaps) = places(desk, session, &wanted, lens)?;
        let nouns = ("computer", "computers");
        let table = Table::of(
            ("software", PATH, USUAL_WHERE),
            &PLACES,
            &found,
            &wanted,
            lens,
        );
        (table, shown(found.len(), all, nouns), gaps)
    } else {
        let (found, gaps) = titles(desk, session, &wanted, lens)?;
        let shown = Markup::text(&text::count(found.len(), t::ONE, t::MANY));
        let table = Table::of(("software", PATH, USUAL), &COLUMNS, &found, &wanted, lens);
        (table, shown, gaps)
    };
    let now_path = wanted.but(|wanted| wanted.at.clear()).path(PATH);
    let heading = if is_one {
        Markup::fill(t::WHERE, &[("program", Markup::name(&wanted.name))])
    } else {
        Markup::text(t::TITLE)
    };
    let title = if is_one {
        format!("{}: {}", t::TITLE, plain(&wanted.name))
    } else {
        t::TITLE.to_owned()
    };
    let week_ago = lens.now.minus(WEEK).to_string();
    let new = with("/changes?section=software&action=added", "since", &week_ago);
    let picker = lens.picker(PATH);
    Ok(render(&SoftwarePage {
        page: Page::signed_in(desk, session, &title, PATH)?
            .seen_at(lens, &now_path)
            .live(),
        heading,
        is_one,
        all_path: lens.keep(PATH),
        new_path: new,
        at: picker.at,
        latest: picker.latest,
        shown,
        gaps: said(gaps).iter().map(|said| Markup::text(said)).collect(),
        table,
        export: Export::of(session, &wanted.path("/export/software")),
        wanted,
    }))
}

/// The programs that are asked for, in order, and what is not known.
fn titles(
    desk: &Desk,
    session: &Session,
    wanted: &Wanted,
    lens: Lens,
) -> Result<(Vec<Row>, SoftwareGaps), Trouble> {
    let text = wanted.q.trim().to_lowercase();
    let viewer = session.viewer();
    let found = desk.inventory.titles(&viewer, lens.moment, &text)?;
    let mut titles = found.titles;
    titles.sort_by_cached_key(|title| (title.name.to_lowercase(), Arc::clone(&title.name)));
    for title in &mut titles {
        // The most frequent version first.
        title
            .versions
            .sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    }
    let (word, down) = wanted.order(USUAL);
    match word {
        "computers" => titles.sort_by_key(|title| title.machines),
        "versions" => titles.sort_by_key(|title| title.versions.len()),
        _ => {}
    }
    if down {
        titles.reverse();
    }
    let rows = titles.into_iter().map(|title| Row { title, lens });
    Ok((rows.collect(), found.gaps))
}

/// Where the program is that is asked for, in order, how many places there are, and what is not known.
fn places(
    desk: &Desk,
    session: &Session,
    wanted: &Wanted,
    lens: Lens,
) -> Result<(Vec<Place>, usize, SoftwareGaps), Trouble> {
    let viewer = session.viewer();
    let (mut found, gaps) = desk
        .inventory
        .installed(&viewer, lens.moment, &wanted.name)?;
    let all = found.len();
    let text = wanted.q.trim().to_lowercase();
    found.retain(|(machine, version)| {
        [&*machine.name(), version]
            .into_iter()
            .any(|it| crate::access::holds(it, &text))
    });
    let (word, down) = wanted.order(USUAL_WHERE);
    if word == "version" {
        found.sort_by(|(_, a), (_, b)| a.cmp(b));
    }
    if down {
        found.reverse();
    }
    let places = found.into_iter();
    let places = places.map(|installation| Place { installation, lens });
    Ok((places.collect(), all, gaps))
}

/// The list as it is taken along.
pub(super) fn sheet(desk: &Desk, session: &Session, wanted: &Wanted) -> Result<Sheet, Trouble> {
    let lens = wanted.lens(desk)?;
    let (mut sheet, gaps) = if wanted.name.is_empty() {
        let (found, gaps) = titles(desk, session, wanted, lens)?;
        (Sheet::of("software", &COLUMNS, wanted, lens, &found), gaps)
    } else {
        let (found, _, gaps) = places(desk, session, wanted, lens)?;
        let name = "software-on-computers";
        (Sheet::of(name, &PLACES, wanted, lens, &found), gaps)
    };
    sheet.notes.extend(said(gaps));
    Ok(sheet)
}

/// What is not known, as sentences.
fn said(gaps: SoftwareGaps) -> Vec<String> {
    let counts = [
        (t::UNREAD, gaps.unread),
        (t::LEFT_OUT, gaps.left_out),
        (t::NOT_REPORTED, gaps.not_reported),
        (t::INCOMPLETE, gaps.incomplete),
    ];
    let counted = counts.into_iter().filter(|(_, count)| *count > 0);
    let mut said: Vec<String> = counted
        .map(|(sentence, count)| filled(sentence, &[("computers", text::computers_counted(count))]))
        .collect();
    if gaps.overflowed {
        said.push(t::OVERFLOWED.to_owned());
    }
    said
}
