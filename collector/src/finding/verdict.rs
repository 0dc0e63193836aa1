//! What a rule answers.

use freehold_proto::v1::section::Kind;

use crate::{
    clock::UnixMillis,
    store::record::{EvidenceRecord, FindingSeverity, ParticularKind, ParticularRecord},
};

/// Longest text that a finding keeps of what a machine says, in characters.
const LONGEST: usize = 200;

/// Most names that a finding keeps.
const NAMES: usize = 12;

/// Most pieces of evidence that a finding keeps.
const EVIDENCE: usize = 12;

/// What a rule concludes from one look.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// What is to be said.
    pub found: Vec<Found>,
    /// Everything the rule rests on was read: what it does not find is not there.
    pub is_whole: bool,
    /// What to note, so that the next look can tell since when it holds.
    pub marks: Vec<String>,
}

/// Something to be said about a subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// What on the machine it is about; empty for the machine as a whole.
    pub subject: String,
    /// How serious it is, when not as the rule says.
    pub severity: Option<FindingSeverity>,
    /// What the sentences name.
    pub particulars: Vec<Particular>,
    /// What it was concluded from.
    pub evidence: Vec<Evidence>,
}

/// Something that sentences name.
#[derive(Clone, Debug, PartialEq)]
pub struct Particular {
    /// The place in the sentences.
    pub place: &'static str,
    /// What stands there.
    pub value: Value,
}

/// What stands in a place of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Names, as the machine writes them: hostile text.
    Names(Box<[Box<str>]>),
    /// A number.
    Number(u64),
    /// A number of bytes.
    Bytes(u64),
    /// A moment.
    Time(UnixMillis),
    /// A day.
    Day(UnixMillis),
}

/// A fact that something was concluded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The section that says so; `None` for what the collector itself has seen.
    pub section: Option<Kind>,
    /// What is told.
    pub fact: String,
    /// What was read: hostile text.
    pub value: String,
    /// Where it was read on the machine; empty where that is not known.
    pub source: String,
}

impl Verdict {
    /// Nothing can be said: what is open stays open.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// All is well.
    pub fn fine() -> Self {
        Self::of([])
    }

    /// This, and nothing else.
    pub fn of(found: impl IntoIterator<Item = Found>) -> Self {
        Self {
            found: found.into_iter().collect(),
            is_whole: true,
            marks: Vec::new(),
        }
    }

    /// This; whether there is nothing else is known if `is_whole`.
    pub fn seen(found: impl IntoIterator<Item = Found>, is_whole: bool) -> Self {
        Self {
            is_whole,
            ..Self::of(found)
        }
    }

    /// Found if so; else fine.
    pub fn when(bad: bool, found: impl FnOnce() -> Found) -> Self {
        Self::of(bad.then(found))
    }

    /// With something to note.
    #[must_use]
    pub fn mark(mut self, mark: impl Into<String>) -> Self {
        self.marks.push(mark.into());
        self
    }
}

impl Found {
    /// About the machine as a whole.
    pub fn here() -> Self {
        Self::default()
    }

    /// About something on the machine.
    pub fn about(subject: &str) -> Self {
        Self {
            subject: cut(subject).into(),
            ..Self::default()
        }
    }

    /// Of another severity than the rule's.
    #[must_use]
    pub fn severity(self, severity: FindingSeverity) -> Self {
        Self {
            severity: Some(severity),
            ..self
        }
    }

    /// With a name.
    #[must_use]
    pub fn name(self, place: &'static str, name: &str) -> Self {
        self.names(place, [name])
    }

    /// With names: the first few of them.
    #[must_use]
    pub fn names<'a>(self, place: &'static str, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().take(NAMES).map(|name| cut(name).into());
        self.with(place, Value::Names(names.collect()))
    }

    /// With a number.
    #[must_use]
    pub fn number(self, place: &'static str, number: usize) -> Self {
        self.with(place, Value::Number(number as u64))
    }

    /// With anything.
    #[must_use]
    pub fn with(mut self, place: &'static str, value: Value) -> Self {
        self.particulars.push(Particular { place, value });
        self
    }

    /// Because of a fact.
    #[must_use]
    pub fn because(
        mut self,
        section: impl Into<Option<Kind>>,
        fact: &str,
        value: &str,
        source: &str,
    ) -> Self {
        if self.evidence.len() < EVIDENCE {
            self.evidence.push(Evidence {
                section: section.into(),
                fact: cut(fact).to_owned(),
                value: cut(value).to_owned(),
                source: cut(source).to_owned(),
            });
        }
        self
    }
}

/// The beginning of a text: as much as a finding keeps.
fn cut(text: &str) -> &str {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

impl Particular {
    /// As stored.
    pub(super) fn to_record(&self) -> ParticularRecord {
        let (kind, names, number) = match &self.value {
            Value::Names(names) => {
                let names = names.iter().map(ToString::to_string).collect();
                (ParticularKind::Names, names, 0)
            }
            Value::Number(number) => (ParticularKind::Number, Vec::new(), signed(*number)),
            Value::Bytes(bytes) => (ParticularKind::Bytes, Vec::new(), signed(*bytes)),
            Value::Time(at) => (ParticularKind::Time, Vec::new(), at.0),
            Value::Day(at) => (ParticularKind::Day, Vec::new(), at.0),
        };
        ParticularRecord {
            place: self.place.to_owned(),
            kind: kind.into(),
            names,
            number,
        }
    }

    /// As stored, read back; `None` for one of a newer program.
    pub(super) fn from_record(record: &ParticularRecord) -> Option<Self> {
        let place = super::text::PLACES
            .iter()
            .find(|place| **place == record.place)?;
        let number = u64::try_from(record.number).unwrap_or(0);
        let value = match record.kind() {
            ParticularKind::Unspecified => return None,
            ParticularKind::Names => Value::Names(
                record
                    .names
                    .iter()
                    .map(|name| name.as_str().into())
                    .collect(),
            ),
            ParticularKind::Number => Value::Number(number),
            ParticularKind::Bytes => Value::Bytes(number),
            ParticularKind::Time => Value::Time(UnixMillis(record.number)),
            ParticularKind::Day => Value::Day(UnixMillis(record.number)),
        };
        Some(Self { place, value })
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Evidence {
    /// As stored.
    pub(super) fn to_record(&self) -> EvidenceRecord {
        EvidenceRecord {
            section: self.section.map_or(0, |kind| kind as u32),
            fact: self.fact.clone(),
            value: self.value.clone(),
            source: self.source.clone(),
        }
    }

    /// As stored, read back.
    pub(super) fn from_record(record: &EvidenceRecord) -> Self {
        let kind = i32::try_from(record.section).ok();
        Self {
            section: kind
                .and_then(|kind| Kind::try_from(kind).ok())
                .filter(|kind| *kind != Kind::Unspecified),
            fact: record.fact.clone(),
            value: record.value.clone(),
            source: record.source.clone(),
        }
    }
}
