//! A question that was taken up, written down, and its answer as a page shows it.

use super::{
    Wanted,
    cells::{self, Cell},
};
use crate::{
    access::Session,
    audit::{Actor, Event},
    dashboard::{
        State,
        lens::Lens,
        markup::Markup,
        text::{self, questions as t},
        trouble::Trouble,
    },
    question::{Answer, Piece, Pieces, Question, QuestionError, ROWS_TO_LOOK_AT, ready::Ready},
    store::record::LogAct,
};
use freehold_proto::v1::query_response::Row;

/// Rows on a page.
pub(super) const ROWS: u64 = 500;

/// A question that was taken up.
pub(super) struct Asked {
    pub(super) pieces: Pieces,
    pub(super) lens: Lens,
}

/// What of an answer has come.
#[derive(Default)]
pub(super) struct Gathered {
    columns: Vec<String>,
    rows: Vec<Row>,
    end: Option<Answer>,
}

/// An answer as a page shows it.
pub(super) struct AnswerView {
    /// The moment it is about; `None` for now.
    pub(super) moment: Option<Markup>,
    pub(super) shown: Markup,
    pub(super) notes: Vec<Markup>,
    pub(super) heads: Vec<Markup>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// Where it can be taken along.
    pub(super) csv: Option<String>,
    pub(super) is_empty: bool,
}

impl Asked {
    /// Has a question taken up, and writes down what it reads before it is read. A guest gets no answer where that is not
    /// possible; an owner does.
    pub(super) async fn of(
        state: &State,
        session: &Session,
        by: &Actor,
        sql: &str,
        lens: Lens,
        rows: u64,
    ) -> Result<Result<Self, QuestionError>, Trouble> {
        let desk = &state.desk;
        let may_export = session.delegation().is_none_or(|under| under.may_export);
        let question = Question {
            sql: sql.to_owned(),
            moment: lens.moment,
            rows: if may_export {
                rows
            } else {
                rows.min(ROWS_TO_LOOK_AT)
            },
        };
        let understood = desk.questions.understand(&session.viewer(), question).await;
        let event = match &understood {
            Ok(understood) => understood.event(),
            Err(QuestionError::NotShared(_)) => Event::new(LogAct::WasRefused),
            Err(_) => Event::new(LogAct::Asked).statement(sql),
        };
        if let Err(error) = desk.journal.note(by, event).await {
            if !session.is_owner() {
                return Err(Trouble::not_logged(error));
            }
            tracing::error!(%error, "a question of an owner is not in the log");
        }
        let understood = match understood {
            Ok(understood) => understood,
            Err(error) => return Ok(Err(error)),
        };
        let (people, session) = (desk.people.clone(), session.clone());
        let viewer = session.viewer();
        let seen = viewer.clone();
        let holds = move || {
            // Anew each time: what is shared may have changed, or ended.
            let current = people.current(&session);
            matches!(current, Ok(Some(session)) if session.viewer() == seen)
        };
        Ok(Ok(Self {
            pieces: understood.answer(viewer, holds),
            lens,
        }))
    }
}

impl Gathered {
    /// Takes a piece in.
    pub(super) fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Progress(_) => {}
            Piece::Columns(columns) => self.columns = columns,
            Piece::Rows(rows) => self.rows.extend(rows),
            Piece::End(end) => self.end = Some(end),
        }
    }

    /// Its end has come.
    pub(super) fn is_whole(&self) -> bool {
        self.end.is_some()
    }
}

impl AnswerView {
    /// Waits for all of it.
    pub(super) async fn whole(
        asked: &mut Asked,
        wanted: &Wanted,
        ready: Option<&Ready>,
        session: &Session,
    ) -> Result<Self, QuestionError> {
        let mut gathered = Gathered::default();
        while let Some(piece) = asked.pieces.recv().await {
            gathered.take(piece?);
        }
        if !gathered.is_whole() {
            return Err(QuestionError::BrokeOff);
        }
        Ok(Self::of(gathered, asked, wanted, ready, session))
    }

    pub(super) fn of(
        gathered: Gathered,
        asked: &Asked,
        wanted: &Wanted,
        ready: Option<&Ready>,
        session: &Session,
    ) -> Self {
        let end = gathered.end.unwrap_or_default();
        let words = if end.cut { t::FIRST } else { t::SHOWN };
        let rows = text::count(gathered.rows.len(), "row", "rows");
        let computers = text::computers_counted(end.computers as usize);
        let may_export = session.delegation().is_none_or(|under| under.may_export);
        Self {
            shown: Markup::fill(
                words,
                &[
                    ("rows", Markup::text(&rows)),
                    ("computers", Markup::text(&computers)),
                ],
            ),
            moment: asked.lens.moment.at().map(|at| {
                let when = Markup::moment(at, asked.lens.now);
                Markup::fill(t::AS_OF, &[("when", when)])
            }),
            notes: end.notes.iter().map(|note| Markup::text(note)).collect(),
            heads: gathered.columns.iter().map(|it| Markup::name(it)).collect(),
            rows: cells::rows(&gathered.columns, &gathered.rows, asked.lens, ready),
            csv: may_export.then(|| wanted.path("/questions/csv")),
            is_empty: gathered.rows.is_empty(),
        }
    }
}
