//! Encryption, firewall, updates, backup, ways in.

use std::time::Duration;

use freehold_proto::v1::{
    Protection,
    protection::{Firewall, VolumeEncryption},
    section::Kind,
    system::ChassisKind,
    toggle::State,
};

use super::super::{
    Found, Look, Value, Verdict,
    look::{state_word, time},
};
use crate::store::record::FindingSeverity;

/// How long missing security updates are left to arrive by themselves, and when they become urgent.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const URGENT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long updates or the search for them may not have succeeded.
const STALE: Duration = Duration::from_secs(45 * 24 * 60 * 60);

/// How old the last backup may be, and when that becomes urgent.
const BACKUP: Duration = Duration::from_secs(8 * 24 * 60 * 60);
const BACKUP_URGENT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn chassis(look: &Look<'_>) -> Option<ChassisKind> {
    look.facts
        .system
        .read()
        .map(freehold_proto::v1::System::chassis)
}

fn is_portable(chassis: ChassisKind) -> bool {
    matches!(chassis, ChassisKind::Laptop | ChassisKind::Tablet)
}

/// A portable computer that anybody who takes it can read.
pub(super) fn encryption(look: &Look<'_>) -> Verdict {
    let (Some(section), Some(chassis)) = (look.facts.protection.read(), chassis(look)) else {
        return Verdict::unknown();
    };
    if !is_portable(chassis) {
        return Verdict::seen([], chassis != ChassisKind::Unspecified);
    }
    let open: Vec<&VolumeEncryption> = section
        .volume_encryption
        .iter()
        .filter(|volume| volume.encrypted() == State::Off && !is_for_starting(&volume.mount))
        .collect();
    let is_known = section
        .volume_encryption
        .iter()
        .all(|volume| volume.encrypted() != State::Unknown);
    let found = (!open.is_empty()).then(|| {
        let found = Found::here().names("names", open.iter().map(|volume| volume.mount.as_str()));
        open.iter().fold(found, |found, volume| {
            let fact = format!("{} is encrypted", volume.mount);
            found.because(Kind::Protection, &fact, "no", &volume.source)
        })
    });
    let is_told = is_known && !section.volume_encryption.is_empty();
    Verdict::seen(found, is_told && look.facts.protection.is_whole())
}

/// Parts that must be readable for the computer to start hold nothing of anybody.
fn is_for_starting(mount: &str) -> bool {
    mount == "/boot" || mount.starts_with("/boot/") || mount == "/efi"
}

/// Nothing turns away what comes from outside.
pub(super) fn firewall(look: &Look<'_>) -> Verdict {
    let (Some(section), Some(system)) = (look.facts.protection.read(), look.facts.system.read())
    else {
        return Verdict::unknown();
    };
    let is_windows = system
        .operating_system
        .as_ref()
        .is_some_and(|os| os.id == "windows");
    let of = |state: State| -> Vec<&Firewall> {
        let all = section.firewalls.iter();
        all.filter(|firewall| firewall.enabled() == state).collect()
    };
    let (on, off, unknown) = (of(State::On), of(State::Off), of(State::Unknown));
    // Windows has one for each kind of network: each of them counts, unless another product is on.
    let others = on
        .iter()
        .any(|firewall| !firewall.name.starts_with("Windows"));
    let is_bad = if is_windows {
        !off.is_empty() && !others
    } else {
        on.is_empty() && unknown.is_empty() && !off.is_empty()
    };
    let found = is_bad.then(|| {
        let found = Found::here().names("names", off.iter().map(|it| it.name.as_str()));
        off.iter().fold(found, |found, firewall| {
            let fact = format!("{} filters", firewall.name);
            found.because(Kind::Protection, &fact, "no", &firewall.source)
        })
    });
    let is_told = unknown.is_empty() && !section.firewalls.is_empty();
    Verdict::seen(found, is_told || (!is_windows && !on.is_empty()))
}

/// Updates are installed only when somebody does it.
pub(super) fn updates_off(look: &Look<'_>) -> Verdict {
    let Some(updates) = look
        .facts
        .protection
        .read()
        .and_then(|it| it.updates.as_ref())
    else {
        return Verdict::unknown();
    };
    match updates.automatic() {
        State::On => Verdict::fine(),
        State::Off => {
            let found = Found::here().because(
                Kind::Protection,
                "Updates are installed by themselves",
                state_word(updates.automatic()),
                &updates.source,
            );
            Verdict::of([if updates.problem.is_empty() {
                found
            } else {
                found.because(
                    Kind::Protection,
                    "Why not",
                    &updates.problem,
                    &updates.source,
                )
            }])
        }
        State::Unknown | State::Unspecified => Verdict::unknown(),
    }
}

/// Updates are meant to come by themselves, but did not for long.
pub(super) fn updates_failing(look: &Look<'_>) -> Verdict {
    let Some(updates) = look
        .facts
        .protection
        .read()
        .and_then(|it| it.updates.as_ref())
    else {
        return Verdict::unknown();
    };
    if updates.automatic() != State::On {
        return Verdict::seen([], updates.automatic() == State::Off);
    }
    let moments = [
        ("Last successful update", updates.last_success_at.as_ref()),
        ("Last search for updates", updates.last_check_at.as_ref()),
    ];
    let known: Vec<_> = moments
        .iter()
        .filter_map(|(fact, at)| Some((*fact, time((*at)?))))
        .collect();
    let Some((fact, at)) = known.iter().max_by_key(|(_, at)| *at) else {
        return Verdict::unknown();
    };
    Verdict::when(look.now.since(*at) >= STALE, || {
        Found::here().with("day", Value::Day(*at)).because(
            Kind::Protection,
            fact,
            &at.to_string(),
            &updates.source,
        )
    })
}

