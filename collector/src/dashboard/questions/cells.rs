//! Values as people read them.

use freehold_proto::v1::query_response::{Row, value::Kind};

use crate::{
    clock::UnixMillis,
    dashboard::{
        facts::choice,
        lens::{Lens, with},
        markup::{self, Markup},
        text::questions as t,
    },
    question::{Progress, ready::Ready},
};

/// A cell, with the title of its column.
pub(super) struct Cell {
    pub(super) label: String,
    pub(super) value: Markup,
}

/// The cells of rows. Those of a ready question are in plain words.
pub(super) fn rows(
    columns: &[String],
    rows: &[Row],
    lens: Lens,
    ready: Option<&Ready>,
) -> Vec<Vec<Cell>> {
    let row = |row: &Row| {
        let cells = columns.iter().zip(&row.values).map(|(column, value)| Cell {
            label: markup::plain(column),
            value: cell(column, value.kind.as_ref(), lens, ready),
        });
        cells.collect()
    };
    rows.iter().map(row).collect()
}

fn cell(column: &str, value: Option<&Kind>, lens: Lens, ready: Option<&Ready>) -> Markup {
    let plain = ready.is_some();
    let enumeration = ready.and_then(|ready| ready.enumeration(column));
    match value {
        None => Markup::unknown(),
        Some(Kind::Integer(number)) => match u64::try_from(*number) {
            Ok(number) if plain => Markup::number(number),
            _ => Markup::text(&number.to_string()),
        },
        Some(Kind::Real(number)) => Markup::text(&number.to_string()),
        Some(Kind::Blob(bytes)) => Markup::code(&hexadecimal(bytes)),
        Some(Kind::Text(text)) if column.eq_ignore_ascii_case("computer") => {
            let path = with("/computers", "q", text);
            Markup::link(&path, &Markup::name(text))
        }
        Some(Kind::Text(text)) if enumeration.is_some() => {
            Markup::value(&choice(enumeration.unwrap_or_default(), text))
        }
        Some(Kind::Text(text)) => match time(text) {
            Some(at) => Markup::moment(at, lens.now),
            None if plain => Markup::value(&in_words(text)),
            None => Markup::value(text),
        },
    }
}

/// A time as the tables have it.
fn time(text: &str) -> Option<UnixMillis> {
    let looks = text.len() == 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T');
    looks.then(|| UnixMillis::parse(text))?
}

/// What could be on, off or not known in words, lists without their brackets.
fn in_words(text: &str) -> String {
    match text {
        "ON" => return t::YES.to_owned(),
        "OFF" => return t::NO.to_owned(),
        "UNKNOWN" => return t::NOT_KNOWN.to_owned(),
        _ => {}
    }
    if text.starts_with('[')
        && let Ok(list) = serde_json::from_str::<Vec<String>>(text)
    {
        if list.is_empty() {
            return t::NOTHING.to_owned();
        }
        return list.join(", ");
    }
    text.to_owned()
}

/// How far a question is, as text.
pub(super) fn progress(far: &Progress) -> String {
    if far.read < far.computers {
        let read = markup::grouped(far.read.into());
        let computers = markup::grouped(far.computers.into());
        return markup::filled(t::READ, &[("read", read), ("computers", computers)]);
    }
    markup::filled(t::PASSED, &[("rows", markup::grouped(far.rows))])
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
    use super::*;

    #[test]
    fn names_of_the_schema_are_words_and_what_computers_say_stays_as_it_is() {
        for (text, words) in [
            ("ON", "Yes"),
            ("UNKNOWN", "Not known"),
            ("DOMAIN_CONTROLLER", "DOMAIN_CONTROLLER"),
            ("FRONT-DESK", "FRONT-DESK"),
            ("SERVER", "SERVER"),
            ("[\"group wheel\",\"sudoers\"]", "group wheel, sudoers"),
            ("[not a list", "[not a list"),
            ("[]", "None"),
        ] {
            assert_eq!(in_words(text), words);
        }
        assert!(time("2026-11-22T10:00:00Z").is_some());
        assert!(time("2026-11-22").is_none());
    }
}
