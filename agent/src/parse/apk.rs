//! apk's database of installed packages: paragraphs of "X:value" lines, read as a stream.

use std::io::{self, BufRead};

use super::lines::Lines;
use super::problem::{self, Problem};

/// A package as the database has it. Its buffers are used again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Name.
    pub name: Vec<u8>,
    /// Version with revision.
    pub version: Vec<u8>,
    /// Architecture.
    pub architecture: Vec<u8>,
    /// Maintainer.
    pub maintainer: Vec<u8>,
    /// Source package.
    pub origin: Vec<u8>,
    /// Installed size in bytes.
    pub size: Option<u64>,
    /// Files or a script of it could not be installed.
    pub broken: bool,
    /// Line it begins at, from 1; 0 for none.
    pub line: u32,
}

/// Reads records one by one.
#[derive(Debug)]
pub struct Records<R> {
    lines: Lines<R>,
    current: Record,
    problems: Vec<Problem>,
}

impl<R: BufRead> Records<R> {
    /// Reads from the beginning of a database.
    pub fn new(input: R) -> Self {
        Self {
            lines: Lines::new(input),
            current: Record::default(),
            problems: Vec::new(),
        }
    }

    /// The next record that names a package; `None` at the end.
    pub fn advance(&mut self) -> io::Result<Option<&Record>> {
        loop {
            self.current.clear();
            let ended = self.record()?;
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
    fn record(&mut self) -> io::Result<bool> {
        while self.lines.advance()? {
            let number = self.lines.number();
            let line = self.lines.line();
            if line.is_empty() {
                return Ok(false);
            }
            if self.current.line == 0 {
                self.current.line = number;
            }
            if let [field, b':', value @ ..] = line {
                self.current.set(*field, value);
            } else {
                let reason = "has no letter and colon at its beginning, so the line is left out";
                problem::keep(&mut self.problems, Problem::on(number, reason));
            }
        }
        Ok(true)
    }
}

impl Record {
    fn clear(&mut self) {
        for buffer in [
            &mut self.name,
            &mut self.version,
            &mut self.architecture,
            &mut self.maintainer,
            &mut self.origin,
        ] {
            buffer.clear();
        }
        self.size = None;
        self.broken = false;
        self.line = 0;
    }

    fn set(&mut self, field: u8, value: &[u8]) {
        let buffer = match field {
            b'P' => &mut self.name,
            b'V' => &mut self.version,
            b'A' => &mut self.architecture,
            b'm' => &mut self.maintainer,
            b'o' => &mut self.origin,
            b'I' => {
                self.size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                return;
            }
            // "S" among these flags only tells the kind of checksum.
            b'f' => {
                self.broken |= value.iter().any(|flag| b"fsx".contains(flag));
                return;
            }
            _ => return,
        };
        buffer.clear();
        buffer.extend_from_slice(value);
    }

    /// Name of the source package where it is not that of the package.
    pub fn source_name(&self) -> &[u8] {
        if self.origin == self.name {
            &[]
        } else {
            &self.origin
        }
    }
}

/// Splits a version from Alpine's revision, "r" and a number after the last hyphen.
pub fn version(text: &[u8]) -> (&[u8], &[u8]) {
    let split = text.iter().rposition(|&byte| byte == b'-');
    let Some((version, release)) = split.map(|at| (&text[..at], &text[at + 1..])) else {
        return (text, &[]);
    };
    match release {
        [b'r', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            (version, release)
        }
        _ => (text, &[]),
    }
}

/// Packages that /etc/apk/world binds to one version: "name=1.2-r3", also "name@tag=1.2-r3".
pub fn pinned(world: &[u8]) -> impl Iterator<Item = &[u8]> {
    let words = world.split(u8::is_ascii_whitespace);
    words.filter_map(|word| {
        let at = word.iter().position(|byte| b"=<>~".contains(byte))?;
        let exact = word[at] == b'=' && word.get(at + 1).is_some_and(|byte| *byte != b'~');
        let name = word[..at].split(|&byte| byte == b'@').next()?;
        (exact && !name.is_empty() && name[0] != b'!').then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8]) -> (Vec<Record>, Vec<Problem>) {
        let mut records = Records::new(text);
        let mut found = Vec::new();
        while let Some(record) = records.advance().unwrap() {
            found.push(record.clone());
        }
        (found, records.problems())
    }

    #[test]
    fn records_are_read_with_their_fields() {
        let (found, problems) = all(
            b"C:Q1abc=\nP:libcrypto3\nV:3.1.4-r5\nA:x86_64\nS:1723\nI:4567040\nT:Crypto library\nU:https://x\n\
              o:openssl\nm:Ariadne <a@x>\nt:1706200000\nD:so:libc.musl-x86_64.so.1\nF:etc\nR:P:odd\na:0:0:644\nZ:Q1x=\n\n\
              P:musl\nV:1.2.4_git20230717-r4\no:musl\nf:fS\n\n",
        );
        assert_eq!(problems, []);
        let libcrypto = &found[0];
        assert_eq!(libcrypto.name, b"libcrypto3");
        assert_eq!(version(&libcrypto.version), (&b"3.1.4"[..], &b"r5"[..]));
        assert_eq!(libcrypto.size, Some(4_567_040));
        assert_eq!(libcrypto.source_name(), b"openssl");
        assert!(!libcrypto.broken && found[1].broken);
        assert_eq!((found[1].line, found[1].source_name()), (18, &b""[..]));
    }

    #[test]
    fn broken_records_are_named_and_the_rest_is_read() {
        let (found, problems) = all(b"V:1-r0\n\nP:a\nnonsense\nV:2-r0\n\nP:b\nV:3");
        assert_eq!(
            (found.len(), found[0].version.as_slice()),
            (2, &b"2-r0"[..])
        );
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 4, 8]);
    }

