//! What can go wrong with machines, in sentences for the owner.

use thiserror::Error;

use crate::{
    authority::AuthorityError,
    id::MachineId,
    store::{StoreError, WriteError},
};

/// Why a machine was not changed.
#[derive(Debug, Error)]
pub enum MachineError {
    /// No such machine.
    #[error(
        "no computer has the identifier {id}: look it up with `freehold-collector machine list`"
    )]
    Unknown {
        /// The identifier.
        id: MachineId,
    },
    /// Approval of a machine that does not wait.
    #[error("{name} does not wait for approval: it is {state}")]
    NotWaiting {
        /// Its name.
        name: String,
        /// Its state.
        state: &'static str,
    },
    /// Retirement of a machine that is out already.
    #[error("{name} cannot be retired: it is {state}")]
    NotInService {
        /// Its name.
        name: String,
        /// Its state.
        state: &'static str,
    },
    /// A name that cannot be shown.
    #[error("a name has at most {maximum} characters and no control characters: choose another")]
    Name {
        /// Characters it may have.
        maximum: usize,
    },
    /// A note that cannot be shown.
    #[error("a note has at most {maximum} characters on one line")]
    Note {
        /// Characters it may have.
        maximum: usize,
    },
    /// Labels that cannot be used.
    #[error(
        "a computer has at most {most} labels of up to {characters} characters, without commas, at signs and \
         control characters"
    )]
    Labels {
        /// Labels it may have.
        most: usize,
        /// Characters each may have.
        characters: usize,
    },
    /// Histories that cannot be joined.
    #[error("the history of {earlier} cannot be joined to {name}: {reason}")]
    Unlinkable {
        /// The machine that reports now.
        name: String,
        /// Its supposed earlier self.
        earlier: String,
        /// Why not.
        reason: &'static str,
    },
    /// Neither the revocation list nor the store could be written.
    #[error(
        "the computer is shut out only until the collector stops, because that could not be stored: make \
         room on the disk and revoke it again"
    )]
    Revocation(#[from] AuthorityError),
    /// The collector is stopping.
    #[error("the collector is stopping: try again when it runs")]
    Interrupted,
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store could not be written.
    #[error("the change could not be stored")]
    NotStored(#[source] Box<WriteError<MachineError>>),
}

impl From<WriteError<MachineError>> for MachineError {
    fn from(error: WriteError<MachineError>) -> Self {
        match error {
            WriteError::Change(own) => own,
            other => Self::NotStored(Box::new(other)),
        }
    }
}

/// Why it is not clear which machine a person means.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum FindError {
    /// None.
    #[error(
        "no computer has the identifier or name {text:?}: look it up with `freehold-collector machine list`"
    )]
    Nothing {
        /// What was asked for.
        text: String,
    },
    /// Several.
    #[error("{text:?} stands for {} computers: use one of the identifiers {}", .ids.len(), list(.ids))]
    Several {
        /// What was asked for.
        text: String,
        /// Whom it may mean.
        ids: Vec<MachineId>,
    },
}

/// As many as a person reads.
fn list(ids: &[MachineId]) -> String {
    let mut shown: Vec<String> = ids.iter().take(10).map(ToString::to_string).collect();
    if ids.len() > shown.len() {
        shown.push("others".to_owned());
    }
    shown.join(", ")
}
