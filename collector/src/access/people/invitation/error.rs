//! Why an invitation cannot be made or accepted.

use super::super::{HashError, LONGEST_NAME, WeakPassword};
use crate::{access::GrantState, store::StoreError};

/// Why an invitation cannot be made or accepted.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// There is none with this link.
    #[error("There is no such invitation. Take the whole link, or ask for a new one.")]
    Unknown,
    /// It was accepted before.
    #[error("This invitation was used already. If that was not you, tell the owner at once.")]
    Used,
    /// It is too old.
    #[error("This invitation has expired. Ask the owner for a new one.")]
    Expired,
    /// What it leads to is over.
    #[error("The access this invitation was for is {}. Ask the owner.", .0.word())]
    Over(GrantState),
    /// The name cannot be used.
    #[error("The name must be 1 to {LONGEST_NAME} ordinary characters.")]
    Name,
    /// The e-mail address cannot be used.
    #[error("This is not an e-mail address: it looks like name@example.com.")]
    Email,
    /// Somebody else has that e-mail address.
    #[error(
        "Somebody with this e-mail address signs in already, as an owner or under another grant: end that access first."
    )]
    Taken,
    /// Only who may is allowed to invite colleagues.
    #[error("The owner has not allowed you to invite colleagues.")]
    NotLead,
    /// There are too many.
    #[error("Too many invitations are open: wait until some are accepted or expire.")]
    TooMany,
    /// The page is older than the collector's last start.
    #[error("This page was open for too long. Scan the new code below and try again.")]
    Stale,
    /// The code is wrong.
    #[error(
        "The six digits are not right. Is the clock of your phone? Take the newest ones and try again."
    )]
    Code,
    /// The password is not good enough.
    #[error(transparent)]
    Password(#[from] WeakPassword),
    /// The password could not be hashed.
    #[error("the password could not be set")]
    Hash(#[from] HashError),
    /// The store could not be read.
    #[error("the invitation could not be read")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the invitation could not be stored")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl InvitationError {
    /// Whether whoever caused it can do something about it.
    pub fn is_misuse(&self) -> bool {
        !matches!(self, Self::Hash(_) | Self::Store(_) | Self::Write(_))
    }
}
