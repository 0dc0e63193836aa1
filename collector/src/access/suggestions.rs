//! What somebody who may only read proposes about a machine. It waits for an owner, who accepts or refuses it; until
//! then nothing is otherwise.

mod error;

use std::{fmt, str::FromStr};

use uuid::Uuid;

pub use self::error::SuggestionError;
use super::{GrantId, PersonId};
use crate::{
    audit::{Actor, Event, Log},
    clock::UnixMillis,
    id::MachineId,
    machines::{self, Machines},
    store::{
        Read as _, Store, StoreError, Txn, WriteError,
        record::{LogAct, SuggestionKind, SuggestionRecord},
    },
};

/// What of one person may wait at a time, and of everybody together.
const EACH: usize = 20;
const MOST: usize = 500;

/// Longest text of each kind, in characters.
const LONGEST_NAME: usize = 100;
const LONGEST_LABEL: usize = 64;
const LONGEST_NOTE: usize = 300;

/// A suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SuggestionId(pub [u8; 16]);

impl fmt::Display for SuggestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl FromStr for SuggestionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(|id| Self(id.into_bytes()))
    }
}

/// What is proposed about a machine. The text comes from somebody who may only read: it is hostile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// Another name.
    Name(String),
    /// One more label.
    Label(String),
    /// A note, in the place of the one there is.
    Note(String),
}

/// Something that was proposed and waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its identifier.
    pub id: SuggestionId,
    /// The machine.
    pub machine: MachineId,
    /// What is proposed.
    pub proposal: Proposal,
    /// Name of who proposes it.
    pub person: String,
    /// That person's company; empty for an owner.
    pub supplier: String,
    /// The grant it was proposed under.
    pub grant: Option<GrantId>,
    /// When.
    pub at: UnixMillis,
}

impl Proposal {
    /// What kind of thing it is, in a word.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Name(_) => "the name",
            Self::Label(_) => "the label",
            Self::Note(_) => "the note",
        }
    }

    /// What is proposed.
    pub fn text(&self) -> &str {
        match self {
            Self::Name(text) | Self::Label(text) | Self::Note(text) => text,
        }
    }

    fn kind(&self) -> SuggestionKind {
        match self {
            Self::Name(_) => SuggestionKind::Name,
            Self::Label(_) => SuggestionKind::Label,
            Self::Note(_) => SuggestionKind::Note,
        }
    }

    /// The same without what surrounds it, if it can be used.
    fn checked(self) -> Result<Self, SuggestionError> {
        let (longest, forbidden): (usize, &[char]) = match &self {
            Self::Name(_) => (LONGEST_NAME, &[]),
            Self::Label(_) => (LONGEST_LABEL, &[',', '@']),
            Self::Note(_) => (LONGEST_NOTE, &[]),
        };
        let text = self.text().trim().to_owned();
        let fits = (1..=longest).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) || text.contains(forbidden) {
            return Err(SuggestionError::Text { longest });
        }
        Ok(match self {
            Self::Name(_) => Self::Name(text),
            Self::Label(_) => Self::Label(text),
            Self::Note(_) => Self::Note(text),
        })
    }

    /// As the log says it.
    fn told(&self) -> String {
        format!("{} \u{201c}{}\u{201d}", self.noun(), self.text())
    }
}

impl Suggestion {
    /// From its record; `None` for one of a newer program.
    fn new(record: &SuggestionRecord) -> Option<Self> {
        let text = record.text.clone();
        Some(Self {
            id: SuggestionId(record.id.as_slice().try_into().ok()?),
            machine: MachineId::from_bytes(record.machine.as_slice().try_into().ok()?),
            proposal: match record.kind() {
                SuggestionKind::Name => Proposal::Name(text),
                SuggestionKind::Label => Proposal::Label(text),
                SuggestionKind::Note => Proposal::Note(text),
                SuggestionKind::Unspecified => return None,
            },
            person: record.person_name.clone(),
            supplier: record.supplier.clone(),
            grant: record.grant.as_slice().try_into().ok().map(GrantId),
            at: UnixMillis(record.at),
        })
    }
}

/// Keeps what is proposed. Clones share it.
#[derive(Clone)]
pub struct Suggestions {
    store: Store,
    log: Log,
    machines: Machines,
}

impl Suggestions {
    /// Over a store and the registry of machines.
    pub fn new(store: Store, log: Log, machines: Machines) -> Self {
        Self {
            store,
            log,
            machines,
        }
    }

