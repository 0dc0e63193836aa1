//! Programs that say how to uninstall them: name and version, for whoever recognises a product by them.

use super::{Machine, matches_any, unread};
use crate::{
    probe::section::Diagnostics,
    rows::{Below, Unread},
};

/// Where 64-bit and 32-bit programs stand.
const PLACES: [&str; 2] = [
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
];

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) version: String,
}

/// Programs by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Programs {
    all: Vec<Program>,
    /// Everything could be read.
    pub(crate) complete: bool,
}

impl Programs {
    /// Reads the names. `missing` completes "…, so … missing".
    pub(crate) fn read(
        machine: &dyn Machine,
        missing: &str,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut programs = Self {
            all: Vec::new(),
            complete: true,
        };
        for place in PLACES {
            match machine.below(place, &["DisplayName", "DisplayVersion"]) {
                Ok(below) => programs.take_in(place, below, missing, diagnostics),
                // Systems of 32 bits, and of 64 bits without anything of 32.
                Err(Unread::Absent) => {}
                Err(why) => {
                    programs.complete = false;
                    unread(place, &why, missing, diagnostics);
                }
            }
        }
        programs
    }

    fn take_in(&mut self, place: &str, below: Below, missing: &str, diagnostics: &mut Diagnostics) {
        if below.more {
            self.complete = false;
            let reason = format!("holds more keys than are read, so {missing} missing");
            diagnostics.note(place, "", reason);
        }
        for (name, why) in below.unread {
            self.complete = false;
            unread(format_args!(r"{place}\{name}"), &why, missing, diagnostics);
        }
        let named = below
            .rows
            .iter()
            .filter(|row| !row.text("DisplayName").is_empty());
        self.all.extend(named.map(|row| Program {
            name: row.text("DisplayName").to_owned(),
            version: row.text("DisplayVersion").to_owned(),
        }));
    }

    /// A program with one of these names; one that ends in "*" stands for a beginning.
    pub(crate) fn find(&self, patterns: &[&str]) -> Option<&Program> {
        let mut all = self.all.iter();
        all.find(|program| matches_any(&program.name, patterns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::windows::fake::Fake;

    #[test]
    fn both_places_are_read_and_what_is_closed_is_said() {
        let machine = Fake::new()
            .key(
                &format!(r"{}\{{A}}", PLACES[0]),
                [
                    ("DisplayName", "ESET Endpoint Security"),
                    ("DisplayVersion", "10.1.2046.0"),
                ],
            )
            .key(
                &format!(r"{}\B", PLACES[1]),
                [("DisplayName", "Übersicht 会計")],
            )
            .broken_key(&format!(r"{}\C", PLACES[1]), Unread::Denied);
        let mut diagnostics = Diagnostics::new();
        let programs = Programs::read(&machine, "it is", &mut diagnostics);
        assert_eq!(
            programs.find(&["eset endpoint*"]).unwrap().version,
            "10.1.2046.0"
        );
        assert!(programs.find(&["übersicht*"]).is_some());
        assert!(!programs.complete);
        assert_eq!(diagnostics.finish().len(), 1);
    }
}
