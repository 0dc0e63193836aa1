//! A table while it is filled: what a statement reads of it, from the bytes of sections.

use std::{borrow::Cow, str};

use freehold_agent::snapshot::json::rfc3339;
use prost_types::Timestamp;

use super::column::Column;
use crate::{
    clock::UnixMillis,
    question::schema::{COMPUTER, COMPUTER_ID, Form, Step, Table, Target},
};

/// A table while it is filled.
#[derive(Debug)]
pub(super) struct Filling {
    /// The columns that are read.
    columns: Vec<Option<Column>>,
    /// What of a message goes into these.
    steps: Vec<Step>,
    /// What a row has where a message says nothing.
    defaults: Vec<u32>,
    /// The row that is put together.
    row: Vec<u32>,
    /// Texts of lists in it, by column.
    lists: Vec<(usize, Vec<String>)>,
    rows: usize,
}

/// What a table holds.
#[derive(Debug)]
pub(super) struct Content {
    /// Rows.
    pub(super) rows: usize,
    /// The columns that are read.
    pub(super) columns: Vec<Option<Column>>,
}

/// The bytes are no message of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Damaged;

impl Filling {
    /// A table of which the columns in a mask are read.
    pub(super) fn new(table: &Table, used: u64) -> Self {
        let is_used = |column: usize| used & (1 << column) != 0;
        let count = table.columns.len();
        let mut columns: Vec<Option<Column>> = (0..count)
            .map(|column| is_used(column).then(Column::new))
            .collect();
        let steps = pruned(&table.steps, &is_used);
        let mut defaults = vec![0; count];
        let mut lists = Vec::new();
        each_column(&steps, &mut |number, form| {
            let Some(column) = &mut columns[number] else {
                return;
            };
            match form {
                Form::Number => defaults[number] = column.integer(0),
                Form::Texts => lists.push((number, Vec::new())),
                _ => {}
            }
        });
        Self {
            columns,
            steps,
            row: defaults.clone(),
            defaults,
            lists,
            rows: 0,
        }
    }

    /// The rows that follow are about this computer.
    pub(super) fn about(&mut self, name: &str, id: &str) {
        for (column, text) in [(COMPUTER, name), (COMPUTER_ID, id)] {
            if let Some(it) = &mut self.columns[column] {
                self.defaults[column] = it.text(text);
            }
        }
    }

    /// Says a text of the next row; empty is not known.
    pub(super) fn set(&mut self, column: usize, text: &str) {
        if let Some(it) = &mut self.columns[column] {
            self.defaults[column] = if text.is_empty() { 0 } else { it.text(text) };
        }
    }

    /// Says a time of the next row; 0 is not known.
    pub(super) fn set_time(&mut self, column: usize, at: i64) {
        if let Some(it) = &mut self.columns[column] {
            self.defaults[column] = match at {
                0 => 0,
                at => it.text_of(at, || Some(UnixMillis(at).to_string())),
            };
        }
    }

