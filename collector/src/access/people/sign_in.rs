//! The owner signs in without an e-mail address: the one who set the collector up.

use secrecy::SecretString;

use super::{Origin, People, SignInError, SignedIn, delegates::Second, lane};

impl People {
    /// Opens a session for whoever knows the owner's password, and a code if the owner has a second factor.
    pub async fn sign_in(
        &self,
        password: SecretString,
        code: &str,
        origin: &Origin,
    ) -> Result<SignedIn, SignInError> {
        let now = self.clock.now();
        let owner = self.owner()?.ok_or(SignInError::NotSetUp)?;
        let lane = lane(&owner, origin, now);
        self.take(lane, now)?;
        let wrong = || {
            tracing::warn!(address = %origin.address, "a sign-in failed");
            self.failures.count(origin.address);
            if self
                .has_factor(super::PersonId(super::signed_id(&owner)))
                .unwrap_or(false)
            {
                SignInError::WrongPair
            } else {
                SignInError::WrongPassword
            }
        };
        if !self.hasher.verify(password, owner.password.clone()).await? {
            return Err(wrong());
        }
        let proof = match self.second(&owner, code, origin).await? {
            Second::Wrong => return Err(wrong()),
            Second::NotAsked => None,
            Second::Proven(proof) => Some(proof),
        };
        self.give_back(lane, now);
        self.open_proven(owner, proof, origin).await
    }
}
