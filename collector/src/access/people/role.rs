//! In which capacity a person reads: decided anew at every request.

use super::{People, PersonId};
use crate::{
    access::{Grant, GrantId, GrantState, Scope, Viewer},
    audit::Actor,
    clock::UnixMillis,
    store::{
        Read as _, StoreError,
        record::{PersonRecord, PersonRole},
    },
};

/// In which capacity a person reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees and decides everything.
    Owner,
    /// Reads under a grant.
    Delegate(Delegation),
}

impl Role {
    /// What a person may read in this capacity.
    pub fn viewer(&self, person: PersonId) -> Viewer {
        match self {
            Self::Owner => Viewer::owner(person),
            Self::Delegate(under) => Viewer::delegate(person, under.grant, under.scope.clone()),
        }
    }

    /// A person who acts in this capacity, for the log.
    pub fn actor(&self, person: PersonId, name: &str) -> Actor {
        match self {
            Self::Owner => Actor::owner(person, name),
            Self::Delegate(under) => Actor::delegate(person, name, &under.supplier, under.grant),
        }
    }

    /// Under what is read; `None` for an owner.
    pub fn delegation(&self) -> Option<&Delegation> {
        match self {
            Self::Owner => None,
            Self::Delegate(under) => Some(under),
        }
    }
}

/// Under what a delegate reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The grant.
    pub grant: GrantId,
    /// The company.
    pub supplier: String,
    /// What is shared.
    pub scope: Scope,
    /// Until when.
    pub until: UnixMillis,
    /// Whole lists may be taken along.
    pub may_export: bool,
    /// The person may invite colleagues.
    pub leads: bool,
}

/// What has become of a person's access.
pub(super) enum Standing {
    /// The person may read.
    Good(Role),
    /// The grant does not hold now.
    Over(Box<Grant>, GrantState),
    /// The person's own access was ended, or there never was any.
    Ended,
}

impl People {
    /// What a person may do now.
    pub(super) fn standing(&self, person: &PersonRecord) -> Result<Standing, StoreError> {
        match person.role() {
            PersonRole::Owner if person.ended_at == 0 => Ok(Standing::Good(Role::Owner)),
            PersonRole::Delegate if person.ended_at == 0 => {
                let id: Option<[u8; 16]> = person.grant.as_slice().try_into().ok();
                let record = id.map(|id| self.store.grant(&id)).transpose()?.flatten();
                let Some(grant) = record.as_ref().and_then(Grant::new) else {
                    return Ok(Standing::Ended);
                };
                Ok(match grant.state(self.clock.now()) {
                    GrantState::Active => {
                        Standing::Good(Role::Delegate(delegation(grant, person.leads)))
                    }
                    over => Standing::Over(Box::new(grant), over),
                })
            }
            PersonRole::Owner | PersonRole::Delegate | PersonRole::Unspecified => {
                Ok(Standing::Ended)
            }
        }
    }
}

/// What a grant that holds lets its technicians do.
pub(super) fn delegation(grant: Grant, leads: bool) -> Delegation {
    Delegation {
        grant: grant.id,
        supplier: grant.supplier,
        scope: grant.scope,
        until: grant.expires_at,
        may_export: grant.may_export,
        leads,
    }
}
