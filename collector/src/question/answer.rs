//! One question, from the statement to the end of its answer.

use std::{
    io::Read,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use freehold_agent::snapshot::section_name;
use freehold_proto::v1::query_response::{Header, Row, Rows};
use prost::Message;
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle, spawn_blocking},
    time::{Instant, Interval, MissedTickBehavior, interval, timeout},
};

use super::{
    Question, QuestionError, Questions,
    feed::{Feed, FeedError, in_service, kinds},
    frame::{self, Done, Fault, Kind as Frame, Needs},
    limits,
    notes::Notes,
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

/// How long nothing is said while there is nothing new.
const QUIET: Duration = Duration::from_secs(5);

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

/// What a worker's feeding comes to, with the pipe that keeps the worker alive.
type Fed = (Result<Notes, FeedError>, Input);

/// An answer on its way.
struct Delivery<F> {
    frames: mpsc::Receiver<(Frame, Vec<u8>)>,
    feeding: JoinHandle<Fed>,
    /// What came of it. The pipe stays open until this is dropped.
    fed: Option<(Notes, Input)>,
    read: Arc<AtomicU32>,
    progress: Progress,
    told: Progress,
    spoken: Instant,
    computers: u32,
    sender: mpsc::Sender<Result<Piece, QuestionError>>,
    holds: F,
    beat: Interval,
    began: Instant,
    /// Ends with this.
    _running: Running,
    _place: Place,
}

impl<F: Fn() -> bool> Delivery<F> {
    fn of(
        understood: Understood,
        viewer: Viewer,
        sender: mpsc::Sender<Result<Piece, QuestionError>>,
        holds: F,
    ) -> Self {
        let Understood {
            question,
            needs,
            machines,
            worker,
            questions,
            place,
        } = understood;
        let read = Arc::new(AtomicU32::new(0));
        let served = in_service(&machines, question.moment).count();
        let progress = Progress {
            computers: (served * needs.sections.len()) as u32,
            ..Progress::default()
        };
        let computers = machines.len() as u32;
        let feed = Feed {
            inventory: questions.inventory,
            viewer,
            moment: question.moment,
            needs,
            machines,
            read: Arc::clone(&read),
        };
        let mut input = worker.input;
        let feeding = spawn_blocking(move || {
            let outcome = feed.run(&mut input);
            (outcome, input)
        });
        let mut beat = interval(limits::BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            frames: worker.frames,
            feeding,
            fed: None,
            read,
            progress,
            told: Progress::default(),
            spoken: Instant::now(),
            computers,
            sender,
            holds,
            beat,
            began: Instant::now(),
            _running: worker.running,
            _place: place,
        }
    }

    /// Delivers to the end. Fails with nothing where nobody reads it.
    async fn run(mut self) -> Result<(), Option<QuestionError>> {
        loop {
            let frame = tokio::select! {
                () = self.sender.closed() => return Err(None),
                _ = self.beat.tick() => {
                    self.check()?;
                    self.tell_progress();
                    continue;
                }
                fed = &mut self.feeding, if self.fed.is_none() => {
                    self.note_fed(fed)?;
                    continue;
                }
                frame = self.frames.recv() => frame,
            };
            let (kind, content) = frame.ok_or(Some(QuestionError::BrokeOff))?;
            match kind {
                Frame::Progress => self.note_rows(&content),
                Frame::Header => {
                    let header = decoded::<Header>(&content).map_err(Some)?;
                    self.send(Piece::Columns(header.columns)).await?;
                }
                Frame::Rows => {
                    let rows = decoded::<Rows>(&content).map_err(Some)?;
                    self.send(Piece::Rows(rows.rows)).await?;
                }
                Frame::Done => {
                    let done = decoded::<Done>(&content).map_err(Some)?;
                    return self.end(&done).await;
                }
                Frame::Fault => return Err(Some(fault(&content))),
                _ => return Err(Some(QuestionError::BrokeOff)),
            }
        }
    }

    /// That it may go on.
    fn check(&self) -> Result<(), Option<QuestionError>> {
        if !(self.holds)() {
            return Err(Some(QuestionError::Ended));
        }
        if self.began.elapsed() > limits::WHOLE {
            let minutes = limits::WHOLE.as_secs() / 60;
            return Err(Some(QuestionError::Limit(format!(
                "this question takes longer than the {minutes} minutes that a question may, with everything that is \
                 read for it: narrow it"
            ))));
        }
        Ok(())
    }

    /// Sends a piece as soon as it is wanted, and looks meanwhile whether it still may.
    async fn send(&mut self, piece: Piece) -> Result<(), Option<QuestionError>> {
        let sender = self.sender.clone();
        let mut room = pin!(sender.reserve());
        loop {
            tokio::select! {
                permit = &mut room => {
                    // It may have waited for long.
                    self.check()?;
                    permit.map_err(|_| None)?.send(Ok(piece));
                    return Ok(());
                }
                _ = self.beat.tick() => self.check()?,
            }
        }
    }

    /// Where a reader is slow, only the latest matters. Now and then the same is told again, as a sign of life.
    fn tell_progress(&mut self) {
        self.progress.read = self.read.load(Ordering::Relaxed);
        if self.progress == self.told && self.spoken.elapsed() < QUIET {
            return;
        }
        if self
            .sender
            .try_send(Ok(Piece::Progress(self.progress)))
            .is_ok()
        {
            self.told = self.progress;
            self.spoken = Instant::now();
        }
    }

    fn note_rows(&mut self, content: &[u8]) {
        if let Some(rows) = content.first_chunk() {
            self.progress.rows = u64::from_le_bytes(*rows);
        }
    }

    /// Takes down that everything was told. Why a worker does not listen any more, it says itself.
    fn note_fed(&mut self, fed: Result<Fed, JoinError>) -> Result<(), Option<QuestionError>> {
        match fed {
            Ok((Ok(notes), input)) => self.fed = Some((notes, input)),
            Ok((Err(FeedError::Gone), input)) => self.fed = Some((Notes::default(), input)),
            Ok((Err(FeedError::Read(error)), _)) => return Err(Some(error.into())),
            Err(_) => return Err(Some(QuestionError::BrokeOff)),
        }
        Ok(())
    }

    /// Everything was told before there was an answer: what is not known is known now.
    async fn end(&mut self, done: &Done) -> Result<(), Option<QuestionError>> {
        if self.fed.is_none() {
            let fed = (&mut self.feeding).await;
            self.note_fed(fed)?;
        }
        let notes = self.fed.as_ref().map(|(notes, _)| notes.sentences());
        self.send(Piece::End(Answer {
            rows: done.rows,
            cut: done.cut,
            computers: self.computers,
            notes: notes.unwrap_or_default(),
        }))
        .await
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
