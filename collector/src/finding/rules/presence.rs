//! Whether a machine is heard, and whether it is the one it says.

use std::time::Duration;

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::section::{Kind, Status};

use super::super::{Found, Look, Value, Verdict};
use crate::{
    access::Notice,
    store::record::{MachineState, NoticeKind},
};

/// How long a computer may say nothing before it counts as silent: a long weekend.
const SILENCE: Duration = Duration::from_secs(4 * 24 * 60 * 60);

/// How long before its end a certificate should have been renewed for long, and what one has left that was.
const NOT_RENEWED: Duration = Duration::from_secs(5 * 24 * 60 * 60);
const RENEWED: Duration = Duration::from_secs(9 * 24 * 60 * 60);

/// How lately a computer that could renew was heard.
const HEARD_LATELY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a section may be unreadable.
const DAYS: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// Sections that are spoken of when they cannot be read.
const FAILING: [Kind; 5] = [
    Kind::System,
    Kind::Hardware,
    Kind::Software,
    Kind::Services,
    Kind::Protection,
];

/// It wants to join.
pub(super) fn waiting(look: &Look<'_>) -> Verdict {
    Verdict::when(look.machine.state == MachineState::Waiting, || {
        Found::here().because(
            None,
            "Host name it joined with",
            &look.machine.host_name,
            "",
        )
    })
}

/// It has joined, but never reported.
pub(super) fn no_report(look: &Look<'_>) -> Verdict {
    let is_here = look.machine.state == MachineState::Active;
    Verdict::when(is_here && look.seen.is_none(), || {
        let joined = look.machine.enrolled_at.to_string();
        Found::here().because(None, "Joined", &joined, "")
    })
}

/// It was heard once, but not for days. While the collector has only just started, silence is the collector's
/// own: nothing is concluded from it, and nothing ended but by being heard.
pub(super) fn silent(look: &Look<'_>) -> Verdict {
    let Some(seen) = look
        .seen
        .filter(|_| look.machine.state == MachineState::Active)
    else {
        return Verdict::fine();
    };
    let is_silent = look.now.since(seen.at) >= SILENCE;
    if is_silent && !look.business.is_settled && !look.is_open("") {
        return Verdict::unknown();
    }
    Verdict::when(is_silent, || {
        Found::here().with("when", Value::Time(seen.at)).because(
            None,
            "Last heard",
            &seen.at.to_string(),
            "",
        )
    })
}

/// Two use its key, or it was set back.
pub(super) fn clone(look: &Look<'_>) -> Verdict {
    noticed(look, NoticeKind::ForkedChain)
}

/// Its clock is wrong.
pub(super) fn clock(look: &Look<'_>) -> Verdict {
    noticed(look, NoticeKind::WrongClock)
}

/// It reported too much.
pub(super) fn quota(look: &Look<'_>) -> Verdict {
    noticed(look, NoticeKind::OverQuota)
}

/// It lost reports.
pub(super) fn lost_reports(look: &Look<'_>) -> Verdict {
    noticed(look, NoticeKind::SpoolOverflow)
}

/// It sent what is no report.
pub(super) fn invalid_report(look: &Look<'_>) -> Verdict {
    noticed(look, NoticeKind::InvalidReport)
}

/// It has the hardware of a machine that is known.
pub(super) fn same_hardware(look: &Look<'_>) -> Verdict {
    let other = look.machine.same_hardware_as;
    let found = other.map(|other| {
        Found::here().because(None, "The computer it looks like", &other.to_string(), "")
    });
    Verdict::of(found)
}

/// Its agent is older than the collector.
pub(super) fn agent_old(look: &Look<'_>) -> Verdict {
    let Some(seen) = look.seen else {
        return Verdict::unknown();
    };
    let own = numbers(look.business.version);
    let (Some(own), Some(its)) = (own, numbers(&seen.agent_version)) else {
        return Verdict::unknown();
    };
    Verdict::when(its < own, || {
        Found::here()
            .name("version", &seen.agent_version)
            .because(None, "Version of its agent", &seen.agent_version, "")
            .because(None, "Version of this collector", look.business.version, "")
    })
}

/// The numbers of a version, such as 1.2.3; `None` for what is none.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let version = version.split(['-', '+']).next()?;
    let mut parts = version.split('.').map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// It is heard, but its certificate nears its end: renewing does not succeed.
pub(super) fn certificate(look: &Look<'_>) -> Verdict {
    let (Some(seen), Some(ends)) = (look.seen, look.machine.certificate_expires_at) else {
        return Verdict::unknown();
    };
    if look.now.since(seen.at) >= HEARD_LATELY {
        // A computer that is off renews when it is on again.
        return Verdict::unknown();
    }
    let left = if look.is_open("") {
        RENEWED
    } else {
        NOT_RENEWED
    };
    Verdict::when(ends.since(look.now) < left, || {
        Found::here().with("day", Value::Day(ends)).because(
            None,
            "Its certificate ends",
            &ends.to_string(),
            "",
        )
    })
}

/// A section that could not be read at all for days. Of antivirus and administrators other rules speak at once.
pub(super) fn section_failing(look: &Look<'_>) -> Verdict {
    let failing = |kind: &&Kind| look.facts.status(**kind) == Status::Unreadable;
    let failing: Vec<&Kind> = FAILING.iter().filter(failing).collect();
    let found = failing.iter().filter_map(|kind| {
        let name = section_name(**kind);
        let since = look.since(name).unwrap_or(look.now);
        (look.now.since(since) >= DAYS).then(|| {
            Found::about(name)
                .name("section", name)
                .with("day", Value::Day(since))
                .because(**kind, "What was read of it", "no source could be read", "")
        })
    });
    let verdict = Verdict::of(found);
    failing
        .iter()
        .fold(verdict, |verdict, kind| verdict.mark(section_name(**kind)))
}

/// What the reporting service has noted.
fn noticed(look: &Look<'_>, kind: NoticeKind) -> Verdict {
    let is_it = |notice: &&Notice| notice.kind == kind;
    Verdict::of(look.machine.notices.iter().find(is_it).map(|notice| {
        let since = notice.since.to_string();
        let found = Found::here().because(None, "Noted first", &since, "");
        if notice.detail.is_empty() {
            found
        } else {
            found.because(None, "Particulars", &notice.detail, "")
        }
    }))
}

#[cfg(test)]
mod tests;
