//! What items are called.

use prost_reflect::DynamicMessage;

use super::{
    compare::Pair,
    difference::known,
    schema::ListSchema,
    words::{NAME_BYTES, cut, shown_by_name},
};

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
pub(super) fn headline(list: &ListSchema, item: &DynamicMessage, count: usize) -> String {
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
pub(super) fn headlines(list: &ListSchema, pair: &Pair<'_>) -> String {
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
