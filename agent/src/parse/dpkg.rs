//! dpkg's status database: paragraphs of "Field: value" lines, read as a stream.

use std::io::{self, BufRead};

use super::lines::Lines;
use super::problem::{self, Problem};

/// A package as the database has it. Its buffers are used again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// Name.
    pub name: Vec<u8>,
    /// The status line: what is wanted, an error flag, the state. Empty where the database has none.
    pub status: Vec<u8>,
    /// Version as written.
    pub version: Vec<u8>,
    /// Architecture.
    pub architecture: Vec<u8>,
    /// Maintainer.
    pub maintainer: Vec<u8>,
    /// Source package, with its version where that differs.
    pub source: Vec<u8>,
    /// Installed size in KiB.
    pub size_kib: Option<u64>,
    /// Several architectures of it can be installed at once.
    pub multi_arch_same: bool,
    /// The system cannot do without it.
    pub essential: bool,
    /// Line it begins at, from 1.
    pub line: u32,
}

/// Reads paragraphs one by one.
#[derive(Debug)]
pub struct Paragraphs<R> {
    lines: Lines<R>,
    current: Paragraph,
    problems: Vec<Problem>,
}

impl<R: BufRead> Paragraphs<R> {
    /// Reads from the beginning of a database.
    pub fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input),
            current: Paragraph::default(),
            problems: Vec::new(),
        }
    }

    /// The next paragraph that names a package; `None` at the end.
    pub fn advance(&mut self) -> io::Result<Option<&Paragraph>> {
        self.advance_to(&mut |_| true)
    }

    /// The next paragraph of a package whose name is wanted; `None` at the end. Others are passed over, and lines are no
    /// longer counted then.
    pub fn advance_to(
        &mut self,
        is_wanted: &mut impl FnMut(&[u8]) -> bool,
    ) -> io::Result<Option<&Paragraph>> {
        loop {
            self.current.clear();
            let ended = self.paragraph(is_wanted)?;
            if !self.current.name.is_empty() {
                return Ok(Some(&self.current));
            }
            if self.current.line > 0 {
                let reason = "names no package, so the paragraph is left out";
                problem::keep(&mut self.problems, Problem::on(self.current.line, reason));
            }
            if ended {
                return Ok(None);
            }
        }
    }

    /// What could not be understood. To be called at the end.
    pub fn problems(mut self) -> Vec<Problem> {
        if self.lines.is_cut() {
            let reason = "ends in the middle of a line: what may have followed is missing";
            problem::keep(&mut self.problems, Problem::on(self.lines.number(), reason));
        }
        self.problems
    }

    /// Reads up to an empty line; whether the database ended.
    fn paragraph(&mut self, is_wanted: &mut impl FnMut(&[u8]) -> bool) -> io::Result<bool> {
        let mut is_named = false;
        while self.lines.advance()? {
            match self.lines.line().first() {
                None => return Ok(false),
                // Further lines of a field; none of the fields kept has any.
                Some(b' ' | b'\t') => {}
                Some(_) => self.field(),
            }
            if !is_named && !self.current.name.is_empty() {
                is_named = true;
                if !is_wanted(&self.current.name) {
                    self.current.clear();
                    return Ok(!self.lines.skip_paragraph()?);
                }
            }
        }
        Ok(true)
    }

    fn field(&mut self) {
        let (line, number) = (self.lines.line(), self.lines.number());
        if self.current.line == 0 {
            self.current.line = number;
        }
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            let reason = "has no colon after the name of a field, so the line is left out";
            problem::keep(&mut self.problems, Problem::on(number, reason));
            return;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        self.current.set(name, value);
    }
}

impl Paragraph {
    fn clear(&mut self) {
        for buffer in [
            &mut self.name,
            &mut self.status,
            &mut self.version,
            &mut self.architecture,
            &mut self.maintainer,
            &mut self.source,
        ] {
            buffer.clear();
        }
        self.size_kib = None;
        self.multi_arch_same = false;
        self.essential = false;
        self.line = 0;
    }

    fn set(&mut self, name: &[u8], value: &[u8]) {
        let is = |field: &str| name.eq_ignore_ascii_case(field.as_bytes());
        let buffer = match name.first().map(u8::to_ascii_lowercase) {
            Some(b'p') if is("Package") => &mut self.name,
            Some(b's') if is("Status") => &mut self.status,
            Some(b's') if is("Source") => &mut self.source,
            Some(b'v') if is("Version") => &mut self.version,
            Some(b'a') if is("Architecture") => &mut self.architecture,
            Some(b'm') if is("Maintainer") => &mut self.maintainer,
            Some(b'm') if is("Multi-Arch") => {
                self.multi_arch_same = value == b"same";
                return;
            }
            Some(b'e') if is("Essential") => {
                self.essential = value == b"yes";
                return;
            }
            Some(b'i') if is("Installed-Size") => {
                self.size_kib = super::colon::decimal(value);
                return;
            }
            _ => return,
        };
        buffer.clear();
        buffer.extend_from_slice(value);
    }

