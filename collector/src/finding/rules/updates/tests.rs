use freehold_proto::v1::{Protection, protection::Updates, section::Status, system::ChassisKind};

use super::*;
use crate::{
    clock::UnixMillis,
    finding::{
        Told,
        tests::{Case, DAY_MS, NOW, days_ago},
    },
};

#[test]
fn updates_that_nobody_installs_are_told() {
    let with = |updates: Updates| {
        let section = Protection {
            updates: Some(updates),
            ..Protection::default()
        };
        Case::protected(ChassisKind::Desktop, section)
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
        last_success_at: Some(days_ago(days)),
        ..automatic(State::On)
    };
    assert!(with(last(60)).fires("updates-failing"));
    assert!(with(last(10)).is_fine("updates-failing"));
    let searched = Updates {
        last_check_at: Some(days_ago(1)),
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
    let mut case = Case::protected(ChassisKind::Desktop, section(Some(3)));
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
