//! A section on the page: its status, source and age, a summary, and everything it says.

use freehold_proto::v1::{
    self, Diagnostic,
    section::{Kind, Status},
};
use prost::Message as _;

use super::{
    Told,
    summary::{self, Block},
};
use crate::{
    access::{Readings, Section},
    dashboard::{
        facts::{self, Sheet, section_title},
        lens::Lens,
        markup::Markup,
        standing::path,
        text::{history, section as t},
        tone::{Badge, Tone},
    },
    history::Moment,
    id::MachineId,
};

/// Diagnostics shown of a section.
const DIAGNOSTICS: usize = 500;

/// A section on the page.
pub(super) struct SectionView {
    pub(super) anchor: &'static str,
    pub(super) title: &'static str,
    pub(super) badge: Badge,
    pub(super) age: Markup,
    pub(super) meaning: Option<&'static str>,
    pub(super) summary: Vec<Block>,
    pub(super) diagnostics: Vec<DiagnosticView>,
    pub(super) diagnostic_count: usize,
    pub(super) diagnostics_cut: Option<Markup>,
    pub(super) sheet: Sheet,
    pub(super) newer: Option<Markup>,
    /// An empty list means that there is none.
    pub(super) complete: bool,
    /// Where the section stands alone.
    pub(super) path: String,
    /// Its lists are unfolded.
    pub(super) open: bool,
}

/// Something that could not be read.
pub(super) struct DiagnosticView {
    pub(super) source: Markup,
    pub(super) position: Markup,
    pub(super) reason: Markup,
}

/// What only needs the beginning of a section: its status and diagnostics have the same numbers in all.
#[derive(Clone, PartialEq, prost::Message)]
struct Head {
    #[prost(enumeration = "v1::section::Status", tag = "1")]
    status: i32,
    #[prost(message, repeated, tag = "2")]
    diagnostics: Vec<Diagnostic>,
}

impl SectionView {
    /// `first` is where each list begins to be shown.
    pub(super) fn new(
        machine: MachineId,
        kind: Kind,
        anchor: &'static str,
        told: &Told,
        readings: Option<&Readings>,
        first: usize,
        lens: Lens,
    ) -> Self {
        let now = lens.now;
        let empty = |tone, word, meaning| Self {
            anchor,
            title: section_title(kind),
            badge: Badge::new(tone, word),
            age: Markup::default(),
            meaning: Some(meaning),
            summary: Vec::new(),
            diagnostics: Vec::new(),
            diagnostic_count: 0,
            diagnostics_cut: None,
            sheet: Sheet::default(),
            newer: None,
            complete: false,
            path: lens.rows(&format!("{}/sections/{anchor}", path(machine))),
            open: false,
        };
        let damaged = || empty(Tone::Bad, t::DAMAGED, t::DAMAGED_MEANS);
        let section = match told {
            Told::Section(section) => section,
            Told::NotReported if lens.moment != Moment::Now => {
                return empty(
                    Tone::Unknown,
                    history::NOT_BY_THEN,
                    history::NOT_BY_THEN_MEANS,
                );
            }
            Told::NotReported => {
                return empty(Tone::Unknown, t::NOT_REPORTED, t::NOT_REPORTED_MEANS);
            }
            Told::Hidden => return empty(Tone::Unknown, t::HIDDEN, t::HIDDEN_MEANS),
            Told::Damaged => return damaged(),
        };
        let (Ok(head), Ok(mut sheet)) = (
            Head::decode(section.body.as_slice()),
            facts::sheet(kind, &section.body, first, now),
        ) else {
            return damaged();
        };
        let (tone, word, meaning) = status(head.status());
        if matches!(head.status(), Status::Unsupported | Status::Unreadable) {
            // A form full of dashes would only hide that nothing is known.
            sheet.lists.retain(|list| list.count > 0);
            sheet
                .groups
                .retain(|group| group.facts.iter().any(|f| f.value != Markup::unknown()));
        }
        Self {
            age: age(section, lens),
            meaning,
            summary: summary::of(kind, section, readings, now),
            diagnostic_count: head.diagnostics.len(),
            diagnostics_cut: cut(head.diagnostics.len()),
            diagnostics: head
                .diagnostics
                .iter()
                .take(DIAGNOSTICS)
                .map(diagnostic)
                .collect(),
            newer: facts::newer(&sheet),
            sheet,
            complete: head.status() == Status::Complete,
            ..empty(tone, word, "")
        }
    }
}

fn status(status: Status) -> (Tone, &'static str, Option<&'static str>) {
    match status {
        Status::Complete => (Tone::Good, t::COMPLETE, None),
        Status::Partial => (Tone::Warn, t::PARTIAL, Some(t::PARTIAL_MEANS)),
        Status::Unreadable | Status::Unspecified => {
            (Tone::Unknown, t::UNREADABLE, Some(t::UNREADABLE_MEANS))
        }
        Status::Unsupported => (Tone::Unknown, t::UNSUPPORTED, Some(t::UNSUPPORTED_MEANS)),
    }
}

fn age(section: &Section, lens: Lens) -> Markup {
    let when = Markup::time(section.collected_at, lens.now);
    let checked = section.true_at();
    if lens.moment != Moment::Now {
        let when = Markup::moment(section.collected_at, lens.now);
        let Some(until) = section.until else {
            return Markup::fill(history::STILL, &[("when", when)]);
        };
        let until = Markup::moment(until, lens.now);
        Markup::fill(history::UNTIL, &[("when", when), ("until", until)])
    } else if checked > section.collected_at {
        let checked = Markup::time(checked, lens.now);
        Markup::fill(t::CONFIRMED, &[("checked", checked), ("when", when)])
    } else {
        Markup::fill(t::READ, &[("when", when)])
    }
}

fn cut(count: usize) -> Option<Markup> {
    (count > DIAGNOSTICS).then(|| {
        Markup::fill(
            t::DIAGNOSTICS_MANY,
            &[
                ("shown", Markup::number(DIAGNOSTICS as u64)),
                ("count", Markup::number(count as u64)),
            ],
        )
    })
}

fn diagnostic(diagnostic: &Diagnostic) -> DiagnosticView {
    DiagnosticView {
        source: Markup::code(&diagnostic.source),
        position: Markup::value(&diagnostic.position),
        reason: Markup::value(&diagnostic.reason),
    }
}