    /// Name of the source package where it is not that of the package.
    pub fn source_name(&self) -> &[u8] {
        let end = self.source.iter().position(|&byte| byte == b' ');
        let name = &self.source[..end.unwrap_or(self.source.len())];
        if name == self.name { &[] } else { name }
    }
}

/// State of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The database tells none, as in images without a package manager.
    Untold,
    /// Not there, though still mentioned.
    NotInstalled,
    /// Removed; its configuration files remain.
    ConfigFiles,
    /// An installation was interrupted or must be repeated.
    Broken,
    /// Installed.
    Installed,
    /// Installed and held at its version.
    Held,
}

/// Reads a status line; `None` when dpkg knows no such state.
pub fn state(status: &[u8]) -> Option<State> {
    let mut words = status
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let Some(want) = words.next() else {
        return Some(State::Untold);
    };
    let (flag, state) = (words.next()?, words.next()?);
    Some(match state {
        b"not-installed" => State::NotInstalled,
        b"config-files" => State::ConfigFiles,
        b"half-installed" | b"unpacked" | b"half-configured" => State::Broken,
        b"installed" | b"triggers-awaited" | b"triggers-pending" => match (flag, want) {
            (b"reinstreq", _) => State::Broken,
            (_, b"hold") => State::Held,
            _ => State::Installed,
        },
        _ => return None,
    })
}

/// A version in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// Epoch; absent where dpkg would not write one.
    pub epoch: Option<u32>,
    /// The upstream version.
    pub upstream: &'a [u8],
    /// The distributor's revision; empty where there is none.
    pub revision: &'a [u8],
}

/// Splits a version: the epoch ends at the first colon, the revision begins after the last hyphen.
pub fn version(text: &[u8]) -> Version<'_> {
    let (epoch, rest) = epoch(text);
    let split = rest.iter().rposition(|&byte| byte == b'-');
    let (upstream, revision) = match split {
        Some(at) if at + 1 < rest.len() => (&rest[..at], &rest[at + 1..]),
        _ => (rest, &[][..]),
    };
    Version {
        epoch,
        upstream,
        revision,
    }
}

