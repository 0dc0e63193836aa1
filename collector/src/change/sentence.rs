//! Entries of the change log: what happened to an item or a field, as a sentence.

use prost_reflect::{DynamicMessage, FieldDescriptor, Value};

use super::{
    catalogue::Form,
    compare::{Item, Pair},
    privilege,
    reading::sentence as clause,
    schema::{ListSchema, Section},
    words::{
        NAME_BYTES, VALUE_BYTES, cut, exact, field_words, is_unknown, shown, shown_by_name,
        shown_field,
    },
};
use crate::{
    clock::UnixMillis,
    store::record::{Action, ChangeRecord, FieldChange},
};

/// Most differing fields named in one sentence; the others are only listed.
const FIELDS_IN_SENTENCE: usize = 3;

/// What appears in place of a value that is not known.
const NOT_KNOWN: &str = "(not known)";

/// Writes the entries of one report.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    /// The section.
    pub(super) section: &'a Section,
    /// Its number.
    pub(super) kind: u32,
    /// When the newer version was collected.
    pub(super) at: UnixMillis,
    /// A value that is no longer known is a failure to read, told elsewhere, and no change.
    pub(super) reads_worse: bool,
    /// Items that turn up may have been there before.
    pub(super) reads_better: bool,
}

/// How an item appears or disappears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It appears.
    Added,
    /// It disappears.
    Removed,
}

