//! Lists to take along, in what the page shows: the same filters, columns and moment, through the same gate.

mod format;

use std::io;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::{Path, Query, State as Shared},
    http::header,
    response::{IntoResponse, Response},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    Desk, State, administrators, changes, computers, difference, findings,
    lens::{Lens, with},
    list::{Column, Value, Wanted},
    markup, software,
    text::list as t,
    trouble::Trouble,
};
use crate::{
    access::Session,
    audit::{Actor, Event},
    store::record::LogAct,
};
use format::Format;

/// Exports made at once: each holds its rows in memory.
pub(super) const AT_ONCE: usize = 2;

/// Rows of an export.
pub(super) const ROWS: usize = 50_000;

/// Pieces that wait for a reader.
const WAITING: usize = 2;

/// The pairs of an address.
pub(super) type Pairs = Vec<(String, String)>;

/// A list as it is taken along.
pub(super) struct Sheet {
    /// Its name, for the file.
    pub(super) name: &'static str,
    /// Of when it is.
    pub(super) lens: Lens,
    /// Key and title of each column.
    pub(super) columns: Vec<(&'static str, &'static str)>,
    pub(super) rows: Vec<Vec<Value>>,
    /// What keeps it from being complete, as sentences.
    pub(super) notes: Vec<String>,
}

/// The links under a list; none for who may not take it along.
pub(super) struct Export {
    pub(super) links: Vec<(String, &'static str)>,
}

impl Export {
    /// To the list at an address below `/export`.
    pub(super) fn of(session: &Session, path: &str) -> Self {
        let delegation = session.delegation();
        let may = delegation.is_none_or(|under| under.may_export);
        let link = |format: &Format| (with(path, "format", format.word()), format.title());
        Self {
            links: if may {
                Format::ALL.iter().map(link).collect()
            } else {
                Vec::new()
            },
        }
    }
}

impl Sheet {
    /// Rows as a page shows them.
    pub(super) fn of<R>(
        name: &'static str,
        columns: &[Column<R>],
        wanted: &Wanted,
        lens: Lens,
        found: &[R],
    ) -> Self {
        let chosen = wanted.chosen(columns, lens);
        let heads = chosen.iter().map(|column| (column.word, column.title));
        Self::new(name, heads.collect(), lens, found, |row| {
            chosen.iter().map(|column| (column.value)(row)).collect()
        })
    }

    /// As many rows as it may hold, with a note where there are more.
    pub(super) fn new<R>(
        name: &'static str,
        columns: Vec<(&'static str, &'static str)>,
        lens: Lens,
        found: &[R],
        row: impl Fn(&R) -> Vec<Value>,
    ) -> Self {
        let mut sheet = Self {
            name,
            lens,
            columns,
            rows: found.iter().take(ROWS).map(row).collect(),
            notes: Vec::new(),
        };
        sheet.note_cut(found.len() > ROWS);
        sheet
    }

    /// Notes that there are more rows than it holds.
    pub(super) fn note_cut(&mut self, is_cut: bool) {
        if is_cut {
            let rows = self.rows.len().to_string();
            self.notes.push(markup::filled(t::CUT, &[("rows", rows)]));
        }
    }
}

/// Answers with a list.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Path(list): Path<String>,
    Query(pairs): Query<Pairs>,
) -> Result<Response, Trouble> {
    let format = pairs.iter().find(|(name, _)| name == "format");
    let format = format.map_or(Some(Format::Csv), |(_, word)| Format::of(word));
    let format = format.ok_or(Trouble::NotFound)?;
    // Closed never happens: nobody closes it.
    let place = state.exports.clone().acquire_owned().await;
    let desk = state.desk.clone();
    let reader = session.clone();
    let made = tokio::task::spawn_blocking(move || sheet(&desk, &reader, &list, pairs)).await;
    let sheet = made.unwrap_or_else(|error| Err(Trouble::failed(error)))?;
    if session.is_owner() {
        note(&state.desk, &by, &sheet).await;
    }
    let headers = [
        (header::CONTENT_TYPE, format.content_type().to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", format.file(&sheet)),
        ),
    ];
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let desk = state.desk;
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut send = |piece: Vec<u8>| {
            // Anew for each piece: what is shared may have ended meanwhile.
            let holds = matches!(desk.people.current(&session), Ok(Some(_)));
            let piece = if holds {
                Ok(Bytes::from(piece))
            } else {
                Err(io::Error::other("access has ended"))
            };
            sender.blocking_send(piece).is_ok() && holds
        };
        if let Err(error) = format.write(&sheet, &mut send) {
            tracing::error!(%error, "a list could not be written as it was asked for");
            let _ = sender.blocking_send(Err(io::Error::other(error)));
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok((headers, body).into_response())
}

fn sheet(desk: &Desk, session: &Session, list: &str, pairs: Pairs) -> Result<Sheet, Trouble> {
    match list {
        "computers" => computers::sheet(desk, session, &Wanted::of(pairs)),
        "administrators" => administrators::sheet(desk, session, &Wanted::of(pairs)),
        "software" => software::sheet(desk, session, &Wanted::of(pairs)),
        "changes" => changes::sheet(desk, session, &pairs),
        "difference" => difference::sheet(desk, session, &pairs),
        "findings" => findings::sheet(desk, session, &pairs),
        _ => Err(Trouble::NotFound),
    }
}

/// Writes an owner's export into the log. An owner gets it also when the disk is full; the gap is in the messages.
async fn note(desk: &Desk, by: &Actor, sheet: &Sheet) {
    let event = Event::new(LogAct::ExportedList)
        .detail(sheet.name)
        .count(sheet.rows.len() as u64)
        .as_of(sheet.lens.moment);
    if let Err(error) = desk.journal.note(by, event).await {
        tracing::error!(%error, "an export by an owner is not in the log");
    }
}

/// One of the pairs of an address.
pub(super) fn one<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    let mut values = pairs.iter().filter(|(key, _)| key == name);
    values.next_back().map_or("", |(_, value)| value)
}
