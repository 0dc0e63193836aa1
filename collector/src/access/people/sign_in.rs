//! The owner signs in.

use secrecy::SecretString;

use super::{
    Origin, People, Role, SignInError, SignedIn, lane, open, sessions::forget_ended, signed_id,
};
use crate::{
    audit::Event,
    store::{Read as _, WriteError, record::LogAct},
};

impl People {
    /// Opens a session for whoever knows the owner's password.
    pub async fn sign_in(
        &self,
        password: SecretString,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let owner = self.owner()?.ok_or(SignInError::NotSetUp)?;
        let lane = lane(&owner, origin, now);
        self.take(lane, now)?;
        if !self.hasher.verify(password, owner.password.clone()).await? {
            tracing::warn!(address = %origin.address, "a sign-in failed");
            self.failures.count(origin.address);
            return Err(SignInError::WrongPassword);
        }
        self.give_back(lane, now);
        let (signed_in, record) = open(&owner, Role::Owner, origin, now);
        let session = signed_in.session.hash;
        let (log, by) = (self.log.clone(), signed_in.session.actor(origin.address));
        let (id, known) = (signed_id(&owner), owner.password);
        self.store
            .write_urgent(move |txn| {
                // Checked again, alone: the password may have been changed meanwhile.
                let present = txn.person(&id)?.ok_or(SignInError::WrongPassword)?;
                if present.password != known {
                    return Err(SignInError::WrongPassword);
                }
                forget_ended(txn, now)?;
                txn.put_session(&session, &record);
                log.note(txn, &by, Event::new(LogAct::SignedIn))?;
                Ok(())
            })
            .await
            .map_err(|error| match error {
                WriteError::Change(error) => error,
                other => SignInError::Write(other.into()),
            })?;
        tracing::info!(address = %origin.address, "the owner signed in");
        Ok(signed_in)
    }
}
