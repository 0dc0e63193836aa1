//! What a Windows computer answered, kept in a file: to look into a fault without that computer, and as rows of tests that
//! are known to be real.
//!
//! What is kept is redacted first: names, addresses and numbers that tell people and equipment apart become others of the
//! same shape, alike where they were alike, so that the sections made of a recording still fit together.

mod redaction;
#[cfg(test)]
mod tests;

use std::cell::RefCell;

use serde::{Deserialize, Serialize};

use super::{Machine, Source};
use crate::rows::{Answer, Below, Query, Row, Unread};
pub(crate) use redaction::Redaction;

/// Layout of the file.
const VERSION: u32 = 1;

/// What a computer was asked and what it answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recording {
    /// Layout of the file.
    version: u32,
    /// Version of the agent.
    agent: String,
    asked: Vec<Asked>,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Asked {
    question: String,
    answer: Told,
}

/// An answer of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Row(Answer<Row>),
    Rows(Answer<Vec<Row>>),
    Below(Answer<Below>),
}

/// A computer whose answers are kept.
pub(crate) struct Recorder<'a> {
    machine: &'a dyn Machine,
    asked: RefCell<Vec<Asked>>,
}

impl<'a> Recorder<'a> {
    /// Asks a computer on behalf of others.
    pub(crate) fn new(machine: &'a dyn Machine) -> Self {
        Self {
            machine,
            asked: RefCell::default(),
        }
    }

    /// All answers, redacted, each question once.
    pub(crate) fn recording(self, redaction: &mut Redaction) -> Recording {
        let mut asked = self.asked.into_inner();
        let mut seen = std::collections::BTreeSet::new();
        asked.retain(|asked| seen.insert(asked.question.clone()));
        for told in asked.iter().map(|asked| &asked.answer) {
            told.rows().for_each(|row| redaction.learn(row));
        }
        for asked in &mut asked {
            asked.question = redaction.text(&asked.question);
            asked.answer.redact(redaction);
        }
        Recording {
            version: VERSION,
            agent: env!("CARGO_PKG_VERSION").to_owned(),
            asked,
        }
    }

    fn keep(&self, question: String, answer: Told) {
        self.asked.borrow_mut().push(Asked { question, answer });
    }
}

impl Told {
    fn rows(&self) -> Box<dyn Iterator<Item = &Row> + '_> {
        match self {
            Self::Row(answer) => Box::new(answer.iter()),
            Self::Rows(answer) => Box::new(answer.iter().flatten()),
            Self::Below(answer) => Box::new(answer.iter().flat_map(|below| &below.rows)),
        }
    }

    fn redact(&mut self, redaction: &Redaction) {
        match self {
            Self::Row(Ok(row)) => redaction.redact(row),
            Self::Rows(Ok(rows)) => rows.iter_mut().for_each(|row| redaction.redact(row)),
            Self::Below(Ok(below)) => {
                below.rows.iter_mut().for_each(|row| redaction.redact(row));
                for (name, _) in &mut below.unread {
                    *name = redaction.text(name);
                }
            }
            Self::Row(Err(_)) | Self::Rows(Err(_)) | Self::Below(Err(_)) => {}
        }
    }
}

impl Machine for Recorder<'_> {
    fn key(&self, path: &str) -> Answer<Row> {
        let answer = self.machine.key(path);
        self.keep(key(path), Told::Row(answer.clone()));
        answer
    }

    fn below(&self, path: &str, wanted: &[&str]) -> Answer<Below> {
        let answer = self.machine.below(path, wanted);
        self.keep(below(path, wanted), Told::Below(answer.clone()));
        answer
    }

    fn query(&self, query: &Query) -> Answer<Vec<Row>> {
        let answer = self.machine.query(query);
        self.keep(class(query), Told::Rows(answer.clone()));
        answer
    }

    fn list(&self, source: &Source) -> Answer<Vec<Row>> {
        let answer = self.machine.list(source);
        self.keep(list(source), Told::Rows(answer.clone()));
        answer
    }
}

/// A recording answers as its computer did, and does not know what that was not asked.
impl Machine for Recording {
    fn key(&self, path: &str) -> Answer<Row> {
        match self.told(&key(path)) {
            Some(Told::Row(answer)) => answer.clone(),
            _ => Err(Unread::Absent),
        }
    }

    fn below(&self, path: &str, wanted: &[&str]) -> Answer<Below> {
        match self.told(&below(path, wanted)) {
            Some(Told::Below(answer)) => answer.clone(),
            _ => Err(Unread::Absent),
        }
    }

    fn query(&self, query: &Query) -> Answer<Vec<Row>> {
        self.rows(&class(query))
    }

    fn list(&self, source: &Source) -> Answer<Vec<Row>> {
        self.rows(&list(source))
    }
}

impl Recording {
    fn told(&self, question: &str) -> Option<&Told> {
        let asked = self.asked.iter();
        let mut same = asked.filter(|asked| asked.question.eq_ignore_ascii_case(question));
        same.next().map(|asked| &asked.answer)
    }

    fn rows(&self, question: &str) -> Answer<Vec<Row>> {
        match self.told(question) {
            Some(Told::Rows(answer)) => answer.clone(),
            _ => Err(Unread::Absent),
        }
    }
}

fn key(path: &str) -> String {
    format!("key {path}")
}

fn below(path: &str, wanted: &[&str]) -> String {
    format!("below {path}: {}", wanted.join(" "))
}

fn class(query: &Query) -> String {
    format!(
        "class {query} {} {}",
        query.properties.join(" "),
        query.condition
    )
}

fn list(source: &Source) -> String {
    format!("list {source:?}")
}