fn epoch(text: &[u8]) -> (Option<u32>, &[u8]) {
    let Some(colon) = text
        .iter()
        .position(|&byte| byte == b':')
        .filter(|&at| at > 0)
    else {
        return (None, text);
    };
    let rest = &text[colon + 1..];
    match super::colon::decimal(&text[..colon]) {
        Some(0) if !rest.contains(&b':') => (None, rest),
        Some(epoch) => (Some(epoch), rest),
        None => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8]) -> (Vec<Paragraph>, Vec<Problem>) {
        let mut paragraphs = Paragraphs::new(text);
        let mut found = Vec::new();
        while let Some(paragraph) = paragraphs.advance().unwrap() {
            found.push(paragraph.clone());
        }
        (found, paragraphs.problems())
    }

    #[test]
    fn paragraphs_are_read_with_their_fields() {
        let (found, problems) = all(
            b"Package: libc6\nEssential: no\nStatus: install ok installed\nInstalled-Size: 12986\n\
              Maintainer: GNU Libc Maintainers <x@y>\nArchitecture: amd64\nMulti-Arch: same\nSource: glibc (2.36-9)\n\
              Version: 2.36-9+deb12u8\nDescription: GNU C Library\n Version: 9\n .\n\n\nPackage: bash\nEssential: yes\n",
        );
        assert_eq!(problems, []);
        let libc = &found[0];
        assert_eq!((libc.name.as_slice(), libc.line), (&b"libc6"[..], 1));
        assert_eq!(libc.version, b"2.36-9+deb12u8");
        assert_eq!((libc.size_kib, libc.multi_arch_same), (Some(12986), true));
        assert_eq!(libc.source_name(), b"glibc");
        assert!(!libc.essential && found[1].essential);
        assert_eq!((found.len(), found[1].line), (2, 15));
        assert!(found[1].version.is_empty());
    }

    #[test]
    fn broken_paragraphs_are_named_and_the_rest_is_read() {
        let (found, problems) =
            all(b"Version: 1\n\nPackage: a\nnonsense\nVersion: 2\n\nPackage: b");
        assert_eq!((found.len(), found[0].version.as_slice()), (2, &b"2"[..]));
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 4, 7]);
    }

    #[test]
    fn what_follows_an_endless_line_is_read() {
        let mut text = b"Package: a\nDescription: ".to_vec();
        text.resize(1 << 20, b'x');
        text.extend_from_slice(b"\nVersion: 7\n");
        let mut paragraphs = Paragraphs::new(text.as_slice());
        assert_eq!(paragraphs.advance().unwrap().unwrap().version, b"7");
    }

    #[test]
    fn states_follow_the_status_line() {
        for (line, expected) in [
            (&b"install ok installed"[..], Some(State::Installed)),
            (b"hold ok installed", Some(State::Held)),
            (b"install ok triggers-pending", Some(State::Installed)),
            (b"install reinstreq installed", Some(State::Broken)),
            (b"install ok half-configured", Some(State::Broken)),
            (b"install reinstreq half-installed", Some(State::Broken)),
            (b"hold ok unpacked", Some(State::Broken)),
            (b"deinstall ok config-files", Some(State::ConfigFiles)),
            (b"purge ok not-installed", Some(State::NotInstalled)),
            (b"", Some(State::Untold)),
            (b"install ok perfect", None),
            (b"install", None),
        ] {
            assert_eq!(state(line), expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn versions_are_split_as_dpkg_does() {
        for (text, epoch, upstream, revision) in [
            ("1:2.39.5-0+deb12u2", Some(1), "2.39.5", "0+deb12u2"),
            ("1.2.3", None, "1.2.3", ""),
            ("2.4-rc1-3", None, "2.4-rc1", "3"),
            ("0:1.0-1", None, "1.0", "1"),
            ("0:1:0-1", Some(0), "1:0", "1"),
            ("5:1:2-3", Some(5), "1:2", "3"),
            ("x:1", None, "x:1", ""),
            ("1-", None, "1-", ""),
            (":1", None, ":1", ""),
        ] {
            let expected = Version {
                epoch,
                upstream: upstream.as_bytes(),
                revision: revision.as_bytes(),
            };
            assert_eq!(version(text.as_bytes()), expected, "{text}");
        }
    }

    fn printed(paragraph: &Paragraph) -> Vec<u8> {
        let mut out = Vec::new();
        let mut field = |name: &str, value: &[u8]| {
            if !value.is_empty() {
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b": ");
                out.extend_from_slice(value);
                out.push(b'\n');
            }
        };
        field("Package", &paragraph.name);
        field("Status", &paragraph.status);
        field("Version", &paragraph.version);
        field("Architecture", &paragraph.architecture);
        field("Maintainer", &paragraph.maintainer);
        field("Source", &paragraph.source);
        let size = paragraph
            .size_kib
            .map_or(String::new(), |kib| kib.to_string());
        field("Installed-Size", size.as_bytes());
        field(
            "Multi-Arch",
            if paragraph.multi_arch_same {
                b"same"
            } else {
                b""
            },
        );
        field("Essential", if paragraph.essential { b"yes" } else { b"" });
        out.push(b'\n');
        out
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, lines in prop::collection::vec("(Package|Version|Status)?:?[ -~]{0,20}", 0..20)) {
            all(&bytes);
            all(lines.join("\n").as_bytes());
        }

        #[test]
        fn what_is_printed_is_read_again(lines in prop::collection::vec("(Package|Version|Status|Source|Architecture|Maintainer|Installed-Size|Multi-Arch|Essential): ?([ -~]{0,20}|same|yes|[0-9]{1,6})|", 0..40)) {
            let (found, _) = all(lines.join("\n").as_bytes());
            let text: Vec<u8> = found.iter().flat_map(printed).collect();
            let (again, problems) = all(&text);
            prop_assert_eq!(problems, vec![]);
            let without_place = |all: &[Paragraph]| -> Vec<Paragraph> {
                all.iter().map(|one| Paragraph { line: 0, ..one.clone() }).collect()
            };
            prop_assert_eq!(without_place(&again), without_place(&found));
        }

        #[test]
        fn versions_are_the_same_put_together_again(text in "([1-9]:)?[0-9][a-z0-9.+~-]{0,12}") {
            let version = version(text.as_bytes());
            let mut again = version.epoch.map_or(String::new(), |epoch| format!("{epoch}:"));
            again += std::str::from_utf8(version.upstream).unwrap();
            if !version.revision.is_empty() {
                again += "-";
                again += std::str::from_utf8(version.revision).unwrap();
            }
            prop_assert_eq!(again, text);
        }
    }
}
