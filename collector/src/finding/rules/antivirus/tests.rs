use freehold_proto::v1::{Antivirus, readings::SignatureAge};

use super::*;
use crate::{
    clock::UnixMillis,
    finding::{
        Told,
        tests::{Case, DAY_MS, NOW},
    },
};

fn product(name: &str, mode: RunningMode, watching: State) -> Product {
    Product {
        name: name.into(),
        running_mode: mode.into(),
        real_time_protection: watching.into(),
        ..Product::default()
    }
}

fn case(status: Status, products: Vec<Product>) -> Case {
    let mut case = Case::new();
    case.facts.antivirus = Told::Section(Antivirus {
        status: status.into(),
        products,
        ..Antivirus::default()
    });
    case
}

fn working(name: &str) -> Product {
    product(name, RunningMode::Active, State::On)
}

#[test]
fn no_antivirus_is_said_only_when_every_source_was_read() {
    assert!(case(Status::Complete, vec![]).fires("no-antivirus"));
    for status in [Status::Partial, Status::Unreadable, Status::Unsupported] {
        let case = case(status, vec![]);
        assert!(case.is_unknown("no-antivirus"));
        assert!(case.fires("antivirus-unknown"));
    }
    assert!(Case::new().is_unknown("no-antivirus"));
    let fine = case(Status::Partial, vec![working("ClamAV")]);
    assert!(fine.is_fine("no-antivirus") && fine.is_fine("antivirus-unknown"));
}

#[test]
fn a_new_computer_without_antivirus_is_compared_with_the_others() {
    let mut case = case(Status::Complete, vec![]);
    case.machine.enrolled_at = UnixMillis(NOW.0 - 2 * DAY_MS);
    assert!(case.fires("no-antivirus") && case.is_fine("new-computer-without-antivirus"));
    case.business.protected.insert("ClamAV".into(), 3);
    assert!(case.is_fine("no-antivirus") && case.fires("new-computer-without-antivirus"));
    case.step();
    // The words do not change when it is no longer new.
    case.now = UnixMillis(NOW.0 + 100 * DAY_MS);
    case.step();
    assert!(case.open().contains(&"new-computer-without-antivirus"));
    assert!(!case.open().contains(&"no-antivirus"));
    case.machine.enrolled_at = UnixMillis(NOW.0 - 300 * DAY_MS);
    case.past = crate::store::StoredFindings::default();
    assert!(case.fires("no-antivirus"));
}

#[test]
fn each_weakness_is_said_by_its_own_rule_and_by_no_other() {
    let rules = [
        (
            "antivirus-off",
            product("A", RunningMode::Stopped, State::Off),
        ),
        (
            "antivirus-passive",
            product("A", RunningMode::Passive, State::On),
        ),
        (
            "antivirus-on-demand",
            product("A", RunningMode::OnDemand, State::Off),
        ),
        (
            "antivirus-not-watching",
            product("A", RunningMode::Active, State::Off),
        ),
        (
            "antivirus-may-not-watch",
            product("A", RunningMode::Active, State::Unknown),
        ),
        (
            "antivirus-state-unknown",
            product("A", RunningMode::Unknown, State::Unknown),
        ),
    ];
    for (rule, product) in &rules {
        let weak = case(Status::Complete, vec![product.clone()]);
        for (other, _) in &rules {
            assert_eq!(weak.fires(other), rule == other, "{rule} {other}");
        }
        // A better one beside it speaks for the machine.
        let well = case(Status::Complete, vec![product.clone(), working("B")]);
        assert!(well.is_fine(rule), "{rule}");
        assert!(Case::new().is_unknown(rule), "{rule}");
        // A product that is no longer seen may only be hidden.
        assert!(case(Status::Partial, vec![]).is_unknown(rule), "{rule}");
    }
}

#[test]
fn an_old_list_of_threats_is_told_by_age_and_ends_only_when_it_is_fresh() {
    let aged = |days: i64| {
        let mut product = working("ClamAV");
        let seconds = (NOW.0 - days * DAY_MS) / 1000;
        product.signatures_at = Some(prost_types::Timestamp { seconds, nanos: 0 });
        case(Status::Complete, vec![product])
    };
    assert!(aged(10).is_fine("antivirus-outdated"));
    let mut case = aged(15);
    case.step();
    assert!(case.open().contains(&"antivirus-outdated"));
    case.facts = aged(10).facts;
    case.step();
    assert!(case.open().contains(&"antivirus-outdated"), "it flickers");
    case.facts = aged(1).facts;
    case.step();
    assert!(!case.open().contains(&"antivirus-outdated"));
    assert!(Case::new().is_unknown("antivirus-outdated"));
}

#[test]
fn what_the_product_says_of_its_own_list_counts() {
    let mut product = working("Defender");
    product.signatures_current = State::Off.into();
    assert!(case(Status::Complete, vec![product]).fires("antivirus-outdated"));
}

#[test]
fn a_reading_newer_than_the_date_counts() {
    let mut product = working("ClamAV");
    let seconds = (NOW.0 - 40 * DAY_MS) / 1000;
    product.signatures_at = Some(prost_types::Timestamp { seconds, nanos: 0 });
    let mut case = case(Status::Complete, vec![product]);
    case.readings.signature_ages = vec![SignatureAge {
        product: "ClamAV".into(),
        hours: 5,
    }];
    assert!(case.is_fine("antivirus-outdated"));
}

#[test]
fn two_that_block_get_in_each_others_way() {
    let two = vec![working("A"), working("B")];
    assert!(case(Status::Complete, two).fires("two-antiviruses"));
    let beside = vec![working("A"), product("B", RunningMode::Passive, State::On)];
    assert!(case(Status::Complete, beside.clone()).is_fine("two-antiviruses"));
    assert!(case(Status::Partial, beside).is_unknown("two-antiviruses"));
    assert!(Case::new().is_unknown("two-antiviruses"));
}

#[test]
fn a_licence_is_spoken_of_before_it_ends() {
    let until = |days: i64| {
        let mut product = working("A");
        let seconds = (NOW.0 + days * DAY_MS) / 1000;
        product.licence_expires_at = Some(prost_types::Timestamp { seconds, nanos: 0 });
        case(Status::Complete, vec![product])
    };
    assert!(until(200).is_fine("antivirus-licence"));
    let soon = until(20).says("antivirus-licence");
    assert_eq!(soon.found[0].severity, Some(FindingSeverity::Plan));
    let over = until(-3).says("antivirus-licence");
    assert_eq!(over.found[0].severity, Some(FindingSeverity::ActNow));
    assert!(Case::new().is_unknown("antivirus-licence"));
}
