//! Changes, grouped by day.

use super::{
    facts::{humanized, section_title},
    markup::{self, Markup, plain},
    standing::path,
    text::changes as t,
};
use crate::{
    access::Change,
    store::record::{Action, FieldChange},
};

/// Fields of one change shown at most.
const FIELDS: usize = 12;

// Marks without a judgement: something added may be good or bad.
const PLUS: &str = "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><path \
                    fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" \
                    d=\"M10 4.5v11M4.5 10h11\"/></svg>";
const MINUS: &str = "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><path \
                     fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" \
                     d=\"M4.5 10h11\"/></svg>";
const ARROW: &str = "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><path \
                     fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" \
                     stroke-linejoin=\"round\" d=\"M4 10h11m-4-4.5 4.5 4.5-4.5 4.5\"/></svg>";
const DOT: &str = "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><circle \
                   cx=\"10\" cy=\"10\" r=\"3.2\" fill=\"currentColor\"/></svg>";

const BREAK: &str = "<svg class=\"icon\" viewBox=\"0 0 20 20\" aria-hidden=\"true\" focusable=\"false\"><path \
                     fill=\"none\" stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" \
                     d=\"M3.5 10h4m5 0h4\"/></svg>";

pub(super) mod rows;

/// The changes of a day.
pub(super) struct Day {
    pub(super) title: String,
    pub(super) entries: Vec<Entry>,
}

/// One change.
pub(super) struct Entry {
    pub(super) mark: Markup,
    pub(super) action: &'static str,
    pub(super) at: Markup,
    pub(super) summary: Markup,
    pub(super) folded: Option<Markup>,
    pub(super) computer: Option<Markup>,
    pub(super) section: &'static str,
    pub(super) fields: Vec<Field>,
}

/// A field that differs.
pub(super) struct Field {
    pub(super) label: String,
    pub(super) before: Markup,
    pub(super) after: Markup,
}

/// Groups changes, newest first, by the day they happened. `of_many` names the computer of each.
pub(super) fn days(changes: &[Change], of_many: bool) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for change in changes {
        let title = markup::day(change.at);
        let entry = entry(change, of_many);
        match days.last_mut() {
            Some(day) if day.title == title => day.entries.push(entry),
            _ => days.push(Day {
                title,
                entries: vec![entry],
            }),
        }
    }
    days
}

/// The mark of what happened, and the word for it.
pub(super) fn mark(action: Action) -> (Markup, &'static str) {
    let (mark, word) = match action {
        Action::Added => (PLUS, t::ADDED),
        Action::Removed => (MINUS, t::REMOVED),
        Action::Altered => (ARROW, t::ALTERED),
        Action::FirstReport => (DOT, t::FIRST),
        Action::Lifecycle | Action::Unspecified => (DOT, t::LIFECYCLE),
        Action::Gap => (BREAK, t::GAP),
    };
    (Markup::constant(mark), word)
}

fn entry(change: &Change, of_many: bool) -> Entry {
    let (mark, action) = mark(change.action);
    let section = if change.action == Action::Gap {
        t::REPORTS
    } else {
        section_title(change.section)
    };
    Entry {
        mark,
        action,
        at: Markup::clock(change.at),
        summary: Markup::value(&change.summary),
        folded: (change.folded > 0)
            .then(|| Markup::fill(t::FOLDED, &[("count", Markup::number(change.folded))])),
        computer: of_many
            .then(|| Markup::link(&path(change.machine), &Markup::name(&change.machine_name))),
        section,
        fields: fields(&change.fields),
    }
}

/// The fields worth a line of their own: one that differs is in the sentence already.
pub(super) fn fields(fields: &[FieldChange]) -> Vec<Field> {
    if fields.len() < 2 {
        return Vec::new();
    }
    let shown = |text: &str| {
        if text.is_empty() {
            Markup::unknown()
        } else {
            Markup::value(text)
        }
    };
    fields
        .iter()
        .take(FIELDS)
        .map(|field| Field {
            label: plain(&humanized(&field.name)),
            before: shown(&field.before),
            after: shown(&field.after),
        })
        .collect()
}
