//! Encryption, firewall, ways in.

use freehold_proto::v1::{
    Protection,
    protection::{Firewall, VolumeEncryption},
    section::Kind,
    system::ChassisKind,
    toggle::State,
};

use super::super::{Found, Look, Verdict};

/// Which kind of machine it is; `None` when its system could not be read.
pub(super) fn chassis(look: &Look<'_>) -> Option<ChassisKind> {
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
