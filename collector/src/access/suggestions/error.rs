//! Why something is not proposed, or not decided.

use crate::{machines::MachineError, store::StoreError};

/// Why something is not proposed, or not decided.
#[derive(Debug, thiserror::Error)]
pub enum SuggestionError {
    /// There is no such suggestion, or no such machine.
    #[error("it is not there any more: somebody may have decided it, or the computer is gone")]
    Unknown,
    /// The text cannot be used.
    #[error(
        "a proposal is 1 to {longest} ordinary characters on one line; a label has no comma and no at sign"
    )]
    Text {
        /// Characters it may have.
        longest: usize,
    },
    /// Too much waits already.
    #[error(
        "too many proposals wait for the owner already, of which {each} may be yours: wait until some are decided"
    )]
    TooMany {
        /// How many of one person may wait.
        each: usize,
    },
    /// The machine does not take it.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The store could not be read.
    #[error("the proposals could not be read")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the proposal could not be stored; nothing was changed")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}
