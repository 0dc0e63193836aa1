//! Why somebody does not get in, as sentences that say what to do.

use std::time::Duration;

use super::{HashError, WeakPassword};
use crate::{
    access::GrantState,
    clock::UnixMillis,
    store::{StoreError, WriteError},
};

/// Why a password could not be set with a code.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// No code is outstanding.
    #[error(
        "There is no set-up code to use. On the computer that runs Freehold, run `freehold-collector \
         owner reset` to get one."
    )]
    NoCode,
    /// The code has expired or was guessed at too often.
    #[error(
        "This set-up code can no longer be used. On the computer that runs Freehold, run \
         `freehold-collector owner reset` to get a new one."
    )]
    Spent,
    /// The code is wrong.
    #[error(
        "This is not the set-up code. It stands on the screen where Freehold was started and looks like \
         ABCDE-FGHJK."
    )]
    WrongCode,
    /// The password is not good enough.
    #[error(transparent)]
    Password(#[from] WeakPassword),
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The password could not be hashed.
    #[error("the password could not be set")]
    Hash(#[from] HashError),
    /// The store could not be read.
    #[error("the password could not be stored")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the password could not be stored")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Nobody has set a password yet.
    #[error("Nobody has chosen a password yet. Use the set-up code first.")]
    NotSetUp,
    /// The password is wrong.
    #[error("This is not the password. Please try again.")]
    WrongPassword,
    /// Password or code is wrong; which, is not told.
    #[error(
        "Password and code do not go together. Take the newest code and try again; each works once."
    )]
    WrongPair,
    /// Something about it is wrong; what, is not told.
    #[error(
        "E-mail address, password and code do not go together. Take the newest code and try again; each works \
         once."
    )]
    Wrong,
    /// Too many wrong codes were given with the right password.
    #[error(
        "Your sign-in is locked after too many wrong codes. Ask the owner for a new invitation, and tell them \
         if it was not you: somebody knows your password."
    )]
    Locked,
    /// The same for an owner, whom nobody can invite anew.
    #[error(
        "Your sign-in is locked after too many wrong codes: somebody knows your password. On the computer that runs \
         Freehold, run `freehold-collector owner reset`."
    )]
    LockedOwner,
    /// The grant does not hold.
    #[error("{}", over(*.state, *.since))]
    Over {
        /// How it stands.
        state: GrantState,
        /// When its time was, or will be, over.
        since: UnixMillis,
    },
    /// The person's own access was ended.
    #[error("Your access was ended. Ask the owner if you need it again.")]
    Ended,
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The password could not be checked.
    #[error("the password could not be checked")]
    Hash(#[from] HashError),
    /// The store could not be read.
    #[error("the session could not be opened")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the session could not be opened")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Too many attempts were made from here, or altogether.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There were too many attempts. Please wait {} and try again.", seconds(.wait))]
pub struct TooMany {
    /// How long to wait.
    pub wait: Duration,
}

fn over(state: GrantState, since: UnixMillis) -> String {
    match state {
        GrantState::Expired => format!("Your access ended at {since}. Ask the owner to extend it."),
        GrantState::Suspended => {
            "Your access is suspended until the owner confirms it. Ask the owner.".to_owned()
        }
        GrantState::Revoked | GrantState::Active => {
            "Your access was ended by the owner. Ask the owner if you need it again.".to_owned()
        }
    }
}

fn seconds(wait: &Duration) -> String {
    match wait.as_secs() + 1 {
        1 => "a second".to_owned(),
        n => format!("{n} seconds"),
    }
}

/// Why the owner's access could not be reset or ended.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The store could not be read.
    #[error("the owner's access could not be looked up")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the owner's access could not be changed")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

pub(super) fn set_up_error(error: WriteError<SetUpError>) -> SetUpError {
    match error {
        WriteError::Change(error) => error,
        other => SetUpError::Write(other.into()),
    }
}
