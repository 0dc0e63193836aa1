//! How well a section could be read, as a whole and in its parts.

use std::collections::BTreeMap;

use freehold_proto::v1::{Diagnostic, section::Status};
use prost::Message as _;

use super::{
    schema::Section,
    scope::Scope,
    wire::{self, Payload},
    words::{NAME_BYTES, cut},
};

/// How well a section could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    status: i32,
    diagnostics: Vec<Diagnostic>,
    /// Of those of a section that is not complete: what is missing, remarks left out.
    lacks: Vec<Lack>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lack {
    source: String,
    /// How many places in the source; a whole source counts for more than any number of places.
    places: u32,
    /// What it may hide; absent where the agent does not say, which may be anything.
    hides: Option<Vec<Scope>>,
    /// The agent still looks for it.
    pending: bool,
}

/// Number of the status in every section.
const STATUS: u32 = 1;

/// Most diagnostics that are looked at, and most parts of the section that one names instead of all.
const DIAGNOSTICS: usize = 1000;
const HIDES: usize = 32;

impl Reading {
    /// Reads status and diagnostics of an encoded section, nothing else of it.
    pub(super) fn of(section: &Section, body: &[u8]) -> Self {
        let (mut status, mut diagnostics) = (0, Vec::new());
        for field in wire::fields(body).flatten() {
            match (field.number, field.payload) {
                (STATUS, Payload::Varint(value)) => status = value as i32,
                (number, Payload::Bytes(bytes))
                    if number == section.diagnostics.number && diagnostics.len() < DIAGNOSTICS =>
                {
                    diagnostics.extend(Diagnostic::decode(bytes));
                }
                _ => {}
            }
        }
        let is_complete = status == i32::from(Status::Complete);
        // With a complete section the diagnostics are remarks.
        let lacking: &[Diagnostic] = if is_complete { &[] } else { &diagnostics };
        let lacks = lacking.iter().filter_map(|one| Lack::of(section, one));
        Self {
            status,
            lacks: lacks.collect(),
            diagnostics,
        }
    }

    /// Whether everything that `other` could read could be read here as well.
    pub fn covers(&self, other: &Self) -> bool {
        self.covers_what(other, |_| true)
    }

    /// Whether everything in a part of the section that `other` could read could be read here as well.
    pub(super) fn covers_scope(&self, other: &Self, scope: Scope) -> bool {
        self.covers_what(other, |lack| lack.hides(scope))
    }

    fn covers_what(&self, other: &Self, hides: impl Fn(&Lack) -> bool) -> bool {
        if other.is_dark() {
            return true;
        }
        let (here, there) = (self.failures(&hides), other.failures(&hides));
        let covered = |source: &str, (places, pending): &(u32, bool)| {
            let known = there.get(source);
            // What is still being looked for is not the same from one version to the next.
            !pending && known.is_some_and(|(known, _)| places <= known)
        };
        self.rank_with(here.is_empty()) <= other.rank_with(there.is_empty())
            && here.iter().all(|(source, lack)| covered(source, lack))
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

    /// The rank of a part. It is whole where nothing that is missing belongs to it.
    fn rank_with(&self, is_whole: bool) -> u8 {
        match self.rank() {
            1 if is_whole && !self.lacks.is_empty() => 0,
            rank => rank,
        }
    }

    /// Per source, how many places in it failed and whether the agent still looks there.
    fn failures(&self, hides: impl Fn(&Lack) -> bool) -> BTreeMap<&str, (u32, bool)> {
        let mut failures: BTreeMap<&str, (u32, bool)> = BTreeMap::new();
        for lack in self.lacks.iter().filter(|lack| hides(lack)) {
            let (places, pending) = failures.entry(&lack.source).or_default();
            *places = places.saturating_add(lack.places);
            *pending |= lack.pending;
        }
        failures
    }
}

impl Lack {
    /// `None` for a remark.
    fn of(section: &Section, diagnostic: &Diagnostic) -> Option<Self> {
        let gap = diagnostic.gap.as_ref();
        if gap.is_some_and(|gap| gap.hides.is_empty()) {
            return None;
        }
        let hides = gap.filter(|gap| gap.hides.len() <= HIDES).map(|gap| {
            let scopes = gap.hides.iter();
            scopes
                .filter_map(|name| Scope::named(section, name))
                .collect()
        });
        Some(Self {
            source: diagnostic.source.clone(),
            places: if diagnostic.position.is_empty() {
                u32::MAX
            } else {
                1
            },
            hides,
            pending: gap.is_some_and(|gap| gap.pending),
        })
    }

    fn hides(&self, scope: Scope) -> bool {
        let Some(hides) = &self.hides else {
            return true;
        };
        hides.iter().any(|one| one.includes(scope))
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
            gap: None,
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
