//! Protection against malware.

use std::time::Duration;

use freehold_proto::v1::{
    antivirus::{Product, product::RunningMode},
    section::{Kind, Status},
    toggle::State,
};

use super::super::{
    Found, Look, Value, Verdict,
    look::{state_word, time},
};
use crate::{
    access::{Weakness, weakness},
    store::record::{FindingSeverity, MachineState},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a computer is new.
const NEW: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// Age of a list of threats that is too old, and the age below which it is well again.
const OLD: Duration = Duration::from_secs(14 * 24 * 60 * 60);
const FRESH: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long before its end a licence is spoken of.
const LICENCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The machine has none, and its like have none either, or it is not new.
pub(super) fn none(look: &Look<'_>) -> Verdict {
    absent(look, !is_new_among_protected(look), |found| found)
}

/// The machine is new and has none, although others have one.
pub(super) fn none_on_new(look: &Look<'_>) -> Verdict {
    absent(look, is_new_among_protected(look), |found| {
        let usual = look.business.usual_antivirus().unwrap_or_default();
        found
            .number("count", look.business.protected_count())
            .name("product", usual)
    })
}

fn absent(look: &Look<'_>, says_this_rule: bool, complete: impl Fn(Found) -> Found) -> Verdict {
    let Some(section) = look.facts.antivirus.read() else {
        return Verdict::unknown();
    };
    if !section.products.is_empty() {
        return Verdict::fine();
    }
    if !look.facts.antivirus.is_whole() {
        return Verdict::unknown();
    }
    Verdict::when(says_this_rule, || {
        let found = Found::here().because(
            Kind::Antivirus,
            "Products found",
            "none, and every place was read",
            "",
        );
        complete(found)
    })
}

/// Joined lately, while others are protected. Once it was said of a machine, it stays new until that ends: the
/// words do not change under the reader.
fn is_new_among_protected(look: &Look<'_>) -> bool {
    let said = super::super::state::hash("new-computer-without-antivirus", "");
    let is_said = look.past.findings.get(&said);
    let is_said = is_said.is_some_and(|record| record.resolved_at == 0);
    let is_new = look.now.since(look.machine.enrolled_at) < NEW;
    look.business.protected_count() > 0 && (is_new || is_said)
}

/// The product that protects best, with what keeps it from protecting.
fn best<'a>(look: &'a Look<'_>) -> Option<(Option<Weakness>, &'a Product)> {
    let section = look.facts.antivirus.read()?;
    section
        .products
        .iter()
        .map(|product| (weakness(product), product))
        .min_by_key(|(weakness, _)| *weakness)
}

/// Found when the best product has this weakness.
fn weak(look: &Look<'_>, wanted: Weakness) -> Verdict {
    if look.facts.antivirus.read().is_none() {
        return Verdict::unknown();
    }
    match best(look) {
        Some((Some(weakness), product)) if weakness == wanted => Verdict::of([of(product)]),
        Some(_) => Verdict::fine(),
        // It may have vanished, or not be seen any more.
        None => Verdict::seen([], look.facts.antivirus.is_whole()),
    }
}

fn of(product: &Product) -> Found {
    let mode = match product.running_mode() {
        RunningMode::Active => "it runs",
        RunningMode::Passive => "passive: it watches beside another one",
        RunningMode::EdrBlock => "passive, but blocks what its sensor detects",
        RunningMode::Stopped => "installed, not running",
        RunningMode::OnDemand => "only when asked to",
        RunningMode::Unknown | RunningMode::Unspecified => "could not be read",
    };
    let name = &product.name;
    let (section, source) = (Kind::Antivirus, product.source.as_str());
    let watching = state_word(product.real_time_protection());
    let mut found = Found::here()
        .name("product", name)
        .because(section, &format!("State of {name}"), mode, source)
        .because(
            section,
            "Files are checked as they are opened",
            watching,
            source,
        );
    for service in product.services.iter().take(4) {
        found = found.because(section, "Service", service, source);
    }
    if !product.problem.is_empty() {
        found = found.because(section, "What it says itself", &product.problem, source);
    }
    found
}

/// Installed, but not running.
pub(super) fn off(look: &Look<'_>) -> Verdict {
    weak(look, Weakness::Stopped)
}

/// Only watches beside another one that is not there.
pub(super) fn passive(look: &Look<'_>) -> Verdict {
    weak(look, Weakness::Passive)
}

/// Only scans when asked to.
pub(super) fn on_demand(look: &Look<'_>) -> Verdict {
    weak(look, Weakness::OnDemand)
}

