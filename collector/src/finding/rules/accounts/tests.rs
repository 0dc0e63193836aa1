use freehold_proto::v1::{OperatingSystem, System, readings::Session};

use super::*;
use crate::{
    finding::{
        Told,
        tests::{Case, DAY_MS, NOW},
    },
    store::StoredFindings,
};

fn privilege(who: &str, mechanism: Mechanism) -> Privilege {
    Privilege {
        principal: who.into(),
        principal_kind: PrincipalKind::LocalUser.into(),
        principal_id: if who == "root" { "0" } else { "1000" }.into(),
        mechanism: mechanism.into(),
        full_control: State::On.into(),
        path: vec!["group sudo".into()],
        source: "/etc/sudoers".into(),
        line: Some(7),
        ..Privilege::default()
    }
}

fn root() -> Privilege {
    privilege("root", Mechanism::UidZero)
}

fn section(status: Status, privileges: Vec<Privilege>) -> Told<Accounts> {
    Told::Section(Accounts {
        status: status.into(),
        privileges,
        ..Accounts::default()
    })
}

fn case(privileges: Vec<Privilege>) -> Case {
    let mut case = Case::new();
    case.facts.accounts = section(Status::Complete, privileges);
    case
}

fn system(id: &str, chassis: ChassisKind, machine_id: &str) -> Told<System> {
    Told::Section(System {
        status: Status::Complete.into(),
        chassis: chassis.into(),
        machine_id: machine_id.into(),
        operating_system: Some(OperatingSystem {
            id: id.into(),
            ..OperatingSystem::default()
        }),
        ..System::default()
    })
}

#[test]
fn who_was_there_at_the_first_look_is_not_new_and_who_comes_later_is() {
    let mut case = case(vec![root(), privilege("anna", Mechanism::Sudo)]);
    case.step();
    assert!(!case.open().contains(&"new-administrator"));
    case.now = UnixMillis(NOW.0 + DAY_MS);
    let three = vec![
        root(),
        privilege("anna", Mechanism::Sudo),
        privilege("helpdesk", Mechanism::Sudo),
    ];
    case.facts.accounts = section(Status::Partial, three.clone());
    let said = case.says("new-administrator");
    assert_eq!(said.found.len(), 1);
    assert_eq!(said.found[0].subject, "helpdesk");
    assert!(said.found[0].evidence[0].source.ends_with(":7"));
    case.step();
    assert!(case.open().contains(&"new-administrator"));
    // It stays new for 30 days, whatever else is looked at meanwhile.
    case.facts.accounts = section(Status::Complete, three);
    case.now = UnixMillis(NOW.0 + 29 * DAY_MS);
    case.step();
    assert!(case.open().contains(&"new-administrator"));
    case.now = UnixMillis(NOW.0 + 32 * DAY_MS);
    case.step();
    assert!(!case.open().contains(&"new-administrator"));
}

#[test]
fn an_incomplete_first_look_makes_nobody_new_later() {
    let mut case = Case::new();
    case.facts.accounts = section(Status::Partial, vec![root()]);
    assert!(case.is_unknown("new-administrator"));
    case.step();
    case.now = UnixMillis(NOW.0 + DAY_MS);
    case.facts.accounts = section(
        Status::Complete,
        vec![root(), privilege("anna", Mechanism::Sudo)],
    );
    case.step();
    assert!(!case.open().contains(&"new-administrator"));
    assert!(Case::new().is_unknown("new-administrator"));
}

#[test]
fn an_administrator_who_vanished_from_sight_stays_a_finding() {
    let mut case = case(vec![root()]);
    case.step();
    case.now = UnixMillis(NOW.0 + DAY_MS);
    case.facts.accounts = section(
        Status::Complete,
        vec![root(), privilege("eve", Mechanism::Sudo)],
    );
    case.step();
    case.facts.accounts = section(Status::Unreadable, vec![]);
    case.step();
    assert!(case.open().contains(&"new-administrator"));
    case.facts.accounts = section(Status::Complete, vec![root()]);
    case.step();
    assert!(!case.open().contains(&"new-administrator"));
}

#[test]
fn who_works_as_administrator_on_two_days_is_told_and_a_visitor_is_not() {
    let mut case = case(vec![root(), privilege("anna", Mechanism::Sudo)]);
    case.facts.system = system("debian", ChassisKind::Desktop, "");
    let session = |name: &str| Session {
        account: name.into(),
        ..Session::default()
    };
    case.readings.sessions = vec![session("anna"), session("root"), session("bob")];
    case.step();
    assert!(!case.open().contains(&"everyday-administrator"));
    case.readings.sessions.clear();
    case.now = UnixMillis(NOW.0 + DAY_MS);
    case.step();
    assert!(!case.open().contains(&"everyday-administrator"));
    case.readings.sessions = vec![session("anna")];
    case.step();
    assert!(case.open().contains(&"everyday-administrator"));
    // Going home in the evening ends nothing.
    case.readings.sessions.clear();
    case.step();
    assert!(case.open().contains(&"everyday-administrator"));
    case.facts.accounts = section(Status::Complete, vec![root()]);
    case.step();
    assert!(!case.open().contains(&"everyday-administrator"));
}

