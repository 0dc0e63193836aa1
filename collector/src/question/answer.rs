//! One question, from the statement to the end of its answer.

mod delivery;

use std::{io::Read, sync::Arc};

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::query_response::Row;
use prost::Message;
use tokio::{sync::mpsc, task::spawn_blocking, time::timeout};

use self::delivery::Delivery;
use super::{
    Question, QuestionError, Questions,
    feed::{in_service, kinds},
    frame::{self, Fault, Kind as Frame, Needs},
    limits,
    places::Place,
    process::{Input, Output, Running},
};
use crate::{
    access::{Machine, Viewer},
    audit::Event,
    store::record::LogAct,
};

/// Pieces that wait for a reader.
const WAITING: usize = 4;

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// How far it is.
    Progress(Progress),
    /// The columns' names; comes once, before the rows.
    Columns(Vec<String>),
    /// The next rows.
    Rows(Vec<Row>),
    /// Its end.
    End(Answer),
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Computers that were read, counted once for each section.
    pub read: u32,
    /// Computers that are to be read, counted so.
    pub computers: u32,
    /// Rows of tables that were gone through since.
    pub rows: u64,
}

/// What is known of an answer when it is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Rows it held.
    pub rows: u64,
    /// There are more.
    pub cut: bool,
    /// Computers it is about.
    pub computers: u32,
    /// What keeps it from being the whole truth.
    pub notes: Vec<String>,
}

/// Pieces of an answer, as they come.
pub(crate) type Pieces = mpsc::Receiver<Result<Piece, QuestionError>>;

/// A question whose statement was understood. Nothing was read for it so far.
pub struct Understood {
    question: Question,
    needs: Needs,
    machines: Vec<Arc<Machine>>,
    worker: Worker,
    questions: Questions,
    place: Place,
}

/// What is known of a worker.
struct Worker {
    running: Running,
    input: Input,
    frames: mpsc::Receiver<(Frame, Vec<u8>)>,
}

impl Questions {
    /// Has a statement looked at: refuses what is wrong with it, and what reads sections that the viewer may not see at
    /// all. What it will read can be written down before it is.
    pub async fn understand(
        &self,
        viewer: &Viewer,
        question: Question,
    ) -> Result<Understood, QuestionError> {
        if question.sql.len() > limits::STATEMENT {
            return Err(QuestionError::Statement(format!(
                "the statement is longer than {} bytes, which is the most",
                limits::STATEMENT
            )));
        }
        let place = self.places.take(viewer.who(), limits::PATIENCE).await?;
        let mut worker = self.started(&question).await?;
        let first = timeout(limits::UNDERSTANDING, worker.frames.recv()).await;
        let needs = match first {
            Ok(Some((Frame::Needs, content))) => decoded::<Needs>(&content)?,
            Ok(Some((Frame::Fault, content))) => return Err(fault(&content)),
            Ok(_) => return Err(QuestionError::BrokeOff),
            Err(_) => {
                return Err(QuestionError::Limit(
                    "this statement takes too long to be understood: ask something simpler"
                        .to_owned(),
                ));
            }
        };
        if needs.readings && question.moment.at().is_some() {
            return Err(QuestionError::OnlyNow);
        }
        let machines = self.inventory.surveyed(viewer, question.moment);
        for kind in kinds(&needs.touched) {
            let mut served = in_service(&machines, question.moment).peekable();
            let sees = |machine: &Arc<Machine>| self.inventory.shares(viewer, machine.id, kind);
            if served.peek().is_some() && !served.any(sees) {
                return Err(QuestionError::NotShared(kind));
            }
        }
        Ok(Understood {
            question,
            needs,
            machines,
            worker,
            questions: self.clone(),
            place,
        })
    }

    /// A worker that was told a question.
    async fn started(&self, question: &Question) -> Result<Worker, QuestionError> {
        let launcher = self.launcher;
        let now = crate::clock::Clock::system().now();
        let told = frame::Question {
            sql: question.sql.clone(),
            as_of: question.moment.at().unwrap_or(now).to_string(),
            rows: question.rows,
            millis: limits::COMPUTING.as_millis() as u64,
        };
        let started = spawn_blocking(move || {
            let (running, mut input, output) = launcher.start()?;
            frame::write(&mut input, Frame::Question, &told.encode_to_vec())?;
            input.flush()?;
            Ok((running, input, output))
        });
        let started = started.await.map_err(|_| QuestionError::BrokeOff)?;
        let (running, input, output) = started.map_err(|error| {
            tracing::error!(%error, "the process that answers questions could not be started");
            QuestionError::Start(error)
        })?;
        Ok(Worker {
            running,
            input,
            frames: listen(output),
        })
    }
}

/// Frames of a worker, as they come.
fn listen(mut output: Output) -> mpsc::Receiver<(Frame, Vec<u8>)> {
    let (sender, frames) = mpsc::channel(WAITING);
    spawn_blocking(move || {
        let output: &mut dyn Read = &mut output;
        let mut output = std::io::BufReader::with_capacity(256 * 1024, output);
        while let Ok(Some(frame)) = frame::read(&mut output, limits::PIECE) {
            if sender.blocking_send(frame).is_err() {
                break;
            }
        }
    });
    frames
}

impl Understood {
    /// What is written into the log before it is answered.
    pub fn event(&self) -> Event {
        let sections: Vec<&str> = kinds(&self.needs.touched)
            .into_iter()
            .map(section_name)
            .collect();
        Event::new(LogAct::Asked)
            .subject(&sections.join(", "))
            .statement(&self.question.sql)
            .count(self.machines.len() as u64)
            .as_of(self.question.moment)
    }

    /// Answers it, as this viewer may see it now. It ends as soon as `holds` says that this does not hold any more, and
    /// when nobody reads the pieces any more.
    pub(crate) fn answer(
        self,
        viewer: Viewer,
        holds: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Pieces {
        let (sender, pieces) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let delivery = Delivery::of(self, viewer, sender.clone(), holds);
            if let Err(Some(error)) = delivery.run().await {
                let _ = sender.send(Err(error)).await;
            }
        });
        pieces
    }
}

fn decoded<M: Message + Default>(content: &[u8]) -> Result<M, QuestionError> {
    M::decode(content).map_err(|_| QuestionError::BrokeOff)
}

fn fault(content: &[u8]) -> QuestionError {
    match Fault::decode(content) {
        Ok(fault) if fault.is_limit => QuestionError::Limit(fault.sentence),
        Ok(fault) => QuestionError::Statement(fault.sentence),
        Err(_) => QuestionError::BrokeOff,
    }
}
