//! Signing in.

use secrecy::SecretString;

use super::{Origin, People, SignInError, SignedIn, lane, open, sessions::ended, signed_id};
use crate::store::{Read as _, WriteError};

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
            return Err(SignInError::WrongPassword);
        }
        self.give_back(lane, now);
        let (signed_in, record) = open(&owner, origin, now);
        let session = signed_in.session.hash;
        let (id, known) = (signed_id(&owner), owner.password);
        self.store
            .write_urgent(move |txn| {
                // Checked again, alone: the password may have been changed meanwhile.
                let present = txn.person(&id)?.ok_or(SignInError::WrongPassword)?;
                if present.password != known {
                    return Err(SignInError::WrongPassword);
                }
                for (other, old) in txn.sessions()? {
                    if ended(&old, now) {
                        txn.remove_session(&other);
                    }
                }
                txn.put_session(&session, &record);
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