    /// Adds a row of what a message says.
    pub(super) fn add(&mut self, message: &[u8]) -> Result<(), Damaged> {
        self.row.copy_from_slice(&self.defaults);
        let steps = std::mem::take(&mut self.steps);
        let walked = self.walk(message, &steps);
        self.steps = steps;
        walked?;
        for (number, texts) in &mut self.lists {
            if let Some(column) = &mut self.columns[*number] {
                let list = serde_json::to_string(texts).unwrap_or_default();
                self.row[*number] = column.text(&list);
            }
            texts.clear();
        }
        for (column, code) in self.columns.iter_mut().zip(&self.row) {
            if let Some(column) = column {
                column.push(*code);
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn walk(&mut self, message: &[u8], steps: &[Step]) -> Result<(), Damaged> {
        if steps.is_empty() {
            return Ok(());
        }
        for field in fields(message) {
            let (number, content) = field?;
            let Some(step) = steps.iter().find(|step| step.number == number) else {
                continue;
            };
            match (&step.to, content) {
                (Target::Inside(steps), Wire::Bytes(bytes)) => self.walk(bytes, steps)?,
                (Target::Column(column, form), content) => self.take(*column, form, content)?,
                (Target::Inside(_), Wire::Number(_)) => return Err(Damaged),
            }
        }
        Ok(())
    }

    fn take(&mut self, number: usize, form: &Form, content: Wire<'_>) -> Result<(), Damaged> {
        let Some(column) = &mut self.columns[number] else {
            return Ok(());
        };
        self.row[number] = match (form, content) {
            (Form::Text, Wire::Bytes(b"")) => 0,
            (Form::Text, Wire::Bytes(bytes)) => column.text(&text(bytes)),
            (Form::Texts, Wire::Bytes(bytes)) => {
                let list = self.lists.iter_mut().find(|(column, _)| *column == number);
                if let Some((_, list)) = list {
                    list.push(text(bytes).into_owned());
                }
                return Ok(());
            }
            (Form::Number | Form::Perhaps, Wire::Number(value)) => {
                column.integer(i64::try_from(value).unwrap_or(i64::MAX))
            }
            (Form::Choice(names), Wire::Number(value)) => match i32::try_from(value) {
                Ok(0) => 0,
                Ok(value) => match names.iter().find(|(number, _)| *number == value) {
                    Some((_, name)) => column.text(name),
                    // A newer agent knows more names.
                    None => column.text(&value.to_string()),
                },
                Err(_) => return Err(Damaged),
            },
            (Form::Time, Wire::Bytes(bytes)) => {
                let seconds = seconds(bytes)?;
                column.text_of(seconds, || {
                    let text = rfc3339(&Timestamp { seconds, nanos: 0 });
                    (!text.is_empty()).then_some(text)
                })
            }
            _ => return Err(Damaged),
        };
        Ok(())
    }

    /// Bytes it takes, about, with two indexes.
    pub(super) fn size(&self) -> usize {
        let columns = self.columns.iter().flatten();
        columns.map(Column::size).sum::<usize>() + 8 * self.rows
    }

    /// Everything is there.
    pub(super) fn settled(mut self) -> Content {
        for column in self.columns.iter_mut().flatten() {
            column.settle();
        }
        Content {
            rows: self.rows,
            columns: self.columns,
        }
    }
}

fn pruned(steps: &[Step], is_used: &impl Fn(usize) -> bool) -> Vec<Step> {
    let kept = steps.iter().filter_map(|step| {
        let to = match &step.to {
            Target::Column(column, form) if is_used(*column) => {
                Target::Column(*column, form.clone())
            }
            Target::Column(..) => return None,
            Target::Inside(steps) => {
                let steps = pruned(steps, is_used);
                if steps.is_empty() {
                    return None;
                }
                Target::Inside(steps)
            }
        };
        Some(Step {
            number: step.number,
            to,
        })
    });
    kept.collect()
}

fn each_column(steps: &[Step], each: &mut impl FnMut(usize, &Form)) {
    for step in steps {
        match &step.to {
            Target::Column(column, form) => each(*column, form),
            Target::Inside(steps) => each_column(steps, each),
        }
    }
}

/// The content of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message with their numbers.
pub(super) fn fields(mut message: &[u8]) -> impl Iterator<Item = Result<(u32, Wire<'_>), Damaged>> {
    std::iter::from_fn(move || {
        if message.is_empty() {
            return None;
        }
        let field = field(&mut message);
        if field.is_err() {
            message = &[];
        }
        Some(field)
    })
}

fn field<'a>(message: &mut &'a [u8]) -> Result<(u32, Wire<'a>), Damaged> {
    let tag = varint(message)?;
    let number = u32::try_from(tag >> 3).map_err(|_| Damaged)?;
    let content = match tag & 7 {
        0 => Wire::Number(varint(message)?),
        1 => Wire::Bytes(split(message, 8)?),
        2 => {
            let length = usize::try_from(varint(message)?).map_err(|_| Damaged)?;
            Wire::Bytes(split(message, length)?)
        }
        5 => Wire::Bytes(split(message, 4)?),
        _ => return Err(Damaged),
    };
    Ok((number, content))
}

fn split<'a>(message: &mut &'a [u8], length: usize) -> Result<&'a [u8], Damaged> {
    let (content, rest) = message.split_at_checked(length).ok_or(Damaged)?;
    *message = rest;
    Ok(content)
}

fn varint(message: &mut &[u8]) -> Result<u64, Damaged> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = message.split_first().ok_or(Damaged)?;
        *message = rest;
        // What does not fit is cut off, as everybody does.
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Damaged)
}

/// The seconds of a `google.protobuf.Timestamp`.
fn seconds(message: &[u8]) -> Result<i64, Damaged> {
    let mut seconds = 0;
    for field in fields(message) {
        if let (1, Wire::Number(value)) = field? {
            seconds = value.cast_signed();
        }
    }
    Ok(seconds)
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

#[cfg(test)]
mod tests;
