//! `query`: a question in SQL, asked of all clients.

use std::{
    collections::HashMap,
    fs,
    io::{self, IsTerminal as _, Read as _, Write as _},
    time::{Duration, Instant},
};

use freehold_proto::v1::{
    QueryRequest,
    query_response::{End, Part, Progress, Row, value::Kind},
};
use serde_json::{Map, Value, json};

use super::{
    args,
    fleet::{Answers, Failed, ask, complete},
    line::{Line, next, within},
    listing::safe_json,
    profile::Chosen,
    trouble::Trouble,
};
use crate::{
    cli::table::{Table, printable},
    question::{STATEMENT, schema::described},
    spreadsheet::{harmless, line},
};

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// What one client answered.
#[derive(Debug, Default)]
struct Answer {
    columns: Vec<String>,
    rows: Vec<Row>,
    end: End,
}

/// Asks a question.
pub(super) async fn query(chosen: Chosen, args: args::Query) -> Result<(), Trouble> {
    let request = QueryRequest {
        sql: statement(&args)?,
        as_of: args.as_of.clone().unwrap_or_default(),
    };
    let answers = ask(chosen, move |client, line| {
        let request = request.clone();
        Box::pin(async move { one(&client, line, request).await })
    })
    .await;
    print(answers, args.form)
}

/// Lists what questions can be about.
pub(super) fn tables() -> Result<(), Trouble> {
    use std::fmt::Write as _;
    let mut text = String::new();
    for table in described() {
        let _ = writeln!(text, "{}: {}", table.name, table.about);
        for (name, kind, meaning) in &table.columns {
            let _ = writeln!(text, "    {name} ({kind}) {meaning}");
        }
    }
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Trouble::Output)
}

/// The statement: from the command line, a file, or standard input.
fn statement(args: &args::Query) -> Result<String, Trouble> {
    let sql = match (&args.sql, &args.file) {
        (Some(sql), _) if sql != "-" => sql.clone(),
        (_, Some(path)) => {
            let file = fs::File::open(path).map_err(|source| Trouble::Read {
                path: path.clone(),
                source,
            })?;
            bounded(file).map_err(|source| Trouble::Read {
                path: path.clone(),
                source,
            })?
        }
        (None, None) if io::stdin().is_terminal() => return Err(Trouble::NoQuestion),
        _ => bounded(io::stdin()).map_err(Trouble::Input)?,
    };
    if sql.len() > STATEMENT {
        return Err(Trouble::LongQuestion(STATEMENT));
    }
    Ok(sql)
}

/// As much of it as can be too much.
fn bounded(input: impl io::Read) -> io::Result<String> {
    let mut text = String::new();
    input.take(STATEMENT as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

async fn one(client: &str, mut line: Line, request: QueryRequest) -> Result<Answer, Trouble> {
    let mut stream = within(line.query(request)).await??.into_inner();
    let mut answer = Answer::default();
    let mut told = Instant::now();
    while let Some(piece) = next(&mut stream).await? {
        match piece.part {
            Some(Part::Header(header)) => answer.columns = named_once(header.columns),
            Some(Part::Rows(rows)) => answer.rows.extend(rows.rows),
            Some(Part::Progress(progress))
                if io::stderr().is_terminal() && told.elapsed() >= TOLD_EVERY =>
            {
                told = Instant::now();
                eprintln!("{}: {}", printable(client), far(&progress));
            }
            Some(Part::End(end)) => {
                let whole = answer.rows.len() as u64 == end.rows;
                let fits = answer
                    .rows
                    .iter()
                    .all(|row| row.values.len() == answer.columns.len());
                if !whole || !fits {
                    return Err(Trouble::CutOff(
                        "it holds other rows than it says".to_owned(),
                    ));
                }
                answer.end = end;
                return Ok(answer);
            }
            Some(Part::Progress(_)) | None => {}
        }
    }
    Err(Trouble::CutOff("its end is missing".to_owned()))
}

fn far(progress: &Progress) -> String {
    if progress.read < progress.computers {
        format!(
            "{} of {} computers' sections read",
            progress.read, progress.computers
        )
    } else {
        format!("{} rows gone through", progress.rows)
    }
}

/// Names that can be keys: one that is there already gets a number.
fn named_once(columns: Vec<String>) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::from([("client".to_owned(), 1)]);
    columns
        .into_iter()
        .map(|column| {
            let count = seen.entry(column.clone()).or_default();
            *count += 1;
            match *count {
                1 => column,
                count => format!("{column}_{count}"),
            }
        })
        .collect()
}

fn print(answers: Answers<Answer>, form: args::Form) -> Result<(), Trouble> {
    let unknown = unknown(&answers);
    let mut answers = answers;
    // Who answered nothing to the same question has the same columns.
    let columns = answers
        .given
        .first()
        .map(|(_, answer)| answer.columns.clone());
    let columns = columns.unwrap_or_default();
    let given = answers.given.drain(..);
    let mut rows = Vec::new();
    for (client, answer) in given {
        rows.extend(answer.rows.into_iter().map(|row| (client.clone(), row)));
    }
    let text = if form.json {
        as_json(&columns, &rows, &unknown, &answers.failed)
    } else if form.csv {
        as_csv(&columns, &rows)
    } else {
        as_table(&columns, &rows)
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Trouble::Output)?;
    if !form.json {
        for sentence in &unknown {
            eprintln!("freehold: {}", printable(sentence));
        }
    }
    complete(&answers.failed)
}

/// What keeps the answers from being the whole truth.
fn unknown(answers: &Answers<Answer>) -> Vec<String> {
    let mut unknown = Vec::new();
    for (client, answer) in &answers.given {
        if answer.end.cut {
            unknown.push(format!(
                "{client}: there are more rows than these {}: narrow the question",
                answer.end.rows
            ));
        }
        let notes = answer.end.notes.iter();
        unknown.extend(notes.map(|note| format!("{client}: {note}")));
    }
    unknown
}

fn as_table(columns: &[String], rows: &[(String, Row)]) -> String {
    if rows.is_empty() {
        return "No rows.\n".to_owned();
    }
    let headings: Vec<String> = columns.iter().map(|column| printable(column)).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&[&["client"], headings.as_slice()].concat());
    for (client, row) in rows {
        let cells = row.values.iter().map(|value| cell(value.kind.as_ref()));
        table.row(std::iter::once(client.clone()).chain(cells));
    }
    table.render()
}

