//! What all probes share: the diagnostics of a section, and text that fits into it.
//!
//! A probe notes what it could not read and goes on; [`Diagnostics::status`] then says how much of the
//! section can be relied on.

use std::{ffi::OsString, fmt::Display, io, time::SystemTime};

use freehold_proto::{
    limits,
    v1::{Diagnostic, Gap, section::Status},
};
use prost_types::Timestamp;

use super::{Root, root::is_absent};

/// Most diagnostics in a section; one more says how many were left out.
pub(crate) const DIAGNOSTICS: usize = 500;

/// What a probe could not read, or read only in part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diagnostics {
    entries: Vec<Diagnostic>,
    left_out: usize,
    incomplete: bool,
    /// What its notes may hide, where that is not anything.
    hides: &'static [&'static str],
}

impl Diagnostics {
    /// No trouble so far.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// No trouble so far, and none that could hide more of the section than this: see `hides` of the schema's Gap.
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "what hides there is not told apart yet")
    )]
    pub(crate) fn hiding(hides: &'static [&'static str]) -> Self {
        Self {
            hides,
            ..Self::default()
        }
    }

    /// Notes that something is missing from the section: it is no longer complete.
    pub(crate) fn note(
        &mut self,
        source: impl Display,
        position: impl Display,
        reason: impl Display,
    ) {
        self.incomplete = true;
        self.push(&source, &position, &reason, self.gap(false));
    }

    /// Notes that something is missing that is still being looked for; for notes that say what they hide.
    #[cfg_attr(
        not(target_os = "linux"),
        allow(dead_code, reason = "nothing there is looked for that long")
    )]
    pub(crate) fn pending(&mut self, source: impl Display, reason: impl Display) {
        self.incomplete = true;
        self.push(&source, &"", &reason, self.gap(true));
    }

    /// Remarks on something that is reported as it was read, with nothing missing.
    pub(crate) fn remark(
        &mut self,
        source: impl Display,
        position: impl Display,
        reason: impl Display,
    ) {
        self.push(&source, &position, &reason, Some(Gap::default()));
    }

    /// Notes that a source could not be read. `missing` completes "…, so … missing", such as
    /// "the local accounts are".
    pub(crate) fn unreadable(
        &mut self,
        source: impl Display,
        error: &io::Error,
        missing: impl Display,
    ) {
        let why = explain(error);
        self.note(source, "", format_args!("{why}, so {missing} missing"));
    }

    /// Reads a file that need not exist: `None` when there is none, and, with a note, when it could not
    /// be read.
    pub(crate) fn read_optional(
        &mut self,
        root: &Root,
        path: &str,
        missing: impl Display,
    ) -> Option<Vec<u8>> {
        match root.read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if is_absent(&error) => None,
            Err(error) => {
                self.unreadable(path, &error, missing);
                None
            }
        }
    }

    /// Reads a file that must exist: `None`, with a note, when it could not be read.
    pub(crate) fn read_required(
        &mut self,
        root: &Root,
        path: &str,
        missing: impl Display,
    ) -> Option<Vec<u8>> {
        match root.read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.unreadable(path, &error, missing);
                None
            }
        }
    }

    /// Lists a folder that need not exist: names that are UTF-8, sorted, with a note of others; none when there is
    /// none, and, with a note, when it could not be read.
    pub(crate) fn list_optional(
        &mut self,
        root: &Root,
        path: &str,
        missing: impl Display,
    ) -> Vec<String> {
        let names = match root.list(path) {
            Ok(names) => names,
            Err(error) if is_absent(&error) => Vec::new(),
            Err(error) => {
                self.unreadable(path, &error, &missing);
                Vec::new()
            }
        };
        self.names(path, names, missing)
    }

    /// The names of a folder that are UTF-8, with a note of others: what stands in those is not read.
    pub(crate) fn names(
        &mut self,
        folder: &str,
        names: Vec<OsString>,
        missing: impl Display,
    ) -> Vec<String> {
        let (mut texts, mut strange) = (Vec::with_capacity(names.len()), Vec::new());
        for name in names {
            match name.into_string() {
                Ok(name) => texts.push(name),
                Err(name) => strange.push(name),
            }
        }
        if let Some(first) = strange.first() {
            let count = strange.len();
            let reason = format_args!(
                "is the first of {count} names there that are no UTF-8 and are left out, so {missing} missing"
            );
            self.note(folder, first.to_string_lossy(), reason);
        }
        texts
    }

    /// Turns bytes into text that fits a section. Bytes that are no UTF-8 and characters beyond the
    /// longest string are reported. `position` says where in `source` the bytes stand.
    pub(crate) fn text(
        &mut self,
        source: impl Display,
        position: impl Display,
        bytes: &[u8],
    ) -> String {
        let text = self.decode(&source, &position, bytes);
        self.fit(source, position, text)
    }

    /// Turns a whole file into text, whatever its length. Bytes that are no UTF-8 are reported.
    pub(crate) fn decode(
        &mut self,
        source: impl Display,
        position: impl Display,
        bytes: &[u8],
    ) -> String {
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            let reason = "holds bytes that are no UTF-8; each is shown as U+FFFD";
            self.remark(source, position, reason);
        }
        text.into_owned()
    }

    /// Cuts text to the longest string of a section, noting it.
    pub(crate) fn fit(
        &mut self,
        source: impl Display,
        position: impl Display,
        text: String,
    ) -> String {
        let length = text.len();
        let (text, cut) = cut(text);
        if cut {
            let limit = limits::STRING_BYTES;
            let reason =
                format_args!("is {length} bytes long; only the first {limit} are reported");
            self.note(source, position, reason);
        }
        text
    }

    /// Cuts a list so that it holds at most `limit` items, noting how many are missing. `what` names
    /// them, such as "packages".
    pub(crate) fn limit<T>(
        &mut self,
        source: impl Display,
        what: impl Display,
        items: &mut Vec<T>,
        limit: usize,
    ) {
        if items.len() > limit {
            let found = items.len();
            items.truncate(limit);
            let reason = format_args!("holds {found} {what}; only the first {limit} are reported");
            self.note(source, "", reason);
        }
    }

    /// Takes over what a part of the probe noted. It hides no more than what is noted here.
    pub(crate) fn append(&mut self, other: Self) {
        self.incomplete |= other.incomplete;
        self.left_out += other.left_out;
        for mut entry in other.entries {
            entry.gap = entry.gap.or_else(|| self.gap(false));
            self.keep(entry);
        }
    }

    /// How much of the section could be read.
    pub(crate) fn status(&self, any_source_read: bool) -> Status {
        match (any_source_read, self.incomplete) {
            (false, _) => Status::Unreadable,
            (true, true) => Status::Partial,
            (true, false) => Status::Complete,
        }
    }

    /// The diagnostics for the section, in the order they were noted.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut entries = self.entries;
        if self.left_out > 0 {
            entries.push(Diagnostic {
                source: "freehold-agent".into(),
                position: String::new(),
                reason: format!("{} further diagnostics are left out", self.left_out),
                gap: None,
            });
        }
        entries
    }

    /// What a note puts in doubt; `None` for anything.
    fn gap(&self, pending: bool) -> Option<Gap> {
        let hides: Vec<String> = self.hides.iter().map(|one| (*one).to_owned()).collect();
        (!hides.is_empty()).then_some(Gap { hides, pending })
    }

    fn push(
        &mut self,
        source: &dyn Display,
        position: &dyn Display,
        reason: &dyn Display,
        gap: Option<Gap>,
    ) {
        if self.entries.len() < DIAGNOSTICS {
            self.keep(Diagnostic {
                source: cut(source.to_string()).0,
                position: cut(position.to_string()).0,
                reason: cut(reason.to_string()).0,
                gap,
            });
        } else {
            self.left_out += 1;
        }
    }

    fn keep(&mut self, entry: Diagnostic) {
        if self.entries.len() < DIAGNOSTICS {
            self.entries.push(entry);
        } else {
            self.left_out += 1;
        }
    }
}

