//! Fields that differ, as clauses of a sentence.

use std::{borrow::Borrow, collections::HashSet};

use prost_reflect::{DynamicMessage, FieldDescriptor, Value};

use super::words::{NAME_BYTES, VALUE_BYTES, cut, exact, field_called, shown, shown_field};
use crate::store::record::FieldChange;

/// Most differing fields and values named in one sentence; the others are only counted.
const FIELDS_IN_SENTENCE: usize = 3;

/// What appears in place of a value that is not known.
const NOT_KNOWN: &str = "(not known)";

/// A field that differs.
pub(super) struct Difference {
    /// For the entry.
    pub(super) change: FieldChange,
    /// What the field is called.
    called: String,
    /// For lists: the values that came and went.
    values: Option<(Vec<String>, Vec<String>)>,
}

impl Difference {
    pub(super) fn new(
        field: &FieldDescriptor,
        before: &DynamicMessage,
        after: &DynamicMessage,
    ) -> Self {
        let (mut old, mut new) = (shown_field(before, field), shown_field(after, field));
        let both = (before.get_field(field), after.get_field(field));
        if old == new && !old.is_empty() {
            (old, new) = (exact(&both.0), exact(&both.1));
        }
        let values = match (&*both.0, &*both.1) {
            (Value::List(were), Value::List(are)) => {
                Some((only_in(field, are, were), only_in(field, were, are)))
            }
            _ => None,
        };
        let change = FieldChange {
            name: field.name().to_owned(),
            before: cut(&old, VALUE_BYTES),
            after: cut(&new, VALUE_BYTES),
        };
        Self {
            change,
            called: field_called(field),
            values,
        }
    }

    /// The difference as a clause: "host name a -> b".
    pub(super) fn words(&self) -> String {
        let name = &self.called;
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

fn only_in(field: &FieldDescriptor, values: &[Value], others: &[Value]) -> Vec<String> {
    let others: HashSet<String> = others.iter().map(|value| shown(field, value)).collect();
    let shown = values.iter().map(|value| shown(field, value));
    shown.filter(|value| !others.contains(value)).collect()
}

fn came_and_went(added: &[String], removed: &[String]) -> String {
    let some = |values: &[String]| {
        let more = values.len().saturating_sub(FIELDS_IN_SENTENCE);
        let named = cut(&values[..values.len() - more].join(", "), NAME_BYTES);
        match more {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    };
    match (added, removed) {
        (added, []) => format!("{} added", some(added)),
        ([], removed) => format!("{} removed", some(removed)),
        (added, removed) => format!("{} added, {} removed", some(added), some(removed)),
    }
}

/// The first few differences as a list of clauses, with the number of the others.
pub(super) fn listed<D: Borrow<Difference>>(differing: impl IntoIterator<Item = D>) -> String {
    let words: Vec<String> = differing
        .into_iter()
        .map(|field| field.borrow().words())
        .collect();
    let more = words.len().saturating_sub(FIELDS_IN_SENTENCE);
    let told = words[..words.len() - more].join(", ");
    match more {
        0 => told,
        more => format!("{told} (and {more} more)"),
    }
}

/// A value, or what appears in its place when it is not known.
pub(super) fn known(value: &str) -> String {
    if value.is_empty() {
        NOT_KNOWN.to_owned()
    } else {
        cut(value, NAME_BYTES)
    }
}