#[test]
fn a_server_is_no_workplace() {
    let mut case = case(vec![privilege("anna", Mechanism::Sudo)]);
    assert!(case.is_unknown("everyday-administrator"));
    case.facts.system = system("debian", ChassisKind::Server, "");
    assert!(case.is_fine("everyday-administrator"));
}

#[test]
fn everything_without_a_password_is_told_with_its_line() {
    let mut free = privilege("anna", Mechanism::Sudo);
    free.conditions = vec!["without password".into()];
    let told = case(vec![root(), free.clone()]);
    assert!(told.fires("without-password"));
    let asked = case(vec![root(), privilege("anna", Mechanism::Sudo)]);
    assert!(asked.is_fine("without-password"));
    let mut some = free.clone();
    some.full_control = State::Off.into();
    assert!(case(vec![some]).is_fine("without-password"));
    let mut group = free;
    group.principal_kind = PrincipalKind::LocalGroup.into();
    assert!(
        case(vec![group]).is_fine("without-password"),
        "its members are told"
    );
    assert!(Case::new().is_unknown("without-password"));
    let mut partial = Case::new();
    partial.facts.accounts = section(Status::Partial, vec![]);
    assert!(partial.is_unknown("without-password"));
}

#[test]
fn a_group_that_amounts_to_root_is_told_of_people_who_are_not_administrators_in_name() {
    let docker = || privilege("bob", Mechanism::RootEquivalentGroup);
    assert!(case(vec![root(), docker()]).fires("root-equivalent"));
    let both = vec![docker(), privilege("bob", Mechanism::Sudo)];
    assert!(case(both).is_fine("root-equivalent"));
    let mut service = case(vec![docker()]);
    if let Told::Section(section) = &mut service.facts.accounts {
        section.accounts = vec![Account {
            name: "bob".into(),
            built_in: State::On.into(),
            ..Account::default()
        }];
    }
    assert!(service.is_fine("root-equivalent"));
    assert!(Case::new().is_unknown("root-equivalent"));
}

#[test]
fn an_administrator_without_a_password_is_told_and_a_locked_one_is_not() {
    let with = |account: Account| {
        let mut case = case(vec![privilege("anna", Mechanism::AdminGroup)]);
        if let Told::Section(section) = &mut case.facts.accounts {
            section.accounts = vec![account];
        }
        case.facts.system = system("windows", ChassisKind::Desktop, "");
        case
    };
    let blank = Account {
        name: "anna".into(),
        enabled: State::On.into(),
        locked: State::Off.into(),
        password_set: State::Unknown.into(),
        password_required: State::Off.into(),
        password_never_expires: State::On.into(),
        ..Account::default()
    };
    let told = with(blank.clone());
    assert!(told.fires("blank-password") && told.fires("password-never-expires"));
    for well in [
        Account {
            locked: State::On.into(),
            ..blank.clone()
        },
        Account {
            password_set: State::On.into(),
            ..blank.clone()
        },
        Account {
            password_required: State::Unknown.into(),
            ..blank.clone()
        },
        Account {
            name: "guest".into(),
            ..blank.clone()
        },
    ] {
        assert!(with(well).is_fine("blank-password"));
    }
    let managed = Account {
        managed_by: "LAPS".into(),
        ..blank
    };
    assert!(with(managed).is_fine("password-never-expires"));
    assert!(Case::new().is_unknown("blank-password"));
}

#[test]
fn a_computer_that_only_root_administers_is_told_when_everything_was_read() {
    assert!(case(vec![root()]).fires("nobody-else"));
    assert!(case(vec![root(), privilege("anna", Mechanism::Sudo)]).is_fine("nobody-else"));
    assert!(
        case(vec![]).is_fine("nobody-else"),
        "nobody believes that there is nobody"
    );
    let mut partial = Case::new();
    partial.facts.accounts = section(Status::Partial, vec![root()]);
    assert!(partial.is_unknown("nobody-else"));
}

#[test]
fn who_administers_the_collectors_computer_can_take_the_record_over() {
    let mut case = case(vec![root(), privilege("acme", Mechanism::Sudo)]);
    case.facts.system = system("debian", ChassisKind::Server, "abc");
    assert!(case.is_unknown("record-takeover"));
    case.business.home = "other".into();
    assert!(case.is_fine("record-takeover"));
    case.business.home = "abc".into();
    let said = case.says("record-takeover");
    assert_eq!(said.found.len(), 1);
    case.facts.system = Told::Never;
    assert!(case.is_unknown("record-takeover"));
    assert_eq!(case.past, StoredFindings::default());
}
