//! Protection against malware.

use freehold_proto::v1::{
    Antivirus,
    antivirus::{Product, product::RunningMode},
    section::Kind,
    toggle::State,
};

use super::{Condition, DAY, extent};
use crate::demo::catalogue::Guard;

pub(super) fn of(condition: &Condition) -> Antivirus {
    let unreadable = condition.guard == Guard::Unreadable;
    let mut read = condition.clone();
    if unreadable {
        read.unreadable.insert(Kind::Antivirus);
    }
    let (status, diagnostics) = extent(&read, Kind::Antivirus, source(condition));
    Antivirus {
        status: status.into(),
        diagnostics,
        products: products(condition),
    }
}

/// The products that are there.
pub(super) fn products(condition: &Condition) -> Vec<Product> {
    let one = |name: &str, mode: RunningMode, watches: State| Product {
        name: name.into(),
        version: "11.1".into(),
        running_mode: mode.into(),
        real_time_protection: watches.into(),
        signatures_current: State::On.into(),
        source: source(condition).into(),
        ..Product::default()
    };
    let works = |name: &str| one(name, RunningMode::Active, State::On);
    match condition.guard {
        Guard::None | Guard::Unreadable => Vec::new(),
        Guard::Works(name) => vec![works(name)],
        Guard::Two(name, other) => vec![works(name), works(other)],
        Guard::Off(name) => vec![one(name, RunningMode::Stopped, State::Off)],
        Guard::Passive(name) => vec![one(name, RunningMode::Passive, State::Off)],
        Guard::OnDemand(name) => vec![one(name, RunningMode::OnDemand, State::Off)],
        Guard::Blind(name) => vec![one(name, RunningMode::Active, State::Off)],
        Guard::PerhapsBlind(name) => vec![one(name, RunningMode::Active, State::Unknown)],
        Guard::StateUnknown(name) => vec![one(name, RunningMode::Unknown, State::Unknown)],
        Guard::Outdated(name) => vec![Product {
            signatures_current: State::Off.into(),
            ..works(name)
        }],
        Guard::Licensed(name, days) => vec![Product {
            licence_expires_at: Some(condition.made_at.plus(DAY * days).timestamp()),
            ..works(name)
        }],
    }
}

fn source(condition: &Condition) -> &'static str {
    if condition.is_windows() {
        "Windows Security Center"
    } else {
        "/proc"
    }
}
