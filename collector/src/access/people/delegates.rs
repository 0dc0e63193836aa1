//! Who was invited signs in: e-mail address, password and a code, all three at once, so that a wrong one tells
//! nothing about the others. An owner may do without the code.

use secrecy::SecretString;

use super::{
    Lane, Origin, People, PersonId, SignInError, SignedIn, factor,
    factor::{LOCKED_AFTER, Proof},
    lane, normalised, open,
    role::Standing,
    sessions::forget_ended,
    signed_id,
};
use crate::{
    audit::Event,
    store::{
        Read as _, StoreError, WriteError,
        record::{LogAct, PersonRecord, PersonRole},
    },
};

/// A hash that no password has: what is compared when there is no such person, to take as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a code proves.
pub(super) enum Second {
    /// This.
    Proven(Proof),
    /// None is asked for.
    NotAsked,
    /// It is wrong.
    Wrong,
}

impl People {
    /// Opens a session for a technician, or for an owner who was invited.
    pub async fn sign_in_by_email(
        &self,
        email: &str,
        password: SecretString,
        code: &str,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let person = self.by_email(&normalised(email))?;
        let stranger = Lane::Stranger(origin.address);
        let lane = person
            .as_ref()
            .map_or(stranger, |person| lane(person, origin, now));
        self.take(lane, now)?;
        let stored = person.as_ref().map_or(NOBODY, |person| &person.password);
        let knows = self.hasher.verify(password, stored.to_owned()).await?;
        let Some(person) = person.filter(|_| knows) else {
            return Err(self.failed(origin));
        };
        let proof = match self.second(&person, code, origin).await? {
            Second::Wrong => return Err(self.failed(origin)),
            Second::NotAsked => None,
            Second::Proven(proof) => Some(proof),
        };
        self.give_back(lane, now);
        self.open_proven(person, proof, origin).await
    }

    /// What a code proves about somebody who knows the password. Whoever knows that still has few codes to try, from
    /// wherever.
    pub(super) async fn second(
        &self,
        person: &PersonRecord,
        code: &str,
        origin: &Origin,
    ) -> Result<Second, SignInError> {
        let (id, now) = (PersonId(signed_id(person)), self.clock.now());
        let Some(factor) = self.store.factor(&id.0)? else {
            return Ok(match person.role() {
                PersonRole::Owner => Second::NotAsked,
                _ => Second::Wrong,
            });
        };
        self.take(Lane::Known(id.0), now)?;
        let proof = factor::check(&factor, id, code, now);
        if let Some(proof) = proof.filter(|_| factor.failures < LOCKED_AFTER) {
            self.give_back(Lane::Known(id.0), now);
            return Ok(Second::Proven(proof));
        }
        self.count_wrong_code(person, origin).await?;
        match (proof, person.role()) {
            (None, _) => Ok(Second::Wrong),
            (Some(_), PersonRole::Owner) => Err(SignInError::LockedOwner),
            (Some(_), _) => Err(SignInError::Locked),
        }
    }

    /// Opens a session for somebody who has proven who they are.
    pub(super) async fn open_proven(
        &self,
        person: PersonRecord,
        proof: Option<Proof>,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let role = match self.standing(&person)? {
            Standing::Good(role) => role,
            Standing::Over(grant, state) => {
                return Err(SignInError::Over {
                    state,
                    since: grant.expires_at,
                });
            }
            Standing::Ended => return Err(SignInError::Ended),
        };
        let (signed_in, record) = open(&person, role, origin, now);
        let (id, session) = (signed_id(&person), signed_in.session.hash);
        let (log, by) = (self.log.clone(), signed_in.session.actor(origin.address));
        self.store
            .write_urgent(move |txn| {
                // Checked again, alone: it may have been changed, ended or used meanwhile.
                let present = txn.person(&id)?.ok_or(SignInError::Wrong)?;
                let factor = txn.factor(&id)?;
                let (factor, fresh) = match (factor, proof) {
                    (None, None) => (None, true),
                    (Some(mut factor), Some(proof)) => {
                        let fresh = factor::consume(&mut factor, proof);
                        (Some(factor), fresh)
                    }
                    // A factor was added, or taken away, meanwhile.
                    (factor, _) => (factor, false),
                };
                if present != person || !fresh {
                    return Err(SignInError::Wrong);
                }
                forget_ended(txn, now)?;
                let event = match (proof, &factor) {
                    (Some(Proof::Recovery(_)), Some(factor)) => {
                        Event::new(LogAct::UsedRecoveryCode).count(factor.recovery.len() as u64)
                    }
                    _ => Event::new(LogAct::SignedIn),
                };
                txn.put_factor(&id, factor.as_ref());
                txn.put_session(&session, &record);
                log.note(txn, &by, event)?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => SignInError::Write(other.into()),
            })?;
        tracing::info!(address = %origin.address, "somebody signed in");
        Ok(signed_in)
    }

    /// Counts a wrong code that came with the right password, and locks the sign-in after too many.
    async fn count_wrong_code(
        &self,
        person: &PersonRecord,
        origin: &Origin,
    ) -> Result<(), SignInError> {
        let (id, name) = (signed_id(person), person.name.clone());
        let (log, by) = (
            self.log.clone(),
            crate::audit::Actor::stranger(origin.address),
        );
        self.write(move |txn| {
            let Some(mut factor) = txn.factor(&id)? else {
                return Ok(());
            };
            factor.failures = factor.failures.saturating_add(1);
            txn.put_factor(&id, Some(&factor));
            if factor.failures == LOCKED_AFTER {
                let event = Event::new(LogAct::LockedPerson)
                    .about(PersonId(id))
                    .subject(&name);
                log.note(txn, &by, event.count(LOCKED_AFTER.into()))?;
            }
            Ok::<(), StoreError>(())
        })
        .await
        .map_err(|error| SignInError::Write(error.into()))
    }

    fn failed(&self, origin: &Origin) -> SignInError {
        tracing::warn!(address = %origin.address, "a sign-in failed");
        self.failures.count(origin.address);
        SignInError::Wrong
    }

    /// Whoever signs in with an e-mail address.
    pub(super) fn by_email(&self, email: &str) -> Result<Option<PersonRecord>, StoreError> {
        let people = self.store.people()?.into_iter();
        Ok(people
            .filter(|person| person.role() != PersonRole::Unspecified && person.ended_at == 0)
            .filter(|person| !person.password.is_empty() && !person.email.is_empty())
            .find(|person| person.email == email))
    }
}
