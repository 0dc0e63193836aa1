//! What suppliers may read: given, extended and ended by the owner alone.

mod change;
mod ending;
mod error;
mod scope;

use std::{fmt, str::FromStr, time::Duration};

use uuid::Uuid;

pub use change::Terms;
pub use ending::Ending;
pub use error::{GrantError, ScopeError};
pub use scope::{described, parsed_scope, written};

use self::change::{end, told};
use super::Scope;
use crate::{
    audit::{Actor, Log},
    authority::Revocations,
    clock::{Clock, UnixMillis},
    store::{
        Read as _, Store, StoreError, Txn, WriteError,
        record::{GrantRecord, GrantStanding, LogAct},
    },
};

/// Days a grant holds unless said otherwise.
pub const DEFAULT_DAYS: u32 = 90;

/// Days a grant holds at most, counted from when that is decided.
pub const LONGEST_DAYS: u32 = 365;

/// Longest name of a supplier, and longest note, in characters.
const LONGEST_NAME: usize = 80;
const LONGEST_NOTE: usize = 300;

/// Grants kept at most.
const MOST: usize = 10_000;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A grant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantId(pub [u8; 16]);

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for GrantId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(|id| Self(id.into_bytes()))
    }
}

/// What a supplier may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its identifier.
    pub id: GrantId,
    /// The supplier.
    pub supplier: String,
    /// What is shared.
    pub scope: Scope,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it ends.
    pub expires_at: UnixMillis,
    /// Why it was made; may be empty.
    pub note: String,
    /// Whole lists may be taken along.
    pub may_export: bool,
    /// How its end was last moved; `None` when it never was.
    pub moved: Option<Moved>,
    /// The end that people were told of, and how many days before it at the least.
    end_told: Option<(UnixMillis, u32)>,
    standing: GrantStanding,
}

/// How the end of a grant was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// When.
    pub at: UnixMillis,
    /// When it would have ended.
    pub from: UnixMillis,
    /// Who did it; empty for the collector's console.
    pub by: String,
}

/// How a grant stands at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// It holds.
    Active,
    /// It rests until the owner confirms it.
    Suspended,
    /// Its time is over.
    Expired,
    /// It was ended for good.
    Revoked,
}

impl GrantState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What a new grant shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewGrant {
    /// The supplier.
    pub supplier: String,
    /// What is shared.
    pub scope: Scope,
    /// Days until it ends.
    pub days: u32,
    /// Why; may be empty.
    pub note: String,
    /// Whether whole lists may be taken along.
    pub may_export: bool,
}

impl Grant {
    /// How it stands.
    pub fn state(&self, now: UnixMillis) -> GrantState {
        match self.standing {
            GrantStanding::Revoked | GrantStanding::Unspecified => GrantState::Revoked,
            _ if self.expires_at <= now => GrantState::Expired,
            GrantStanding::Suspended => GrantState::Suspended,
            GrantStanding::Active => GrantState::Active,
        }
    }

    /// From its record. What cannot be understood shares nothing.
    pub(super) fn new(record: &GrantRecord) -> Option<Self> {
        Some(Self {
            id: GrantId(record.id.as_slice().try_into().ok()?),
            supplier: record.supplier.clone(),
            scope: scope::from_records(&record.rules),
            created_at: UnixMillis(record.created_at),
            expires_at: UnixMillis(record.expires_at),
            note: record.note.clone(),
            may_export: record.may_export,
            moved: (record.moved_at != 0).then(|| Moved {
                at: UnixMillis(record.moved_at),
                from: UnixMillis(record.moved_from),
                by: record.moved_by.clone(),
            }),
            end_told: (record.end_told != 0)
                .then_some((UnixMillis(record.end_told), record.end_told_days)),
            standing: record.standing(),
        })
    }
}

/// Makes and ends grants. Clones share them.
#[derive(Clone)]
pub struct Grants {
    store: Store,
    log: Log,
    clock: Clock,
    /// What was ended, also for the day an old backup is restored.
    revocations: Option<Revocations>,
}

