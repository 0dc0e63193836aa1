//! Lists as a table, as JSON, or as CSV: one and the same rows. They hold what hostile computers say of themselves.

use std::io::{self, Write as _};

use serde_json::{Map, Value, json};

use super::{
    args::Form,
    fleet::{Failed, complete},
    trouble::Trouble,
};
use crate::{
    cli::table::{Table, is_deceptive, printable},
    spreadsheet::{harmless, line},
};

/// A list.
#[derive(Default)]
pub(super) struct Listing {
    /// What its rows are, as a key: "computers".
    pub(super) key: &'static str,
    /// Heading and key of each column that a table shows; JSON and CSV hold every key.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// The rows, all with the same keys.
    pub(super) rows: Vec<Value>,
    /// Said instead of a table without rows.
    pub(super) nothing: &'static str,
    /// What keeps the list from being complete, as sentences: an unknown is never shown as fine.
    pub(super) unknown: Vec<String>,
    /// The moment it is about; `None` for now.
    pub(super) as_of: Option<String>,
}

impl Listing {
    /// Prints it; fails when not everybody answered.
    pub(super) fn print(&self, form: Form, failed: &[Failed]) -> Result<(), Trouble> {
        let text = if form.json {
            self.json(failed)
        } else if form.csv {
            self.csv()
        } else {
            self.table()
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .map_err(Trouble::Output)?;
        if !form.json {
            for sentence in &self.unknown {
                eprintln!("freehold: {}", printable(sentence));
            }
        }
        complete(failed)
    }

    fn json(&self, failed: &[Failed]) -> String {
        let failed: Vec<Value> = failed
            .iter()
            .map(|failed| json!({ "client": failed.client, "reason": failed.reason }))
            .collect();
        let mut object = Map::new();
        object.insert(self.key.to_owned(), Value::Array(self.rows.clone()));
        if let Some(as_of) = &self.as_of {
            object.insert("as_of".to_owned(), json!(as_of));
        }
        object.insert("unknown".to_owned(), json!(self.unknown));
        object.insert("unanswered".to_owned(), Value::Array(failed));
        safe_json(&Value::Object(object), true)
    }

    fn table(&self) -> String {
        let heading = self.as_of.as_ref();
        let heading = heading.map_or_else(String::new, |at| format!("As of {at}\n"));
        if self.rows.is_empty() {
            return format!("{heading}{}\n", self.nothing);
        }
        let headings: Vec<&str> = self.columns.iter().map(|(heading, _)| *heading).collect();
        let mut table = Table::new(&headings);
        for row in &self.rows {
            table.row(self.columns.iter().map(|(_, key)| cell(&row[*key])));
        }
        heading + &table.render()
    }

    fn csv(&self) -> String {
        let mut text = String::new();
        let keys: Vec<&str> = match self.rows.first() {
            Some(Value::Object(first)) => first.keys().map(String::as_str).collect(),
            _ => self.columns.iter().map(|(_, key)| *key).collect(),
        };
        let (moment, as_of) = match &self.as_of {
            Some(as_of) => (Some("as_of".to_owned()), Some(as_of.clone())),
            None => (None, None),
        };
        line(
            &mut text,
            keys.iter().map(ToString::to_string).chain(moment),
        );
        for row in &self.rows {
            let cells = keys.iter().map(|key| harmless(&cell(&row[*key])));
            line(&mut text, cells.chain(as_of.clone()));
        }
        text
    }
}

/// A value as people read it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// JSON whose strings hold nothing that moves a cursor, hides text or turns its direction: such characters are escaped,
/// which changes nothing for whoever parses it. Ends with a line's end.
pub(crate) fn safe_json(value: &Value, pretty: bool) -> String {
    use std::fmt::Write as _;
    let plain = if pretty {
        format!("{value:#}")
    } else {
        value.to_string()
    };
    let mut text = String::with_capacity(plain.len() + 1);
    for letter in plain.chars() {
        if letter != '\n' && is_deceptive(letter) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(letter);
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> Listing {
        Listing {
            key: "computers",
            columns: &[("CLIENT", "client"), ("NAME", "name")],
            rows: names
                .iter()
                .map(|name| json!({ "client": "riverside", "name": name, "labels": ["a", "b"] }))
                .collect(),
            nothing: "Nothing.",
            ..Listing::default()
        }
    }

    #[test]
    fn a_spreadsheet_meets_no_formula_and_no_broken_line() {
        let text = listing(&["=1+1", "@x", "-2", "+3", "a,\"b\"", "c\r\nd", "\tpc"]).csv();
        assert_eq!(
            text,
            "client,name,labels\r\n\
             riverside,'=1+1,\"a, b\"\r\n\
             riverside,'@x,\"a, b\"\r\n\
             riverside,'-2,\"a, b\"\r\n\
             riverside,'+3,\"a, b\"\r\n\
             riverside,\"a,\"\"b\"\"\",\"a, b\"\r\n\
             riverside,c\\u{d}\\u{a}d,\"a, b\"\r\n\
             riverside,\\u{9}pc,\"a, b\"\r\n"
        );
    }

    #[test]
    fn nothing_a_computer_calls_itself_moves_the_cursor() {
        let name = "pc\u{1b}[2J\u{202e}\u{9b}\u{e0041}";
        let failed = [Failed {
            client: "hill".to_owned(),
            reason: "it is off".to_owned(),
        }];
        let json = listing(&[name]).json(&failed);
        assert!(
            !json.chars().any(|c| c != '\n' && is_deceptive(c)),
            "{json}"
        );
        let parsed: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(parsed["computers"][0]["name"], name);
        assert_eq!(parsed["unanswered"][0]["client"], "hill");
        let table = listing(&[name]).table();
        assert!(
            !table.chars().any(|c| c != '\n' && is_deceptive(c)),
            "{table}"
        );
    }

    #[test]
    fn a_list_without_rows_says_so() {
        assert_eq!(listing(&[]).table(), "Nothing.\n");
        assert_eq!(listing(&[]).csv(), "client,name\r\n");
    }

    #[test]
    fn a_list_of_the_past_says_so_in_every_form() {
        let past = Listing {
            as_of: Some("2026-03-03T23:59:59Z".to_owned()),
            ..listing(&["pc"])
        };
        assert!(past.table().starts_with("As of 2026-03-03T23:59:59Z\n"));
        assert!(
            past.json(&[])
                .contains("\"as_of\": \"2026-03-03T23:59:59Z\"")
        );
        assert_eq!(
            past.csv(),
            "client,name,labels,as_of\r\nriverside,pc,\"a, b\",2026-03-03T23:59:59Z\r\n"
        );
    }
}