impl Teller<'_> {
    /// An entry without item and fields.
    pub(super) fn entry(
        &self,
        action: Action,
        noun: &str,
        item: &str,
        summary: String,
    ) -> ChangeRecord {
        ChangeRecord {
            at: self.at.0,
            section: self.kind,
            action: action.into(),
            noun: noun.to_owned(),
            item: cut(item, NAME_BYTES),
            fields: Vec::new(),
            summary,
            folded: 0,
        }
    }

    /// An item appeared or disappeared.
    pub(super) fn turned(&self, list: &ListSchema, item: &Item<'_>, turn: Turn) -> ChangeRecord {
        let noun = list.entry.noun;
        let title = title(list, &item.message);
        let action = match turn {
            Turn::Added => Action::Added,
            Turn::Removed => Action::Removed,
        };
        let verb = self.verb(turn);
        let summary = match list.entry.form {
            Form::Diagnostic => self.diagnostic(item, turn),
            Form::Plain | Form::Privilege => {
                let headline = headline(list, &item.message, list.entry.headline.len());
                let gap = if headline.is_empty() { "" } else { " " };
                format!("{noun} {title}{gap}{headline} {verb}")
            }
        };
        self.entry(action, noun, &title, summary)
    }

    /// What is said of an item that appeared or disappeared.
    pub(super) fn verb(&self, turn: Turn) -> &'static str {
        match turn {
            Turn::Added if self.reads_better => "now visible",
            Turn::Added => "added",
            Turn::Removed => "removed",
        }
    }

    /// An item is in both versions; none when nothing about it is worth an entry.
    pub(super) fn altered(&self, list: &ListSchema, pair: &Pair<'_>) -> Option<ChangeRecord> {
        let differing = self.differing(&list.told, &pair.before.message, &pair.after.message);
        if differing.is_empty() {
            return None;
        }
        let name = match list.entry.form {
            Form::Privilege => privilege::subject(&pair.after.message),
            _ => format!("{} {}", list.entry.noun, title(list, &pair.after.message)),
        };
        let summary = self.alteration(list, pair, &name, &differing);
        let title = title(list, &pair.after.message);
        let mut entry = self.entry(Action::Altered, list.entry.noun, &title, summary);
        entry.fields = differing.into_iter().map(|field| field.change).collect();
        Some(entry)
    }

    /// A message with the fields of the section itself, or a nested one.
    pub(super) fn scalars(
        &self,
        before: &DynamicMessage,
        after: &DynamicMessage,
    ) -> Vec<ChangeRecord> {
        let mut entries = Vec::new();
        for field in self.section.message.fields() {
            let own_list = field.is_list() && field.kind().as_message().is_some();
            if own_list || field.name() == "status" {
                continue;
            }
            let nested = field
                .kind()
                .as_message()
                .is_some_and(|message| !is_timestamp(message.full_name()));
            let entry = if nested {
                self.nested(&field, before, after)
            } else {
                self.scalar(&field, before, after)
            };
            entries.extend(entry);
        }
        entries
    }

    fn scalar(
        &self,
        field: &FieldDescriptor,
        before: &DynamicMessage,
        after: &DynamicMessage,
    ) -> Option<ChangeRecord> {
        let differing = self.differing(std::slice::from_ref(field), before, after);
        let difference = differing.into_iter().next()?;
        let summary = format!("{}: {}", self.section.name, difference.words());
        let mut entry = self.entry(
            Action::Altered,
            &self.section.name,
            &field_words(field.name()),
            summary,
        );
        entry.fields.push(difference.change);
        Some(entry)
    }

    fn nested(
        &self,
        field: &FieldDescriptor,
        before: &DynamicMessage,
        after: &DynamicMessage,
    ) -> Option<ChangeRecord> {
        let (before, after) = (before.get_field(field), after.get_field(field));
        let (before, after) = (before.as_message()?, after.as_message()?);
        let told: Vec<FieldDescriptor> = field
            .kind()
            .as_message()?
            .fields()
            .filter(|field| field.name() != "source")
            .collect();
        let differing = self.differing(&told, before, after);
        if differing.is_empty() {
            return None;
        }
        let name = field_words(field.name());
        let summary = format!("{name}: {}", listed(&differing));
        let mut entry = self.entry(Action::Altered, &self.section.name, &name, summary);
        entry.fields = differing
            .into_iter()
            .map(|difference| FieldChange {
                name: format!("{}.{}", field.name(), difference.change.name),
                ..difference.change
            })
            .collect();
        Some(entry)
    }

    fn differing(
        &self,
        told: &[FieldDescriptor],
        before: &DynamicMessage,
        after: &DynamicMessage,
    ) -> Vec<Difference> {
        told.iter()
            .filter(|field| {
                let same_presence = before.has_field(field) == after.has_field(field);
                !(same_presence && before.get_field(field) == after.get_field(field))
            })
            .filter(|field| !(self.reads_worse && is_unknown(after, field)))
            .map(|field| Difference::new(field, before, after))
            .collect()
    }

    fn alteration(
        &self,
        list: &ListSchema,
        pair: &Pair<'_>,
        name: &str,
        differing: &[Difference],
    ) -> String {
        let in_headline = |field: &Difference| {
            list.entry
                .headline
                .iter()
                .any(|(_, name)| *name == field.change.name)
        };
        let along = |field: &Difference| list.entry.along.contains(&field.change.name.as_str());
        if !differing.iter().any(in_headline) {
            return format!("{name}: {}", listed(differing));
        }
        let others: Vec<&Difference> = differing
            .iter()
            .filter(|field| !in_headline(field) && !along(field))
            .collect();
        let mut text = format!("{name} {}", headlines(list, pair));
        if !others.is_empty() {
            text.push_str(&format!("; {}", listed(others)));
        }
        text
    }

    fn diagnostic(&self, item: &Item<'_>, turn: Turn) -> String {
        let field = |name| shown_by_name(&item.message, name);
        let diagnostic = freehold_proto::v1::Diagnostic {
            source: field("source"),
            position: field("position"),
            reason: field("reason"),
        };
        let told = cut(&clause(&diagnostic), 2 * NAME_BYTES);
        match turn {
            Turn::Added => format!("{}: could not be read: {told}", self.section.name),
            Turn::Removed => format!("{}: no longer reported: {told}", self.section.name),
        }
    }
}

/// A field that differs.
struct Difference {
    change: FieldChange,
    /// For lists: the values that came and went.
    values: Option<(Vec<String>, Vec<String>)>,
}

