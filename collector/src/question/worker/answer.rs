//! A statement: what it reads, and its rows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use freehold_proto::v1::query_response::{Header, Row, Rows, Value, value::Kind};
use prost::Message as _;
use rusqlite::{Connection, Error, ErrorCode, Statement, types::ValueRef};

use super::{fault::Fault, guard::Touched, outbox::Outbox};
use crate::question::{
    frame::{self, Done, Question},
    limits,
};

/// Instructions of SQLite between two looks at the clock: about a millisecond.
const LOOK_EVERY: i32 = 20_000;

/// How often it is told how far a statement is.
const TOLD_EVERY: Duration = Duration::from_millis(400);

/// When a statement has to stop.
#[derive(Clone, Debug)]
pub(super) struct Deadline {
    /// Nobody waits any more.
    pub(super) cancelled: Arc<AtomicBool>,
    /// It took too long.
    late: Arc<AtomicBool>,
}

impl Deadline {
    /// None so far.
    pub(super) fn new(cancelled: Arc<AtomicBool>) -> Self {
        Self {
            cancelled,
            late: Arc::default(),
        }
    }

    /// Has whatever a connection does from now on end in time, and tells how many rows were passed meanwhile.
    pub(super) fn set(
        &self,
        connection: &mut Connection,
        time: Duration,
        passed: &Arc<AtomicU64>,
        outbox: &Outbox,
    ) -> rusqlite::Result<()> {
        let (deadline, passed, outbox) = (self.clone(), Arc::clone(passed), outbox.clone());
        let began = Instant::now();
        let mut told = began;
        let watch = move || {
            let now = Instant::now();
            if now.duration_since(told) >= TOLD_EVERY {
                told = now;
                let rows = passed.load(Ordering::Relaxed).to_le_bytes();
                if outbox.send(frame::Kind::Progress, &rows).is_err() {
                    return true;
                }
            }
            if now.duration_since(began) >= time {
                deadline.late.store(true, Ordering::Relaxed);
                return true;
            }
            deadline.cancelled.load(Ordering::Relaxed)
        };
        connection.progress_handler(LOOK_EVERY, Some(watch))
    }

    fn was_missed(&self) -> bool {
        self.late.load(Ordering::Relaxed)
    }
}

/// A statement as it is asked.
pub(super) struct Asked<'a> {
    pub(super) question: &'a Question,
    pub(super) touched: &'a Touched,
    pub(super) deadline: &'a Deadline,
}

impl Asked<'_> {
    /// Looks at it without running it: afterwards it is known what it reads.
    pub(super) fn understand<'c>(
        &self,
        connection: &'c Connection,
    ) -> Result<Statement<'c>, Fault> {
        if self.question.sql.len() > limits::STATEMENT {
            return Err(Fault::Statement(format!(
                "the statement is longer than {} bytes, which is the most",
                limits::STATEMENT
            )));
        }
        let statement = connection.prepare(&self.question.sql);
        let statement = statement.map_err(|error| self.fault(error))?;
        if statement.column_count() == 0 || !statement.readonly() {
            return Err(Fault::Statement(
                "there is no question in this: ask with SELECT".to_owned(),
            ));
        }
        Ok(statement)
    }

    /// Sends the rows.
    pub(super) fn answer(
        &self,
        mut statement: Statement<'_>,
        outbox: &Outbox,
    ) -> Result<(), Fault> {
        self.fill(&mut statement)?;
        let columns = statement.column_names();
        let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
        let width = columns.len();
        outbox.send(frame::Kind::Header, &Header { columns }.encode_to_vec())?;
        let mut rows = statement.raw_query();
        let mut batch = Batch::default();
        let mut done = Done::default();
        let mut sent = 0;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                Err(error) => return Err(self.fault(error)),
            };
            if done.rows >= self.question.rows || sent + batch.bytes as u64 >= limits::BYTES {
                done.cut = true;
                break;
            }
            let values = (0..width).map(|column| row.get_ref(column).map(value));
            let values = values.collect::<Result<Vec<_>, _>>();
            batch.add(Row {
                values: values.map_err(|error| self.fault(error))?,
            });
            done.rows += 1;
            if batch.bytes >= limits::BATCH {
                sent += batch.send(outbox)?;
            }
        }
        batch.send(outbox)?;
        Ok(outbox.send(frame::Kind::Done, &done.encode_to_vec())?)
    }

    /// Fills in what a statement leaves open: the moment, and nothing else.
    fn fill(&self, statement: &mut Statement<'_>) -> Result<(), Fault> {
        for number in 1..=statement.parameter_count() {
            let name = statement.parameter_name(number).unwrap_or("?").to_owned();
            if name != ":as_of" {
                return Err(Fault::Statement(format!(
                    "nothing is known to fill {name} with: only :as_of, the moment that is asked about, can be left open"
                )));
            }
            let bound = statement.raw_bind_parameter(number, &self.question.as_of);
            bound.map_err(|error| self.fault(error))?;
        }
        Ok(())
    }

    fn fault(&self, error: Error) -> Fault {
        let interrupted = matches!(
            &error,
            Error::SqliteFailure(error, _) | Error::SqlInputError { error, .. }
                if error.code == ErrorCode::OperationInterrupted
        );
        if interrupted && self.deadline.was_missed() {
            return Fault::time(self.question.millis / 1000);
        }
        Fault::of(error, self.touched.refusal())
    }
}

/// Rows that are sent together.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    bytes: usize,
}

impl Batch {
    fn add(&mut self, row: Row) {
        self.bytes += row.encoded_len() + 4;
        self.rows.push(row);
    }

    /// Sends them; answers with their bytes.
    fn send(&mut self, outbox: &Outbox) -> Result<u64, Fault> {
        let Self { rows, bytes } = std::mem::take(self);
        if !rows.is_empty() {
            outbox.send(frame::Kind::Rows, &Rows { rows }.encode_to_vec())?;
        }
        Ok(bytes as u64)
    }
}

fn value(value: ValueRef<'_>) -> Value {
    let kind = match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(Kind::Integer(number)),
        ValueRef::Real(number) => Some(Kind::Real(number)),
        ValueRef::Text(text) => Some(Kind::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Blob(bytes) => Some(Kind::Blob(bytes.to_vec())),
    };
    Value { kind }
}
