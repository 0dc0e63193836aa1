//! Lines of fields between colons, which passwd, group and shadow share.

use super::problem::{self, Problem};

/// What a database of colon-separated lines holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<T> {
    /// Entries, in the order of the file.
    pub entries: Vec<T>,
    /// Lines that name a network directory ("+", "-", "+@netgroup"); what they bring in is not in the file.
    pub directory_lines: Vec<u32>,
    /// Lines that could not be understood, whole or in part.
    pub problems: Vec<Problem>,
}

/// One line, split.
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub(super) number: u32,
    /// Its fields.
    pub(super) fields: Vec<&'a [u8]>,
}

impl<'a> Line<'a> {
    /// A field, empty when the line is too short to have it.
    pub(super) fn field(&self, index: usize) -> &'a [u8] {
        self.fields.get(index).copied().unwrap_or_default()
    }

    /// A field as a number from 0 to 2^32 - 1.
    pub(super) fn number(&self, index: usize) -> Option<u32> {
        decimal(self.field(index))
    }

    /// The column at which a field begins.
    pub(super) fn column(&self, index: usize) -> u32 {
        let before = self.fields.iter().take(index);
        1 + before.map(|field| field.len() as u32 + 1).sum::<u32>()
    }

    /// A problem with one field.
    pub(super) fn problem(&self, index: usize, reason: impl Into<String>) -> Problem {
        Problem {
            line: self.number,
            column: self.column(index),
            reason: reason.into(),
        }
    }
}

/// Reads lines of up to `fields` fields; the last takes the rest of the line. `read` makes an entry of a
/// line, adding its own problems, or rejects it.
pub(super) fn read<'a, T>(
    bytes: &'a [u8],
    fields: usize,
    mut read: impl FnMut(&Line<'a>, &mut Vec<Problem>) -> Option<T>,
) -> Table<T> {
    let mut table = Table {
        entries: Vec::new(),
        directory_lines: Vec::new(),
        problems: Vec::new(),
    };
    for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
        let line = line.trim_ascii_start();
        match line.first() {
            None | Some(b'#') => continue,
            Some(b'+' | b'-') => {
                table.directory_lines.push(number);
                continue;
            }
            Some(_) => {}
        }
        let line = Line {
            number,
            fields: line.splitn(fields, |&byte| byte == b':').collect(),
        };
        let mut problems = Vec::new();
        table.entries.extend(read(&line, &mut problems));
        for problem in problems {
            problem::keep(&mut table.problems, problem);
        }
    }
    table
}

/// Reads a whole decimal number.
pub(super) fn decimal<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    if !field.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(field).ok()?.parse().ok()
}
