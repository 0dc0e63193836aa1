//! A person who is signed in and knows the password chooses another.

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    HashError, Origin, People, Session, SignedIn, TooMany, WeakPassword, lane, open, password,
};
use crate::{
    audit::Event,
    store::{
        Read as _, StoreError, WriteError,
        record::{LogAct, PersonRecord},
    },
};

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The present password is wrong, or was changed meanwhile.
    #[error("This is not your current password. Please try again.")]
    WrongPassword,
    /// The new password is not good enough.
    #[error(transparent)]
    Password(#[from] WeakPassword),
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A password could not be hashed.
    #[error("the password could not be changed")]
    Hash(#[from] HashError),
    /// The store could not be read.
    #[error("the password could not be changed")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the password could not be changed")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl People {
    /// Sets another password for whoever is signed in and knows the present one. Every session of that person
    /// ends, this one too; a new one is opened. An owner's new password ends everybody's. A set-up code that is
    /// outstanding stays what it is.
    pub async fn change_password(
        &self,
        session: &Session,
        present: SecretString,
        new: SecretString,
        again: &SecretString,
        origin: &Origin,
    ) -> Result<SignedIn, ChangeError> {
        let now = self.clock.now();
        let person = self.store.person(&session.person.0)?;
        let person = person.ok_or(ChangeError::WrongPassword)?;
        let lane = lane(&person, origin, now);
        self.take(lane, now)?;
        let known = person.password.clone();
        if !self.hasher.verify(present, known.clone()).await? {
            tracing::warn!(address = %origin.address, "a change of the password failed");
            self.failures.count(origin.address);
            return Err(ChangeError::WrongPassword);
        }
        self.give_back(lane, now);
        password::check(&new)?;
        if new.expose_secret() != again.expose_secret() {
            return Err(WeakPassword::Mismatch.into());
        }
        let person = PersonRecord {
            password: self.hasher.hash(new).await?,
            password_set_at: now.0,
            ..person
        };
        let (signed_in, record) = open(&person, session.role.clone(), origin, now);
        let (id, hash) = (session.person.0, signed_in.session.hash);
        let (log, by) = (self.log.clone(), session.actor(origin.address));
        let everybody = session.is_owner();
        self.store
            .write_urgent(move |txn| {
                // Checked again, alone: the owner may have been reset at the console meanwhile.
                let present = txn.person(&id)?.ok_or(ChangeError::WrongPassword)?;
                if present.password != known {
                    return Err(ChangeError::WrongPassword);
                }
                for (other, old) in txn.sessions()? {
                    if everybody || old.person == id {
                        txn.remove_session(&other);
                    }
                }
                txn.put_person(&id, &person);
                txn.put_session(&hash, &record);
                log.note(txn, &by, Event::new(LogAct::ChangedPassword))?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => ChangeError::Write(other.into()),
            })?;
        tracing::info!(address = %origin.address, "a password was changed");
        Ok(signed_in)
    }
}
