//! What the gate answers with, as it is sent.

use freehold_proto::v1::{self, computer::fact::State};

use crate::{
    access::{Administrators, Change, Fact, MachineLine, Protection, Weakness},
    control,
};

/// A computer in one line.
pub(super) fn computer(line: &MachineLine) -> v1::Computer {
    let headline = &line.headline;
    v1::Computer {
        machine: Some(control::shown_machine(line)),
        system: Some(fact(&headline.system, |system| system.name.to_string())),
        antivirus: Some(antivirus(&headline.protection)),
        administrators: Some(fact(&headline.administrators, administrators)),
    }
}

/// A change with the computer it happened on.
pub(super) fn change(change: Change) -> v1::ComputerChange {
    v1::ComputerChange {
        id: change.machine.to_string(),
        name: change.machine_name,
        change: Some(v1::Change {
            at: Some(change.at.timestamp()),
            section: change.section as u32,
            summary: change.summary,
        }),
    }
}

fn fact<T>(fact: &Fact<T>, text: impl FnOnce(&T) -> String) -> v1::computer::Fact {
    let (state, text) = match fact {
        Fact::Hidden => (State::NotShared, String::new()),
        // Everything was read before the list is made; what is read from it at once is not known yet.
        Fact::NotRead | Fact::NotReported => (State::NotReported, String::new()),
        Fact::Unreadable => (State::Unreadable, String::new()),
        Fact::Known(known) => (State::Known, text(known)),
    };
    v1::computer::Fact {
        state: state.into(),
        text,
    }
}

/// That nothing was found where not everything could be read is not known.
fn antivirus(protection: &Fact<Protection>) -> v1::computer::Fact {
    if matches!(protection, Fact::Known(Protection::Unknown)) {
        return v1::computer::Fact {
            state: State::Unreadable.into(),
            text: String::new(),
        };
    }
    fact(protection, |protection| match protection {
        Protection::Working { product } => format!("{product}: working"),
        Protection::Weak { product, weakness } => format!("{product}: {}", weak(*weakness)),
        Protection::Absent => "none".to_owned(),
        Protection::Unknown => String::new(),
    })
}

fn weak(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::MayNotWatch => "may not check files as they are opened",
        Weakness::Outdated => "signatures out of date",
        Weakness::NotWatching => "does not check files as they are opened",
        Weakness::OnDemand => "scans only when asked",
        Weakness::Passive => "passive, does not block",
        Weakness::StateUnknown => "may not be running",
        Weakness::Stopped => "not running",
    }
}

fn administrators(found: &Administrators) -> String {
    let names: Vec<&str> = found.names.iter().map(AsRef::as_ref).collect();
    let names = names.join(", ");
    match (names.is_empty(), found.complete) {
        (true, true) => "none".to_owned(),
        (true, false) => "none found, but not every source could be read".to_owned(),
        (false, true) => names,
        (false, false) => format!("{names}, perhaps others"),
    }
}
