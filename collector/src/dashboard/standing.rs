//! How a computer stands: what its owner should look at, and the word for it.

use super::{
    findings::severity_tone,
    markup::Markup,
    text::computers as words,
    tone::{Badge, Tone},
};
use crate::{
    access::{Fact, MachineLine, Protection, Weakness},
    clock::UnixMillis,
    finding::Progress,
    id::MachineId,
    store::record::MachineState,
};

/// How a computer stands.
#[derive(Debug)]
pub(super) struct Standing {
    /// How serious that is.
    pub(super) tone: Tone,
    word: &'static str,
    /// It needs a look: something was found that is more than good to know, and not set aside.
    pub(super) needs_a_look: bool,
    /// How its protection stands.
    pub(super) protection: Shield,
    /// It has said nothing for long.
    pub(super) silent: bool,
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
        let is_in_service = matches!(machine.state, MachineState::Active | MachineState::Waiting);
        let mut matters = line
            .findings
            .iter()
            .filter(|finding| is_in_service && finding.needs_a_look(now))
            .peekable();
        // The worst comes first.
        let worst = matters
            .peek()
            .map(|finding| severity_tone(finding.severity));
        let silent = matters.any(|finding| finding.rule.id == "silent");
        let (tone, word) = match (machine.state, worst) {
            // What was found then is not kept, and nothing found does not mean fine.
            _ if line.moment.at().is_some() => (Tone::Unknown, words::PAST),
            (MachineState::Waiting, _) => (Tone::Warn, words::WAITING),
            (MachineState::Retired, _) => (Tone::Plain, words::RETIRED),
            (MachineState::Revoked, _) => (Tone::Plain, words::REVOKED),
            (MachineState::Active, None) if line.progress != Progress::Done => {
                (Tone::Unknown, words::BEHIND)
            }
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
            needs_a_look: worst.is_some(),
            protection,
            silent,
        }
    }

    /// The word for it, as text.
    pub(super) fn word(&self) -> &'static str {
        self.word
    }

    /// The word for it.
    pub(super) fn badge(&self) -> Badge {
        Badge::new(self.tone, self.word)
    }
}

fn weakness_tone(weakness: Weakness) -> Tone {
    match weakness {
        Weakness::MayNotWatch | Weakness::StateUnknown => Tone::Unknown,
        Weakness::Outdated | Weakness::NotWatching | Weakness::OnDemand | Weakness::Passive => {
            Tone::Warn
        }
        Weakness::Stopped => Tone::Bad,
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
        Fact::Known(Protection::Weak { weakness, .. }) => weakness_tone(*weakness),
        Fact::Known(Protection::Absent) => Tone::Bad,
        Fact::Known(Protection::Unknown) | Fact::Unreadable | Fact::NotReported | Fact::NotRead => {
            Tone::Unknown
        }
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
        Fact::NotRead => Badge::new(tone, words::NOT_READ),
        Fact::NotReported => Badge::new(tone, words::NOT_REPORTED),
        Fact::Hidden => Badge::new(tone, words::HIDDEN),
    }
}
