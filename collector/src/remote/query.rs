//! Questions in SQL.

use freehold_proto::v1::{
    self,
    query_response::{End, Header, Part, Progress, Rows},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::{
    Remote,
    caller::{Caller, Sight},
    computers::no_longer_shared,
    streams::Stream,
};
use crate::{
    audit::Event,
    question::{Piece, Question, QuestionError, ROWS, ROWS_TO_LOOK_AT},
    store::record::LogAct,
};

/// Pieces that wait for a reader.
const WAITING: usize = 2;

impl Remote {
    /// Answers a question, once it is written down.
    pub(super) async fn queried(
        &self,
        request: Request<v1::QueryRequest>,
    ) -> Result<Response<Stream<v1::QueryResponse>>, Status> {
        let caller = self.caller(&request)?;
        let place = self.places.take(caller.reader.name.person)?;
        let request = request.into_inner();
        let now = self.desk.clock.now();
        let moment = self.desk.inventory.moment(&request.as_of, now);
        let moment = moment.map_err(|error| Status::invalid_argument(format!("as_of: {error}")))?;
        let question = Question {
            sql: request.sql,
            moment,
            rows: if caller.reader.may_export() {
                ROWS
            } else {
                ROWS_TO_LOOK_AT
            },
        };
        let sight = caller.sight(&self.desk);
        let statement = question.sql.clone();
        let viewer = sight.viewer()?;
        let understood = self.desk.questions.understand(&viewer, question).await;
        let understood = match understood {
            Ok(understood) => understood,
            Err(error) => return Err(self.refused(&caller, &statement, &error).await?),
        };
        let viewer = self.noted(&caller, understood.event()).await?;
        let (holding, seen) = (sight.clone(), viewer.clone());
        let mut pieces = understood.answer(viewer, move || holding.unchanged(&seen).is_ok());
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let _place = place;
            loop {
                // Who stops reading cancels the question, also while there is nothing to send.
                let piece = tokio::select! {
                    () = sender.closed() => return,
                    piece = pieces.recv() => piece,
                };
                let Some(piece) = piece else { return };
                let piece = piece
                    .map(shown)
                    .map_err(|error| status(&error, Some(&sight)));
                if sender.send(piece).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    /// Writes down that somebody asked what was not answered.
    async fn refused(
        &self,
        caller: &Caller,
        statement: &str,
        error: &QuestionError,
    ) -> Result<Status, Status> {
        let event = match error {
            QuestionError::NotShared(_) => Event::new(LogAct::WasRefused),
            _ => Event::new(LogAct::Asked).statement(statement),
        };
        self.noted(caller, event).await?;
        Ok(status(error, None))
    }
}

fn status(error: &QuestionError, sight: Option<&Sight>) -> Status {
    let sentence = error.to_string();
    match error {
        QuestionError::Busy | QuestionError::Crowded | QuestionError::Limit(_) => {
            Status::resource_exhausted(sentence)
        }
        QuestionError::Statement(_) | QuestionError::OnlyNow => Status::invalid_argument(sentence),
        QuestionError::NotShared(_) => Status::permission_denied(sentence),
        // Where access has ended, that is what is said.
        QuestionError::Ended => sight
            .and_then(|sight| sight.viewer().err())
            .unwrap_or_else(no_longer_shared),
        QuestionError::Read(error) => super::computers::unreadable(error),
        QuestionError::Start(_) => Status::internal(sentence),
        QuestionError::BrokeOff => Status::resource_exhausted(sentence),
    }
}

fn shown(piece: Piece) -> v1::QueryResponse {
    let part = match piece {
        Piece::Progress(progress) => Part::Progress(Progress {
            read: progress.read,
            computers: progress.computers,
            rows: progress.rows,
        }),
        Piece::Columns(columns) => Part::Header(Header { columns }),
        Piece::Rows(rows) => Part::Rows(Rows { rows }),
        Piece::End(answer) => Part::End(End {
            rows: answer.rows,
            cut: answer.cut,
            computers: answer.computers,
            notes: answer.notes,
        }),
    };
    v1::QueryResponse { part: Some(part) }
}
