//! What keeps an answer from being the whole truth, as sentences.

use std::collections::BTreeMap;

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::section::Kind;

use crate::dashboard::plain;

/// Computers that are named.
const NAMED: usize = 10;

/// Why a section of a computer is not, or not fully, in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// It is not shared.
    Hidden,
    /// It was never reported, or not by then.
    NotReported,
    /// Not everything could be read on the computer.
    Incomplete,
    /// The record of it is damaged.
    Damaged,
}

/// The gaps of an answer.
#[derive(Debug, Default)]
pub(super) struct Notes(BTreeMap<(Kind, Gap), Computers>);

/// Computers, of which some are named.
#[derive(Debug, Default)]
struct Computers {
    named: Vec<String>,
    count: usize,
}

impl Notes {
    /// Notes a gap.
    pub(super) fn add(&mut self, kind: Kind, gap: Gap, computer: &str) {
        let computers = self.0.entry((kind, gap)).or_default();
        computers.count += 1;
        if computers.named.len() < NAMED {
            computers.named.push(plain(computer));
        }
    }

    /// All of them.
    pub(super) fn sentences(&self) -> Vec<String> {
        let sentence = |((kind, gap), computers): (&(Kind, Gap), &Computers)| {
            let section = section_name(*kind);
            let why = match gap {
                Gap::Hidden => "is not shared with you",
                Gap::NotReported => "was not reported",
                Gap::Incomplete => "could not be read in full",
                Gap::Damaged => "is damaged in the record",
            };
            let which = match computers.count {
                1 => "1 computer".to_owned(),
                count => format!("{count} computers"),
            };
            let named = computers.named.join(", ");
            let more = match computers.count - computers.named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("The section {section} of {which} {why}: {named}{more}.")
        };
        self.0.iter().map(sentence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_said_with_the_computers_it_is_about() {
        let mut notes = Notes::default();
        assert!(notes.sentences().is_empty());
        notes.add(Kind::Software, Gap::NotReported, "pc\u{202e}");
        for number in 0..12 {
            notes.add(Kind::Software, Gap::Incomplete, &format!("pc-{number}"));
        }
        let sentences = notes.sentences();
        assert_eq!(
            sentences[0],
            "The section software of 1 computer was not reported: pc[U+202E]."
        );
        assert!(
            sentences[1].starts_with(
                "The section software of 12 computers could not be read in full: pc-0, "
            )
        );
        assert!(sentences[1].ends_with("pc-9 and 2 more."));
    }
}
