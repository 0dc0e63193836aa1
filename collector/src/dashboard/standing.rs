//! How a computer stands: what its owner should look at, and the word for it.

use std::{sync::Arc, time::Duration};

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

/// How a computer stands. Says nothing in full yet: with thousands of them, sentences are made for those that
/// are shown alone.
#[derive(Debug)]
pub(super) struct Standing {
    /// How serious that is.
    pub(super) tone: Tone,
    word: &'static str,
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
    message: &'static str,
    particular: Particular,
}

/// What a sentence names besides the computer.
#[derive(Clone, Debug)]
enum Particular {
    Nothing,
    Product(Arc<str>),
    Time(UnixMillis),
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
        let seen = line.seen.as_ref().map(|seen| seen.at);
        let silent = machine.state == MachineState::Active
            && now.since(seen.unwrap_or(machine.enrolled_at)) >= SILENCE;
        let matters = match machine.state {
            MachineState::Waiting => vec![Matter::new(Tone::Warn, matters::WAITS)],
            MachineState::Active => {
                let mut found = in_service(line, silent);
                found.sort_by_key(|matter| matter.tone);
                found
            }
            _ => Vec::new(),
        };
        let worst = matters.first().map(|matter| matter.tone);
        let (tone, word) = match (machine.state, worst) {
            (MachineState::Waiting, _) => (Tone::Warn, words::WAITING),
            (MachineState::Retired, _) => (Tone::Plain, words::RETIRED),
            (MachineState::Revoked, _) => (Tone::Plain, words::REVOKED),
            (MachineState::Active, None) => (Tone::Good, words::FINE),
            (MachineState::Active, _) if seen.is_none() => (Tone::Unknown, words::NO_REPORT),
            (MachineState::Active, _) if silent => (Tone::Warn, words::SILENT),
            (MachineState::Active, Some(Tone::Unknown))
            | (MachineState::Unspecified | MachineState::Erased, _) => {
                (Tone::Unknown, words::NOT_KNOWN)
            }
            (MachineState::Active, Some(tone)) => (tone, words::LOOK),
        };
        Self {
            tone,
            word,
            matters,
            protection,
            silent,
        }
    }

    /// The word for it.
    pub(super) fn badge(&self) -> Badge {
        Badge::new(self.tone, self.word)
    }
}

impl Matter {
    fn new(tone: Tone, message: &'static str) -> Self {
        Self {
            tone,
            message,
            particular: Particular::Nothing,
        }
    }

    fn about(self, particular: Particular) -> Self {
        Self { particular, ..self }
    }

    /// The sentence about the computer it is about.
    pub(super) fn sentence(&self, line: &MachineLine, now: UnixMillis) -> Markup {
        let mut places = vec![("computer", link(line))];
        match &self.particular {
            Particular::Nothing => {}
            Particular::Product(product) => places.push(("product", Markup::name(product))),
            Particular::Time(at) => places.push(("when", Markup::time(*at, now))),
        }
        Markup::fill(self.message, &places)
    }
}

fn in_service(line: &MachineLine, silent: bool) -> Vec<Matter> {
    let mut found: Vec<Matter> = line
        .machine
        .notices
        .iter()
        .filter_map(|notice| notice_matter(notice.kind))
        .map(|(tone, message)| Matter::new(tone, message))
        .collect();
    let Some(seen) = &line.seen else {
        found.push(Matter::new(Tone::Unknown, matters::NO_REPORT));
        return found;
    };
    if silent {
        let matter = Matter::new(Tone::Warn, matters::SILENT);
        found.push(matter.about(Particular::Time(seen.at)));
    }
    match &line.headline.protection {
        Fact::Known(Protection::Weak { product, weakness }) => {
            let (tone, message) = weakness_matter(*weakness);
            let product = Particular::Product(Arc::clone(product));
            found.push(Matter::new(tone, message).about(product));
        }
        Fact::Known(Protection::Absent) => found.push(Matter::new(Tone::Bad, matters::ABSENT)),
        Fact::Known(Protection::Unknown) | Fact::Unreadable | Fact::NotReported => {
            found.push(Matter::new(Tone::Unknown, matters::PROTECTION_UNKNOWN));
        }
        Fact::Known(Protection::Working { .. }) | Fact::Hidden => {}
    }
    let administrators_known = match &line.headline.administrators {
        Fact::Known(administrators) => administrators.complete,
        Fact::Hidden => true,
        Fact::Unreadable | Fact::NotReported => false,
    };
    if !administrators_known {
        found.push(Matter::new(Tone::Unknown, matters::ADMINISTRATORS_UNREAD));
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

/// How serious it is what is known of the antivirus.
pub(super) fn protection_tone(protection: &Fact<Protection>) -> Tone {
    match protection {
        Fact::Known(Protection::Working { .. }) => Tone::Good,
        Fact::Known(Protection::Weak { weakness, .. }) => weakness_matter(*weakness).0,
        Fact::Known(Protection::Absent) => Tone::Bad,
        Fact::Known(Protection::Unknown) | Fact::Unreadable | Fact::NotReported => Tone::Unknown,
        Fact::Hidden => Tone::Plain,
    }
}

/// The antivirus in a word.
pub(super) fn protection_badge(protection: &Fact<Protection>) -> Badge {
    let tone = protection_tone(protection);
    match protection {
        Fact::Known(Protection::Working { product } | Protection::Weak { product, .. }) => {
            Badge::of(tone, Markup::name(product))
        }
        Fact::Known(Protection::Absent) => Badge::new(tone, words::PROTECTION_NONE),
        Fact::Known(Protection::Unknown) | Fact::Unreadable => {
            Badge::new(tone, words::PROTECTION_UNKNOWN)
        }
        Fact::NotReported => Badge::new(tone, words::NOT_REPORTED),
        Fact::Hidden => Badge::new(tone, words::HIDDEN),
    }
}