    #[test]
    fn only_exact_versions_are_pinned() {
        let world = b"alpine-base\nnginx=1.24.0-r15\nphp~8.2\nfoo>2\nbar@edge=1-r0\n!baz=1\nqux@edge\nx=~1\n=1\n";
        let names: Vec<_> = pinned(world).collect();
        assert_eq!(names, [&b"nginx"[..], b"bar"]);
    }

    #[test]
    fn versions_without_a_revision_stay_whole() {
        for text in ["1.2", "1.2-r", "1.2-rc1", "r1"] {
            assert_eq!(version(text.as_bytes()), (text.as_bytes(), &b""[..]));
        }
    }

    fn printed(record: &Record) -> Vec<u8> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let mut out = String::new();
        for (field, value) in [
            ('P', &record.name),
            ('V', &record.version),
            ('A', &record.architecture),
            ('m', &record.maintainer),
            ('o', &record.origin),
        ] {
            writeln!(out, "{field}:{}", text(value)).unwrap();
        }
        if let Some(size) = record.size {
            writeln!(out, "I:{size}").unwrap();
        }
        if record.broken {
            out += "f:s\n";
        }
        out += "\n";
        out.into_bytes()
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, lines in prop::collection::vec("[PVAfI]?:?[ -~]{0,20}", 0..20)) {
            all(&bytes);
            all(lines.join("\n").as_bytes());
            pinned(&bytes).for_each(drop);
            version(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(lines in prop::collection::vec("[PVAmoIf]:[ -~]{0,20}|", 0..40)) {
            let (found, _) = all(lines.join("\n").as_bytes());
            let text: Vec<u8> = found.iter().flat_map(printed).collect();
            let (again, problems) = all(&text);
            prop_assert_eq!(problems, vec![]);
            let without_place = |records: &[Record]| -> Vec<Record> {
                records.iter().map(|one| Record { line: 0, ..one.clone() }).collect()
            };
            prop_assert_eq!(without_place(&again), without_place(&found));
        }
    }
}
