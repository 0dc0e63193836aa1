//! Questions: ready ones in plain words, and one's own in SQL.

mod asked;
mod cells;
mod taken;

use askama::Template;
use axum::{
    Extension, Form,
    body::{Body, Bytes},
    extract::{Query, State as Shared},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

pub(super) use self::taken::take;
use self::{
    asked::{AnswerView, Asked},
    cells::progress,
};
use super::{
    State,
    lens::{Lens, field, with},
    markup::Markup,
    page::{Done, Page, Signed, render},
    text::{self, questions as t},
    trouble::Trouble,
};
use crate::{
    access::Session,
    audit::Actor,
    question::{
        Piece, SaveError,
        ready::{Ready, SUBJECTS, Subject, ready},
        schema::{Described, described},
    },
};

/// Pieces that wait for a browser.
const WAITING: usize = 4;

/// What an address asks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// The word of a ready question.
    ask: String,
    /// A statement.
    sql: String,
    /// The moment.
    at: String,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "questions.html")]
struct QuestionsPage {
    page: Page,
    subjects: &'static [Subject],
    saved: Vec<Saved>,
    /// The question that is asked.
    ready: Option<&'static Ready>,
    sql: String,
    at: String,
    latest: String,
    problem: Option<Markup>,
    answer: Option<AnswerView>,
}

#[derive(Template)]
#[template(path = "questions_answer.html")]
struct AnswerPart {
    answer: AnswerView,
}

#[derive(Template)]
#[template(path = "questions_tables.html")]
struct TablesPage {
    page: Page,
    tables: &'static [Described],
}

struct Saved {
    name: Markup,
    plain: String,
    path: String,
}

/// The fields of the form that keeps a question.
#[derive(Deserialize)]
pub(super) struct SaveForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    sql: String,
}

impl Wanted {
    /// The statement, with the ready question it belongs to.
    fn statement(&self) -> Option<(String, Option<&'static Ready>)> {
        if let Some(ready) = ready(&self.ask) {
            return Some((ready.sql.to_owned(), Some(ready)));
        }
        let sql = self.sql.trim();
        (!sql.is_empty()).then(|| (sql.to_owned(), None))
    }

    /// The address of the same question below another one.
    fn path(&self, list: &str) -> String {
        let pairs = [("ask", &self.ask), ("sql", &self.sql), ("at", &self.at)];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        pairs.fold(list.to_owned(), |path, (name, value)| {
            with(&path, name, value)
        })
    }
}

/// Shows the questions, or one with its answer.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let lens = Lens::of(&state.desk, &wanted.at)?;
    let (mut problem, mut answer) = (None, None);
    let statement = wanted.statement();
    if let Some((sql, ready)) = &statement {
        let asked = Asked::of(&state, &session, &by, sql, lens, asked::ROWS).await?;
        match asked {
            Ok(mut asked) => match AnswerView::whole(&mut asked, &wanted, *ready, &session).await {
                Ok(view) => answer = Some(view),
                Err(error) => problem = Some(error.to_string()),
            },
            Err(error) => problem = Some(error.to_string()),
        }
    }
    page(&state, &session, &wanted, problem, answer)
}

fn page(
    state: &State,
    session: &Session,
    wanted: &Wanted,
    problem: Option<String>,
    answer: Option<AnswerView>,
) -> Result<Response, Trouble> {
    let desk = &state.desk;
    let lens = Lens::of(desk, &wanted.at)?;
    let (sql, ready) = wanted.statement().unwrap_or_default();
    let title = ready.map_or(t::TITLE, |ready| ready.title);
    let now = Wanted {
        at: String::new(),
        ..wanted.clone()
    };
    let done = Done {
        done: wanted.done.clone(),
    };
    let saved = desk
        .questions
        .saved(session.person)
        .map_err(Trouble::failed)?;
    Ok(render(&QuestionsPage {
        page: Page::signed_in(desk, session, title, "/questions")?
            .seen_at(lens, &now.path("/questions"))
            .done(&done),
        subjects: SUBJECTS,
        saved: saved
            .into_iter()
            .map(|(name, sql)| Saved {
                path: with("/questions", "sql", &sql),
                plain: name.clone(),
                name: Markup::name(&name),
            })
            .collect(),
        ready,
        sql,
        at: lens.moment.at().map(field).unwrap_or_default(),
        latest: field(lens.now),
        // It may repeat what stands in an address that somebody else wrote.
        problem: problem.map(|sentence| Markup::value(&sentence)),
        answer,
    }))
}

