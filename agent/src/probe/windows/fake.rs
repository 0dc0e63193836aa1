//! A Windows computer for tests. Unless a test says that its rows were recorded, they are written from
//! Microsoft's documentation of the interface they stand for.

use std::collections::BTreeMap;

use super::{Machine, Source};
use crate::rows::{Answer, Below, Query, Row, Unread, Value};

/// A computer that answers what a test told it, and has nothing else.
#[derive(Default)]
pub(crate) struct Fake {
    keys: BTreeMap<String, Answer<Row>>,
    classes: BTreeMap<&'static str, Answer<Vec<Row>>>,
    lists: BTreeMap<Source, Answer<Vec<Row>>>,
}

impl Fake {
    /// A computer that lacks every source.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With a key of the registry.
    pub(crate) fn key<V: Into<Value>>(
        mut self,
        path: &str,
        values: impl IntoIterator<Item = (&'static str, V)>,
    ) -> Self {
        let path = path.to_lowercase();
        let row = match self.keys.remove(&path) {
            Some(Ok(row)) => row,
            _ => Row::named(path.rsplit('\\').next().unwrap_or_default()),
        };
        let row = values
            .into_iter()
            .fold(row, |row, (name, value)| row.with(name, value));
        self.keys.insert(path, Ok(row));
        self
    }

    /// With a key that cannot be read.
    pub(crate) fn broken_key(mut self, path: &str, why: Unread) -> Self {
        self.keys.insert(path.to_lowercase(), Err(why));
        self
    }

    /// With the answer of a class.
    pub(crate) fn class(mut self, class: &'static str, answer: Answer<Vec<Row>>) -> Self {
        self.classes.insert(class, answer);
        self
    }

    /// With the answer of an interface.
    pub(crate) fn list(mut self, source: Source, answer: Answer<Vec<Row>>) -> Self {
        self.lists.insert(source, answer);
        self
    }

    /// The rows of its services.
    pub(crate) fn services_rows(&self) -> Vec<Row> {
        let rows = self.lists.get(&Source::Services).cloned();
        rows.and_then(Result::ok).unwrap_or_default()
    }

    /// With a service: its name, display name, state (4 runs, 1 is stopped) and start (2 automatic, 3 by
    /// hand, 4 disabled).
    pub(crate) fn service(self, name: &str, display_name: &str, state: u32, start: u32) -> Self {
        let program = format!(r#""C:\Program Files\{name}\{name}.exe" -service"#);
        self.service_of(name, display_name, (state, start), &program, "LocalSystem")
    }

    /// With a service, its command line and its account.
    pub(crate) fn service_of(
        mut self,
        name: &str,
        display_name: &str,
        (state, start): (u32, u32),
        program: &str,
        account: &str,
    ) -> Self {
        let number = match self.lists.get(&Source::Services) {
            Some(Ok(rows)) => rows.len(),
            _ => 0,
        };
        let row = Row::of([("Name", name), ("DisplayName", display_name)])
            .with("State", state)
            .with("Type", 0x10_u32)
            .with(
                "ProcessId",
                if state == 4 { 1000 + number as u32 } else { 0 },
            );
        match self.lists.get_mut(&Source::Services) {
            Some(Ok(rows)) => rows.push(row),
            _ => {
                self.lists.insert(Source::Services, Ok(vec![row]));
            }
        }
        let setup = Row::of([("Program", program), ("Account", account)]).with("Start", start);
        self.list(Source::Service(name.to_owned()), Ok(vec![setup]))
    }
}

impl Machine for Fake {
    fn key(&self, path: &str) -> Answer<Row> {
        let answer = self.keys.get(&path.to_lowercase());
        answer.cloned().unwrap_or(Err(Unread::Absent))
    }

    fn below(&self, path: &str, _wanted: &[&str]) -> Answer<Below> {
        let path = path.to_lowercase();
        if let Some(Err(why)) = self.keys.get(&path) {
            return Err(why.clone());
        }
        let start = format!("{path}\\");
        let mut below = Below::default();
        for (key, answer) in &self.keys {
            let Some(name) = key.strip_prefix(&start).filter(|rest| !rest.contains('\\')) else {
                continue;
            };
            match answer {
                Ok(row) => below.rows.push(row.clone()),
                Err(why) => below.unread.push((name.to_owned(), why.clone())),
            }
        }
        if below == Below::default() && !self.keys.contains_key(&path) {
            return Err(Unread::Absent);
        }
        Ok(below)
    }

    fn query(&self, query: &Query) -> Answer<Vec<Row>> {
        let answer = self.classes.get(query.class);
        answer.cloned().unwrap_or(Err(Unread::Absent))
    }

    fn list(&self, source: &Source) -> Answer<Vec<Row>> {
        let answer = self.lists.get(source);
        answer.cloned().unwrap_or(Err(Unread::Absent))
    }
}
