//! What went wrong with a statement, as a sentence for whoever wrote it. The same statement gets the same sentence.

use std::io;

use rusqlite::{Error, ErrorCode, ffi};

use crate::question::limits;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The statement is wrong, or asks for what is not possible.
    #[error("{0}")]
    Statement(String),
    /// It takes more than a question may.
    #[error("{0}")]
    Limit(String),
    /// The collector is gone.
    #[error("nobody waits for the answer any more")]
    Gone(#[from] io::Error),
}

/// Longest words of SQLite that are repeated, in characters.
const WORDS: usize = 300;

impl Fault {
    /// That it needs more memory than there is for it.
    pub(super) fn memory() -> Self {
        Self::Limit(format!(
            "this question needs more than the {} MiB of memory that a question may take: ask for fewer columns, or \
             narrow it to some computers",
            limits::MEMORY >> 20
        ))
    }

    /// That it takes too long.
    pub(super) fn time(seconds: u64) -> Self {
        Self::Limit(format!(
            "this question takes longer than the {seconds} seconds that a question may: narrow it, or join tables by \
             computer_id"
        ))
    }

    /// What SQLite says. `refusal` is what was refused meanwhile, in words of our own.
    pub(super) fn of(error: Error, refusal: Option<String>) -> Self {
        if let Some(refusal) = refusal {
            return Self::Statement(refusal);
        }
        match error {
            Error::SqlInputError {
                msg, sql, offset, ..
            } => Self::Statement(misunderstood(&msg, &sql, offset)),
            Error::MultipleStatement => Self::Statement(
                "this is more than one statement: ask one question at a time".to_owned(),
            ),
            Error::NulError(_) => {
                Self::Statement("the statement holds a character that no statement may".to_owned())
            }
            Error::SqliteFailure(error, message) => of_code(error, message.as_deref()),
            other => Self::Statement(format!(
                "this cannot be answered: {}",
                short(&other.to_string())
            )),
        }
    }
}

fn of_code(error: ffi::Error, message: Option<&str>) -> Fault {
    let message = message.unwrap_or_default();
    match error.code {
        ErrorCode::OutOfMemory => Fault::memory(),
        ErrorCode::TooBig => Fault::Limit(format!(
            "a text that this question makes is longer than {} MiB, which is the most",
            limits::VALUE >> 20
        )),
        _ if message.is_empty() => Fault::Statement(format!(
            "this cannot be answered: {}",
            short(&error.to_string())
        )),
        _ => Fault::Statement(format!("this cannot be answered: {}", short(message))),
    }
}

fn misunderstood(message: &str, sql: &str, offset: i32) -> String {
    let message = short(message);
    let before = usize::try_from(offset)
        .ok()
        .and_then(|offset| sql.get(..offset));
    match before {
        Some(before) => {
            let line = before.matches('\n').count() + 1;
            let column = before
                .rsplit('\n')
                .next()
                .map_or(0, |it| it.chars().count())
                + 1;
            format!("the statement cannot be understood: {message} (line {line}, column {column})")
        }
        None => format!("the statement cannot be understood: {message}"),
    }
}

fn short(words: &str) -> String {
    words.chars().take(WORDS).collect()
}