/// Why a source could not be read, without the operating system's error number.
pub(crate) fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "does not exist".into(),
        io::ErrorKind::PermissionDenied => "the agent is not allowed to read it".into(),
        _ => {
            let text = error.to_string();
            match text.split_once(" (os error ") {
                Some((reason, _)) => reason.to_owned(),
                None => text,
            }
        }
    }
}

/// Text without a placeholder's worth: surrounding white space and NUL bytes removed.
pub(crate) fn clean(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0')
}

/// Cuts text to the longest string of a section, on a character boundary; whether it had to.
pub(crate) fn cut(mut text: String) -> (String, bool) {
    if text.len() <= limits::STRING_BYTES {
        return (text, false);
    }
    let boundary = (0..=limits::STRING_BYTES).rfind(|at| text.is_char_boundary(*at));
    text.truncate(boundary.unwrap_or_default());
    (text, true)
}

/// A position within a text file; lines count from 1.
pub(crate) fn line(number: usize) -> String {
    format!("line {number}")
}

/// A point in time by seconds since 1970-01-01 UTC. File systems keep times for which no calendar has a date; they
/// become the first or the last that there is.
pub(crate) fn seconds(unix: i64) -> Timestamp {
    Timestamp {
        seconds: unix.clamp(*limits::TIMES.start(), *limits::TIMES.end()),
        nanos: 0,
    }
}

/// A point in time with its fraction of a second dropped.
pub(crate) fn timestamp(time: SystemTime) -> Timestamp {
    let unix = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
    };
    seconds(unix)
}

#[cfg(test)]
mod tests;
