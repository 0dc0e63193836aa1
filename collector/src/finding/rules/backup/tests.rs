use freehold_proto::v1::{Protection, protection::BackupProduct, section::Status, services::Role};

use super::*;
use crate::finding::{
    Told,
    tests::{Case, days_ago},
};

#[test]
fn a_server_without_a_recognised_backup_is_told() {
    let none = || Case::protected(ChassisKind::Server, Protection::default());
    assert!(none().fires("no-backup"));
    let mut desk = Case::protected(ChassisKind::Desktop, Protection::default());
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
            last_success_at: Some(days_ago(10)),
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
        last_success_at: Some(days_ago(days)),
        ..BackupProduct::default()
    };
    let section = Protection {
        backup_products: vec![product(90), product(2)],
        ..Protection::default()
    };
    assert!(Case::protected(ChassisKind::Server, section).is_fine("old-backup"));
    let section = Protection {
        backup_products: vec![product(90)],
        ..Protection::default()
    };
    let said = Case::protected(ChassisKind::Server, section).says("old-backup");
    assert_eq!(said.found[0].severity, Some(FindingSeverity::ActNow));
}
