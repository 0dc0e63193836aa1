//! Updates of the operating system.

use std::time::Duration;

use freehold_proto::v1::{section::Kind, toggle::State};

use super::super::{
    Found, Look, Value, Verdict,
    look::{state_word, time},
};
use crate::store::record::FindingSeverity;

/// How long missing security updates are left to arrive by themselves, and when they become urgent.
const PATIENCE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const URGENT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long updates or the search for them may not have succeeded.
const STALE: Duration = Duration::from_secs(45 * 24 * 60 * 60);

/// Updates are installed only when somebody does it.
pub(super) fn off(look: &Look<'_>) -> Verdict {
    let Some(updates) = look
        .facts
        .protection
        .read()
        .and_then(|it| it.updates.as_ref())
    else {
        return Verdict::unknown();
    };
    match updates.automatic() {
        State::On => Verdict::fine(),
        State::Off => {
            let found = Found::here().because(
                Kind::Protection,
                "Updates are installed by themselves",
                state_word(updates.automatic()),
                &updates.source,
            );
            Verdict::of([if updates.problem.is_empty() {
                found
            } else {
                found.because(
                    Kind::Protection,
                    "Why not",
                    &updates.problem,
                    &updates.source,
                )
            }])
        }
        State::Unknown | State::Unspecified => Verdict::unknown(),
    }
}

/// Updates are meant to come by themselves, but did not for long.
pub(super) fn failing(look: &Look<'_>) -> Verdict {
    let Some(updates) = look
        .facts
        .protection
        .read()
        .and_then(|it| it.updates.as_ref())
    else {
        return Verdict::unknown();
    };
    if updates.automatic() != State::On {
        return Verdict::seen([], updates.automatic() == State::Off);
    }
    let moments = [
        ("Last successful update", updates.last_success_at.as_ref()),
        ("Last search for updates", updates.last_check_at.as_ref()),
    ];
    let known: Vec<_> = moments
        .iter()
        .filter_map(|(fact, at)| Some((*fact, time((*at)?))))
        .collect();
    let Some((fact, at)) = known.iter().max_by_key(|(_, at)| *at) else {
        return Verdict::unknown();
    };
    Verdict::when(look.now.since(*at) >= STALE, || {
        Found::here().with("day", Value::Day(*at)).because(
            Kind::Protection,
            fact,
            &at.to_string(),
            &updates.source,
        )
    })
}

/// Security updates are missing for longer than they need to arrive.
pub(super) fn pending(look: &Look<'_>) -> Verdict {
    const MISSING: &str = "missing";
    let updates = look
        .facts
        .protection
        .read()
        .and_then(|it| it.updates.as_ref());
    let Some((updates, missing)) = updates.and_then(|it| Some((it, it.pending_security?))) else {
        return Verdict::unknown();
    };
    if missing == 0 {
        return Verdict::fine();
    }
    let since = look.since(MISSING).unwrap_or(look.now);
    let waited = look.now.since(since);
    let found = (waited >= PATIENCE).then(|| {
        let severity = if waited >= URGENT {
            FindingSeverity::ActNow
        } else {
            FindingSeverity::Plan
        };
        Found::here()
            .severity(severity)
            .with("day", Value::Day(since))
            .because(
                Kind::Protection,
                "Security updates missing",
                &missing.to_string(),
                &updates.source,
            )
    });
    Verdict::of(found).mark(MISSING)
}

#[cfg(test)]
mod tests;
