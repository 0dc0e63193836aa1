//! One computer: a paragraph anybody understands, then every section with everything it says.

mod paragraph;
mod section;
mod summary;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, State as Shared},
    response::Response,
};
use freehold_proto::v1::section::Kind;
use prost::Message as _;
use serde::Deserialize;

use section::SectionView;
use summary::Block;

use super::{
    State,
    action::Decision,
    facts::{self, Fact, Sheet},
    findings::{self, Card},
    lens::{Lens, Picker},
    markup::{self, Markup, plain},
    page::{Done, Page, render},
    standing::{Standing, link, path},
    text::{self, computer as t, history},
    timeline::{Day, days},
    tone::{Badge, Tone},
    trouble::Trouble,
};
use crate::{
    access::{ChangePosition, Machine, MachineLine, ReadError, Readings, Section, Session, Viewer},
    clock::UnixMillis,
    history::Moment,
    id::MachineId,
    store::record::MachineState,
};

/// Sections in the order of the page: what the owner asks first comes first.
const SECTIONS: [(Kind, &str); 8] = [
    (Kind::Antivirus, "antivirus"),
    (Kind::Accounts, "accounts"),
    (Kind::System, "system"),
    (Kind::Hardware, "hardware"),
    (Kind::Software, "software"),
    (Kind::Network, "network"),
    (Kind::Services, "services"),
    (Kind::Protection, "protection"),
];

/// Changes shown on the computer's page.
const CHANGES: usize = 20;

/// Clock differences that are nothing to speak of.
const CLOCK_RIGHT: u64 = 120_000;

#[derive(Template)]
#[template(path = "computer.html")]
struct ComputerPage {
    page: Page,
    name: Markup,
    /// How it stands; not known of the past.
    status: Option<Badge>,
    paragraph: Markup,
    heard: Markup,
    picker: Picker,
    compare: String,
    list: String,
    no_changes: &'static str,
    notices: Vec<NoticeView>,
    behind: bool,
    findings: Vec<Card>,
    aside: Option<Markup>,
    sections: Vec<SectionView>,
    readings: Option<ReadingsView>,
    days: Vec<Day>,
    all_changes: Option<String>,
    record: Vec<Fact>,
    actions: Vec<ActionLink>,
}

#[derive(Template)]
#[template(path = "section_page.html")]
struct SectionPage {
    page: Page,
    computer_path: String,
    name: Markup,
    section: SectionView,
}

struct NoticeView {
    tone: Tone,
    sentence: Markup,
    action: Option<ActionLink>,
}

struct ActionLink {
    path: String,
    title: &'static str,
}

struct ReadingsView {
    age: Markup,
    sheet: Sheet,
    newer: Option<Markup>,
}

/// Where a list begins, and of when.
#[derive(Deserialize)]
pub(super) struct From {
    from: Option<String>,
    #[serde(default)]
    at: String,
}

/// Of when a computer is shown.
#[derive(Deserialize)]
pub(super) struct At {
    #[serde(default)]
    at: String,
}

/// A section as far as it can be read.
enum Told {
    Section(Section),
    NotReported,
    Hidden,
    Damaged,
}

/// Shows a computer.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
    Query(at): Query<At>,
    Query(done): Query<Done>,
) -> Result<Response, Trouble> {
    let id: MachineId = id.parse().map_err(|_| Trouble::NoMachine)?;
    let (desk, viewer) = (&state.desk, session.viewer());
    let lens = Lens::of(desk, &at.at)?;
    let (now, here) = (lens.now, path(id));
    let line = desk.inventory.machine(&viewer, id, lens.moment)?;
    let readings = match lens.moment {
        Moment::Now => desk.inventory.readings(&viewer, id)?,
        Moment::At(_) => None,
    };
    let told = SECTIONS
        .iter()
        .map(|(kind, word)| Ok((*kind, *word, tell(&state, &viewer, id, (*kind, lens))?)))
        .collect::<Result<Vec<_>, Trouble>>()?;
    let until = lens.moment.at().map(ChangePosition::until);
    let changes = desk.inventory.changes(&viewer, id, until, CHANGES)?;
    let name = line.machine.name();
    let is_now = lens.moment == Moment::Now;
    Ok(render(&ComputerPage {
        page: Page::signed_in(desk, &session, &plain(&name), "/computers")?
            .done(&done)
            .seen_at(lens, &here)
            .live_of(id),
        name: Markup::name(&name),
        status: is_now.then(|| Standing::of(&line, now).badge()),
        paragraph: if line.machine.had_joined(lens.moment) {
            paragraph::of(&line, |kind| body(&told, kind))
        } else {
            not_joined(&line, now)
        },
        heard: if is_now {
            heard(&line, now)
        } else {
            Markup::text(history::NOW_ONLY)
        },
        notices: if is_now {
            notices(&state, &session, &line, now)
        } else {
            Vec::new()
        },
        behind: is_now && findings::behind([&line]) > 0,
        findings: cards(&line, now),
        aside: aside(&line, now),
        sections: told
            .iter()
            .map(|(kind, word, told)| {
                SectionView::new(id, *kind, word, told, readings.as_ref(), 0, lens)
            })
            .collect(),
        readings: readings
            .as_ref()
            .and_then(|readings| readings_view(readings, now)),
        no_changes: if is_now {
            t::NO_CHANGES
        } else {
            history::NO_CHANGES
        },
        days: days(&changes, false),
        all_changes: (!changes.is_empty()).then(|| lens.until(&format!("{here}/changes"))),
        record: record(&line, now),
        actions: if is_now {
            actions(&session, &line.machine)
        } else {
            Vec::new()
        },
        picker: lens.picker(&here),
        compare: lens.since(&format!("/difference?computer={id}")),
        list: lens.keep("/computers"),
    }))
}

