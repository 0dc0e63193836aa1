//! A technician signs in: e-mail address, password and a code, all three at once, so that a wrong one tells
//! nothing about the others.

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

impl People {
    /// Opens a session for a technician.
    pub async fn sign_in_delegate(
        &self,
        email: &str,
        password: SecretString,
        code: &str,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let person = self.delegate(&normalised(email))?;
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
        let id = PersonId(signed_id(&person));
        // Whoever knows the password still has few codes to try, from wherever.
        self.take(Lane::Known(id.0), now)?;
        let factor = self.store.factor(&id.0)?.ok_or(SignInError::Wrong)?;
        let proof = factor::check(&factor, id, code, now);
        let Some(proof) = proof.filter(|_| factor.failures < LOCKED_AFTER) else {
            let locked = proof.is_some();
            self.count_wrong_code(&person, origin).await?;
            let wrong = self.failed(origin);
            return Err(if locked { SignInError::Locked } else { wrong });
        };
        self.give_back(lane, now);
        self.give_back(Lane::Known(id.0), now);
        self.open_delegate(person, proof, origin).await
    }

    async fn open_delegate(
        &self,
        person: PersonRecord,
        proof: Proof,
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
                let mut factor = txn.factor(&id)?.ok_or(SignInError::Wrong)?;
                if present != person || !factor::consume(&mut factor, proof) {
                    return Err(SignInError::Wrong);
                }
                forget_ended(txn, now)?;
                let event = match proof {
                    Proof::Step(_) => Event::new(LogAct::SignedIn),
                    Proof::Recovery(_) => {
                        Event::new(LogAct::UsedRecoveryCode).count(factor.recovery.len() as u64)
                    }
                };
                txn.put_factor(&id, Some(&factor));
                txn.put_session(&session, &record);
                log.note(txn, &by, event)?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => SignInError::Write(other.into()),
            })?;
        tracing::info!(address = %origin.address, "a technician signed in");
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

    /// The technician with an e-mail address.
    pub(super) fn delegate(&self, email: &str) -> Result<Option<PersonRecord>, StoreError> {
        Ok(self
            .store
            .people()?
            .into_iter()
            .filter(|person| person.role() == PersonRole::Delegate && person.ended_at == 0)
            .find(|person| !person.password.is_empty() && person.email == email))
    }
}
