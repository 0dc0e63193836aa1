//! Accounts of the computer itself, and its administrators: members of the group S-1-5-32-544, whatever it is
//! called, and of groups that amount to it. No directory is asked or walked.

mod account;
mod groups;
mod keys;
mod privilege;
mod settings;
mod sid;
#[cfg(test)]
mod tests;

use freehold_proto::{limits, v1::Accounts};

use crate::probe::{section::Diagnostics, windows::Machine};

use groups::Groups;
use settings::Settings;

#[cfg(windows)]
use crate::probe::{Root, windows::live::Live};

/// Collects the section.
#[cfg(windows)]
pub(crate) fn collect(root: &Root) -> Accounts {
    if !root.is_live() {
        return super::unsupported::collect(root);
    }
    read(&Live)
}

/// Reads the section.
pub(in crate::probe) fn read(machine: &dyn Machine) -> Accounts {
    let mut diagnostics = Diagnostics::new();
    let settings = Settings::read(machine, &mut diagnostics);
    let listed = account::list(machine, &settings, &mut diagnostics);
    let groups = Groups::read(machine, &mut diagnostics);
    let any_source_read = listed.is_some() || groups.any_read();

    let mut accounts = listed.unwrap_or_default();
    let mut privileges = privilege::list(&groups, &accounts, &settings);
    for privilege in &mut privileges {
        privilege::fit(privilege, &mut diagnostics);
    }
    let mut authorized_keys = keys::read(machine, &groups, &mut diagnostics);
    let mut items = groups.items(&mut diagnostics);

    let mut left = limits::SECTION_ITEMS;
    keep(&mut accounts, "accounts", &mut left, &mut diagnostics);
    keep(&mut privileges, "privileges", &mut left, &mut diagnostics);
    keep(&mut authorized_keys, "keys", &mut left, &mut diagnostics);
    keep(&mut items, "groups", &mut left, &mut diagnostics);
    Accounts {
        status: diagnostics.status(any_source_read).into(),
        diagnostics: diagnostics.finish(),
        accounts,
        groups: items,
        privileges,
        authorized_keys,
    }
}

fn keep<T>(items: &mut Vec<T>, what: &str, left: &mut usize, diagnostics: &mut Diagnostics) {
    diagnostics.limit("accounts", what, items, *left);
    *left -= items.len();
}
