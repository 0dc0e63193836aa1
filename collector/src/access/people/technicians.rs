//! The technicians of suppliers, as their owner sees them.

use super::{InvitationError, People, PersonId, invitation::withdraw, signed_id};
use crate::{
    access::GrantId,
    audit::{Actor, Entry, Event},
    clock::UnixMillis,
    store::{
        Read as _, StoreError,
        record::{LogAct, PersonRecord, PersonRole},
    },
};

/// A technician, or somebody invited to be one.
#[derive(Clone, Debug, PartialEq)]
pub struct Technician {
    /// Identifier; `None` until the invitation is accepted.
    pub id: Option<PersonId>,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// The grant.
    pub grant: GrantId,
    /// When the invitation was accepted, or expires.
    pub since: UnixMillis,
    /// May invite colleagues under the same grant.
    pub leads: bool,
    /// When the access was ended; `None` while it was not.
    pub ended_at: Option<UnixMillis>,
    /// What was looked at last.
    pub last_read: Option<Entry>,
}

impl People {
    /// The technicians of a grant, and who is invited to be one.
    pub fn technicians(&self, grant: GrantId) -> Result<Vec<Technician>, StoreError> {
        let mut found = Vec::new();
        for person in self.store.people()? {
            if person.role() == PersonRole::Delegate && person.grant == grant.0 {
                found.push(self.technician(&person, grant)?);
            }
        }
        let now = self.clock.now().0;
        for (_, invitation) in self.store.invitations()? {
            let open = invitation.used_at == 0 && invitation.expires_at > now;
            if open && invitation.grant == grant.0 {
                found.push(Technician {
                    id: None,
                    name: invitation.name,
                    email: invitation.email,
                    grant,
                    since: UnixMillis(invitation.expires_at),
                    leads: invitation.leads,
                    ended_at: None,
                    last_read: None,
                });
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// Ends the access of one technician: sessions and open pages end within a second.
    pub async fn end_technician(&self, id: PersonId, by: &Actor) -> Result<(), InvitationError> {
        let now = self.clock.now();
        let (log, by) = (self.log.clone(), by.clone());
        let ended = self
            .store
            .write_urgent(move |txn| {
                let person = txn.person(&id.0)?.ok_or(InvitationError::Unknown)?;
                if person.role() != PersonRole::Delegate || person.ended_at != 0 {
                    return Err(InvitationError::Unknown);
                }
                for (hash, session) in txn.sessions()? {
                    if session.person == id.0 {
                        txn.remove_session(&hash);
                    }
                }
                let mut event = Event::new(LogAct::EndedPerson)
                    .about(id)
                    .subject(&person.name);
                event.grant = person.grant.as_slice().try_into().ok().map(GrantId);
                withdraw(txn, id)?;
                txn.put_factor(&id.0, None);
                let ended = PersonRecord {
                    ended_at: now.0,
                    password: String::new(),
                    ..person
                };
                txn.put_person(&id.0, &ended);
                log.note(txn, &by, event)?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                crate::store::WriteError::Change(error) => error,
                other => InvitationError::Write(other.into()),
            });
        if ended.is_ok() {
            self.ended_for_good(id).await;
        }
        ended
    }

    /// Says whether a technician may invite colleagues under the same grant.
    pub async fn set_lead(
        &self,
        id: PersonId,
        leads: bool,
        by: &Actor,
    ) -> Result<(), InvitationError> {
        let (log, by) = (self.log.clone(), by.clone());
        let changed = self.store.write_urgent(move |txn| {
            let mut person = txn.person(&id.0)?.ok_or(InvitationError::Unknown)?;
            if person.role() != PersonRole::Delegate || person.ended_at != 0 {
                return Err(InvitationError::Unknown);
            }
            if person.leads == leads {
                return Ok(());
            }
            if !leads {
                withdraw(txn, id)?;
            }
            person.leads = leads;
            let may = if leads { "may" } else { "may no longer" };
            let mut event = Event::new(LogAct::ChangedLead)
                .about(id)
                .subject(&person.name)
                .detail(&format!("{may} invite colleagues"));
            event.grant = person.grant.as_slice().try_into().ok().map(GrantId);
            txn.put_person(&id.0, &person);
            log.note(txn, &by, event)?;
            Ok(())
        });
        changed.await.map_err(|error| match error {
            crate::store::WriteError::Change(error) => error,
            other => InvitationError::Write(other.into()),
        })
    }

    fn technician(&self, person: &PersonRecord, grant: GrantId) -> Result<Technician, StoreError> {
        let id = PersonId(signed_id(person));
        Ok(Technician {
            id: Some(id),
            name: person.name.clone(),
            email: person.email.clone(),
            grant,
            since: UnixMillis(person.password_set_at),
            leads: person.leads,
            ended_at: (person.ended_at != 0).then_some(UnixMillis(person.ended_at)),
            last_read: self.log.last_read(&self.store, id)?,
        })
    }
}