/// That nothing is known of a computer from before it joined.
fn not_joined(line: &MachineLine, now: UnixMillis) -> Markup {
    Markup::fill(
        history::NOT_JOINED,
        &[
            ("computer", Markup::name(&line.machine.name()).strong()),
            ("when", Markup::moment(line.machine.enrolled_at, now)),
        ],
    )
}

/// Shows one section alone, so that long lists can be read to their end.
pub(super) async fn show_section(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Path((id, word)): Path<(String, String)>,
    Query(from): Query<From>,
) -> Result<Response, Trouble> {
    let id: MachineId = id.parse().map_err(|_| Trouble::NoMachine)?;
    let (kind, word) = section_called(&word).ok_or(Trouble::NotFound)?;
    let (desk, viewer) = (&state.desk, session.viewer());
    let lens = Lens::of(desk, &from.at)?;
    let line = desk.inventory.machine(&viewer, id, lens.moment)?;
    let readings = match lens.moment {
        Moment::Now => desk.inventory.readings(&viewer, id)?,
        Moment::At(_) => None,
    };
    let told = tell(&state, &viewer, id, (*kind, lens))?;
    let first = from.from.and_then(|from| from.parse().ok()).unwrap_or(0);
    let name = line.machine.name();
    let title = format!("{}: {}", facts::section_title(*kind), plain(&name));
    let mut section = SectionView::new(id, *kind, word, &told, readings.as_ref(), first, lens);
    section.open = true;
    let here = format!("{}/sections/{word}", path(id));
    Ok(render(&SectionPage {
        page: Page::signed_in(desk, &session, &title, "/computers")?.seen_at(lens, &here),
        computer_path: lens.keep(&path(id)),
        name: Markup::name(&name),
        section,
    }))
}

/// The section that a word in an address stands for.
pub(super) fn section_kind(word: &str) -> Option<Kind> {
    section_called(word).map(|(kind, _)| *kind)
}

/// The sections in the order of the page, with their words in addresses.
pub(super) fn section_words() -> impl Iterator<Item = (Kind, &'static str)> {
    SECTIONS.into_iter()
}

fn section_called(word: &str) -> Option<&'static (Kind, &'static str)> {
    SECTIONS.iter().find(|(_, known)| *known == word)
}

/// Reads a section. One that is damaged must not hide the others.
fn tell(
    state: &State,
    viewer: &Viewer,
    id: MachineId,
    (kind, lens): (Kind, Lens),
) -> Result<Told, Trouble> {
    let read = state.desk.inventory.section(viewer, id, kind, lens.moment);
    match read {
        Ok(Some(section)) => Ok(Told::Section(section)),
        Ok(None) => Ok(Told::NotReported),
        Err(ReadError::OutOfScope) => Ok(Told::Hidden),
        Err(ReadError::NoMachine | ReadError::NoFinding) => Err(Trouble::NoMachine),
        Err(ReadError::Store(error)) => {
            tracing::error!(machine = %id, section = ?kind, %error, "a section could not be read");
            Ok(Told::Damaged)
        }
    }
}

fn body<'a>(told: &'a [(Kind, &str, Told)], kind: Kind) -> Option<&'a [u8]> {
    told.iter().find_map(|(of, _, told)| match told {
        Told::Section(section) if *of == kind => Some(section.body.as_slice()),
        _ => None,
    })
}

fn heard(line: &MachineLine, now: UnixMillis) -> Markup {
    line.seen.as_ref().map_or_else(
        || Markup::text(t::NOT_HEARD),
        |seen| Markup::fill(t::HEARD, &[("when", Markup::time(seen.at, now))]),
    )
}

