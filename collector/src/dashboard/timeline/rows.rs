//! Changes as rows of a list that is taken along.

use super::mark;
use crate::{
    access::Change,
    dashboard::{
        facts::section_title,
        list::Value,
        text::{computers, list as t},
    },
};

/// Key and title of each column.
pub(in crate::dashboard) const COLUMNS: [(&str, &str); 5] = [
    ("at", t::WHEN),
    ("computer", computers::NAME),
    ("section", t::SECTION),
    ("action", t::WHAT),
    ("change", t::SUMMARY),
];

/// A change as a row.
pub(in crate::dashboard) fn of(change: &Change) -> Vec<Value> {
    let (_, action) = mark(change.action);
    vec![
        Value::Time(change.at),
        Value::Text(change.machine_name.clone()),
        Value::Text(section_title(change.section).to_owned()),
        Value::Text(action.to_owned()),
        Value::Text(change.summary.clone()),
    ]
}
