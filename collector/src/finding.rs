//! What the owner should know, concluded from what computers report.
//!
//! [`rules`] is the one list of rules. Each is a pure function of a [`Look`]: what a machine reported
//! ([`Facts`]), what the collector itself has seen of it, the rest of the business, and what was found and
//! noted before. It answers with a [`Verdict`]. [`state`] turns verdicts into findings that open, change and
//! resolve; [`Board`] keeps the open ones at hand, looks again when something has moved, and writes behind.
//!
//! Unknown is never fine: a rule that lacks what it rests on resolves nothing.

mod board;
mod business;
mod facts;
mod look;
mod moving;
mod rules;
mod state;
mod text;
mod verdict;

#[cfg(test)]
pub(crate) mod tests;

use std::{fmt, str::FromStr, sync::Arc};

use freehold_proto::v1::section::Kind;

pub use board::{
    AsideError, Board, ClaimError, Claims, LONGEST_DAYS, LONGEST_REASON, LONGEST_SUPPLIER,
    Progress, Subject, Whose, WriteFindingsError,
};
pub use business::Business;
pub use facts::{Facts, Told};
pub use look::Look;
pub(crate) use rules::support_ends;
pub use rules::{RULES, rule};
pub use text::Words;
pub use verdict::{Evidence, Found, Particular, Value, Verdict};

use crate::{
    clock::UnixMillis,
    id::MachineId,
    store::record::{AsideRecord, EpisodeRecord, FindingSeverity},
};

/// A rule, as the list of rules declares it.
#[derive(Debug)]
pub struct Rule {
    /// Its identifier, which never changes: stored findings name it.
    pub id: &'static str,
    /// How serious what it finds is, unless the finding says otherwise.
    pub severity: FindingSeverity,
    /// The sections its findings rest on: who may not see all of them sees no such finding.
    pub sections: &'static [Kind],
    /// Whether its findings tell of other machines too.
    pub compares: Compares,
    /// What is said about it.
    pub words: &'static Words,
    /// Looks at a machine.
    pub check: fn(&Look<'_>) -> Verdict,
}

/// Whether what a rule finds on one machine tells of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compares {
    /// It does not.
    Nothing,
    /// It does: who does not see every machine is told what another rule would say, by its identifier.
    Else(&'static str),
    /// It does: who does not see every machine is not told.
    Everything,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Which finding: of which machine, and a hash of rule and subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId {
    /// The machine.
    pub machine: MachineId,
    /// The hash.
    pub hash: u64,
}

impl FindingId {
    /// Of a rule's finding about a subject.
    #[cfg(test)]
    pub(crate) fn new(machine: MachineId, rule: &str, subject: &str) -> Self {
        let hash = state::hash(rule, subject);
        Self { machine, hash }
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.machine, self.hash)
    }
}

/// The text is no identifier of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the identifier of a finding")]
pub struct InvalidFindingId;

impl FromStr for FindingId {
    type Err = InvalidFindingId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (machine, hash) = text.rsplit_once('-').ok_or(InvalidFindingId)?;
        if hash.len() != 16 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidFindingId);
        }
        Ok(Self {
            machine: machine.parse().map_err(|_| InvalidFindingId)?,
            hash: u64::from_str_radix(hash, 16).map_err(|_| InvalidFindingId)?,
        })
    }
}

/// An open finding, as it is kept at hand: no more than lists show.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which.
    pub id: FindingId,
    /// What found it.
    pub rule: &'static Rule,
    /// How serious it is.
    pub severity: FindingSeverity,
    /// What its sentences name.
    pub particulars: Box<[Particular]>,
    /// When it opened.
    pub opened_at: UnixMillis,
    /// Since when it cannot be checked; `None` while it can.
    pub unchecked_since: Option<UnixMillis>,
    /// That the owner set it aside, also when that is over.
    pub aside: Option<Arc<AsideRecord>>,
}

impl Finding {
    /// How the owner set it aside, while that holds: until its day, and while it does not become more serious.
    pub fn aside(&self, now: UnixMillis) -> Option<&AsideRecord> {
        let aside = self.aside.as_deref()?;
        let holds = now.0 < aside.until && aside.severity() <= self.severity;
        holds.then_some(aside)
    }

    /// It is something to look at: not only good to know, and not set aside.
    pub fn needs_a_look(&self, now: UnixMillis) -> bool {
        self.severity != FindingSeverity::Know && self.aside(now).is_none()
    }
}

/// A finding with everything that is stored of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// As in lists.
    pub finding: Arc<Finding>,
    /// When it was resolved; `None` while it is open.
    pub resolved_at: Option<UnixMillis>,
    /// When what it says last changed.
    pub changed_at: UnixMillis,
    /// Since when it is no longer found, while it is kept open because it came back too often.
    pub absent_since: Option<UnixMillis>,
    /// What it was concluded from.
    pub evidence: Vec<Evidence>,
    /// The last times it was open before, oldest first.
    pub episodes: Vec<EpisodeRecord>,
}
