//! How a computer stands: what its owner should look at, and the word for it.

use std::time::Duration;

use super::{
    markup::Markup,
    text::{computers as words, overview as matters},
    tone::{Badge, Tone},
};
use crate::{
    access::{Fact, MachineLine, Protection, Weakness},
    clock::UnixMillis,
    id::MachineId,
    store::record::{MachineState, NoticeKind},
};

/// How long a computer may say nothing before it counts as silent: a long weekend.
const SILENCE: Duration = Duration::from_secs(4 * 24 * 60 * 60);

/// How a computer stands.
#[derive(Debug)]
pub(super) struct Standing {
    /// The word for it.
    pub(super) badge: Badge,
    /// What to look at, the worst first.
    pub(super) matters: Vec<Matter>,
    /// How its protection stands.
    pub(super) protection: Shield,
    /// It has said nothing for long.
    pub(super) silent: bool,
}

/// Something to look at.
#[derive(Clone, Debug)]
pub(super) struct Matter {
    pub(super) tone: Tone,
    pub(super) sentence: Markup,
}

/// Whether a computer is protected against malware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shield {
    /// It is.
    Works,
    /// It is not, or not as it should be.
    Missing,
    /// Nobody can tell.
    Unknown,
}

/// Where a computer's page is.
pub(super) fn path(id: MachineId) -> String {
    format!("/computers/{id}")
}

/// A computer's name as a link to its page.
pub(super) fn link(line: &MachineLine) -> Markup {
    Markup::link(&path(line.machine.id), &Markup::name(&line.machine.name()))
}

impl Standing {
    pub(super) fn of(line: &MachineLine, now: UnixMillis) -> Self {
        let machine = &line.machine;
        let protection = shield(&line.headline.protection);
        let seen = machine.seen.as_ref().map(|seen| seen.at);
        let silent = machine.state == MachineState::Active
            && now.since(seen.unwrap_or(machine.enrolled_at)) >= SILENCE;
        let matters = match machine.state {
            MachineState::Waiting => vec![Matter {
                tone: Tone::Warn,
                sentence: Markup::fill(matters::WAITS, &[("computer", link(line))]),
            }],
            MachineState::Active => {
                let mut found = in_service(line, silent, now);
                found.sort_by_key(|matter| matter.tone);
                found
            }
            _ => Vec::new(),
        };
        let badge = match (machine.state, matters.first().map(|matter| matter.tone)) {
            (MachineState::Waiting, _) => Badge::new(Tone::Warn, words::WAITING),
            (MachineState::Retired, _) => Badge::new(Tone::Plain, words::RETIRED),
            (MachineState::Revoked, _) => Badge::new(Tone::Plain, words::REVOKED),
            (MachineState::Active, None) => Badge::new(Tone::Good, words::FINE),
            (MachineState::Active, _) if seen.is_none() => {
                Badge::new(Tone::Unknown, words::NO_REPORT)
            }
            (MachineState::Active, _) if silent => Badge::new(Tone::Warn, words::SILENT),
            (MachineState::Active, Some(Tone::Unknown))
            | (MachineState::Unspecified | MachineState::Erased, _) => {
                Badge::new(Tone::Unknown, words::NOT_KNOWN)
            }
            (MachineState::Active, Some(tone)) => Badge::new(tone, words::LOOK),
        };
        Self {
            badge,
            matters,
            protection,
            silent,
        }
    }
}

