//! Questions in SQL over what machines reported, also over those that are switched off.
//!
//! [`Questions`] starts a `worker` process for each and tells it what it reads, through the one gate: what the viewer
//! may not see never leaves this process. The worker has no keys and no files, and little memory; what it answers is
//! only repeated. [`schema`] makes the tables from the schema of the inventory, [`ready`] holds questions in plain words.

mod answer;
mod feed;
mod frame;
mod limits;
#[cfg(test)]
mod measured;
mod notes;
mod places;
mod process;
pub(crate) mod ready;
mod saved;
pub(crate) mod schema;
pub(crate) mod worker;

use std::{io, sync::Arc};

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::section::Kind;

pub(crate) use answer::Pieces;
pub use answer::{Answer, Piece, Progress, Understood};
pub(crate) use limits::{ROWS, ROWS_TO_LOOK_AT, STATEMENT};
pub use process::Launcher;
pub(crate) use process::SUBCOMMAND;
pub use saved::SaveError;

use self::places::Places;
use crate::{
    access::{Inventory, ReadError},
    history::Moment,
    store::Store,
};

/// Why there is no answer, as a sentence for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// The same person asks already.
    #[error("you have a question under way already: wait until it is answered, or cancel it")]
    Busy,
    /// Too many others ask.
    #[error("others' questions are under way: try again in a moment")]
    Crowded,
    /// The statement is wrong, or asks for what is not possible.
    #[error("{0}")]
    Statement(String),
    /// It takes more than a question may.
    #[error("{0}")]
    Limit(String),
    /// It reads a section that the viewer may not see.
    #[error("the section {} is not shared with you: leave it out, or ask the owner", section_name(*.0))]
    NotShared(Kind),
    /// It reads what is known of now alone.
    #[error(
        "what moves by itself, such as free space, is known of now alone: ask without a moment, or leave the tables out \
         whose names begin with readings"
    )]
    OnlyNow,
    /// What the viewer may see changed, or ended.
    #[error("what is shared with you was changed meanwhile: ask again")]
    Ended,
    /// The collector cannot read its record.
    #[error("the record could not be read: the collector's own messages say why")]
    Read(#[from] ReadError),
    /// The worker could not be started.
    #[error(
        "the process that answers questions could not be started: the collector's own messages say why"
    )]
    Start(#[source] io::Error),
    /// The worker ended without an answer.
    #[error(
        "the process that answers this question ended early; it may have needed more memory than a question may take: \
         narrow it"
    )]
    BrokeOff,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The statement.
    pub sql: String,
    /// The moment it is about.
    pub moment: Moment,
    /// Rows that are wanted at most.
    pub rows: u64,
}

/// Answers questions. Clones share the places there are.
#[derive(Clone)]
pub struct Questions {
    inventory: Inventory,
    store: Store,
    launcher: Launcher,
    places: Arc<Places>,
}

impl Questions {
    /// Over what this gate lets through; keeps questions for people in a store.
    pub fn new(inventory: Inventory, store: Store, launcher: Launcher) -> Self {
        Self {
            inventory,
            store,
            launcher,
            places: Arc::default(),
        }
    }
}
