//! Floods of changes, folded to a bound.

use std::collections::BTreeMap;

use super::{catalogue::LISTS, words::counted};
use crate::store::record::{Action, ChangeRecord};

/// Most entries one report adds to the change log.
pub const REPORT_ENTRIES: usize = 500;

/// Keeps at most `room` entries (at least one): the last one then stands for all that were left out and
/// says how many of what they were. What concerns administrators, and what could not be read, stays.
pub fn fold(mut entries: Vec<ChangeRecord>, room: usize) -> Vec<ChangeRecord> {
    let room = room.max(1);
    if entries.len() <= room {
        return entries;
    }
    entries.sort_by_key(weight);
    let rest = entries.split_off(room - 1);
    entries.extend(summary(&rest));
    entries
}

fn weight(entry: &ChangeRecord) -> u8 {
    match entry.noun.as_str() {
        "reading" => 0,
        "administrator" | "antivirus" => 1,
        "possible administrator" | "administrator key" => 2,
        "account" | "limited right" => 3,
        _ => 4,
    }
}

fn summary(rest: &[ChangeRecord]) -> Option<ChangeRecord> {
    let first = rest.first()?;
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut total = 0;
    for entry in rest {
        let entries = 1 + entry.folded as usize;
        total += entries;
        *counts
            .entry((entry.noun.as_str(), verb(entry.action())))
            .or_default() += entries;
    }
    let parts = counts
        .iter()
        .map(|((noun, verb), count)| format!("{} {verb}", counted(*count, noun, plural(noun))));
    let parts: Vec<String> = parts.collect();
    Some(ChangeRecord {
        at: first.at,
        section: first.section,
        action: Action::Altered.into(),
        noun: "changes".to_owned(),
        item: String::new(),
        fields: Vec::new(),
        summary: format!(
            "{total} more changes, not listed one by one: {}",
            parts.join(", ")
        ),
        folded: u32::try_from(total - 1).unwrap_or(u32::MAX),
    })
}

fn plural(noun: &str) -> &str {
    LISTS
        .iter()
        .find(|list| list.noun == noun)
        .map_or(noun, |list| list.plural)
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Added => "added",
        Action::Removed => "removed",
        Action::Unspecified
        | Action::Altered
        | Action::FirstReport
        | Action::Lifecycle
        | Action::Gap => "altered",
    }
}
