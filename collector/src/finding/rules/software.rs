//! Installed programs, compared with those of the other computers.

use std::collections::BTreeSet;

use freehold_proto::v1::{
    section::Kind,
    software::{
        Package,
        package::{Source, State},
    },
};

use super::super::{Found, Look, Verdict};
use crate::store::record::MachineState;

/// Programs of which it is said where they were read.
const SHOWN: usize = 5;

/// Programs that no other computer has.
pub(super) fn only_here(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.software.read() else {
        return Verdict::unknown();
    };
    if look.machine.state != MachineState::Active {
        return Verdict::fine();
    }
    let Some(lonely) = &look.business.lonely else {
        return Verdict::unknown();
    };
    let alone = section
        .packages
        .iter()
        .filter(|package| is_of_choice(package) && lonely.contains(package.name.as_str()));
    let alone: BTreeSet<(&str, &str)> = alone
        .map(|package| (shown(package), package.version.as_str()))
        .collect();
    let names: BTreeSet<&str> = alone.iter().map(|(name, _)| *name).collect();
    let found = (!names.is_empty()).then(|| {
        let found = Found::here()
            .names("names", names.iter().copied())
            .number("count", names.len());
        alone
            .iter()
            .take(SHOWN)
            .fold(found, |found, (name, version)| {
                found.because(Kind::Software, name, version, "")
            })
    });
    Verdict::seen(found, look.facts.software.is_whole())
}

/// Somebody chose to install it: it is no part of the system, and none of the thousands that Linux brings along.
fn is_of_choice(package: &Package) -> bool {
    let comes_along = matches!(
        package.source(),
        Source::Dpkg | Source::Rpm | Source::Apk | Source::Pacman | Source::Hotfix
    );
    !comes_along && !package.system_component && package.state() != State::ConfigFiles
}

fn shown(package: &Package) -> &str {
    match package.title.as_str() {
        "" => &package.name,
        title => title,
    }
}

#[cfg(test)]
mod tests;
