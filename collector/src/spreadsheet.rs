//! Text that spreadsheets read: no cell becomes a formula, and nothing in it moves a cursor or hides.

use crate::cli::table::printable;

/// What spreadsheets take for the beginning of a formula, in whatever width.
const BEGINNINGS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A cell that no spreadsheet takes for a formula, and that moves no cursor.
pub(crate) fn harmless(text: &str) -> String {
    let text = printable(text);
    if text.trim_start().starts_with(BEGINNINGS) {
        format!("'{text}")
    } else {
        text
    }
}

/// Adds a line of CSV (RFC 4180). What other programs take for the end of a cell is quoted too.
pub(crate) fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            text.push(',');
        }
        if cell.contains([',', ';', '\t', '"', '\n', '\r']) || cell.starts_with(' ') {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    text.push_str("\r\n");
}
