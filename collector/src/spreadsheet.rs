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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_whatever_stands_before_it() {
        for formula in ["=1+1", " =1+1", "\u{3000}＝1", "+1", "@SUM(A1)", "-1"] {
            assert!(harmless(formula).starts_with('\''), "{formula}");
        }
        assert_eq!(harmless("1-1"), "1-1");
    }

    #[test]
    fn whatever_a_program_takes_for_the_end_of_a_cell_is_quoted() {
        let mut text = String::new();
        let cells = ["a,b", "a;b", "a\tb", "a\"b", " a", "a"];
        line(&mut text, cells.into_iter().map(str::to_owned));
        assert_eq!(text, "\"a,b\",\"a;b\",\"a\tb\",\"a\"\"b\",\" a\",a\r\n");
    }
}
