//! How well a section could be read, and what to tell when that changes.
//!
//! An item that is missing from a list is gone only when the newer version read at least everything the
//! older one read. An item that turns up is new only when an earlier version would have shown it.

use std::collections::BTreeMap;

use freehold_proto::v1::{Diagnostic, section::Status};
use prost::Message as _;

use super::{
    schema::Section,
    wire::{self, Payload},
    words::{NAME_BYTES, cut},
};

/// How well a section could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    status: i32,
    diagnostics: Vec<Diagnostic>,
}

/// Number of the status in every section.
const STATUS: u32 = 1;

/// Most diagnostics that are looked at.
const DIAGNOSTICS: usize = 1000;

impl Reading {
    /// Reads status and diagnostics of an encoded section, nothing else of it.
    pub(super) fn of(section: &Section, body: &[u8]) -> Self {
        let mut reading = Self {
            status: 0,
            diagnostics: Vec::new(),
        };
        for field in wire::fields(body).flatten() {
            match (field.number, field.payload) {
                (STATUS, Payload::Varint(value)) => reading.status = value as i32,
                (number, Payload::Bytes(bytes))
                    if number == section.diagnostics.number
                        && reading.diagnostics.len() < DIAGNOSTICS =>
                {
                    reading.diagnostics.extend(Diagnostic::decode(bytes));
                }
                _ => {}
            }
        }
        reading
    }

    /// Whether everything that `other` could read could be read here as well.
    pub fn covers(&self, other: &Self) -> bool {
        if other.is_dark() {
            return true;
        }
        let (here, there) = (self.failures(), other.failures());
        self.rank() <= other.rank()
            && here
                .iter()
                .all(|(source, count)| there.get(source).is_some_and(|known| count <= known))
    }

    /// Nothing at all could be read.
    pub fn is_dark(&self) -> bool {
        self.rank() == 2
    }

    /// Everything could be read.
    pub fn is_complete(&self) -> bool {
        self.rank() == 0
    }

    /// The status as a number.
    pub(super) fn status(&self) -> i32 {
        self.status
    }

    /// The status by its name in the schema.
    pub(super) fn status_words(&self) -> String {
        Status::try_from(self.status).map_or_else(
            |_| format!("value {}", self.status),
            |status| status.as_str_name().to_lowercase(),
        )
    }

    /// The first diagnostic and how many more there are; empty when there is none.
    pub(super) fn reason(&self) -> String {
        let Some(first) = self.diagnostics.first() else {
            return String::new();
        };
        let told = cut(&sentence(first), 2 * NAME_BYTES);
        match self.diagnostics.len() - 1 {
            0 => told,
            more => format!("{told} (and {more} more)"),
        }
    }

    fn rank(&self) -> u8 {
        match Status::try_from(self.status) {
            Ok(Status::Complete) => 0,
            // A newer agent's status: read, but who knows how well.
            Ok(Status::Partial) | Err(_) => 1,
            Ok(Status::Unspecified | Status::Unreadable | Status::Unsupported) => 2,
        }
    }

    /// Per source, how many places in it failed; a whole source counts for more than any number of places.
    /// With a complete section the diagnostics are remarks.
    fn failures(&self) -> BTreeMap<&str, u32> {
        let mut failures = BTreeMap::new();
        if self.is_complete() {
            return failures;
        }
        for diagnostic in &self.diagnostics {
            let count: &mut u32 = failures.entry(diagnostic.source.as_str()).or_default();
            *count = match diagnostic.position.as_str() {
                "" => u32::MAX,
                _ => count.saturating_add(1),
            };
        }
        failures
    }
}

/// A diagnostic as a clause: where, and what went wrong.
pub(super) fn sentence(diagnostic: &Diagnostic) -> String {
    let parts = [&diagnostic.source, &diagnostic.position, &diagnostic.reason];
    let known: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    known.join(": ")
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::{Accounts, section::Kind};

    use super::*;
    use crate::change::schema::section_of;

    fn reading(status: Status, failures: &[(&str, &str)]) -> Reading {
        let diagnostics = failures.iter().map(|(source, position)| Diagnostic {
            source: (*source).to_owned(),
            position: (*position).to_owned(),
            reason: "permission denied".to_owned(),
        });
        let accounts = Accounts {
            status: status.into(),
            diagnostics: diagnostics.collect(),
            ..Accounts::default()
        };
        Reading::of(
            section_of(Kind::Accounts).unwrap(),
            &accounts.encode_to_vec(),
        )
    }

    #[test]
    fn a_version_covers_what_it_could_read() {
        let complete = reading(Status::Complete, &[("/etc/passwd", "line 3")]);
        let one = reading(Status::Partial, &[("/etc/sudoers", "")]);
        let line = reading(Status::Partial, &[("/etc/sudoers", "line 3")]);
        let two = reading(
            Status::Partial,
            &[("/etc/sudoers", ""), ("/etc/group", "line 1")],
        );
        let dark = reading(Status::Unreadable, &[("/", "")]);
        assert!(complete.covers(&one) && !one.covers(&complete));
        assert!(one.covers(&two) && !two.covers(&one));
        assert!(line.covers(&one) && !one.covers(&line));
        assert!(one.covers(&dark) && !dark.covers(&one));
        assert!(complete.covers(&dark) && !dark.covers(&complete));
        assert!(one.covers(&one) && dark.is_dark());
    }

    #[test]
    fn the_reason_names_the_first_and_counts_the_rest() {
        let two = reading(
            Status::Partial,
            &[("/etc/sudoers", ""), ("/etc/group", "line 1")],
        );
        assert_eq!(two.reason(), "/etc/sudoers: permission denied (and 1 more)");
        assert_eq!(two.status_words(), "partial");
    }
}
