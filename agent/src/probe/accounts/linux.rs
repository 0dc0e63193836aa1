//! Accounts from passwd, group and shadow; administrators by user id, groups, sudo, doas, polkit and su,
//! and by what others than root may change or use; their keys.

mod account;
mod directory;
mod doas;
mod groups;
mod keys;
mod memory;
mod openings;
mod owner;
mod people;
mod polkit;
mod privilege;
mod signed_in;
mod su;
mod sudo;
#[cfg(test)]
mod tests;

use freehold_proto::{
    limits,
    v1::{Accounts, accounts::Privilege},
};

use crate::order;
use crate::probe::{Root, deadline, section::Diagnostics};

use people::People;

/// Collects the section.
pub(crate) fn collect(root: &Root) -> Accounts {
    if root.is_live() && !deadline::is_hurried() {
        memory::collect(root, look)
    } else {
        look(root)
    }
}

fn look(root: &Root) -> Accounts {
    let mut diagnostics = Diagnostics::new();
    let has_directory = directory::of_people(root, &mut diagnostics);
    let people = People::read(root, has_directory, &mut diagnostics);
    let mut accounts = account::list(root, &people, &mut diagnostics);
    let mut privileges = privileges(root, &people, &mut diagnostics);
    let mut groups = people.group_items();
    let mut authorized_keys = keys::collect(root, &people, &privileges, &mut diagnostics);

    let mut left = limits::SECTION_ITEMS;
    keep(&mut accounts, "accounts", &mut left, &mut diagnostics);
    keep(&mut privileges, "privileges", &mut left, &mut diagnostics);
    keep(&mut authorized_keys, "keys", &mut left, &mut diagnostics);
    keep(&mut groups, "groups", &mut left, &mut diagnostics);
    Accounts {
        status: diagnostics.status(people.any_source_read()).into(),
        diagnostics: diagnostics.finish(),
        accounts,
        groups,
        privileges,
        authorized_keys,
    }
}

/// What a rule that could not be read may hide: who is an administrator, and with that whose keys are told.
const RULES: &[&str] = &["privileges", "authorized_keys"];

/// Every reason why someone can administer the machine, in canonical order.
fn privileges(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Vec<Privilege> {
    let mut privileges = groups::uid_zero(people);
    let mut of_rules = Diagnostics::hiding(RULES);
    let sudo = sudo::collect(root, people, &mut of_rules);
    let doas = doas::collect(root, people, &mut of_rules);
    let polkit = polkit::collect(root, people, &mut of_rules);
    let rules_known = sudo.complete && doas.complete && polkit.complete;
    privileges.extend(sudo.privileges);
    privileges.extend(doas.privileges);
    privileges.extend(polkit.privileges);
    privileges.extend(groups::members(people, &privileges, rules_known));
    privileges.extend(su::collect(root, people, &mut of_rules));
    diagnostics.append(of_rules);
    privileges.extend(openings::collect(root, people, diagnostics));
    for privilege in &mut privileges {
        privilege::fit(privilege, diagnostics);
    }
    order::sort_by(&mut privileges, privilege::order);
    privileges.dedup();
    privileges
}

fn keep<T>(items: &mut Vec<T>, what: &str, left: &mut usize, diagnostics: &mut Diagnostics) {
    diagnostics.limit("accounts", what, items, *left);
    *left -= items.len();
}