impl Grants {
    /// Over a store.
    pub fn new(store: Store, log: Log, clock: Clock) -> Self {
        Self {
            store,
            log,
            clock,
            revocations: None,
        }
    }

    /// The same, noting what is ended where an old backup does not bring it back.
    #[must_use]
    pub fn noting_in(self, revocations: Revocations) -> Self {
        Self {
            revocations: Some(revocations),
            ..self
        }
    }

    /// Makes a grant.
    pub async fn create(&self, new: NewGrant, by: &Actor) -> Result<Grant, GrantError> {
        let now = self.clock.now();
        let supplier = checked_name(&new.supplier)?;
        let note = checked_note(&new.note)?;
        let id = GrantId(Uuid::new_v4().into_bytes());
        let record = GrantRecord {
            id: id.0.to_vec(),
            supplier,
            rules: scope::to_records(&new.scope)?,
            created_at: now.0,
            expires_at: end(now, new.days)?.0,
            note,
            may_export: new.may_export,
            standing: GrantStanding::Active.into(),
            standing_since: now.0,
            ..GrantRecord::default()
        };
        let grant = Grant::new(&record).ok_or(GrantError::Unknown)?;
        let event = told(LogAct::CreatedGrant, &grant).detail(&format!(
            "{}, until {}",
            described(&grant.scope),
            grant.expires_at
        ));
        let (log, by) = (self.log.clone(), by.clone());
        self.write(move |txn| {
            if txn.grants()?.len() >= MOST {
                return Err(GrantError::TooMany);
            }
            txn.put_grant(&id.0, &record);
            log.note(txn, &by, event)?;
            Ok(())
        })
        .await?;
        Ok(grant)
    }

    /// All grants, the newest first.
    pub fn all(&self) -> Result<Vec<Grant>, StoreError> {
        let mut grants: Vec<Grant> = self.store.grants()?.iter().filter_map(Grant::new).collect();
        grants.sort_by_key(|grant| std::cmp::Reverse(grant.created_at));
        Ok(grants)
    }

    /// One grant.
    pub fn of(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        Ok(self.store.grant(&id.0)?.as_ref().and_then(Grant::new))
    }

    /// The grant that a person means: by identifier, an unambiguous beginning of it, or the supplier's name.
    pub fn find(&self, text: &str) -> Result<Grant, GrantError> {
        let wanted = text.trim().to_lowercase();
        let mut found: Vec<Grant> = self
            .all()?
            .into_iter()
            .filter(|grant| {
                grant.supplier.to_lowercase() == wanted
                    || (wanted.len() >= 4 && grant.id.to_string().starts_with(&wanted))
            })
            .collect();
        match (found.pop(), found.is_empty()) {
            (Some(grant), true) => Ok(grant),
            (None, _) => Err(GrantError::Unknown),
            _ => Err(GrantError::Ambiguous),
        }
    }

    /// Urgent: an owner must be able to shut a supplier out while the disk is nearly full.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Txn) -> Result<T, GrantError> + Send + 'static,
    ) -> Result<T, GrantError> {
        self.store
            .write_urgent(change)
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => GrantError::Write(other.into()),
            })
    }
}

impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grants")
    }
}

fn checked_name(name: &str) -> Result<String, GrantError> {
    let name = name.trim();
    let characters = name.chars().count();
    if !(1..=LONGEST_NAME).contains(&characters) || name.chars().any(char::is_control) {
        return Err(GrantError::Supplier);
    }
    Ok(name.to_owned())
}

fn checked_note(note: &str) -> Result<String, GrantError> {
    let note = note.trim();
    if note.chars().count() > LONGEST_NOTE || note.chars().any(char::is_control) {
        return Err(GrantError::Note);
    }
    Ok(note.to_owned())
}

#[cfg(test)]
mod tests;
