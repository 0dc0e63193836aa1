//! An answer to take along, as CSV: row by row as it comes, and nothing that a spreadsheet takes for a formula.

use std::io;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Query, State as Shared},
    http::header,
    response::{IntoResponse, Response},
};
use freehold_proto::v1::query_response::{Row, value::Kind};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{Wanted, asked::Asked, page};
use crate::{
    access::Session,
    audit::{Actor, Event},
    dashboard::{State, lens::Lens, markup, text::questions as t, trouble::Trouble},
    question::{Answer, Piece, ROWS},
    spreadsheet::{harmless, line},
    store::record::LogAct,
};

/// Pieces that wait for a browser.
const WAITING: usize = 2;

/// Sends an answer as a file. One that breaks off is no complete file.
pub(in crate::dashboard) async fn take(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    if session.delegation().is_some_and(|under| !under.may_export) {
        let refused = state.desk.journal.note(&by, Event::new(LogAct::WasRefused));
        refused.await.map_err(Trouble::not_logged)?;
        return Err(Trouble::NotForGuests);
    }
    let lens = Lens::of(&state.desk, &wanted.at)?;
    let (sql, _) = wanted.statement().unwrap_or_default();
    let mut asked = match Asked::of(&state, &session, &by, &sql, lens, ROWS).await? {
        Ok(asked) => asked,
        Err(error) => return page(&state, &session, &wanted, Some(error.to_string()), None),
    };
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    tokio::spawn(async move {
        let mut width = 0;
        loop {
            let piece = tokio::select! {
                () = sender.closed() => return,
                piece = asked.pieces.recv() => piece,
            };
            let Some(piece) = piece else { return };
            let text = match piece {
                Ok(Piece::Progress(_)) => continue,
                Ok(Piece::Columns(columns)) => {
                    width = columns.len();
                    let mut text = String::new();
                    line(&mut text, columns.iter().map(|column| harmless(column)));
                    Ok(text)
                }
                Ok(Piece::Rows(rows)) => Ok(lines(&rows)),
                Ok(Piece::End(answer)) => Ok(notes(&answer, width)),
                Err(error) => Err(io::Error::other(error)),
            };
            let is_over = text.is_err();
            if sender.send(text.map(Bytes::from)).await.is_err() || is_over {
                return;
            }
        }
    });
    let at = lens
        .moment
        .at()
        .unwrap_or(lens.now)
        .to_string()
        .replace(':', "");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"freehold-answer-{at}.csv\""),
        ),
    ];
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok((headers, body).into_response())
}

fn lines(rows: &[Row]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for row in rows {
        let cells = row.values.iter().map(|value| match &value.kind {
            None => String::new(),
            Some(Kind::Integer(number)) => number.to_string(),
            Some(Kind::Real(number)) => number.to_string(),
            Some(Kind::Text(text)) => harmless(text),
            Some(Kind::Blob(bytes)) => bytes.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            }),
        });
        line(&mut text, cells);
    }
    text
}

/// What keeps it from being the whole truth, under the rows.
fn notes(answer: &Answer, width: usize) -> String {
    let mut notes = answer.notes.clone();
    if answer.cut {
        let rows = answer.rows.to_string();
        notes.push(markup::filled(t::CUT, &[("rows", rows)]));
    }
    let mut text = String::new();
    for note in notes {
        let empty = (1..width).map(|_| String::new());
        line(&mut text, std::iter::once(harmless(&note)).chain(empty));
    }
    text
}
