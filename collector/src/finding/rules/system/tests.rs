use freehold_proto::v1::{System, section::Status};

use super::*;
use crate::finding::{
    Told,
    tests::{Case, DAY_MS, NOW},
};

fn case(id: &str, version: &str) -> Case {
    let mut case = Case::new();
    case.facts.system = Told::Section(System {
        status: Status::Complete.into(),
        operating_system: Some(OperatingSystem {
            id: id.into(),
            name: "Debian GNU/Linux".into(),
            version: version.into(),
            ..OperatingSystem::default()
        }),
        ..System::default()
    });
    case
}

#[test]
fn a_system_is_told_before_and_after_its_maker_stops_repairing_it() {
    let mut case = case("debian", "12");
    let day = UnixMillis::parse("2028-06-30T12:00:00Z").unwrap();
    for (at, soon, over) in [
        (day.0 - 200 * DAY_MS, false, false),
        (day.0 - 100 * DAY_MS, true, false),
        // The last day counts.
        (day.0, true, false),
        (day.0 + DAY_MS, false, true),
    ] {
        case.now = UnixMillis(at);
        assert_eq!(case.fires("support-ends"), soon, "{at}");
        assert_eq!(case.fires("system-unsupported"), over, "{at}");
    }
}

#[test]
fn a_system_that_nobody_here_knows_is_not_called_fine() {
    for unknown in [case("haiku", "r1"), case("debian", ""), Case::new()] {
        assert!(unknown.is_unknown("system-unsupported"));
        assert!(unknown.is_unknown("support-ends"));
    }
}

#[test]
fn a_restart_is_asked_for_when_it_was_put_off_for_two_weeks() {
    let mut case = case("debian", "12");
    let pending = |case: &mut Case, state: State| {
        if let Told::Section(section) = &mut case.facts.system {
            section.set_pending_reboot(state);
        }
    };
    assert!(case.is_unknown("restart"));
    pending(&mut case, State::On);
    case.step();
    assert!(!case.open().contains(&"restart"));
    case.now = UnixMillis(NOW.0 + 15 * DAY_MS);
    // A look that could not tell does not begin anew.
    pending(&mut case, State::Unknown);
    case.step();
    pending(&mut case, State::On);
    case.step();
    assert!(case.open().contains(&"restart"));
    pending(&mut case, State::Off);
    case.step();
    assert!(!case.open().contains(&"restart"));
}
