use freehold_proto::v1::{OperatingSystem, protection::RemoteAccess, services::Database};

use super::*;
use crate::finding::{Told, tests::Case};

fn windows(mut case: Case) -> Case {
    if let Told::Section(section) = &mut case.facts.system {
        section.operating_system = Some(OperatingSystem {
            id: "windows".into(),
            ..OperatingSystem::default()
        });
    }
    case
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
        Case::protected(chassis, section)
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
        Case::protected(ChassisKind::Desktop, section)
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
        Case::protected(ChassisKind::Server, section)
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
        Case::protected(chassis, section)
    };
    assert!(with(ChassisKind::Laptop, State::Off).fires("screen-lock"));
    assert!(with(ChassisKind::Laptop, State::On).is_fine("screen-lock"));
    assert!(with(ChassisKind::Laptop, State::Unknown).is_unknown("screen-lock"));
    assert!(with(ChassisKind::Server, State::Off).is_fine("screen-lock"));
}

#[test]
fn a_database_on_a_workplace_is_told_and_one_on_a_server_is_not() {
    let with = |chassis, running: State| {
        let mut case = Case::protected(chassis, Protection::default());
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