    /// Proposes something about a machine that whoever proposes it may see: the caller has looked. It takes the place
    /// of what the same person proposed of the same kind for it.
    pub async fn suggest(
        &self,
        machine: MachineId,
        proposal: Proposal,
        person: PersonId,
        by: &Actor,
    ) -> Result<(), SuggestionError> {
        let proposal = proposal.checked()?;
        let id = SuggestionId(Uuid::new_v4().into_bytes());
        let record = SuggestionRecord {
            id: id.0.to_vec(),
            machine: machine.as_bytes().to_vec(),
            kind: proposal.kind().into(),
            text: proposal.text().to_owned(),
            person: person.0.to_vec(),
            person_name: by.name.clone(),
            supplier: by.supplier.clone(),
            grant: by.grant.map(|grant| grant.0.to_vec()).unwrap_or_default(),
            at: self.log.clock().now().0,
        };
        let (log, by) = (self.log.clone(), by.clone());
        self.write(move |txn| {
            let known = txn.machine(machine)?.ok_or(SuggestionError::Unknown)?;
            let (mut own, mut all) = (0, 0);
            for old in txn.suggestions()? {
                let same = old.machine == record.machine && old.kind == record.kind;
                match <[u8; 16]>::try_from(old.id.as_slice()) {
                    Ok(id) if same && old.person == record.person => txn.remove_suggestion(&id),
                    _ => {
                        all += 1;
                        own += usize::from(old.person == record.person);
                    }
                }
            }
            if own >= EACH || all >= MOST {
                return Err(SuggestionError::TooMany { each: EACH });
            }
            txn.put_suggestion(&id.0, &record);
            let event = Event::new(LogAct::Suggested)
                .machine(machine, machines::name_of(&known))
                .detail(&proposal.told());
            log.note(txn, &by, event)?;
            Ok(())
        })
        .await
    }

    /// Everything that waits, the oldest first.
    pub fn all(&self) -> Result<Vec<Suggestion>, StoreError> {
        let records = self.store.suggestions()?;
        let mut all: Vec<Suggestion> = records.iter().filter_map(Suggestion::new).collect();
        all.sort_by_key(|suggestion| suggestion.at);
        Ok(all)
    }

    /// How many wait.
    pub fn waiting(&self) -> Result<usize, StoreError> {
        Ok(self.store.suggestions()?.len())
    }

    /// Does what was proposed. Only an owner may decide that: who calls has checked it.
    pub async fn accept(&self, id: SuggestionId, by: &Actor) -> Result<(), SuggestionError> {
        let suggestion = self.store.suggestion(&id.0)?;
        let suggestion = suggestion.as_ref().and_then(Suggestion::new);
        let Suggestion {
            machine, proposal, ..
        } = suggestion.ok_or(SuggestionError::Unknown)?;
        // First what was proposed, then that it no longer waits: an end between the two leaves it waiting, and doing it
        // twice does nothing.
        match &proposal {
            Proposal::Name(name) => self.machines.rename(machine, name, by).await?,
            Proposal::Note(note) => self.machines.note(machine, note, by).await?,
            Proposal::Label(label) => {
                let known = self.machines.of(machine).ok_or(SuggestionError::Unknown)?;
                let labels = [known.labels.as_slice(), std::slice::from_ref(label)].concat();
                self.machines.label(machine, &labels, by).await?
            }
        };
        self.settle(id, LogAct::AcceptedSuggestion, by).await
    }

    /// Leaves everything as it is. Only an owner may decide that: who calls has checked it.
    pub async fn refuse(&self, id: SuggestionId, by: &Actor) -> Result<(), SuggestionError> {
        self.settle(id, LogAct::RefusedSuggestion, by).await
    }

    /// Forgets a suggestion and says in the log, also to whoever made it, what came of it.
    async fn settle(
        &self,
        id: SuggestionId,
        act: LogAct,
        by: &Actor,
    ) -> Result<(), SuggestionError> {
        let (log, by) = (self.log.clone(), by.clone());
        self.write(move |txn| {
            let record = txn.suggestion(&id.0)?.ok_or(SuggestionError::Unknown)?;
            txn.remove_suggestion(&id.0);
            let mut event = Event::new(act);
            event.grant = record.grant.as_slice().try_into().ok().map(GrantId);
            event.about = record.person.as_slice().try_into().ok().map(PersonId);
            if let Some(suggestion) = Suggestion::new(&record) {
                let known = txn.machine(suggestion.machine)?.unwrap_or_default();
                event = event
                    .machine(suggestion.machine, machines::name_of(&known))
                    .detail(&suggestion.proposal.told());
            }
            log.note(txn, &by, event)?;
            Ok(())
        })
        .await
    }

    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<T, SuggestionError> + Send + 'static,
    ) -> Result<T, SuggestionError> {
        self.store.write(change).await.map_err(|error| match error {
            WriteError::Change(error) => error,
            other => SuggestionError::Write(other.into()),
        })
    }
}

impl fmt::Debug for Suggestions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Suggestions")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_is_one_line_of_bounded_length() {
        let right = Proposal::Label(" office ".to_owned()).checked().unwrap();
        assert_eq!(right, Proposal::Label("office".to_owned()));
        assert!(Proposal::Name("x".repeat(LONGEST_NAME)).checked().is_ok());
        for wrong in [
            Proposal::Name(String::new()),
            Proposal::Name("  ".to_owned()),
            Proposal::Name("x".repeat(LONGEST_NAME + 1)),
            Proposal::Name("a\nb".to_owned()),
            Proposal::Label("a,b".to_owned()),
            Proposal::Label("a@b".to_owned()),
            Proposal::Note("a\u{1b}[2J".to_owned()),
            Proposal::Note("x".repeat(LONGEST_NOTE + 1)),
        ] {
            assert!(wrong.clone().checked().is_err(), "{wrong:?}");
        }
    }
}