impl Difference {
    fn new(field: &FieldDescriptor, before: &DynamicMessage, after: &DynamicMessage) -> Self {
        let (mut old, mut new) = (shown_field(before, field), shown_field(after, field));
        let values = (before.get_field(field), after.get_field(field));
        if old == new && !old.is_empty() {
            (old, new) = (exact(&values.0), exact(&values.1));
        }
        let values = match (&*values.0, &*values.1) {
            (Value::List(before), Value::List(after)) => {
                Some((only_in(field, after, before), only_in(field, before, after)))
            }
            _ => None,
        };
        let change = FieldChange {
            name: field.name().to_owned(),
            before: cut(&old, VALUE_BYTES),
            after: cut(&new, VALUE_BYTES),
        };
        Self { change, values }
    }

    fn words(&self) -> String {
        let name = field_words(&self.change.name);
        match &self.values {
            Some((added, removed)) if !(added.is_empty() && removed.is_empty()) => {
                format!("{name} {}", came_and_went(added, removed))
            }
            _ => format!(
                "{name} {} -> {}",
                known(&self.change.before),
                known(&self.change.after)
            ),
        }
    }
}

fn only_in(field: &FieldDescriptor, these: &[Value], those: &[Value]) -> Vec<String> {
    let those: std::collections::HashSet<String> =
        those.iter().map(|value| shown(field, value)).collect();
    let these = these.iter().map(|value| shown(field, value));
    these.filter(|value| !those.contains(value)).collect()
}

fn came_and_went(added: &[String], removed: &[String]) -> String {
    let some = |values: &[String]| {
        let mut text = cut(
            &values[..values.len().min(FIELDS_IN_SENTENCE)].join(", "),
            NAME_BYTES,
        );
        if values.len() > FIELDS_IN_SENTENCE {
            text.push_str(&format!(" and {} more", values.len() - FIELDS_IN_SENTENCE));
        }
        text
    };
    match (added, removed) {
        (added, []) => format!("{} added", some(added)),
        ([], removed) => format!("{} removed", some(removed)),
        (added, removed) => format!("{} added, {} removed", some(added), some(removed)),
    }
}

fn listed<D: std::borrow::Borrow<Difference>>(differing: impl IntoIterator<Item = D>) -> String {
    let words: Vec<String> = differing
        .into_iter()
        .map(|field| field.borrow().words())
        .collect();
    let more = words.len().saturating_sub(FIELDS_IN_SENTENCE);
    let mut text = words[..words.len() - more].join(", ");
    if more > 0 {
        text.push_str(&format!(" (and {more} more)"));
    }
    text
}

fn known(value: &str) -> String {
    if value.is_empty() {
        NOT_KNOWN.to_owned()
    } else {
        cut(value, NAME_BYTES)
    }
}

/// What an item is called.
pub(super) fn title(list: &ListSchema, item: &DynamicMessage) -> String {
    let names = list
        .entry
        .title
        .iter()
        .map(|name| shown_by_name(item, name));
    let known: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    if known.is_empty() {
        "(without a name)".to_owned()
    } else {
        cut(&known.join(" "), NAME_BYTES)
    }
}

/// The first `count` fields of the headline, as far as they are known.
fn headline(list: &ListSchema, item: &DynamicMessage, count: usize) -> String {
    let mut text = String::new();
    for (separator, name) in &list.entry.headline[..count] {
        let value = shown_by_name(item, name);
        if !value.is_empty() {
            text.push_str(separator);
            text.push_str(&value);
        }
    }
    cut(&text, NAME_BYTES)
}

/// Both headlines, as short as they can be and still differ.
fn headlines(list: &ListSchema, pair: &Pair<'_>) -> String {
    let both = |count| {
        (
            headline(list, &pair.before.message, count),
            headline(list, &pair.after.message, count),
        )
    };
    let all = list.entry.headline.len();
    let (before, after) = (1..=all)
        .map(both)
        .find(|(before, after)| before != after)
        .unwrap_or_else(|| both(all));
    format!("{} -> {}", known(&before), known(&after))
}

fn is_timestamp(name: &str) -> bool {
    name == "google.protobuf.Timestamp"
}