/// Answers piece by piece, for the script of the page: lines that say how far it is, then an empty line and the answer.
pub(super) async fn answer(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Extension(by): Extension<Actor>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Trouble> {
    let lens = Lens::of(&state.desk, &wanted.at)?;
    let (sql, ready) = wanted.statement().unwrap_or_default();
    let asked = Asked::of(&state, &session, &by, &sql, lens, asked::ROWS).await?;
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::convert::Infallible>>(WAITING);
    tokio::spawn(async move {
        let mut asked = match asked {
            Ok(asked) => asked,
            Err(error) => return tell(&sender, &fault(&error.to_string())).await,
        };
        let mut gathered = asked::Gathered::default();
        loop {
            // Whoever goes away cancels the question.
            let piece = tokio::select! {
                () = sender.closed() => return,
                piece = asked.pieces.recv() => piece,
            };
            match piece {
                Some(Ok(Piece::Progress(far))) => {
                    tell(&sender, &format!("{}\n", progress(&far))).await;
                }
                Some(Ok(piece)) => gathered.take(piece),
                Some(Err(error)) => return tell(&sender, &fault(&error.to_string())).await,
                None => break,
            }
            if gathered.is_whole() {
                let answer = AnswerView::of(gathered, &asked, &wanted, ready, &session);
                let html = AnswerPart { answer }.render().unwrap_or_default();
                return tell(&sender, &format!("\n{html}")).await;
            }
        }
    });
    let body = Body::from_stream(ReceiverStream::new(receiver));
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response())
}

async fn tell(sender: &mpsc::Sender<Result<Bytes, std::convert::Infallible>>, text: &str) {
    // Nobody there any more: the next look ends it.
    let _ = sender
        .send(Ok(Bytes::copy_from_slice(text.as_bytes())))
        .await;
}

/// A sentence in the place of an answer.
fn fault(sentence: &str) -> String {
    let sentence = Markup::value(sentence);
    format!("\n<p class=\"banner bad\" role=\"alert\" id=\"problem\">{sentence}</p>")
}

/// Explains tables and columns.
pub(super) async fn tables(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
) -> Result<Response, Trouble> {
    Ok(render(&TablesPage {
        page: Page::signed_in(&state.desk, &session, t::TABLES, "/questions")?,
        tables: described(),
    }))
}

/// Keeps a question.
pub(super) async fn save(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Form(form): Form<Signed<SaveForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let questions = &state.desk.questions;
    let wanted = Wanted {
        sql: form.sql.trim().to_owned(),
        ..Wanted::default()
    };
    match questions.save(session.person, &form.name, &form.sql).await {
        Ok(()) => {
            let path = with(&wanted.path("/questions"), "done", "question-kept");
            Ok(Redirect::to(&path).into_response())
        }
        Err(error @ (SaveError::Store(_) | SaveError::Write(_))) => Err(Trouble::failed(error)),
        Err(error) => page(&state, &session, &wanted, Some(error.to_string()), None),
    }
}

/// Forgets a question.
pub(super) async fn forget(
    Shared(state): Shared<State>,
    Extension(session): Extension<Session>,
    Form(form): Form<Signed<SaveForm>>,
) -> Result<Response, Trouble> {
    let form = form.of(&session)?;
    let forgotten = state
        .desk
        .questions
        .forget(session.person, &form.name)
        .await;
    forgotten.map_err(Trouble::failed)?;
    Ok(Redirect::to("/questions?done=question-forgotten").into_response())
}
