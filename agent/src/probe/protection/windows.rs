//! What protects the computer, from the registry, WMI and the service manager. A policy counts before what was
//! set on the computer itself.

mod encryption;
mod firewall;
mod programs;
mod remote;
#[cfg(test)]
mod tests;
mod updates;

use freehold_proto::v1::{
    Protection,
    protection::{BackupProduct, RemoteAccess},
    toggle::State,
};

use crate::probe::{
    section::Diagnostics,
    windows::{
        Machine, Source, installed::Programs, optional_key, services::Services, state, unread,
    },
};

#[cfg(windows)]
use crate::probe::{Root, windows::live::Live};

const POLICIES: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System";
const SECURE_BOOT: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\SecureBoot\State";
const CONTROL: &str = r"HKLM\SYSTEM\CurrentControlSet\Control";

/// Collects the section.
#[cfg(windows)]
pub(crate) fn collect(root: &Root) -> Protection {
    if !root.is_live() {
        return super::unsupported::collect(root);
    }
    read(&Live)
}

/// What programs are looked for in.
struct Scene<'a> {
    machine: &'a dyn Machine,
    /// Absent when they could not be listed.
    services: Option<Services>,
    programs: Programs,
}

/// Reads the section.
pub(in crate::probe) fn read(machine: &dyn Machine) -> Protection {
    let mut diagnostics = Diagnostics::new();
    let scene = Scene::read(machine, &mut diagnostics);
    let volume_encryption = encryption::read(machine, &mut diagnostics);
    let firewalls = firewall::read(&scene, &mut diagnostics);
    let secure_boot = secure_boot(machine, &mut diagnostics);
    let updates = updates::read(&scene, &mut diagnostics);
    let screen_lock = screen_lock(machine, &mut diagnostics);
    let remote_access = remote_access(&scene, &mut diagnostics);
    let backup_products = backup(&scene);
    let any_source_read =
        scene.services.is_some() || !volume_encryption.is_empty() || secure_boot != State::Unknown;
    Protection {
        status: diagnostics.status(any_source_read).into(),
        diagnostics: diagnostics.finish(),
        volume_encryption,
        firewalls,
        secure_boot: secure_boot.into(),
        updates: Some(updates),
        screen_lock: screen_lock.into(),
        remote_desktop: remote::desktop(&remote_access, &scene).into(),
        backup_products,
        remote_access,
    }
}

impl<'a> Scene<'a> {
    fn read(machine: &'a dyn Machine, diagnostics: &mut Diagnostics) -> Self {
        let services = Services::read(machine)
            .inspect_err(|why| {
                let missing = "which programs for backup and remote access run is";
                unread(Source::Services, why, missing, diagnostics);
            })
            .ok();
        let missing = "some programs for backup and remote access are";
        Self {
            machine,
            services,
            programs: Programs::read(machine, missing, diagnostics),
        }
    }
}

/// Whether the computer started with Secure Boot. Firmware of the old kind has none.
fn secure_boot(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> State {
    const MISSING: &str = "whether it started with Secure Boot is";
    const BIOS: u32 = 1;
    let Some(key) = optional_key(machine, SECURE_BOOT, MISSING, diagnostics) else {
        return State::Unknown;
    };
    if let Some(on) = key.flag("UEFISecureBootEnabled") {
        return state(Some(on));
    }
    let Some(control) = optional_key(machine, CONTROL, MISSING, diagnostics) else {
        return State::Unknown;
    };
    if control.number("PEFirmwareType") == Some(BIOS) {
        return State::Off;
    }
    let reason = format_args!("holds no UEFISecureBootEnabled, so {MISSING} missing");
    diagnostics.note(SECURE_BOOT, "", reason);
    State::Unknown
}

/// Whether the screen locks by itself, as far as the computer and not each person decides it.
fn screen_lock(machine: &dyn Machine, diagnostics: &mut Diagnostics) -> State {
    let missing = "whether the screen locks by itself is";
    let Some(key) = optional_key(machine, POLICIES, missing, diagnostics) else {
        return State::Unknown;
    };
    if key
        .number::<u32>("InactivityTimeoutSecs")
        .is_some_and(|seconds| seconds > 0)
    {
        return State::On;
    }
    let reason = "each person decides when the screen locks, which is not read";
    diagnostics.remark("screen lock", "", reason);
    State::Unknown
}

fn remote_access(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Vec<RemoteAccess> {
    let mut items: Vec<_> = programs::REMOTE
        .iter()
        .filter_map(|program| remote::program(scene, program))
        .collect();
    items.extend(remote::remote_desktop(scene, diagnostics));
    items.sort_by(|a, b| a.name.cmp(&b.name));
    items
}

/// The backup programs that are there, ordered by name.
fn backup(scene: &Scene<'_>) -> Vec<BackupProduct> {
    let products = programs::BACKUP.iter().filter_map(|program| {
        let found = programs::find(scene, program)?;
        let scheduled = found.enabled || found.runs == Some(true);
        Some(BackupProduct {
            name: program.name.into(),
            last_success_at: None,
            source: found.source,
            scheduled: if scheduled { State::On } else { State::Unknown }.into(),
        })
    });
    products.collect()
}
