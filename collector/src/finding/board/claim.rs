//! What the owner says about administrators: whose account each of them is.

use std::{collections::HashMap, fmt, sync::Arc};

use super::Board;
use crate::{
    audit::{Actor, Event as Entry},
    events::Event,
    id::MachineId,
    store::{
        StoreError, WriteError,
        record::{ClaimRecord, ClaimedBy, ClaimsRecord, LogAct},
    },
};

/// Longest name of a supplier, in characters.
pub const LONGEST_SUPPLIER: usize = 80;

/// Accounts of one machine of which it is said whose they are.
const MOST: usize = 1000;

/// Whose the account of an administrator is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// The business's own.
    Ours,
    /// A supplier's, by its name.
    Supplier(String),
    /// One that the maker of a program needs.
    Maker,
}

/// What the owner said about administrators, by machine.
pub type Claims = HashMap<MachineId, Arc<ClaimsRecord>>;

/// Why it was not noted whose an account is.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The supplier has no name, or too long a one.
    #[error("Name the supplier: 1 to {LONGEST_SUPPLIER} characters on one line.")]
    Supplier,
    /// Too much is said about one machine.
    #[error("Of one of these computers it is said already whose {MOST} accounts are.")]
    TooMany,
    /// The store failed.
    #[error("it could not be noted whose the account is")]
    Store(#[from] StoreError),
    /// The change could not be made durable.
    #[error("it could not be noted whose the account is")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Whose {
    /// As stored; `None` for what a newer program knows.
    pub fn of(record: &ClaimRecord) -> Option<Self> {
        match record.whose() {
            ClaimedBy::Unspecified => None,
            ClaimedBy::Ours => Some(Self::Ours),
            ClaimedBy::Supplier => Some(Self::Supplier(record.supplier.clone())),
            ClaimedBy::Maker => Some(Self::Maker),
        }
    }

    fn checked(self) -> Result<Self, ClaimError> {
        let Self::Supplier(name) = self else {
            return Ok(self);
        };
        let name = name.trim();
        let fits = (1..=LONGEST_SUPPLIER).contains(&name.chars().count());
        if !fits || name.chars().any(char::is_control) {
            return Err(ClaimError::Supplier);
        }
        Ok(Self::Supplier(name.to_owned()))
    }

    fn to_record(&self) -> ClaimRecord {
        let (whose, supplier) = match self {
            Self::Ours => (ClaimedBy::Ours, ""),
            Self::Supplier(name) => (ClaimedBy::Supplier, name.as_str()),
            Self::Maker => (ClaimedBy::Maker, ""),
        };
        ClaimRecord {
            whose: whose.into(),
            supplier: supplier.to_owned(),
            ..ClaimRecord::default()
        }
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours => f.write_str("ours"),
            Self::Supplier(name) => write!(f, "{name}'s"),
            Self::Maker => f.write_str("needed by the maker of a program"),
        }
    }
}

impl ClaimsRecord {
    /// Whose an account is; `None` when nobody has said so.
    pub fn whose(&self, principal: &str) -> Option<Whose> {
        let mut claims = self.claims.iter();
        let claim = claims.find(|claim| claim.principal == principal)?;
        Whose::of(claim)
    }
}

impl Board {
    /// What the owner said about administrators.
    pub fn claims(&self) -> Claims {
        self.kept().claims.clone()
    }

    /// Notes whose an account is on these machines; `None` takes back what was said.
    pub async fn claim(
        &self,
        machines: &[MachineId],
        principal: &str,
        whose: Option<Whose>,
        by: &Actor,
    ) -> Result<(), ClaimError> {
        let whose = whose.map(Whose::checked).transpose()?;
        let entry = entry(principal, machines.len(), whose.as_ref());
        let record = whose.map(|whose| ClaimRecord {
            principal: principal.to_owned(),
            at: self.shared.clock.now().0,
            by: by.name.clone(),
            ..whose.to_record()
        });
        let (log, by) = (self.shared.log.clone(), by.clone());
        let (machines, principal) = (machines.to_vec(), principal.to_owned());
        let written = self.shared.store.write(move |txn| {
            let mut said = Claims::new();
            for id in machines {
                // One that was erased meanwhile leaves nothing behind.
                if !txn.knows_machine(id)? {
                    continue;
                }
                let mut claims = txn.claims(id)?;
                claims.claims.retain(|claim| claim.principal != principal);
                if record.is_some() && claims.claims.len() >= MOST {
                    return Err(ClaimError::TooMany);
                }
                claims.claims.extend(record.clone());
                txn.put_claims(id, &claims);
                said.insert(id, Arc::new(claims));
            }
            log.note(txn, &by, entry)?;
            Ok(said)
        });
        let said = written.await.map_err(|error| match error {
            WriteError::Change(error) => error,
            other => ClaimError::Write(other.into()),
        })?;
        self.take_in(said);
        Ok(())
    }

    /// Looks at these machines again: what rules conclude may be something else now.
    fn take_in(&self, said: Claims) {
        let machines: Vec<MachineId> = said.keys().copied().collect();
        let mut kept = self.kept();
        for (id, claims) in said {
            kept.due.insert(id);
            if claims.claims.is_empty() {
                kept.claims.remove(&id);
            } else {
                kept.claims.insert(id, claims);
            }
        }
        drop(kept);
        // One is enough for open pages, and for the loop that goes through reports.
        if let Some(id) = machines.first() {
            self.shared.events.announce(Event::Machine(*id));
        }
    }

    /// Says which suppliers had access to the record once and have none now, by their names in small letters.
    pub fn note_ended(&self, ended: std::collections::BTreeSet<String>) {
        let mut kept = self.kept();
        if kept.ended.as_ref() != Some(&ended) {
            kept.ended = Some(ended);
            let with: Vec<MachineId> = kept.claims.keys().copied().collect();
            kept.due.extend(with);
        }
    }
}

/// What the log says.
fn entry(principal: &str, machines: usize, whose: Option<&Whose>) -> Entry {
    let computers = match machines {
        1 => "1 computer".to_owned(),
        many => format!("{many} computers"),
    };
    let detail = match whose {
        Some(whose) => format!("{principal} on {computers} is {whose}"),
        None => format!("{principal} on {computers} is nobody's that is known"),
    };
    Entry::new(LogAct::Claimed).detail(&detail)
}
