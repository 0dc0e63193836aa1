//! The process that answers one question: it has a statement and what the collector sends it, and nothing else. No data
//! directory, no keys, no environment, no files but its pipes, a bound on its memory.
//!
//! A statement is looked at first, over empty tables: that tells which columns of which tables it reads. The collector
//! sends what these are made of, as far as whoever asks may see it; then the statement runs.

mod answer;
mod column;
mod fault;
mod filling;
mod guard;
mod outbox;
mod shelf;
mod store;

#[cfg(test)]
mod tests;

use std::{
    io::{self, BufReader, BufWriter, IsTerminal as _, Read},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, sync_channel},
    },
    thread,
    time::Duration,
};

use freehold_agent::confine::confine;
use prost::Message as _;

use self::{
    answer::{Asked, Deadline},
    fault::Fault,
    outbox::Outbox,
    store::Tables,
};
use super::{
    frame::{self, Kind, Question},
    limits,
};

/// Frames that wait to be taken in.
const WAITING: usize = 4;

/// Why the worker does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    /// A person started it.
    #[error(
        "this is started by the collector itself, to answer questions: ask with `freehold query`"
    )]
    Terminal,
    /// It could not be shut in.
    #[error("this process cannot be kept from what it does not need, so it answers nothing")]
    Confine(#[source] io::Error),
    /// No thread could be started.
    #[error("no thread could be started")]
    Thread(#[source] io::Error),
}

/// What the collector sends.
type Inbox = Receiver<(Kind, Vec<u8>)>;

/// Answers the question on standard input.
pub(crate) fn main() -> Result<(), WorkerError> {
    if io::stdin().is_terminal() || io::stdout().is_terminal() {
        return Err(WorkerError::Terminal);
    }
    let cancelled = Arc::new(AtomicBool::new(false));
    let input = BufReader::with_capacity(256 * 1024, io::stdin());
    // Whatever else goes on here: when the collector is gone or has had enough, this is over.
    let inbox = listen(input, &cancelled, || process::exit(0));
    let inbox = inbox.map_err(WorkerError::Thread)?;
    confine(limits::MEMORY).map_err(WorkerError::Confine)?;
    run(
        &inbox,
        &Outbox::new(BufWriter::new(io::stdout())),
        cancelled,
    );
    Ok(())
}

/// Answers one question.
fn run(inbox: &Inbox, outbox: &Outbox, cancelled: Arc<AtomicBool>) {
    if let Err(fault) = answer(inbox, outbox, cancelled) {
        let is_limit = matches!(fault, Fault::Limit(_));
        let told = frame::Fault {
            sentence: fault.to_string(),
            is_limit,
        };
        // Where nobody listens any more there is nobody to tell.
        let _ = outbox.send(Kind::Fault, &told.encode_to_vec());
    }
}

/// Reads frames on a thread of its own, which calls `ended` when there are no more.
fn listen(
    mut input: impl Read + Send + 'static,
    cancelled: &Arc<AtomicBool>,
    ended: impl FnOnce() + Send + 'static,
) -> io::Result<Inbox> {
    let (sender, inbox) = sync_channel(WAITING);
    let (ready, begun) = sync_channel(1);
    let cancelled = Arc::clone(cancelled);
    thread::Builder::new().name("inbox".into()).spawn(move || {
        let _ = ready.send(());
        while let Ok(Some(frame)) = frame::read(&mut input, frame::LONGEST) {
            if sender.send(frame).is_err() {
                break;
            }
        }
        cancelled.store(true, Ordering::Relaxed);
        ended();
    })?;
    // A thread asks for more while it starts than it may once this process is shut in.
    let _ = begun.recv();
    Ok(inbox)
}

fn answer(inbox: &Inbox, outbox: &Outbox, cancelled: Arc<AtomicBool>) -> Result<(), Fault> {
    let question = match next(inbox)? {
        (Kind::Question, content) => Question::decode(content.as_slice()),
        _ => return Err(gone()),
    };
    let question = question.map_err(|_| gone())?;
    let inside = |error: rusqlite::Error| Fault::of(error, None);
    let passed = Arc::new(AtomicU64::new(0));
    let mut connection = guard::connection().map_err(inside)?;
    let mut tables = Tables::of(&connection, &passed).map_err(inside)?;
    let touched = guard::guard(&mut connection).map_err(inside)?;
    let deadline = Deadline::new(cancelled);
    let asked = Asked {
        question: &question,
        touched: &touched,
        deadline: &deadline,
    };
    let time = Duration::from_millis(question.millis);
    deadline
        .set(&mut connection, time, &passed, outbox)
        .map_err(inside)?;
    drop(asked.understand(&connection)?);
    let needs = tables.needs(&touched.tables());
    outbox.send(Kind::Needs, &needs.encode_to_vec())?;
    take_in(inbox, &mut tables)?;
    deadline
        .set(&mut connection, time, &passed, outbox)
        .map_err(inside)?;
    // Anew: now it is known how much there is of everything.
    let statement = asked.understand(&connection)?;
    asked.answer(statement, outbox)
}

fn take_in(inbox: &Inbox, tables: &mut Tables) -> Result<(), Fault> {
    loop {
        let (kind, content) = next(inbox)?;
        match kind {
            Kind::Computer => tables.computer(&content)?,
            Kind::Section => tables.section(&content)?,
            Kind::Readings => tables.readings(&content)?,
            Kind::Complete => return tables.settle(),
            _ => return Err(gone()),
        }
    }
}

fn next(inbox: &Inbox) -> Result<(Kind, Vec<u8>), Fault> {
    inbox.recv().map_err(|_| gone())
}

fn gone() -> Fault {
    Fault::Gone(io::ErrorKind::UnexpectedEof.into())
}

/// The same on threads of this process, for tests: what it is told, and what it says.
#[cfg(test)]
pub(super) fn within(input: impl Read + Send + 'static, output: impl io::Write + Send + 'static) {
    thread::spawn(move || {
        let cancelled = Arc::new(AtomicBool::new(false));
        if let Ok(inbox) = listen(input, &cancelled, || {}) {
            run(&inbox, &Outbox::new(BufWriter::new(output)), cancelled);
        }
    });
}