/// Runs, but does not look at files as they are opened.
pub(super) fn not_watching(look: &Look<'_>) -> Verdict {
    weak(look, Weakness::NotWatching)
}

/// Runs; whether it looks at files could not be read.
pub(super) fn may_not_watch(look: &Look<'_>) -> Verdict {
    weak(look, Weakness::MayNotWatch)
}

/// Whether it runs could not be read.
pub(super) fn state_unknown(look: &Look<'_>) -> Verdict {
    weak(look, Weakness::StateUnknown)
}

/// Works with an old list of threats: by its own judgement, or by age.
pub(super) fn outdated(look: &Look<'_>) -> Verdict {
    if look.facts.antivirus.read().is_none() {
        return Verdict::unknown();
    }
    let Some((None | Some(Weakness::Outdated), product)) = best(look) else {
        // Another rule speaks of what is worse; what is not seen may still be old.
        return Verdict::seen([], best(look).is_some());
    };
    let age = age(look, product);
    let limit = if look.is_open("") { FRESH } else { OLD };
    let says_so = product.signatures_current() == State::Off;
    let is_old = age.is_some_and(|age| age >= limit);
    Verdict::when(says_so || is_old, || {
        let current = state_word(product.signatures_current());
        let found = of(product).because(
            Kind::Antivirus,
            "It considers its list current",
            current,
            &product.source,
        );
        match &product.signatures_at {
            Some(at) => {
                let at = time(at).to_string();
                found.because(
                    Kind::Antivirus,
                    "List of threats made",
                    &at,
                    &product.source,
                )
            }
            None => found,
        }
    })
}

fn age(look: &Look<'_>, product: &Product) -> Option<Duration> {
    let made = product.signatures_at.as_ref().map(time);
    let by_date = made.map(|made| look.now.since(made));
    let readings = &look.readings.signature_ages;
    let told = readings.iter().find(|age| age.product == product.name);
    let told = told.map(|age| Duration::from_secs(u64::from(age.hours) * 3600));
    // The younger of the two: a reading is newer than a date that changed since.
    [by_date, told].into_iter().flatten().min()
}

/// The licence of the product that protects ends soon, or has ended.
pub(super) fn licence(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.antivirus.read() else {
        return Verdict::unknown();
    };
    let ending = section.products.iter().filter_map(|product| {
        let ends = time(product.licence_expires_at.as_ref()?);
        let left = ends.since(look.now);
        let is_used = product.running_mode() != RunningMode::Stopped;
        (is_used && left < LICENCE).then(|| {
            let severity = if left < DAY {
                FindingSeverity::ActNow
            } else {
                FindingSeverity::Plan
            };
            Found::about(&product.name)
                .severity(severity)
                .name("product", &product.name)
                .with("day", Value::Day(ends))
                .because(
                    Kind::Antivirus,
                    "Licence ends",
                    &ends.to_string(),
                    &product.source,
                )
        })
    });
    Verdict::seen(ending, look.facts.antivirus.is_whole())
}

/// Two that block at the same time.
pub(super) fn two(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.antivirus.read() else {
        return Verdict::unknown();
    };
    let blocking: Vec<&Product> = section
        .products
        .iter()
        .filter(|product| {
            product.running_mode() == RunningMode::Active
                && product.real_time_protection() == State::On
        })
        .collect();
    let found = (blocking.len() > 1).then(|| {
        let names = blocking.iter().map(|product| product.name.as_str());
        let found = Found::here().names("names", names);
        blocking.iter().fold(found, |found, product| {
            let fact = format!("State of {}", product.name);
            found.because(
                Kind::Antivirus,
                &fact,
                "it runs and checks files",
                &product.source,
            )
        })
    });
    Verdict::seen(found, look.facts.antivirus.is_whole())
}

/// Nobody can tell whether there is one.
pub(super) fn unknown(look: &Look<'_>) -> Verdict {
    // A machine that was never heard is spoken of as that.
    if look.machine.state != MachineState::Active || look.seen.is_none() {
        return Verdict::fine();
    }
    let told = &look.facts.antivirus;
    let is_known = told.is_whole()
        || told
            .read()
            .is_some_and(|section| !section.products.is_empty());
    Verdict::when(!is_known, || {
        let why = match told.status() {
            Status::Unspecified => "never reported",
            Status::Unsupported => "cannot be read on this system",
            Status::Unreadable => "no source could be read",
            Status::Partial | Status::Complete => "not every source could be read",
        };
        Found::here().because(Kind::Antivirus, "What was read of it", why, "")
    })
}

#[cfg(test)]
mod tests;
