//! People and their rights.

use std::{collections::BTreeSet, time::Duration};

use freehold_proto::v1::{
    Accounts,
    accounts::{
        Account, Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::{Kind, Status},
    system::ChassisKind,
    toggle::State,
};

use super::super::{Found, Look, Value, Verdict, look::state_word};
use crate::{clock::UnixMillis, store::record::MachineState};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a new administrator is spoken of as new.
const NEW: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What the rule for new administrators notes besides their names: that it has looked before. No name begins
/// with a space.
const WATCHED: &str = " watched";

/// Nobody can tell who all the administrators are.
pub(super) fn unknown(look: &Look<'_>) -> Verdict {
    if look.machine.state != MachineState::Active || look.seen.is_none() {
        return Verdict::fine();
    }
    let told = &look.facts.accounts;
    Verdict::when(!told.is_whole(), || {
        let why = match told.status() {
            Status::Unspecified => "never reported",
            Status::Unsupported => "cannot be read on this system",
            Status::Unreadable => "no source could be read",
            Status::Partial | Status::Complete => "not every source could be read",
        };
        Found::here().because(Kind::Accounts, "What was read of it", why, "")
    })
}

/// Reasons that give full control to somebody: not to a group, whose members have reasons of their own.
fn reasons(section: &Accounts) -> impl Iterator<Item = &Privilege> {
    section.privileges.iter().filter(|privilege| {
        privilege.full_control() == State::On
            && privilege.principal_kind() != PrincipalKind::LocalGroup
    })
}

fn is_root(privilege: &Privilege) -> bool {
    privilege.principal_id == "0"
        || privilege.principal_id.ends_with("-500")
        || privilege.principal == "root"
}

/// The machine's people who have full control, by name.
pub(super) fn people(section: &Accounts) -> BTreeSet<&str> {
    reasons(section)
        .filter(|privilege| !is_root(privilege))
        .map(|privilege| privilege.principal.as_str())
        .collect()
}

fn account<'a>(section: &'a Accounts, name: &str) -> Option<&'a Account> {
    section.accounts.iter().find(|account| account.name == name)
}

/// Adds the reasons why a principal has full control.
pub(super) fn because(found: Found, section: &Accounts, name: &str) -> Found {
    reasons(section)
        .filter(|privilege| privilege.principal == name)
        .take(3)
        .fold(found, |found, privilege| {
            let way = match privilege.path.join(", ") {
                path if path.is_empty() => "directly".to_owned(),
                path => path,
            };
            let fact = format!("{name} has full control through");
            let source = match privilege.line {
                Some(line) => format!("{}:{line}", privilege.source),
                None => privilege.source.clone(),
            };
            found.because(Kind::Accounts, &fact, &way, &source)
        })
}

/// Somebody has become an administrator since the first complete look.
pub(super) fn new_administrator(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let is_whole = look.facts.accounts.is_whole();
    let watched = look.since(WATCHED);
    if watched.is_none() && !is_whole {
        // What could not be read may hold others, who would then seem new.
        return Verdict::unknown();
    }
    let began = watched.unwrap_or(look.now);
    let principals: BTreeSet<&str> = reasons(section)
        .map(|privilege| privilege.principal.as_str())
        .collect();
    let new = principals.iter().filter_map(|name| {
        let since = look.since(name).unwrap_or(look.now);
        let is_new = since > began && look.now.since(since) < NEW;
        is_new.then(|| {
            let found = Found::about(name)
                .name("account", name)
                .with("day", Value::Day(since));
            because(found, section, name)
        })
    });
    let verdict = Verdict::seen(new, is_whole).mark(WATCHED);
    principals
        .iter()
        .fold(verdict, |verdict, name| verdict.mark(*name))
}

/// Somebody works every day with an account that can change everything.
pub(super) fn everyday(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let chassis = look
        .facts
        .system
        .read()
        .map(freehold_proto::v1::System::chassis);
    if !matches!(
        chassis,
        Some(ChassisKind::Desktop | ChassisKind::Laptop | ChassisKind::Tablet)
    ) {
        return Verdict::seen([], chassis.is_some());
    }
    let people = people(section);
    let here: BTreeSet<&str> = look
        .readings
        .sessions
        .iter()
        .map(|session| session.account.as_str())
        .collect();
    let is_new_day = |since: UnixMillis| look.now.since(since) >= DAY;
    let everyday = people.iter().filter(|name| {
        let back = here.contains(**name) && look.since(name).is_some_and(is_new_day);
        back || look.is_open(name)
    });
    let found = everyday.map(|name| {
        let found = Found::about(name).name("account", name);
        because(found, section, name)
    });
    let verdict = Verdict::seen(found, look.facts.accounts.is_whole());
    let seen = people
        .iter()
        .filter(|name| here.contains(**name) || look.since(name).is_some());
    seen.fold(verdict, |verdict, name| verdict.mark(*name))
}

