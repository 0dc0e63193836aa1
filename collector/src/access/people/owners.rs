//! The owners: one who set the collector up, and others whom an owner invited. There is always at least one.

use super::{People, Person, PersonId, invitation::withdraw, signed_id};
use crate::{
    audit::{Actor, Event},
    clock::UnixMillis,
    store::{
        Read, StoreError, WriteError,
        record::{LogAct, PersonRecord, PersonRole},
    },
};

/// Why an owner's access was not ended.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    /// There is no such owner.
    #[error("There is no such owner.")]
    Unknown,
    /// Nobody would be left.
    #[error("There must be an owner: invite another one first.")]
    Last,
    /// The store could not be read.
    #[error("the owners could not be read")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the owner's access could not be ended")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl People {
    /// Whether an owner has set a password.
    pub fn set_up(&self) -> Result<bool, StoreError> {
        Ok(!signing_in(&self.store)?.is_empty())
    }

    /// The owners who sign in, the one who came first first.
    pub fn owners(&self) -> Result<Vec<Person>, StoreError> {
        let mut owners = signing_in(&self.store)?;
        owners.sort_by_key(|person| (!person.email.is_empty(), person.password_set_at));
        let known = |at: i64| (at != 0).then_some(UnixMillis(at));
        owners
            .into_iter()
            .map(|person| {
                Ok(Person {
                    id: PersonId(signed_id(&person)),
                    has_factor: self.store.factor(&signed_id(&person))?.is_some(),
                    name: person.name,
                    email: person.email,
                    password_set_at: known(person.password_set_at),
                    reset_at: known(person.reset_at),
                })
            })
            .collect()
    }

    /// Whether an owner who signs in without an e-mail address is asked for a code. `None` when nobody signs in that
    /// way: all owners were invited.
    pub fn first_owner_has_factor(&self) -> Result<Option<bool>, StoreError> {
        let Some(owner) = self.owner()? else {
            return Ok(None);
        };
        Ok(Some(self.store.factor(&signed_id(&owner))?.is_some()))
    }

    /// The owner who signs in without an e-mail address: the one who set the collector up, or the only one there is.
    pub(super) fn owner(&self) -> Result<Option<PersonRecord>, StoreError> {
        let mut owners = signing_in(&self.store)?;
        let is_alone = owners.len() == 1;
        owners.retain(|owner| is_alone || owner.email.is_empty());
        Ok(owners.into_iter().min_by_key(|owner| owner.password_set_at))
    }

    /// Ends the access of an owner: sessions, devices and open pages end within a second. Never that of the last one.
    pub async fn end_owner(&self, id: PersonId, by: &Actor) -> Result<(), OwnerError> {
        let now = self.clock.now();
        let (log, by) = (self.log.clone(), by.clone());
        let ended = self
            .store
            .write_urgent(move |txn| {
                let owners = signing_in(txn)?;
                let owner = owners.iter().find(|owner| owner.id == id.0);
                let owner = owner.cloned().ok_or(OwnerError::Unknown)?;
                if owners.len() == 1 {
                    return Err(OwnerError::Last);
                }
                for (hash, session) in txn.sessions()? {
                    if session.person == id.0 {
                        txn.remove_session(&hash);
                    }
                }
                withdraw(txn, id)?;
                txn.put_factor(&id.0, None);
                let event = Event::new(LogAct::EndedPerson)
                    .about(id)
                    .subject(&owner.name);
                let ended = PersonRecord {
                    ended_at: now.0,
                    password: String::new(),
                    ..owner
                };
                txn.put_person(&id.0, &ended);
                log.note(txn, &by, event)?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => OwnerError::Write(other.into()),
            });
        if ended.is_ok() {
            self.ended_for_good(id).await;
        }
        ended
    }
}

/// The owners who have a password and whose access was not ended.
pub(super) fn signing_in(store: &(impl Read + ?Sized)) -> Result<Vec<PersonRecord>, StoreError> {
    let mut people = store.people()?;
    people.retain(|person| {
        person.role() == PersonRole::Owner && person.ended_at == 0 && !person.password.is_empty()
    });
    Ok(people)
}