/// Security updates are missing for longer than they need to arrive.
pub(super) fn updates_pending(look: &Look<'_>) -> Verdict {
    const MISSING: &str = "missing";
    let updates = look
        .facts
        .protection
        .read()
        .and_then(|it| it.updates.as_ref());
    let Some((updates, missing)) = updates.and_then(|it| Some((it, it.pending_security?))) else {
        return Verdict::unknown();
    };
    if missing == 0 {
        return Verdict::fine();
    }
    let since = look.since(MISSING).unwrap_or(look.now);
    let waited = look.now.since(since);
    let found = (waited >= PATIENCE).then(|| {
        let severity = if waited >= URGENT {
            FindingSeverity::ActNow
        } else {
            FindingSeverity::Plan
        };
        Found::here()
            .severity(severity)
            .with("day", Value::Day(since))
            .because(
                Kind::Protection,
                "Security updates missing",
                &missing.to_string(),
                &updates.source,
            )
    });
    Verdict::of(found).mark(MISSING)
}

/// Whether others rely on the machine; `None` when that cannot be told.
fn is_server(look: &Look<'_>) -> Option<bool> {
    if chassis(look) == Some(ChassisKind::Server) {
        return Some(true);
    }
    let services = look.facts.services.read()?;
    let serves = services
        .databases
        .iter()
        .any(|database| database.running() == State::On)
        || services.roles.iter().any(|role| {
            ["file server", "directory", "mail server", "database"]
                .iter()
                .any(|kind| role.kind.contains(kind))
        });
    (serves || look.facts.services.is_whole()).then_some(serves)
}

/// Others rely on it, and nothing that makes backups was recognised.
pub(super) fn no_backup(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.protection.read() else {
        return Verdict::unknown();
    };
    match is_server(look) {
        None => Verdict::unknown(),
        Some(false) => Verdict::fine(),
        Some(true) if !section.backup_products.is_empty() => Verdict::fine(),
        Some(true) if !look.facts.protection.is_whole() => Verdict::unknown(),
        Some(true) => Verdict::of([Found::here().because(
            Kind::Protection,
            "Backup programs recognised",
            "none, and every place was read",
            "",
        )]),
    }
}

/// A backup program has not succeeded for long.
pub(super) fn old_backup(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.protection.read() else {
        return Verdict::unknown();
    };
    let told: Vec<_> = section
        .backup_products
        .iter()
        .filter_map(|product| Some((product, time(product.last_success_at.as_ref()?))))
        .collect();
    // The one that succeeded last speaks for the machine.
    let Some((product, at)) = told.iter().max_by_key(|(_, at)| *at) else {
        return Verdict::unknown();
    };
    let age = look.now.since(*at);
    Verdict::when(age >= BACKUP, || {
        let severity = if age >= BACKUP_URGENT {
            FindingSeverity::ActNow
        } else {
            FindingSeverity::Plan
        };
        Found::here()
            .severity(severity)
            .name("product", &product.name)
            .with("day", Value::Day(*at))
            .because(
                Kind::Protection,
                "Last success",
                &at.to_string(),
                &product.source,
            )
    })
}

/// root can sign in from elsewhere with a password that can be guessed.
pub(super) fn root_by_password(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.protection.read() else {
        return Verdict::unknown();
    };
    let open = section
        .remote_access
        .iter()
        .filter(|item| item.enabled() != State::Off && item.root_password_sign_in() == State::On);
    let is_read = is_read(section);
    let found = open.map(|item| {
        Found::about(&item.name).name("tool", &item.name).because(
            Kind::Protection,
            "root can sign in with a password",
            "yes",
            &item.source,
        )
    });
    Verdict::seen(found, is_read && look.facts.protection.is_whole())
}

fn is_read(section: &Protection) -> bool {
    let mut items = section.remote_access.iter();
    items.all(|item| item.root_password_sign_in() != State::Unknown)
}

/// A portable computer that stays open when somebody walks away.
pub(super) fn screen_lock(look: &Look<'_>) -> Verdict {
    let (Some(section), Some(chassis)) = (look.facts.protection.read(), chassis(look)) else {
        return Verdict::unknown();
    };
    if !is_portable(chassis) {
        return Verdict::seen([], chassis != ChassisKind::Unspecified);
    }
    match section.screen_lock() {
        State::On => Verdict::fine(),
        State::Off => Verdict::of([Found::here().because(
            Kind::Protection,
            "The screen locks by itself",
            "no",
            "",
        )]),
        State::Unknown | State::Unspecified => Verdict::unknown(),
    }
}

/// A desk-bound or portable computer holds a database of others.
pub(super) fn database(look: &Look<'_>) -> Verdict {
    let (Some(section), Some(chassis)) = (look.facts.services.read(), chassis(look)) else {
        return Verdict::unknown();
    };
    let is_workstation = is_portable(chassis) || chassis == ChassisKind::Desktop;
    if !is_workstation {
        return Verdict::seen([], chassis != ChassisKind::Unspecified);
    }
    let found = section
        .databases
        .iter()
        .filter(|database| database.running() != State::Off)
        .map(|database| {
            let name = match database.instance.as_str() {
                "" => database.product.clone(),
                instance => format!("{} ({instance})", database.product),
            };
            let path = &database.data_path;
            Found::about(&name)
                .name("product", &name)
                .because(
                    Kind::Services,
                    "Database",
                    &database.version,
                    &database.source,
                )
                .because(Kind::Services, "Folder of its data", path, &database.source)
        });
    Verdict::seen(found, look.facts.services.is_whole())
}

#[cfg(test)]
mod tests;