/// Somebody may do everything without giving a password.
pub(super) fn without_password(look: &Look<'_>) -> Verdict {
    of_reasons(look, |privilege| {
        matches!(
            privilege.mechanism(),
            Mechanism::Sudo | Mechanism::Doas | Mechanism::Su
        ) && !is_root(privilege)
            && privilege
                .conditions
                .iter()
                .any(|condition| condition == "without password")
    })
}

/// Somebody is in a group that amounts to full control, and not an administrator in name.
pub(super) fn root_equivalent(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let in_name: BTreeSet<&str> = reasons(section)
        .filter(|privilege| privilege.mechanism() != Mechanism::RootEquivalentGroup)
        .map(|privilege| privilege.principal.as_str())
        .collect();
    of_reasons(look, |privilege| {
        let name = privilege.principal.as_str();
        let built_in = account(section, name).is_some_and(|it| it.built_in() == State::On);
        privilege.mechanism() == Mechanism::RootEquivalentGroup
            && !built_in
            && !in_name.contains(name)
    })
}

/// One finding that names everybody to whom such a reason applies.
fn of_reasons(look: &Look<'_>, is_it: impl Fn(&Privilege) -> bool) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let matching: Vec<&Privilege> = reasons(section)
        .filter(|privilege| is_it(privilege))
        .collect();
    let names: BTreeSet<&str> = matching
        .iter()
        .map(|privilege| privilege.principal.as_str())
        .collect();
    let found = (!names.is_empty()).then(|| {
        let found = Found::here().names("names", names.iter().copied());
        names
            .iter()
            .fold(found, |found, name| because(found, section, name))
    });
    Verdict::seen(found, look.facts.accounts.is_whole())
}

/// An administrator's account may be opened without a password.
pub(super) fn blank_password(look: &Look<'_>) -> Verdict {
    of_accounts(look, |account| {
        account.password_required() == State::Off
            && account.password_set() != State::On
            && account.locked() != State::On
            && account.enabled() == State::On
    })
}

/// An administrator's password stays good for ever, on a system where that is a choice.
pub(super) fn never_expires(look: &Look<'_>) -> Verdict {
    let Some(system) = look.facts.system.read() else {
        return Verdict::unknown();
    };
    let is_windows = system
        .operating_system
        .as_ref()
        .is_some_and(|os| os.id == "windows");
    if !is_windows {
        return Verdict::fine();
    }
    of_accounts(look, |account| {
        account.password_never_expires() == State::On
            && account.enabled() == State::On
            && account.managed_by.is_empty()
    })
}

/// One finding that names every administrator whose account is such.
fn of_accounts(look: &Look<'_>, is_it: impl Fn(&Account) -> bool) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let administrators: BTreeSet<&str> = reasons(section)
        .map(|privilege| privilege.principal.as_str())
        .collect();
    let matching: Vec<&Account> = section
        .accounts
        .iter()
        .filter(|account| administrators.contains(account.name.as_str()) && is_it(account))
        .collect();
    let found = (!matching.is_empty()).then(|| {
        let names = matching.iter().map(|account| account.name.as_str());
        let found = Found::here().names("names", names);
        matching.iter().fold(found, |found, account| {
            let (name, source) = (&account.name, &account.source);
            let required = state_word(account.password_required());
            let expires = state_word(account.password_never_expires());
            found
                .because(
                    Kind::Accounts,
                    &format!("{name}: a password is required"),
                    required,
                    source,
                )
                .because(
                    Kind::Accounts,
                    &format!("{name}: the password never expires"),
                    expires,
                    source,
                )
        })
    });
    Verdict::seen(found, look.facts.accounts.is_whole())
}

/// Nobody but the system's own account can administer the machine.
pub(super) fn nobody_else(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    if !people(section).is_empty() {
        return Verdict::fine();
    }
    if !look.facts.accounts.is_whole() {
        return Verdict::unknown();
    }
    let own: BTreeSet<&str> = reasons(section)
        .map(|privilege| privilege.principal.as_str())
        .collect();
    Verdict::when(!own.is_empty(), || {
        let found = Found::here().names("names", own.iter().copied());
        own.iter()
            .fold(found, |found, name| because(found, section, name))
    })
}

/// Who can administer the computer that keeps this record can take the record over.
pub(super) fn record_takeover(look: &Look<'_>) -> Verdict {
    let (Some(system), Some(section)) = (look.facts.system.read(), look.facts.accounts.read())
    else {
        return Verdict::unknown();
    };
    let home = &look.business.home;
    if home.is_empty() || system.machine_id.is_empty() {
        return Verdict::unknown();
    }
    if system.machine_id != *home {
        return Verdict::fine();
    }
    let names: BTreeSet<&str> = reasons(section)
        .map(|privilege| privilege.principal.as_str())
        .collect();
    let found = (!names.is_empty()).then(|| {
        let found = Found::here()
            .names("names", names.iter().copied())
            .number("count", names.len());
        names
            .iter()
            .fold(found, |found, name| because(found, section, name))
    });
    Verdict::seen(found, look.facts.accounts.is_whole())
}

#[cfg(test)]
mod tests;
