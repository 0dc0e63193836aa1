//! The operating system: whether its maker still looks after it.

mod support;

use std::time::Duration;

use freehold_proto::v1::{OperatingSystem, section::Kind, toggle::State};
use support::End;

use super::super::{Found, Look, Value, Verdict, look::state_word};
use crate::clock::UnixMillis;

/// How long before its end support is spoken of.
const SOON: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// How long a restart may be put off.
const RESTART: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// When support of a system ends; `None` when that is not known here.
pub(super) fn end_of(system: &OperatingSystem) -> Option<UnixMillis> {
    support::end_of(system).map(|end| end.at)
}

/// Its maker no longer repairs it.
pub(super) fn unsupported(look: &Look<'_>) -> Verdict {
    supported(look, |ends, now| ends <= now)
}

/// Its maker will soon no longer repair it.
pub(super) fn support_ends(look: &Look<'_>) -> Verdict {
    supported(look, |ends, now| ends > now && ends.since(now) < SOON)
}

fn supported(look: &Look<'_>, is_it: impl Fn(UnixMillis, UnixMillis) -> bool) -> Verdict {
    let Some(section) = look.facts.system.read() else {
        return Verdict::unknown();
    };
    let Some(system) = &section.operating_system else {
        return Verdict::unknown();
    };
    // Not in the table: nobody can tell from here.
    let Some(End { at, source }) = support::end_of(system) else {
        return Verdict::unknown();
    };
    Verdict::when(is_it(at, look.now), || {
        let name = name(system);
        let day = at.to_string();
        let day = day.split('T').next().unwrap_or_default();
        Found::here()
            .name("system", &name)
            .with("day", Value::Day(at))
            .because(Kind::System, "Operating system", &name, "")
            .because(Kind::System, "Build", &system.build, "")
            .because(None, "Its maker's support ends", day, source)
    })
}

fn name(system: &OperatingSystem) -> String {
    let parts = [&system.name, &system.version, &system.edition];
    let parts: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}

/// A restart is put off for long: what was updated does not hold before.
pub(super) fn restart(look: &Look<'_>) -> Verdict {
    const PENDING: &str = "pending";
    let Some(section) = look.facts.system.read() else {
        return Verdict::unknown();
    };
    match section.pending_reboot() {
        State::On => {
            let since = look.since(PENDING).unwrap_or(look.now);
            let is_long = look.now.since(since) >= RESTART;
            let found = Verdict::when(is_long, || {
                let pending = state_word(section.pending_reboot());
                Found::here().with("day", Value::Day(since)).because(
                    Kind::System,
                    "A restart is needed",
                    pending,
                    "",
                )
            });
            found.mark(PENDING)
        }
        State::Off => Verdict::fine(),
        State::Unknown | State::Unspecified => Verdict::unknown(),
    }
}

#[cfg(test)]
mod tests;
