//! Encryption, firewall, updates, backups and ways in.

use std::time::Duration;

use freehold_proto::v1::{
    Protection,
    protection::{BackupProduct, Firewall, RemoteAccess, VolumeEncryption},
    section::Kind,
    system::ChassisKind,
    toggle::State,
};

use super::{Condition, DAY, day, extent, hardware::mount, state};
use crate::{
    clock::UnixMillis,
    demo::catalogue::{Backup, Quirk, Updates},
};

/// When the nightly backup has run.
const NIGHT: Duration = Duration::from_secs(60 * 60);

pub(super) fn of(condition: &Condition, at: UnixMillis) -> Protection {
    let (status, diagnostics) = extent(condition, Kind::Protection, "protection");
    let is_laptop = condition.computer.chassis == ChassisKind::Laptop;
    Protection {
        status: status.into(),
        diagnostics,
        volume_encryption: vec![VolumeEncryption {
            mount: mount(condition).into(),
            encrypted: state(is_laptop && !condition.has(Quirk::Unencrypted)).into(),
            source: if condition.is_windows() {
                "Win32_EncryptableVolume"
            } else {
                "/sys/class/block"
            }
            .into(),
            ..VolumeEncryption::default()
        }],
        firewalls: firewalls(condition),
        secure_boot: State::On.into(),
        updates: Some(updates(condition, at)),
        screen_lock: state(!condition.has(Quirk::StaysOpen)).into(),
        remote_desktop: State::Off.into(),
        backup_products: backup(condition, at).into_iter().collect(),
        remote_access: ways_in(condition),
    }
}

fn firewalls(condition: &Condition) -> Vec<Firewall> {
    let names: &[&str] = if condition.is_windows() {
        &[
            "Windows Firewall (domain)",
            "Windows Firewall (private)",
            "Windows Firewall (public)",
        ]
    } else {
        &["nftables"]
    };
    let firewall = |name: &&str| Firewall {
        name: (*name).into(),
        enabled: state(condition.firewall).into(),
        source: "firewall".into(),
        inbound: if condition.firewall { "drop" } else { "" }.into(),
    };
    names.iter().map(firewall).collect()
}

fn updates(condition: &Condition, at: UnixMillis) -> freehold_proto::v1::protection::Updates {
    let lately = day(at);
    let (automatic, succeeded, missing) = match condition.updates {
        Updates::Automatic => (State::On, lately, 0),
        Updates::Off => (State::Off, lately, 0),
        Updates::Failing(days) => (State::On, lately.minus(DAY * days), 0),
        Updates::Missing(count) => (State::On, lately, count),
    };
    let (product, source) = if condition.is_windows() {
        ("Windows Update", "Windows Update")
    } else {
        ("unattended-upgrades", "/var/lib/apt")
    };
    freehold_proto::v1::protection::Updates {
        automatic: automatic.into(),
        last_success_at: Some(succeeded.timestamp()),
        last_check_at: Some(succeeded.timestamp()),
        pending_security: Some(missing),
        product: product.into(),
        source: source.into(),
        ..Default::default()
    }
}

fn backup(condition: &Condition, at: UnixMillis) -> Option<BackupProduct> {
    let (name, succeeded) = match condition.backup? {
        Backup::Nightly(name) => (name, day(at).plus(NIGHT).min(at)),
        Backup::Stopped(name) => (name, condition.backed_up_at?),
    };
    Some(BackupProduct {
        name: name.into(),
        last_success_at: Some(succeeded.timestamp()),
        source: "event log".into(),
        scheduled: State::On.into(),
    })
}

fn ways_in(condition: &Condition) -> Vec<RemoteAccess> {
    if condition.is_windows() {
        return Vec::new();
    }
    vec![RemoteAccess {
        name: "OpenSSH".into(),
        enabled: State::On.into(),
        password_sign_in: State::Off.into(),
        root_password_sign_in: state(condition.has(Quirk::RootByPassword)).into(),
        services: vec!["ssh.service".into()],
        source: "/etc/ssh/sshd_config".into(),
        ..RemoteAccess::default()
    }]
}
