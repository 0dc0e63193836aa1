//! Plain rows: what the interfaces of an operating system answer, taken apart but not interpreted.
//!
//! On Windows a thin layer in `sys` turns the registry, WMI and the rest into these; probes know nothing but
//! rows, so that they are tested on any system.

mod base64_text;
pub mod network;
pub mod session;
pub mod volume;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest text or byte string that is taken over; nothing that belongs into an inventory is longer.
pub const VALUE_BYTES: usize = 64 * 1024;

/// Most rows of one answer.
pub const ROWS: usize = 50_000;

/// What a source answers: its rows, or why there are none. No answer is never an empty one.
pub type Answer<T> = Result<T, Unread>;

/// Why a source could not be read, as the end of a sentence that begins with its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// This edition of the system has no such source: no key, namespace, class, library or function.
    #[error("does not exist on this system")]
    Absent,
    /// The agent's account may not read it.
    #[error("the agent is not allowed to read it")]
    Denied,
    /// It did not answer in time.
    #[error("gave no answer within {seconds} seconds")]
    Late {
        /// The time it was given.
        seconds: u64,
    },
    /// It answered with an error of its own.
    #[error("answered with error 0x{code:08x}")]
    Failed {
        /// A Windows error, an HRESULT or an NTSTATUS.
        code: u32,
    },
    /// What it answered is not what it is documented to answer.
    #[error("answered what makes no sense ({what})")]
    Senseless {
        /// What is wrong, in a few words.
        what: String,
    },
}

impl Unread {
    /// By a Windows error or an HRESULT, which can hold one.
    pub fn from_code(code: u32) -> Self {
        // FACILITY_WIN32, as an error.
        let code = if code >> 16 == 0x8007 {
            code & 0xffff
        } else {
            code
        };
        match code {
            // File, path, procedure, module, class or element not found; not supported; call not
            // implemented; WMI: invalid namespace, invalid class, not found, not supported, provider not
            // capable, class not registered.
            2 | 3 | 50 | 120 | 126 | 127 | 1168 | 0x8004_1002 | 0x8004_100c | 0x8004_100e
            | 0x8004_1010 | 0x8004_1024 | 0x8004_0154 | 0x8000_4001 => Self::Absent,
            // Access denied; privilege not held; WMI: access denied.
            5 | 1314 | 0x8004_1003 => Self::Denied,
            code => Self::Failed { code },
        }
    }
}

/// A value as its source stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Text; what was no UTF-16 is U+FFFD.
    Text(String),
    /// A number of any width.
    Number(i128),
    /// Yes or no.
    Flag(bool),
    /// Bytes.
    Bytes(#[serde(with = "base64_text")] Vec<u8>),
    /// Several values.
    List(Vec<Value>),
    /// More than [`VALUE_BYTES`]: the number of bytes.
    TooLong(usize),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// Named values: an instance of a WMI class, or a key of the registry. Names are compared without regard to
/// the case of ASCII letters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Name of the row itself, such as that of a key; empty where it has none.
    pub name: String,
    /// When it was last written, in seconds since 1970; `None` where the source does not tell.
    pub written: Option<i64>,
    pub(crate) values: Vec<(String, Value)>,
}

impl Row {
    /// A row without values.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// A row with these values.
    pub fn of<N: Into<String>, V: Into<Value>>(values: impl IntoIterator<Item = (N, V)>) -> Self {
        values
            .into_iter()
            .fold(Self::default(), |row, (name, value)| row.with(name, value))
    }

    /// The row with one more value.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.push(name, value.into());
        self
    }

    /// Adds a value.
    pub fn push(&mut self, name: impl Into<String>, value: Value) {
        self.values.push((name.into(), value));
    }

    /// All values with their names, in the order of the source.
    pub fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// A value by its name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Text without the white space around it; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Some(Value::Text(text)) => trimmed(text),
            _ => "",
        }
    }

    /// Several texts; one text counts as a list of one.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.value(name) {
            Some(Value::Text(text)) => vec![trimmed(text)],
            Some(Value::List(values)) => values
                .iter()
                .filter_map(|value| match value {
                    Value::Text(text) => Some(trimmed(text)),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A number, also one that stands as decimal text, if it fits the type asked for.
    pub fn number<N: TryFrom<i128>>(&self, name: &str) -> Option<N> {
        let number = match self.value(name)? {
            Value::Number(number) => *number,
            Value::Text(text) => trimmed(text).parse().ok()?,
            _ => return None,
        };
        N::try_from(number).ok()
    }

    /// Yes or no; a number is yes unless it is 0.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.value(name)? {
            Value::Flag(flag) => Some(*flag),
            Value::Number(number) => Some(*number != 0),
            _ => None,
        }
    }

    /// Bytes.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.value(name)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Names of the values that were too long to be taken over.
    pub fn too_long(&self) -> impl Iterator<Item = &str> {
        self.values()
            .filter(|(_, value)| matches!(value, Value::TooLong(_)))
            .map(|(name, _)| name)
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// The values of the keys below a key of the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Below {
    /// One row a key, named like it, in the order of the registry.
    pub rows: Vec<Row>,
    /// Keys that could not be read.
    pub unread: Vec<(String, Unread)>,
    /// There are more than [`ROWS`]; they are missing.
    pub more: bool,
}

