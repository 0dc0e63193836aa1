//! The second factor of somebody who is signed in: added and taken away with the password.

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{
    HashError, Lane, Origin, People, PersonId, Session, SetupCode, TooMany, TotpSecret,
    factor::{self, LOCKED_AFTER},
    lane, signed_id,
};
use crate::{
    audit::Event,
    store::{
        Read as _, StoreError, WriteError,
        record::{FactorRecord, LogAct, PersonRecord},
    },
};

/// Why a second factor was not added or taken away.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The password is wrong.
    #[error("This is not your password. Please try again.")]
    WrongPassword,
    /// The code is wrong.
    #[error("The code is not right. Take the newest one and try again; each works once.")]
    WrongCode,
    /// The page is older than the collector's last start, or belongs to another session.
    #[error("This page was open for too long. Scan the new code below and try again.")]
    Stale,
    /// Technicians always have one.
    #[error("Only owners sign in without a second factor.")]
    Needed,
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The password could not be checked.
    #[error("the password could not be checked")]
    Hash(#[from] HashError),
    /// The store could not be read.
    #[error("the second factor could not be read")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the second factor could not be stored")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl People {
    /// A new secret, and the same sealed for a form of this session.
    pub fn new_factor(&self, session: &Session) -> (TotpSecret, Zeroizing<String>) {
        let secret = TotpSecret::random();
        let sealed = self.sealed_for(&secret, &session.hash);
        (secret, sealed)
    }

    /// The secret that a form of this session brought back.
    pub fn unsealed_factor(&self, sealed: &str, session: &Session) -> Option<TotpSecret> {
        self.unsealed_for(sealed, &session.hash)
    }

    /// Whether somebody is asked for a second factor.
    pub fn has_factor(&self, person: PersonId) -> Result<bool, StoreError> {
        Ok(self.store.factor(&person.0)?.is_some())
    }

    /// Adds a second factor, or puts another in the place of the one there is. Answers with recovery codes, shown once.
    pub async fn add_factor(
        &self,
        session: &Session,
        password: SecretString,
        sealed: &str,
        code: &str,
        origin: &Origin,
    ) -> Result<Vec<SetupCode>, FactorError> {
        let now = self.clock.now();
        if !session.is_owner() {
            return Err(FactorError::Needed);
        }
        let secret = self
            .unsealed_factor(sealed, session)
            .ok_or(FactorError::Stale)?;
        let person = self.proven(session, password, origin).await?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = secret.check(&code, now, 0).ok_or(FactorError::WrongCode)?;
        let (codes, factor) = factor::begun(&secret, step, session.person);
        self.put(session, person, Some(factor), LogAct::AddedFactor, origin)
            .await?;
        Ok(codes)
    }

    /// Takes an owner's second factor away, with the password and one of its codes.
    pub async fn remove_factor(
        &self,
        session: &Session,
        password: SecretString,
        code: &str,
        origin: &Origin,
    ) -> Result<(), FactorError> {
        if !session.is_owner() {
            return Err(FactorError::Needed);
        }
        let now = self.clock.now();
        let person = self.proven(session, password, origin).await?;
        self.take(Lane::Known(session.person.0), now)?;
        let known = self.store.factor(&session.person.0)?;
        let known = known.filter(|known| known.failures < LOCKED_AFTER);
        let proof = known.and_then(|known| factor::check(&known, session.person, code, now));
        if proof.is_none() {
            self.failures.count(origin.address);
            return Err(FactorError::WrongCode);
        }
        self.give_back(Lane::Known(session.person.0), now);
        self.put(session, person, None, LogAct::RemovedFactor, origin)
            .await
    }

    /// The person behind a session, who knows the password.
    async fn proven(
        &self,
        session: &Session,
        password: SecretString,
        origin: &Origin,
    ) -> Result<PersonRecord, FactorError> {
        let now = self.clock.now();
        let person = self.store.person(&session.person.0)?;
        let person = person.ok_or(FactorError::WrongPassword)?;
        let lane = lane(&person, origin, now);
        self.take(lane, now)?;
        let known = person.password.clone();
        if !self.hasher.verify(password, known).await? {
            tracing::warn!(address = %origin.address, "a change of the second factor was refused");
            self.failures.count(origin.address);
            return Err(FactorError::WrongPassword);
        }
        self.give_back(lane, now);
        Ok(person)
    }

    async fn put(
        &self,
        session: &Session,
        person: PersonRecord,
        factor: Option<FactorRecord>,
        act: LogAct,
        origin: &Origin,
    ) -> Result<(), FactorError> {
        let (log, by) = (self.log.clone(), session.actor(origin.address));
        let id = signed_id(&person);
        self.store
            .write_urgent(move |txn| {
                // Checked again, alone: it may have been changed or ended meanwhile.
                let present = txn.person(&id)?;
                if present.is_none_or(|present| present != person) {
                    return Err(FactorError::WrongPassword);
                }
                txn.put_factor(&id, factor.as_ref());
                log.note(txn, &by, Event::new(act))?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => FactorError::Write(other.into()),
            })
    }
}
