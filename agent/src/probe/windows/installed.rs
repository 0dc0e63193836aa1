//! Programs that say how to uninstall them: name and version, for whoever recognises a product by them.

use super::{Machine, matches_any, unread};
use crate::{probe::section::Diagnostics, rows::Unread};

/// Where 64-bit and 32-bit programs stand.
const PLACES: [&str; 2] = [
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall",
];

/// Most programs that are looked at in each place.
const PROGRAMS: usize = 20_000;

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
            match machine.keys(place) {
                Ok(names) => programs.take_in(machine, place, &names, missing, diagnostics),
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

    fn take_in(
        &mut self,
        machine: &dyn Machine,
        place: &str,
        names: &[String],
        missing: &str,
        diagnostics: &mut Diagnostics,
    ) {
        if names.len() > PROGRAMS {
            self.complete = false;
            let reason = format!("holds more than {PROGRAMS} programs, so {missing} missing");
            diagnostics.note(place, "", reason);
        }
        for name in names.iter().take(PROGRAMS) {
            let path = format!(r"{place}\{name}");
            match machine.key(&path) {
                Ok(row) if row.text("DisplayName").is_empty() => {}
                Ok(row) => self.all.push(Program {
                    name: row.text("DisplayName").to_owned(),
                    version: row.text("DisplayVersion").to_owned(),
                }),
                // It was uninstalled in the meantime.
                Err(Unread::Absent) => {}
                Err(why) => {
                    self.complete = false;
                    unread(path, &why, missing, diagnostics);
                }
            }
        }
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
                [("DisplayName", "ESET Endpoint Security"), ("DisplayVersion", "10.1.2046.0")],
            )
            .key(&format!(r"{}\B", PLACES[1]), [("DisplayName", "Übersicht 会計")])
            .broken_key(&format!(r"{}\C", PLACES[1]), Unread::Denied);
        let mut diagnostics = Diagnostics::new();
        let programs = Programs::read(&machine, "it is", &mut diagnostics);
        assert_eq!(programs.find(&["eset endpoint*"]).unwrap().version, "10.1.2046.0");
        assert!(programs.find(&["übersicht*"]).is_some());
        assert!(!programs.complete);
        assert_eq!(diagnostics.finish().len(), 1);
    }
}
