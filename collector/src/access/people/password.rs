//! Passwords: what is accepted, and their Argon2id hashes.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const SHORTEST: usize = 12;

/// Longest password in bytes; more would only cost time.
const LONGEST_BYTES: usize = 1024;

/// Hashes computed at once. Each takes [`MEMORY_KIB`] and a core for some time: without a bound, sign-in
/// attempts could starve everything else.
const AT_ONCE: usize = 2;

/// Memory of one hash.
const MEMORY_KIB: u32 = 19 * 1024;

/// Passes over that memory.
const PASSES: u32 = 2;

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is too short.
    #[error(
        "This password is too short: please use at least {SHORTEST} characters. Three or four unrelated \
         words are easy to remember and hard to guess."
    )]
    Short,
    /// It is too long.
    #[error("This password is too long: please use at most {LONGEST_BYTES} bytes.")]
    Long,
    /// It repeats a few characters.
    #[error(
        "This password repeats the same few characters, which is easily guessed. Three or four unrelated \
         words are easy to remember and hard to guess."
    )]
    Monotonous,
    /// The two entries differ.
    #[error("The two passwords are not the same. Please type the new password twice.")]
    Mismatch,
}

/// Why a password could not be hashed or compared.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The hash function failed, for want of memory or because a stored hash is damaged.
    #[error("the password could not be checked")]
    Argon2(#[source] argon2::password_hash::Error),
    /// The task was cancelled: the collector shuts down.
    #[error("the collector is shutting down")]
    ShuttingDown,
}

/// Tells whether a new password is good enough.
pub(super) fn check(password: &SecretString) -> Result<(), WeakPassword> {
    let text = password.expose_secret();
    if text.len() > LONGEST_BYTES {
        return Err(WeakPassword::Long);
    }
    if text.chars().count() < SHORTEST {
        return Err(WeakPassword::Short);
    }
    let distinct: std::collections::BTreeSet<char> = text.chars().collect();
    if distinct.len() < 5 {
        return Err(WeakPassword::Monotonous);
    }
    Ok(())
}

/// Computes hashes, at most [`AT_ONCE`] at a time.
#[derive(Clone, Debug)]
pub(super) struct Hasher {
    permits: Arc<Semaphore>,
}

impl Hasher {
    pub(super) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The hash of a password in PHC format.
    pub(super) async fn hash(&self, password: SecretString) -> Result<String, HashError> {
        self.blocking(move || {
            argon2()?
                .hash_password(password.expose_secret().as_bytes())
                .map(|hash: PasswordHash| hash.to_string())
        })
        .await
    }

    /// Whether a password has this hash. The comparison takes the same time either way.
    pub(super) async fn verify(
        &self,
        password: SecretString,
        stored: String,
    ) -> Result<bool, HashError> {
        self.blocking(move || {
            let stored = PasswordHash::new(&stored)?;
            let bytes = password.expose_secret().as_bytes();
            if bytes.len() > LONGEST_BYTES {
                return Ok(false);
            }
            match argon2()?.verify_password(bytes, &stored) {
                Ok(()) => Ok(true),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(other) => Err(other),
            }
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, HashError> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| HashError::ShuttingDown)?;
        // The permit moves along: a request that is given up must not let a third hash start.
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|_| HashError::ShuttingDown)?
        .map_err(HashError::Argon2)
    }
}

fn argon2() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)
        .map_err(|_| argon2::password_hash::Error::Internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_password_is_refused_with_a_sentence_that_helps() {
        let refused = check(&SecretString::from("short")).unwrap_err();
        assert_eq!(refused, WeakPassword::Short);
        assert!(refused.to_string().contains("at least 12 characters"));
        assert_eq!(
            check(&SecretString::from("aaaaaaaaaaaaaaaa")),
            Err(WeakPassword::Monotonous)
        );
        assert_eq!(
            check(&SecretString::from("a".repeat(5000))),
            Err(WeakPassword::Long)
        );
        assert_eq!(check(&SecretString::from("lamp river bicycle")), Ok(()));
        assert_eq!(check(&SecretString::from("пароль-из-слов")), Ok(()));
    }

    #[tokio::test]
    async fn only_the_right_password_matches_its_hash() {
        let hasher = Hasher::new();
        let hash = hasher
            .hash(SecretString::from("lamp river bicycle"))
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let right = SecretString::from("lamp river bicycle");
        assert!(hasher.verify(right, hash.clone()).await.unwrap());
        let wrong = SecretString::from("lamp river bicycles");
        assert!(!hasher.verify(wrong, hash).await.unwrap());
    }

    #[tokio::test]
    async fn a_damaged_hash_is_an_error_and_not_a_match() {
        let password = SecretString::from("lamp river bicycle");
        assert!(
            Hasher::new()
                .verify(password, "nonsense".into())
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn at_most_two_hashes_run_at_once() {
        let hasher = Hasher::new();
        let _first = hasher.permits.clone().acquire_owned().await.unwrap();
        let _second = hasher.permits.clone().acquire_owned().await.unwrap();
        let third = hasher.hash(SecretString::from("lamp river bicycle"));
        let waited = tokio::time::timeout(std::time::Duration::from_millis(50), third).await;
        assert!(waited.is_err(), "a third hash must wait");
    }
}
