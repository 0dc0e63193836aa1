//! Why a grant is not made or changed.

use super::{LONGEST_DAYS, LONGEST_NAME, LONGEST_NOTE};
use crate::store::StoreError;

/// Why a grant is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// There is no such grant.
    #[error("there is no such grant: `freehold-collector grant list` shows them all")]
    Unknown,
    /// Several could be meant.
    #[error(
        "this could mean several grants: give the identifier that `freehold-collector grant list` shows"
    )]
    Ambiguous,
    /// It was ended for good.
    #[error("this grant was ended for good: make a new one")]
    Revoked,
    /// Its end is out of bounds.
    #[error("a grant holds for 1 to {LONGEST_DAYS} days, not {days}: to end one now, revoke it")]
    Days {
        /// What was asked for.
        days: u32,
    },
    /// The supplier's name cannot be used.
    #[error("the supplier's name must be 1 to {LONGEST_NAME} ordinary characters")]
    Supplier,
    /// The note cannot be used.
    #[error("the note must be at most {LONGEST_NOTE} ordinary characters on one line")]
    Note,
    /// What is to be shared cannot be understood.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// There are too many.
    #[error("there are too many grants")]
    TooMany,
    /// The store could not be read.
    #[error("the grants could not be read")]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the grant could not be stored; nothing was changed")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is to be shared cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// No such section.
    #[error("there is no section {name:?}: choose from {known}")]
    Section {
        /// What was written.
        name: String,
        /// What there is.
        known: String,
    },
    /// Nothing is left to share.
    #[error("{text:?} shares nothing: name at least one section, or 'all'")]
    Nothing {
        /// What was written.
        text: String,
    },
    /// A label that no machine can have.
    #[error("a label has 1 to 64 ordinary characters and no comma")]
    Label,
    /// Too many rules, or labels.
    #[error("a grant has at most 32 rules with at most 32 labels each")]
    TooMany,
    /// Everything, without a rule.
    #[error("a grant is made of rules")]
    Everything,
}
