//! Searching for people, serial numbers and addresses.

use std::{collections::BTreeMap, sync::Arc};

use freehold_proto::v1::section::Kind;

use super::{
    Inventory, Machine, ReadError,
    index::{Effort, Trait},
};
use crate::{
    access::{Scope, Viewer},
    id::MachineId,
};

/// Found things of one kind that are told.
const MOST: usize = 200;

/// Shortest text that is looked for in hardware addresses without their colons.
const PLAIN: usize = 4;

/// A person, number or address, and the machines it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// What it is.
    pub kind: Trait,
    /// The text, as the machine told it.
    pub text: String,
    /// The machines, by name.
    pub machines: Vec<Arc<Machine>>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// By kind, then by text.
    pub hits: Vec<Hit>,
    /// There are more.
    pub is_more: bool,
    /// Machines that could not be searched yet.
    pub unread: usize,
    /// Machines that have more people, numbers or addresses, or longer ones, than are kept for searching: by name.
    pub cut: Vec<Arc<Machine>>,
}

/// The sections that people, numbers and addresses come from.
const TOLD_BY: [Kind; 3] = [Kind::Accounts, Kind::Hardware, Kind::Network];

impl Inventory {
    /// The people, serial numbers and addresses that hold a text, in whatever case. Blocks on the disk.
    pub fn search(&self, viewer: &Viewer, text: &str) -> Result<Hits, ReadError> {
        let roster = self.roster.of(&self.machines);
        let machines: Vec<&Arc<Machine>> = roster
            .iter()
            .map(|entry| &entry.machine)
            .filter(|machine| viewer.scope().sees_machine(&machine.labels))
            .collect();
        let ids: Vec<MachineId> = machines.iter().map(|machine| machine.id).collect();
        let unread = self.index.renew(&self.store, &ids, Effort::OF_A_PAGE)?;
        let wanted = Text::new(text);
        let narrow = *viewer.scope() != Scope::Everything;
        let mut found: BTreeMap<(Trait, String), Vec<Arc<Machine>>> = BTreeMap::new();
        let (mut is_more, mut cut) = (false, Vec::new());
        let kept = self.index.kept();
        for machine in machines {
            let mut sections = TOLD_BY.into_iter();
            let sees = |kind| !narrow || viewer.scope().sees_section(&machine.labels, kind);
            if sections.any(|kind| kept.is_cut(machine.id, kind) && sees(kind)) {
                cut.push(Arc::clone(machine));
            }
            // Hardly any machine has it: their lines are not even taken apart.
            if !wanted.may_be_in(kept.all_traits(machine.id)) {
                continue;
            }
            for (kind, text) in kept.traits(machine.id) {
                if !wanted.is_in(kind, text) || !sees(kind.section()) {
                    continue;
                }
                let place = (kind, text.to_owned());
                if found.len() < MOST || found.contains_key(&place) {
                    found.entry(place).or_default().push(Arc::clone(machine));
                } else {
                    is_more = true;
                }
            }
        }
        let hits = found.into_iter();
        Ok(Hits {
            hits: hits
                .map(|((kind, text), machines)| Hit {
                    kind,
                    text,
                    machines,
                })
                .collect(),
            is_more,
            unread,
            cut,
        })
    }
}

/// What is searched for.
struct Text {
    /// In small letters.
    text: String,
    /// Without what people put between the digits of a hardware address, if it can be a part of one.
    plain: Option<String>,
}

impl Text {
    fn new(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        let plain: String = text.chars().filter(|c| !is_between(*c)).collect();
        let is_hex = plain.len() >= PLAIN && plain.chars().all(|c| c.is_ascii_hexdigit());
        Self {
            text,
            plain: is_hex.then_some(plain),
        }
    }

    /// Whether it may be in one of many lines.
    fn may_be_in(&self, lines: &str) -> bool {
        self.plain.is_some() || holds(lines, &self.text)
    }

    fn is_in(&self, kind: Trait, text: &str) -> bool {
        if holds(text, &self.text) {
            return true;
        }
        let (Trait::HardwareAddress, Some(plain)) = (kind, &self.plain) else {
            return false;
        };
        let text: String = text.chars().filter(|c| !is_between(*c)).collect();
        holds(&text, plain)
    }
}

fn is_between(c: char) -> bool {
    matches!(c, ':' | '-' | '.' | ' ')
}

/// Whether a text holds another one, which is in small letters, in whatever case. Hardly any text needs a copy.
pub fn holds(text: &str, wanted: &str) -> bool {
    if !text.is_ascii() || wanted.is_empty() {
        return text.to_lowercase().contains(wanted);
    }
    let (text, wanted) = (text.as_bytes(), wanted.as_bytes());
    let [small, large] = [wanted[0], wanted[0].to_ascii_uppercase()];
    let mut starts = memchr::memchr2_iter(small, large, text);
    starts.any(|start| {
        let place = text.get(start..start + wanted.len());
        place.is_some_and(|place| place.eq_ignore_ascii_case(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_in_any_case_and_script() {
        for (wanted, text, found) in [
            ("PC-0042", "pc-0042", true),
            ("front", "The FRONT desk", true),
            ("müller", "MÜLLER-PC", true),
            ("k", "\u{212a}elvin", true),
            ("frontdesk", "front desk", false),
            ("longer than it", "short", false),
        ] {
            assert_eq!(
                holds(text, &wanted.to_lowercase()),
                found,
                "{wanted} in {text}"
            );
        }
    }

    #[test]
    fn a_hardware_address_is_found_however_it_is_written() {
        let mac = "00:1a:2B:3c:4d:5e";
        for wanted in ["1a:2b", "001A2B3C", "00-1A-2B", "1a2b.3c4d", "001a2b3c4d5e"] {
            assert!(
                Text::new(wanted).is_in(Trait::HardwareAddress, mac),
                "{wanted}"
            );
        }
        assert!(!Text::new("2b4d").is_in(Trait::HardwareAddress, mac));
        assert!(!Text::new("10.01").is_in(Trait::Address, "1001"));
    }
}