fn in_service(line: &MachineLine, silent: bool, now: UnixMillis) -> Vec<Matter> {
    let computer = || ("computer", link(line));
    let matter = |tone, message| Matter {
        tone,
        sentence: Markup::fill(message, &[computer()]),
    };
    let mut found: Vec<Matter> = line
        .machine
        .notices
        .iter()
        .filter_map(|notice| notice_matter(notice.kind))
        .map(|(tone, message)| matter(tone, message))
        .collect();
    let Some(seen) = &line.machine.seen else {
        found.push(matter(Tone::Unknown, matters::NO_REPORT));
        return found;
    };
    if silent {
        found.push(Matter {
            tone: Tone::Warn,
            sentence: Markup::fill(
                matters::SILENT,
                &[computer(), ("when", Markup::time(seen.at, now))],
            ),
        });
    }
    match &line.headline.protection {
        Fact::Known(Protection::Weak { product, weakness }) => {
            let (tone, message) = weakness_matter(*weakness);
            let product = ("product", Markup::name(product));
            found.push(Matter {
                tone,
                sentence: Markup::fill(message, &[computer(), product]),
            });
        }
        Fact::Known(Protection::Absent) => found.push(matter(Tone::Bad, matters::ABSENT)),
        Fact::Known(Protection::Unknown) | Fact::Unreadable | Fact::NotReported => {
            found.push(matter(Tone::Unknown, matters::PROTECTION_UNKNOWN));
        }
        Fact::Known(Protection::Working { .. }) | Fact::Hidden => {}
    }
    let administrators_known = match &line.headline.administrators {
        Fact::Known(administrators) => administrators.complete,
        Fact::Hidden => true,
        Fact::Unreadable | Fact::NotReported => false,
    };
    if !administrators_known {
        found.push(matter(Tone::Unknown, matters::ADMINISTRATORS_UNREAD));
    }
    found
}

fn notice_matter(kind: NoticeKind) -> Option<(Tone, &'static str)> {
    match kind {
        NoticeKind::ForkedChain => Some((Tone::Bad, matters::NOTICE_FORKED)),
        NoticeKind::WrongClock => Some((Tone::Warn, matters::NOTICE_CLOCK)),
        NoticeKind::OverQuota => Some((Tone::Warn, matters::NOTICE_QUOTA)),
        NoticeKind::SpoolOverflow => Some((Tone::Warn, matters::NOTICE_SPOOL)),
        NoticeKind::InvalidReport => Some((Tone::Warn, matters::NOTICE_INVALID)),
        NoticeKind::Unspecified => None,
    }
}

fn weakness_matter(weakness: Weakness) -> (Tone, &'static str) {
    match weakness {
        Weakness::MayNotWatch => (Tone::Unknown, matters::MAY_NOT_WATCH),
        Weakness::StateUnknown => (Tone::Unknown, matters::STATE_UNKNOWN),
        Weakness::Outdated => (Tone::Warn, matters::OUTDATED),
        Weakness::NotWatching => (Tone::Warn, matters::NOT_WATCHING),
        Weakness::OnDemand => (Tone::Warn, matters::ON_DEMAND),
        Weakness::Passive => (Tone::Warn, matters::PASSIVE),
        Weakness::Stopped => (Tone::Bad, matters::STOPPED),
    }
}

fn shield(protection: &Fact<Protection>) -> Shield {
    match protection {
        Fact::Known(Protection::Working { .. }) => Shield::Works,
        Fact::Known(Protection::Weak {
            weakness: Weakness::MayNotWatch | Weakness::StateUnknown,
            ..
        }) => Shield::Unknown,
        Fact::Known(Protection::Weak { .. } | Protection::Absent) => Shield::Missing,
        _ => Shield::Unknown,
    }
}

/// The antivirus in a word.
pub(super) fn protection_badge(protection: &Fact<Protection>) -> Badge {
    match protection {
        Fact::Known(Protection::Working { product }) => {
            Badge::of(Tone::Good, Markup::name(product))
        }
        Fact::Known(Protection::Weak { product, weakness }) => {
            Badge::of(weakness_matter(*weakness).0, Markup::name(product))
        }
        Fact::Known(Protection::Absent) => Badge::new(Tone::Bad, words::PROTECTION_NONE),
        Fact::Known(Protection::Unknown) | Fact::Unreadable => {
            Badge::new(Tone::Unknown, words::PROTECTION_UNKNOWN)
        }
        Fact::NotReported => Badge::new(Tone::Unknown, words::NOT_REPORTED),
        Fact::Hidden => Badge::new(Tone::Plain, words::HIDDEN),
    }
}
