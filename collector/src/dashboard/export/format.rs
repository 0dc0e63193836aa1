//! Exports as CSV, Excel workbook and JSON.

use rust_xlsxwriter::{Format as Style, Workbook, XlsxError};
use serde_json::{Map, json};

use super::Sheet;
use crate::{
    client::safe_json,
    dashboard::{list::Value, markup, text::list as t},
    spreadsheet::{harmless, line},
};

/// Bytes of a piece, give or take one row.
const PIECE: usize = 64 * 1024;

/// Longest text of a cell of a workbook, in characters: Excel takes no more.
const CELL: usize = 32_000;

/// How a list is taken along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Xlsx,
    Json,
}

impl Format {
    pub(super) const ALL: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Json];

    /// By its word in the address.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "Excel",
            Self::Json => "JSON",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
        }
    }

    /// The name of the file: nothing from outside is in it.
    pub(super) fn file(self, sheet: &Sheet) -> String {
        let at = sheet.lens.moment.at().unwrap_or(sheet.lens.now);
        let at = at.to_string().replace(':', "");
        format!("freehold-{}-{at}.{}", sheet.name, self.word())
    }

    /// Writes a list piece by piece, until `send` says that nobody reads it any more.
    pub(super) fn write(
        self,
        sheet: &Sheet,
        send: &mut dyn FnMut(Vec<u8>) -> bool,
    ) -> Result<(), XlsxError> {
        match self {
            Self::Csv => csv(sheet, send),
            Self::Json => json(sheet, send),
            Self::Xlsx => {
                send(workbook(sheet)?);
            }
        }
        Ok(())
    }
}

/// What is said under the rows.
fn notes(sheet: &Sheet) -> Vec<String> {
    let mut notes = sheet.notes.clone();
    if let Some(at) = sheet.lens.moment.at() {
        notes.push(markup::filled(t::AS_OF, &[("when", at.to_string())]));
    }
    notes
}

fn csv(sheet: &Sheet, send: &mut dyn FnMut(Vec<u8>) -> bool) {
    let mut text = String::new();
    let keys = sheet.columns.iter().map(|(key, _)| (*key).to_owned());
    line(&mut text, keys);
    for row in &sheet.rows {
        line(&mut text, row.iter().map(cell));
        if text.len() >= PIECE && !send(std::mem::take(&mut text).into_bytes()) {
            return;
        }
    }
    for note in notes(sheet) {
        let empty = sheet.columns.iter().skip(1).map(|_| String::new());
        line(&mut text, std::iter::once(harmless(&note)).chain(empty));
    }
    send(text.into_bytes());
}

fn cell(value: &Value) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Text(text) => harmless(text),
        Value::Number(number) => number.to_string(),
        Value::Time(at) => at.to_string(),
    }
}

fn json(sheet: &Sheet, send: &mut dyn FnMut(Vec<u8>) -> bool) {
    let at = sheet.lens.moment.at().map(|at| at.to_string());
    let mut text = format!(
        "{{\"list\":{},\"made_at\":{},\"as_of\":{},\"rows\":[\n",
        json!(sheet.name),
        json!(sheet.lens.now.to_string()),
        json!(at),
    );
    for (number, row) in sheet.rows.iter().enumerate() {
        if number > 0 {
            text.push_str(",\n");
        }
        let cells = sheet.columns.iter().zip(row);
        let object: Map<_, _> = cells
            .map(|((key, _), value)| ((*key).to_owned(), value_of(value)))
            .collect();
        text.push_str(safe_json(&object.into(), false).trim_end());
        if text.len() >= PIECE && !send(std::mem::take(&mut text).into_bytes()) {
            return;
        }
    }
    let notes = safe_json(&json!(sheet.notes), false);
    text.push_str("\n],\"notes\":");
    text.push_str(notes.trim_end());
    text.push_str("}\n");
    send(text.into_bytes());
}

fn value_of(value: &Value) -> serde_json::Value {
    match value {
        Value::Nothing => serde_json::Value::Null,
        Value::Text(text) => json!(text),
        Value::Number(number) => json!(number),
        Value::Time(at) => json!(at.to_string()),
    }
}

/// A workbook of text and numbers: no cell holds a formula or a link.
fn workbook(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let page = workbook.add_worksheet();
    page.set_name(sheet.name)?;
    let bold = Style::new().set_bold();
    for (column, (_, title)) in (0..).zip(&sheet.columns) {
        page.write_string_with_format(0, column, *title, &bold)?;
        page.set_column_width(column, 24)?;
    }
    page.set_freeze_panes(1, 0)?;
    let mut at = 1;
    for row in &sheet.rows {
        for (column, value) in (0..).zip(row) {
            match value {
                Value::Nothing => {}
                // Excel's numbers are exact up to here, far beyond what is counted.
                Value::Number(number) => {
                    page.write_number(at, column, *number as f64)?;
                }
                Value::Text(_) | Value::Time(_) => {
                    let text: String = cell(value).chars().take(CELL).collect();
                    page.write_string(at, column, text)?;
                }
            }
        }
        at += 1;
    }
    for note in notes(sheet) {
        at += 1;
        page.write_string(at, 0, harmless(&note))?;
    }
    workbook.save_to_buffer()
}
