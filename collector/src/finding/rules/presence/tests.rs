use freehold_proto::v1::Software;

use super::*;
use crate::{
    clock::UnixMillis,
    finding::{
        Told,
        tests::{Case, DAY_MS, NOW},
    },
    id::MachineId,
};

fn silent_for(days: i64) -> Case {
    let mut case = Case::new();
    if let Some(seen) = &mut case.seen {
        seen.at = UnixMillis(NOW.0 - days * DAY_MS);
    }
    case
}

#[test]
fn a_computer_is_silent_after_a_long_weekend_and_no_longer_once_it_is_heard() {
    assert!(silent_for(3).is_fine("silent"));
    let mut case = silent_for(5);
    assert!(case.fires("silent"));
    case.step();
    case.seen = Case::new().seen;
    case.step();
    assert!(!case.open().contains(&"silent"));
}

#[test]
fn a_collector_that_was_off_does_not_call_its_computers_silent() {
    let mut case = silent_for(20);
    case.business.is_settled = false;
    assert!(case.is_unknown("silent"));
    case.business.is_settled = true;
    case.step();
    assert!(case.open().contains(&"silent"));
    // One that was silent before stays so while the collector starts again.
    case.business.is_settled = false;
    case.step();
    assert!(case.open().contains(&"silent"));
}

#[test]
fn a_computer_that_never_reported_is_not_silent() {
    let mut case = Case::new();
    case.seen = None;
    assert!(case.fires("no-report") && case.is_fine("silent"));
    assert!(case.is_fine("antivirus-unknown"), "one finding is enough");
    case.machine.state = MachineState::Waiting;
    assert!(case.fires("waiting") && case.is_fine("no-report"));
    assert!(Case::new().is_fine("waiting") && Case::new().is_fine("no-report"));
}

#[test]
fn what_the_reporting_service_noted_is_a_finding() {
    let rules = [
        ("clone", NoticeKind::ForkedChain),
        ("clock", NoticeKind::WrongClock),
        ("quota", NoticeKind::OverQuota),
        ("lost-reports", NoticeKind::SpoolOverflow),
        ("invalid-report", NoticeKind::InvalidReport),
    ];
    for (rule, kind) in rules {
        let mut case = Case::new();
        assert!(case.is_fine(rule), "{rule}");
        case.machine.notices = vec![Notice {
            kind,
            since: NOW,
            detail: "why".into(),
        }];
        for (other, _) in rules {
            assert_eq!(case.fires(other), rule == other, "{rule} {other}");
        }
    }
}

#[test]
fn a_computer_that_looks_like_a_known_one_is_told() {
    let mut case = Case::new();
    assert!(case.is_fine("same-hardware"));
    case.machine.same_hardware_as = Some(MachineId::from_bytes([9; 16]));
    assert!(case.fires("same-hardware"));
}

#[test]
fn an_agent_older_than_the_collector_is_told() {
    let with = |version: &str| {
        let mut case = Case::new();
        case.business.version = "1.10.0";
        if let Some(seen) = &mut case.seen {
            version.clone_into(&mut seen.agent_version);
        }
        case
    };
    assert!(with("1.9.12").fires("agent-old"));
    assert!(with("1.10.0").is_fine("agent-old") && with("2.0.0-rc1").is_fine("agent-old"));
    for odd in ["", "x", "1.2", "1.2.3.4", "<script>"] {
        assert!(with(odd).is_unknown("agent-old"), "{odd}");
    }
}

#[test]
fn a_certificate_that_is_not_renewed_is_told_while_the_computer_is_on() {
    let left = |days: i64| {
        let mut case = Case::new();
        case.machine.certificate_expires_at = Some(UnixMillis(NOW.0 + days * DAY_MS));
        case
    };
    assert!(left(9).is_fine("certificate"));
    let mut case = left(4);
    case.step();
    assert!(case.open().contains(&"certificate"));
    case.seen = silent_for(2).seen;
    case.step();
    assert!(
        case.open().contains(&"certificate"),
        "not known is not fine"
    );
    case.seen = Case::new().seen;
    case.machine.certificate_expires_at = Some(UnixMillis(NOW.0 + 30 * DAY_MS));
    case.step();
    assert!(!case.open().contains(&"certificate"));
    let mut off = left(1);
    off.seen = silent_for(3).seen;
    assert!(off.is_unknown("certificate"));
}

#[test]
fn a_section_that_cannot_be_read_for_days_is_told() {
    let with = |status: Status| {
        Told::Section(Software {
            status: status.into(),
            ..Software::default()
        })
    };
    let mut case = Case::new();
    case.facts.software = with(Status::Unreadable);
    case.step();
    assert!(!case.open().contains(&"section-failing"));
    case.now = UnixMillis(NOW.0 + 4 * DAY_MS);
    case.step();
    assert!(case.open().contains(&"section-failing"));
    case.facts.software = with(Status::Complete);
    case.step();
    assert!(!case.open().contains(&"section-failing"));
}
