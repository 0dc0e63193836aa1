use freehold_proto::v1::{
    OperatingSystem, Services, System,
    protection::{BackupProduct, RemoteAccess, Updates},
    section::Status,
    services::{Database, Role},
};

use super::*;
use crate::{
    clock::UnixMillis,
    finding::{
        Told,
        tests::{Case, DAY_MS, NOW},
    },
};

fn case(chassis: ChassisKind, section: Protection) -> Case {
    let mut case = Case::new();
    case.facts.system = Told::Section(System {
        status: Status::Complete.into(),
        chassis: chassis.into(),
        operating_system: Some(OperatingSystem {
            id: "debian".into(),
            ..OperatingSystem::default()
        }),
        ..System::default()
    });
    case.facts.protection = Told::Section(Protection {
        status: Status::Complete.into(),
        ..section
    });
    case.facts.services = Told::Section(Services {
        status: Status::Complete.into(),
        ..Services::default()
    });
    case
}

fn windows(mut case: Case) -> Case {
    if let Told::Section(section) = &mut case.facts.system {
        section.operating_system = Some(OperatingSystem {
            id: "windows".into(),
            ..OperatingSystem::default()
        });
    }
    case
}

fn days_ago(days: i64) -> Option<prost_types::Timestamp> {
    let seconds = (NOW.0 - days * DAY_MS) / 1000;
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

#[test]
fn a_portable_computer_has_to_be_encrypted() {
    let volume = |mount: &str, state: State| VolumeEncryption {
        mount: mount.into(),
        encrypted: state.into(),
        ..VolumeEncryption::default()
    };
    let with = |chassis, volumes: &[VolumeEncryption]| {
        let section = Protection {
            volume_encryption: volumes.to_vec(),
            ..Protection::default()
        };
        case(chassis, section)
    };
    let open = [volume("/", State::Off), volume("/boot/efi", State::Off)];
    let laptop = with(ChassisKind::Laptop, &open);
    assert!(laptop.fires("no-encryption"));
    assert_eq!(laptop.says("no-encryption").found[0].evidence.len(), 1);
    assert!(with(ChassisKind::Desktop, &open).is_fine("no-encryption"));
    assert!(with(ChassisKind::Unspecified, &open).is_unknown("no-encryption"));
    let closed = [volume("/", State::On), volume("/boot", State::Off)];
    assert!(with(ChassisKind::Laptop, &closed).is_fine("no-encryption"));
    let unread = [volume("/", State::Unknown)];
    assert!(with(ChassisKind::Laptop, &unread).is_unknown("no-encryption"));
    assert!(with(ChassisKind::Laptop, &[]).is_unknown("no-encryption"));
    assert!(Case::new().is_unknown("no-encryption"));
}

#[test]
fn a_firewall_that_filters_nothing_is_told() {
    let with = |firewalls: &[(&str, State)]| {
        let firewalls = firewalls.iter().map(|(name, state)| Firewall {
            name: (*name).into(),
            enabled: (*state).into(),
            ..Firewall::default()
        });
        let section = Protection {
            firewalls: firewalls.collect(),
            ..Protection::default()
        };
        case(ChassisKind::Desktop, section)
    };
    assert!(with(&[("ufw", State::Off), ("nftables", State::Off)]).fires("firewall-off"));
    assert!(with(&[("ufw", State::Off), ("nftables", State::On)]).is_fine("firewall-off"));
    assert!(with(&[("ufw", State::Off), ("nftables", State::Unknown)]).is_unknown("firewall-off"));
    assert!(with(&[]).is_unknown("firewall-off"));
    let profiles = [
        ("Windows Firewall: private", State::On),
        ("Windows Firewall: public", State::Off),
    ];
    let one_off = windows(with(&profiles));
    assert!(one_off.fires("firewall-off"));
    let other = [profiles[0], profiles[1], ("Example Firewall", State::On)];
    assert!(windows(with(&other)).is_fine("firewall-off"));
    assert!(Case::new().is_unknown("firewall-off"));
}

#[test]
fn updates_that_nobody_installs_are_told() {
    let with = |updates: Updates| {
        let section = Protection {
            updates: Some(updates),
            ..Protection::default()
        };
        case(ChassisKind::Desktop, section)
    };
    let automatic = |state: State| Updates {
        automatic: state.into(),
        ..Updates::default()
    };
    assert!(with(automatic(State::Off)).fires("updates-off"));
    assert!(with(automatic(State::On)).is_fine("updates-off"));
    assert!(with(automatic(State::Unknown)).is_unknown("updates-off"));
    assert!(Case::new().is_unknown("updates-off"));

    let last = |days: i64| Updates {
        last_success_at: days_ago(days),
        ..automatic(State::On)
    };
    assert!(with(last(60)).fires("updates-failing"));
    assert!(with(last(10)).is_fine("updates-failing"));
    let searched = Updates {
        last_check_at: days_ago(1),
        ..last(60)
    };
    assert!(
        with(searched).is_fine("updates-failing"),
        "there may be none"
    );
    assert!(with(automatic(State::On)).is_unknown("updates-failing"));
    assert!(with(automatic(State::Off)).is_fine("updates-failing"));
}

#[test]
fn missing_security_updates_get_a_week_to_arrive_by_themselves() {
    let section = |missing: Option<u32>| Protection {
        status: Status::Complete.into(),
        updates: Some(Updates {
            pending_security: missing,
            ..Updates::default()
        }),
        ..Protection::default()
    };
    let mut case = case(ChassisKind::Desktop, section(Some(3)));
    case.step();
    assert!(!case.open().contains(&"updates-pending"));
    // Other ones are missing later: the computer is behind all the time.
    case.facts.protection = Told::Section(section(Some(1)));
    case.now = UnixMillis(NOW.0 + 8 * DAY_MS);
    case.step();
    assert!(case.open().contains(&"updates-pending"));
    case.now = UnixMillis(NOW.0 + 40 * DAY_MS);
    let said = case.says("updates-pending");
    assert_eq!(said.found[0].severity, Some(FindingSeverity::ActNow));
    case.facts.protection = Told::Section(section(None));
    case.step();
    assert!(case.open().contains(&"updates-pending"));
    case.facts.protection = Told::Section(section(Some(0)));
    case.step();
    assert!(!case.open().contains(&"updates-pending"));
}

#[test]
fn a_server_without_a_recognised_backup_is_told() {
    let none = || case(ChassisKind::Server, Protection::default());
    assert!(none().fires("no-backup"));
    let mut desk = case(ChassisKind::Desktop, Protection::default());
    assert!(desk.is_fine("no-backup"));
    if let Told::Section(section) = &mut desk.facts.services {
        section.roles = vec![Role {
            kind: "file server".into(),
            ..Role::default()
        }];
    }
    assert!(desk.fires("no-backup"), "others rely on it");
    let mut some = none();
    if let Told::Section(section) = &mut some.facts.protection {
        section.backup_products = vec![BackupProduct {
            name: "Example".into(),
            last_success_at: days_ago(10),
            ..BackupProduct::default()
        }];
    }
    assert!(some.is_fine("no-backup") && some.fires("old-backup"));
    assert!(none().is_unknown("old-backup"), "none has told");
    let mut unread = none();
    if let Told::Section(section) = &mut unread.facts.protection {
        section.set_status(Status::Partial);
    }
    assert!(unread.is_unknown("no-backup"));
    assert!(Case::new().is_unknown("no-backup"));
}

#[test]
fn the_latest_backup_speaks_for_the_machine() {
    let product = |days: i64| BackupProduct {
        name: format!("of {days} days"),
        last_success_at: days_ago(days),
        ..BackupProduct::default()
    };
    let section = Protection {
        backup_products: vec![product(90), product(2)],
        ..Protection::default()
    };
    assert!(case(ChassisKind::Server, section).is_fine("old-backup"));
    let section = Protection {
        backup_products: vec![product(90)],
        ..Protection::default()
    };
    let said = case(ChassisKind::Server, section).says("old-backup");
    assert_eq!(said.found[0].severity, Some(FindingSeverity::ActNow));
}

#[test]
fn root_must_not_be_reachable_by_a_password() {
    let with = |enabled: State, root: State| {
        let section = Protection {
            remote_access: vec![RemoteAccess {
                name: "OpenSSH".into(),
                enabled: enabled.into(),
                root_password_sign_in: root.into(),
                ..RemoteAccess::default()
            }],
            ..Protection::default()
        };
        case(ChassisKind::Server, section)
    };
    assert!(with(State::On, State::On).fires("root-by-password"));
    assert!(with(State::On, State::Off).is_fine("root-by-password"));
    assert!(with(State::Off, State::On).is_fine("root-by-password"));
    assert!(with(State::On, State::Unknown).is_unknown("root-by-password"));
    assert!(Case::new().is_unknown("root-by-password"));
}

#[test]
fn a_portable_computer_has_to_lock_its_screen() {
    let with = |chassis, state: State| {
        let section = Protection {
            screen_lock: state.into(),
            ..Protection::default()
        };
        case(chassis, section)
    };
    assert!(with(ChassisKind::Laptop, State::Off).fires("screen-lock"));
    assert!(with(ChassisKind::Laptop, State::On).is_fine("screen-lock"));
    assert!(with(ChassisKind::Laptop, State::Unknown).is_unknown("screen-lock"));
    assert!(with(ChassisKind::Server, State::Off).is_fine("screen-lock"));
}

#[test]
fn a_database_on_a_workplace_is_told_and_one_on_a_server_is_not() {
    let with = |chassis, running: State| {
        let mut case = case(chassis, Protection::default());
        if let Told::Section(section) = &mut case.facts.services {
            section.databases = vec![Database {
                product: "PostgreSQL".into(),
                instance: "15/main".into(),
                running: running.into(),
                ..Database::default()
            }];
        }
        case
    };
    let desk = with(ChassisKind::Desktop, State::On);
    let said = desk.says("database-on-workstation");
    assert_eq!(said.found[0].subject, "PostgreSQL (15/main)");
    assert!(with(ChassisKind::Desktop, State::Off).is_fine("database-on-workstation"));
    assert!(with(ChassisKind::Server, State::On).is_fine("database-on-workstation"));
    assert!(with(ChassisKind::Unspecified, State::On).is_unknown("database-on-workstation"));
    assert!(Case::new().is_unknown("database-on-workstation"));
}