impl Below {
    /// Keys of which all could be read.
    pub fn of(rows: impl IntoIterator<Item = Row>) -> Self {
        Self {
            rows: rows.into_iter().collect(),
            ..Self::default()
        }
    }
}

/// A class of WMI and what is asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// Namespace, such as `root\cimv2`.
    pub namespace: &'static str,
    /// Class, such as `Win32_DiskDrive`.
    pub class: &'static str,
    /// Properties; those that this version of the class lacks are left out of the rows.
    pub properties: &'static [&'static str],
    /// Condition in WQL; empty for every instance.
    pub condition: &'static str,
}

impl fmt::Display for Query {
    /// The source as diagnostics and items name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.class)
    }
}

/// Seconds since 1970 of a Windows file time (hundreds of nanoseconds since 1601); `None` for times before
/// 1980 and after 2100, which are placeholders.
pub fn file_time(ticks: u64) -> Option<i64> {
    const TICKS: u64 = 10_000_000;
    const BETWEEN_1601_AND_1970: i64 = 11_644_473_600;
    let seconds = i64::try_from(ticks / TICKS).ok()? - BETWEEN_1601_AND_1970;
    plausible(seconds)
}

/// Seconds since 1970 of a WMI time such as "20240229134501.500000+060"; `None` where it is none.
pub fn wmi_time(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let month = time::Month::try_from(u8::try_from(number(4..6)?).ok()?).ok()?;
    let (year, day) = (i32::try_from(number(0..4)?).ok()?, number(6..8)?);
    let date = time::Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    let offset = match text.get(21..22) {
        Some("+") => number(22..25)?,
        Some("-") => -number(22..25)?,
        _ => 0,
    };
    let midnight = date.midnight().assume_utc().unix_timestamp();
    plausible(midnight + hour * 3600 + minute * 60 + second - offset * 60)
}

fn plausible(seconds: i64) -> Option<i64> {
    const YEAR_1980: i64 = 315_532_800;
    const YEAR_2100: i64 = 4_102_444_800;
    (YEAR_1980..YEAR_2100).contains(&seconds).then_some(seconds)
}

/// Text out of UTF-16, up to the first NUL; what is no UTF-16 becomes U+FFFD.
pub fn utf16(units: &[u16]) -> String {
    let end = units.iter().position(|unit| *unit == 0);
    String::from_utf16_lossy(&units[..end.unwrap_or(units.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_whatever_their_case() {
        let row = Row::of([("DisplayName", " Büro \0")]).with("SystemComponent", 1_u32);
        assert_eq!(row.text("displayname"), "Büro");
        assert_eq!(row.flag("SYSTEMCOMPONENT"), Some(true));
        assert_eq!(row.text("missing"), "");
        assert_eq!(row.number::<u32>("missing"), None);
    }

    #[test]
    fn numbers_are_read_from_text_and_never_wrap() {
        let row = Row::of([("Size", "256052966400")]).with("Negative", Value::Number(-1));
        assert_eq!(row.number::<u64>("Size"), Some(256_052_966_400));
        assert_eq!(row.number::<u32>("Size"), None);
        assert_eq!(row.number::<u64>("Negative"), None);
    }

    #[test]
    fn times_are_those_of_windows_and_placeholders_are_none() {
        assert_eq!(file_time(133_537_536_000_000_000), Some(1_709_280_000));
        assert_eq!(file_time(0), None);
        assert_eq!(file_time(u64::MAX), None);
        assert_eq!(wmi_time("20240301090000.500000+060"), Some(1_709_280_000));
        assert_eq!(wmi_time("20240301080000.000000-000"), Some(1_709_280_000));
        assert_eq!(wmi_time("20240301030000.000000-300"), Some(1_709_280_000));
        for odd in [
            "",
            "2024",
            "00000000000000.000000+000",
            "20241301000000.0",
            "日本語",
        ] {
            assert_eq!(wmi_time(odd), None, "{odd}");
        }
    }

    #[test]
    fn errors_say_whether_a_source_is_absent_or_closed() {
        assert_eq!(Unread::from_code(0x8004_100e), Unread::Absent);
        assert_eq!(Unread::from_code(0x8007_0005), Unread::Denied);
        assert_eq!(Unread::from_code(2), Unread::Absent);
        let failed = Unread::from_code(0x8004_1001).to_string();
        assert_eq!(failed, "answered with error 0x80041001");
    }

    #[test]
    fn half_a_character_is_shown_as_such() {
        assert_eq!(utf16(&[0x41, 0xd800, 0x42, 0, 0x43]), "A\u{fffd}B");
    }
}