fn as_csv(columns: &[String], rows: &[(String, Row)]) -> String {
    let mut text = String::new();
    let keys = columns.iter().map(|column| harmless(column));
    line(&mut text, std::iter::once("client".to_owned()).chain(keys));
    for (client, row) in rows {
        let cells = row.values.iter().map(|value| match &value.kind {
            // Digits with a sign are no formula.
            Some(Kind::Integer(number)) => number.to_string(),
            other => harmless(&cell(other.as_ref())),
        });
        line(&mut text, std::iter::once(harmless(client)).chain(cells));
    }
    text
}

fn as_json(
    columns: &[String],
    rows: &[(String, Row)],
    unknown: &[String],
    failed: &[Failed],
) -> String {
    let row = |(client, row): &(String, Row)| {
        let mut object = Map::new();
        object.insert("client".to_owned(), json!(client));
        for (column, value) in columns.iter().zip(&row.values) {
            object.insert(column.clone(), as_value(value.kind.as_ref()));
        }
        Value::Object(object)
    };
    let unanswered: Vec<Value> = failed
        .iter()
        .map(|failed| json!({ "client": failed.client, "reason": failed.reason }))
        .collect();
    let object = json!({
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "unknown": unknown,
        "unanswered": unanswered,
    });
    safe_json(&object, true)
}

fn as_value(kind: Option<&Kind>) -> Value {
    match kind {
        None => Value::Null,
        Some(Kind::Integer(number)) => json!(number),
        Some(Kind::Real(number)) => json!(number),
        Some(Kind::Text(text)) => json!(text),
        Some(Kind::Blob(bytes)) => json!(hexadecimal(bytes)),
    }
}

/// A value as people read it; nothing for what is not known.
fn cell(kind: Option<&Kind>) -> String {
    match kind {
        None => String::new(),
        Some(Kind::Integer(number)) => number.to_string(),
        Some(Kind::Real(number)) => number.to_string(),
        Some(Kind::Text(text)) => text.clone(),
        Some(Kind::Blob(bytes)) => hexadecimal(bytes),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::query_response;

    use super::*;

    fn answered(cut: bool) -> Answers<Answer> {
        let value = |kind| query_response::Value { kind };
        let row = Row {
            values: vec![
                value(Some(Kind::Text("=1+1\u{202e}".to_owned()))),
                value(Some(Kind::Integer(-7))),
                value(None),
            ],
        };
        let columns = ["name", "name", "client"].map(str::to_owned).to_vec();
        let answer = Answer {
            columns: named_once(columns),
            rows: vec![row],
            end: End {
                rows: 1,
                cut,
                notes: vec!["not all".to_owned()],
                ..End::default()
            },
        };
        Answers {
            given: vec![("hill".to_owned(), answer)],
            failed: Vec::new(),
        }
    }

    #[test]
    fn every_row_says_whose_it_is_and_no_cell_is_a_formula() {
        let mut answers = answered(false);
        let (client, answer) = answers.given.remove(0);
        let rows = vec![(client, answer.rows[0].clone())];
        assert_eq!(answer.columns, ["name", "name_2", "client_2"]);
        let csv = as_csv(&answer.columns, &rows);
        assert_eq!(
            csv,
            "client,name,name_2,client_2\r\nhill,'=1+1\\u{202e},-7,\r\n"
        );
        let text = as_json(&answer.columns, &rows, &[], &[]);
        assert!(!text.contains('\u{202e}'), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["rows"][0]["name"], "=1+1\u{202e}");
        assert_eq!(value["rows"][0]["name_2"], -7);
        assert_eq!(value["rows"][0]["client_2"], Value::Null);
        assert!(as_table(&answer.columns, &rows).contains("hill"));
        assert_eq!(as_table(&answer.columns, &[]), "No rows.\n");
    }

    #[test]
    fn what_is_missing_is_said_for_each_client() {
        assert_eq!(unknown(&answered(false)), ["hill: not all"]);
        assert_eq!(unknown(&answered(true)).len(), 2);
    }
}
