//! An answer on its way: what the worker says, as fast as it is read, for as long as it may be.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use freehold_proto::v1::query_response::{Header, Rows};
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle, spawn_blocking},
    time::{Instant, Interval, MissedTickBehavior, interval},
};

use super::{Answer, Piece, Progress, Understood, decoded, fault};
use crate::{
    access::Viewer,
    question::{
        QuestionError,
        feed::{Feed, FeedError, in_service},
        frame::{Done, Kind as Frame},
        limits,
        notes::Notes,
        places::Place,
        process::{Input, Running},
    },
};

/// How long nothing is said while there is nothing new.
const QUIET: Duration = Duration::from_secs(5);

/// What a worker's feeding comes to, with the pipe that keeps the worker alive.
type Fed = (Result<Notes, FeedError>, Input);

/// An answer on its way.
pub(super) struct Delivery<F> {
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
    /// Of a question that was understood, as this viewer may see it.
    pub(super) fn of(
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
    pub(super) async fn run(mut self) -> Result<(), Option<QuestionError>> {
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
