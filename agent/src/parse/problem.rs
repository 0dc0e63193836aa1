//! What a parser could not understand, and where.

use std::fmt::{self, Display};

/// Most problems a parser keeps of one file: a binary read as text would yield one a line.
pub const MOST: usize = 200;

/// A place in a text file and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
    /// What is wrong and what follows from it, as a sentence without a full stop.
    pub reason: String,
}

impl Problem {
    /// A problem with a whole line.
    pub fn on(line: u32, reason: impl Into<String>) -> Self {
        Self {
            line,
            column: 1,
            reason: reason.into(),
        }
    }

    /// The place, as diagnostics write it.
    pub fn position(&self) -> impl Display + use<> {
        Position(self.line, self.column)
    }
}

/// Keeps a problem unless there are too many already.
pub(super) fn keep(problems: &mut Vec<Problem>, problem: Problem) {
    if problems.len() < MOST {
        problems.push(problem);
    }
}

struct Position(u32, u32);

impl Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.0, self.1)
    }
}