fn notices(
    state: &State,
    session: &Session,
    line: &MachineLine,
    now: UnixMillis,
) -> Vec<NoticeView> {
    let (machine, viewer) = (&line.machine, &session.viewer());
    let since = Markup::time(machine.state_since, now);
    let action = |decision: Decision| {
        session.is_owner().then(|| ActionLink {
            path: decision.path(machine.id),
            title: decision.title(),
        })
    };
    let mut shown = Vec::new();
    let mut say = |tone, sentence, action| {
        shown.push(NoticeView {
            tone,
            sentence,
            action,
        });
    };
    match machine.state {
        MachineState::Waiting => say(
            Tone::Warn,
            Markup::text(t::WAITING),
            action(Decision::Approve),
        ),
        MachineState::Retired => say(
            Tone::Unknown,
            Markup::fill(t::RETIRED, &[("when", since)]),
            None,
        ),
        MachineState::Revoked => say(
            Tone::Unknown,
            Markup::fill(t::REVOKED, &[("when", since)]),
            None,
        ),
        _ => {}
    }
    if let Some(other) = machine.same_hardware_as
        && let Ok(other) = state.desk.inventory.machine(viewer, other, Moment::Now)
    {
        let sentence = Markup::fill(t::SAME_HARDWARE, &[("other", link(&other))]);
        say(Tone::Warn, sentence, action(Decision::Link));
    }
    for earlier in &machine.continues {
        if let Ok(earlier) = state.desk.inventory.machine(viewer, *earlier, Moment::Now) {
            let sentence = Markup::fill(t::CONTINUES, &[("earlier", link(&earlier))]);
            say(Tone::Unknown, sentence, None);
        }
    }
    shown
}

/// What is found about it, but what a notice says that can be acted upon.
fn cards(line: &MachineLine, now: UnixMillis) -> Vec<Card> {
    let said = ["waiting", "same-hardware"];
    let lines = std::slice::from_ref(line);
    let found = findings::sorted(lines, |finding| {
        finding.aside(now).is_none() && !said.contains(&finding.rule.id)
    });
    found
        .into_iter()
        .map(|(line, finding)| Card::of(&line.machine, finding, now))
        .collect()
}

/// How many findings are set aside, as a link to them.
fn aside(line: &MachineLine, now: UnixMillis) -> Option<Markup> {
    let aside = line.findings.iter();
    let number = aside.filter(|finding| finding.aside(now).is_some()).count();
    let counted = Markup::text(&text::count(number, "finding", "findings"));
    let words = Markup::fill(text::findings::OF_ONE_ASIDE, &[("findings", counted)]);
    let path = format!("/findings?show=aside&computer={}", line.machine.id);
    (number > 0).then(|| Markup::link(&path, &words))
}

fn readings_view(readings: &Readings, now: UnixMillis) -> Option<ReadingsView> {
    let sheet = facts::readings(&readings.values.encode_to_vec(), now).ok()?;
    Some(ReadingsView {
        age: Markup::fill(t::OLD_VALUES, &[("when", Markup::time(readings.at, now))]),
        newer: facts::newer(&sheet),
        sheet,
    })
}

fn record(line: &MachineLine, now: UnixMillis) -> Vec<Fact> {
    let machine = &line.machine;
    let time = |at: Option<UnixMillis>| at.map_or_else(Markup::unknown, |at| Markup::time(at, now));
    let labels = if machine.labels.is_empty() {
        Markup::unknown()
    } else {
        Markup::names(machine.labels.iter().map(String::as_str), 32)
    };
    let note = if machine.note.is_empty() {
        Markup::unknown()
    } else {
        Markup::value(&machine.note)
    };
    let seen = line.seen.as_ref();
    let proposed = machine.proposed_labels.iter().map(String::as_str);
    let proposed = (!machine.proposed_labels.is_empty())
        .then(|| (t::PROPOSED_LABELS, Markup::names(proposed, 8)));
    [
        (t::IDENTIFIER, Markup::code(&machine.id.to_string())),
        (t::HOST_NAME, Markup::value(&machine.host_name)),
        (t::JOINED, time(Some(machine.enrolled_at))),
        (t::LABELS, labels),
        (t::NOTE, note),
        (
            t::AGENT,
            seen.map_or_else(Markup::unknown, |seen| Markup::value(&seen.agent_version)),
        ),
        (t::CERTIFICATE, time(machine.certificate_expires_at)),
        (
            t::CLOCK,
            seen.map_or_else(Markup::unknown, |seen| clock(seen.clock_offset_ms)),
        ),
    ]
    .into_iter()
    .chain(proposed)
    .map(|(label, value)| Fact {
        label: label.to_owned(),
        value,
    })
    .collect()
}

fn clock(offset_ms: i64) -> Markup {
    let off = offset_ms.unsigned_abs();
    if off < CLOCK_RIGHT {
        return Markup::text(t::CLOCK_RIGHT);
    }
    let much = markup::duration(std::time::Duration::from_millis(off));
    let message = if offset_ms > 0 {
        t::CLOCK_AHEAD
    } else {
        t::CLOCK_BEHIND
    };
    Markup::fill(message, &[("much", Markup::text(&much))])
}

/// What may be decided; guests may propose something.
fn actions(session: &Session, machine: &Machine) -> Vec<ActionLink> {
    if !session.is_owner() {
        return vec![ActionLink {
            path: format!("{}/suggest", path(machine.id)),
            title: t::SUGGEST,
        }];
    }
    Decision::open_to(machine)
        .into_iter()
        .map(|decision| ActionLink {
            path: decision.path(machine.id),
            title: decision.title(),
        })
        .collect()
}
