use std::collections::BTreeSet;

use freehold_proto::v1::{
    Accounts,
    accounts::{
        Privilege,
        privilege::{Mechanism, PrincipalKind},
    },
    section::Status,
    toggle::State,
};

use crate::{
    finding::{Told, Whose, tests::Case},
    store::record::{ClaimRecord, ClaimedBy},
};

fn accounts(status: Status, names: &[&str]) -> Told<Accounts> {
    let privilege = |name: &&str| Privilege {
        principal: (*name).into(),
        principal_kind: PrincipalKind::LocalUser.into(),
        principal_id: if *name == "root" { "0" } else { "1000" }.into(),
        mechanism: Mechanism::Sudo.into(),
        full_control: State::On.into(),
        ..Privilege::default()
    };
    Told::Section(Accounts {
        status: status.into(),
        privileges: names.iter().map(privilege).collect(),
        ..Accounts::default()
    })
}

fn case(names: &[&str]) -> Case {
    let mut case = Case::new();
    case.facts.accounts = accounts(Status::Complete, names);
    case.business.ended = Some(BTreeSet::new());
    case
}

fn claim(case: &mut Case, name: &str, whose: ClaimedBy, supplier: &str) {
    case.past.claims.claims.push(ClaimRecord {
        principal: name.into(),
        whose: whose.into(),
        supplier: supplier.into(),
        ..ClaimRecord::default()
    });
}

#[test]
fn an_administrator_of_whom_nobody_said_whose_it_is_is_told_until_somebody_does() {
    let mut case = case(&["root", "anna", "helpdesk"]);
    let said = case.says("unclaimed-administrator");
    assert_eq!(said.found.len(), 1);
    let named = format!("{:?}", said.found[0].particulars);
    assert!(
        named.contains("anna") && named.contains("helpdesk") && !named.contains("root"),
        "{named}"
    );
    claim(&mut case, "anna", ClaimedBy::Ours, "");
    let left = format!("{:?}", case.says("unclaimed-administrator").found);
    assert!(
        !left.contains("anna") && left.contains("helpdesk"),
        "{left}"
    );
    claim(&mut case, "helpdesk", ClaimedBy::Maker, "");
    assert!(case.is_fine("unclaimed-administrator"));
    case.facts.accounts = accounts(Status::Partial, &["anna"]);
    assert!(case.is_unknown("unclaimed-administrator"));
    assert!(Case::new().is_unknown("unclaimed-administrator"));
}

#[test]
fn what_a_newer_program_stored_is_nobodys() {
    let mut case = case(&["anna"]);
    case.past.claims.claims.push(ClaimRecord {
        principal: "anna".into(),
        whose: 77,
        ..ClaimRecord::default()
    });
    assert_eq!(case.past.claims.whose("anna"), None::<Whose>);
    assert!(case.fires("unclaimed-administrator"));
}

#[test]
fn an_account_of_a_supplier_that_left_is_told_and_that_of_one_that_is_there_is_not() {
    let mut case = case(&["anna", "helpdesk"]);
    claim(&mut case, "helpdesk", ClaimedBy::Supplier, "Acme IT");
    assert!(case.is_fine("supplier-administrator"));
    case.business.ended = Some(BTreeSet::from(["acme it".to_owned()]));
    let said = case.says("supplier-administrator");
    assert_eq!(said.found.len(), 1);
    assert_eq!(said.found[0].subject, "helpdesk");
    case.step();
    // After a start nobody knows yet who has left: that ends nothing.
    case.business.ended = None;
    assert!(case.is_unknown("supplier-administrator"));
    case.step();
    assert!(case.open().contains(&"supplier-administrator"));
    case.business.ended = Some(BTreeSet::from(["acme it".to_owned()]));
    case.facts.accounts = accounts(Status::Complete, &["anna"]);
    case.step();
    assert!(!case.open().contains(&"supplier-administrator"));
}

#[test]
fn an_owner_is_told_of_being_locked_out_once_it_is_known_whose_everybody_is() {
    let mut case = case(&["root", "helpdesk", "backup"]);
    claim(&mut case, "helpdesk", ClaimedBy::Supplier, "Acme IT");
    assert!(case.is_unknown("none-of-ours"), "backup may be ours");
    claim(&mut case, "backup", ClaimedBy::Maker, "");
    assert!(case.fires("none-of-ours"));
    case.facts.accounts = accounts(Status::Partial, &["helpdesk", "backup"]);
    assert!(case.is_unknown("none-of-ours"), "there may be others");
    case.facts.accounts = accounts(Status::Complete, &["root", "helpdesk", "anna"]);
    claim(&mut case, "anna", ClaimedBy::Ours, "");
    assert!(case.is_fine("none-of-ours"));
    case.facts.accounts = accounts(Status::Complete, &["root"]);
    assert!(case.is_fine("none-of-ours"), "another rule speaks of that");
    case.facts.accounts = accounts(Status::Partial, &["root"]);
    assert!(case.is_unknown("none-of-ours"), "there may be others");
}
