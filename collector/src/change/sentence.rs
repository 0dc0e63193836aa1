//! Entries of the change log: what happened to an item or a field, as a sentence.

use prost_reflect::{DynamicMessage, FieldDescriptor};

use super::{
    catalogue::{DAILY, Form},
    compare::{Item, Pair},
    difference::{Difference, listed},
    item::{headline, headlines, title},
    privilege,
    reading::sentence as clause,
    schema::{ListSchema, Section},
    scope::Scope,
    sight::Sight,
    socket,
    words::{NAME_BYTES, cut, field_words, is_unknown, shown_by_name},
};
use crate::{
    clock::UnixMillis,
    store::record::{Action, ChangeRecord, FieldChange},
};

/// Writes the entries of one report.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    /// The section.
    pub(super) section: &'a Section,
    /// Its number.
    pub(super) kind: u32,
    /// When the newer version was collected.
    pub(super) at: UnixMillis,
    /// What each of the versions could see.
    pub(super) sight: Sight,
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
        let verb = self.verb(list, item, turn);
        let summary = match list.entry.form {
            Form::Diagnostic => self.diagnostic(item, turn),
            Form::Socket => socket::turned(&item.message, turn, self.is_cleared(list, item)),
            Form::Plain | Form::Privilege => {
                let headline = headline(list, &item.message, list.entry.headline.len());
                let gap = if headline.is_empty() { "" } else { " " };
                format!("{noun} {title}{gap}{headline} {verb}")
            }
        };
        self.entry(action, noun, &title, summary)
    }

    /// What is said of an item that appeared or disappeared.
    pub(super) fn verb(&self, list: &ListSchema, item: &Item<'_>, turn: Turn) -> &'static str {
        match turn {
            Turn::Added if self.is_cleared(list, item) => "now visible",
            Turn::Added => "added",
            Turn::Removed => "removed",
        }
    }

    fn is_cleared(&self, list: &ListSchema, item: &Item<'_>) -> bool {
        self.sight.is_cleared(Scope::of_item(list, &item.message))
    }

    /// An item is in both versions; none when nothing about it is worth an entry.
    pub(super) fn altered(&self, list: &ListSchema, pair: &Pair<'_>) -> Option<ChangeRecord> {
        let (before, after) = (&pair.before.message, &pair.after.message);
        let differing = self.differing(&list.told, before, after, Scope::of_item(list, after));
        if differing.is_empty() {
            return None;
        }
        let name = match list.entry.form {
            Form::Privilege => privilege::subject(&pair.after.message),
            Form::Socket => socket::subject(&pair.after.message),
            _ => format!("{} {}", list.entry.noun, title(list, &pair.after.message)),
        };
        let summary = Self::alteration(list, pair, &name, &differing);
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
        let scope = Scope::of_field(field);
        let differing = self.differing(std::slice::from_ref(field), before, after, scope);
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
            .filter(|told| {
                let daily = (field.name(), told.name());
                told.name() != "source" && !DAILY.contains(&daily)
            })
            .collect();
        let differing = self.differing(&told, before, after, Scope::of_field(field));
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
        scope: Scope,
    ) -> Vec<Difference> {
        // A value that is no longer known is a failure to read, told elsewhere, and no change.
        let is_dimmed = self.sight.is_dimmed(scope);
        told.iter()
            .filter(|field| {
                let same_presence = before.has_field(field) == after.has_field(field);
                !(same_presence && before.get_field(field) == after.get_field(field))
            })
            .filter(|field| !(is_dimmed && is_unknown(after, field)))
            .map(|field| Difference::new(field, before, after))
            .collect()
    }

    fn alteration(
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
        let headlines = headlines(list, pair);
        if others.is_empty() {
            format!("{name} {headlines}")
        } else {
            format!("{name} {headlines}; {}", listed(others))
        }
    }

    fn diagnostic(&self, item: &Item<'_>, turn: Turn) -> String {
        let field = |name| shown_by_name(&item.message, name);
        let diagnostic = freehold_proto::v1::Diagnostic {
            source: field("source"),
            position: field("position"),
            reason: field("reason"),
            gap: None,
        };
        let told = cut(&clause(&diagnostic), 2 * NAME_BYTES);
        match turn {
            Turn::Added => format!("{}: could not be read: {told}", self.section.name),
            Turn::Removed => format!("{}: no longer reported: {told}", self.section.name),
        }
    }
}

fn is_timestamp(name: &str) -> bool {
    name == "google.protobuf.Timestamp"
}
