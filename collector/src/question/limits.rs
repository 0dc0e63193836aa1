//! What a question may take, in one place.

use std::time::Duration;

/// Longest statement, in bytes.
pub(crate) const STATEMENT: usize = 8 * 1024;

/// The same as SQLite counts it.
pub(super) const STATEMENT_LIMIT: i32 = 8 * 1024;

/// Longest text, or row of a result, in bytes.
pub(super) const VALUE: i32 = 1024 * 1024;

/// Columns of a result.
pub(super) const COLUMNS: i32 = 200;

/// How deep expressions may be nested.
pub(super) const DEPTH: i32 = 60;

/// Parts of a compound select.
pub(super) const COMPOUND: i32 = 30;

/// Arguments of a function.
pub(super) const ARGUMENTS: i32 = 60;

/// Longest pattern of LIKE and GLOB, in bytes.
pub(super) const PATTERN: i32 = 500;

/// Instructions that a statement may be compiled to.
pub(super) const INSTRUCTIONS: i32 = 100_000;

/// Rows of an answer.
pub(crate) const ROWS: u64 = 100_000;

/// The same for somebody who may not take whole lists along.
pub(crate) const ROWS_TO_LOOK_AT: u64 = 1_000;

/// Bytes of an answer.
pub(super) const BYTES: u64 = 32 * 1024 * 1024;

/// Bytes of rows that are sent together, give or take one row.
pub(super) const BATCH: usize = 256 * 1024;

/// Longest piece that a worker sends, in bytes: a batch, and a row of the greatest length.
pub(super) const PIECE: usize = 4 * 1024 * 1024;

/// Time for the statement itself, once everything it needs is read.
pub(super) const COMPUTING: Duration = Duration::from_secs(60);

/// Time for everything, reading included.
pub(super) const WHOLE: Duration = Duration::from_secs(300);

/// Time for a worker to understand a statement.
pub(super) const UNDERSTANDING: Duration = Duration::from_secs(10);

/// Memory of a worker, in bytes: the three below, and what the program itself needs.
pub(super) const MEMORY: u64 = 1024 * 1024 * 1024;

/// Of it, for what the computers reported.
pub(super) const TABLES: usize = 640 * 1024 * 1024;

/// Of it, for what SQLite puts together.
pub(super) const SQLITE: i64 = 288 * 1024 * 1024;

/// Questions under way at once, over all who ask.
pub(super) const AT_ONCE: usize = 2;

/// How long somebody waits for one of these places.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How soon a question ends with the access of whoever asks.
pub(super) const BEAT: Duration = Duration::from_millis(250);
