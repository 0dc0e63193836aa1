//! A place in the text, and what sudoers has in common everywhere: blanks, continued lines, comments.

use super::super::problem::Problem;

pub(super) struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
    line_start: usize,
}

pub(super) type Parsed<T> = Result<T, Problem>;

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
            line_start: 0,
        }
    }

    pub(super) fn line(&self) -> u32 {
        self.line
    }

    pub(super) fn at_line_start(&self) -> bool {
        self.at == self.line_start
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Goes on by some bytes, none of which ends a line.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8, what: &str) -> Parsed<()> {
        self.skip_blanks();
        if self.eat(byte) {
            return Ok(());
        }
        Err(self.unexpected(what))
    }

    /// Skips blanks and joined lines; whether there were any.
    pub(super) fn skip_blanks(&mut self) -> bool {
        let start = self.at;
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\\') => match self.joined() {
                    Some(length) => self.next_line(length),
                    None => break,
                },
                _ => break,
            }
        }
        self.at > start
    }

    /// Takes a run of bytes that `wanted` accepts.
    pub(super) fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|&byte| !wanted(byte));
        let run = &rest[..end.unwrap_or(rest.len())];
        self.at += run.len();
        run
    }

    /// Takes one run of "!": an even number of them cancels out.
    pub(super) fn negation(&mut self) -> bool {
        let negated = self.run(|byte| byte == b'!').len() % 2 == 1;
        self.skip_blanks();
        negated
    }

    /// Takes items with commas between them, at least one.
    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            items.push(item(self)?);
            self.skip_blanks();
            if !self.eat(b',') {
                return Ok(items);
            }
        }
    }

    /// Whether nothing but a comment follows before the end of the line or the file.
    pub(super) fn at_end(&self) -> bool {
        self.peek().is_none() || self.line_end().is_some() || self.at_comment()
    }

    /// Whether a comment begins here. "#" before a number is a user id instead.
    pub(super) fn at_comment(&self) -> bool {
        match self.rest() {
            [b'#', b'-']
            | [b'#', b'0'..=b'9', ..]
            | [b'#', b'-', b'0'..=b'9' | b'\r' | b'\n', ..] => false,
            rest => rest.first() == Some(&b'#'),
        }
    }

    /// Goes to the beginning of the line after this entry. Comments are not joined with the next line.
    pub(super) fn skip_entry(&mut self) {
        while let Some(byte) = self.peek() {
            if let Some(length) = self.line_end() {
                return self.next_line(length);
            }
            match byte {
                b'#' if self.at_comment() => {
                    self.run(|byte| byte != b'\n');
                }
                b'\\' => match self.joined() {
                    Some(length) => self.next_line(length),
                    None => self.at += 1,
                },
                _ => self.at += 1,
            }
        }
    }

    /// A problem at this place.
    pub(super) fn problem(&self, reason: impl Into<String>) -> Problem {
        Problem {
            line: self.line,
            column: (self.at - self.line_start) as u32 + 1,
            reason: reason.into(),
        }
    }

    /// A problem at this place: something else was to be expected.
    pub(super) fn unexpected(&self, expected: &str) -> Problem {
        let found = if self.peek().is_none() {
            "the file ends".to_owned()
        } else if self.line_end().is_some() || self.at_comment() {
            "the line ends".to_owned()
        } else {
            format!("there is \"{}\"", self.glimpse())
        };
        self.problem(format!(
            "{found} where {expected} is expected, so sudo ignores the entry"
        ))
    }

    /// The character at this place, for a message.
    fn glimpse(&self) -> String {
        let rest = self.rest();
        let shown = &rest[..rest.len().min(4)];
        String::from_utf8_lossy(shown).chars().take(1).collect()
    }

    fn line_end(&self) -> Option<usize> {
        match self.rest() {
            [b'\n', ..] => Some(1),
            [b'\r', b'\n', ..] => Some(2),
            _ => None,
        }
    }

    /// Length of a backslash that joins this line with the next: blanks may follow it.
    pub(super) fn joined(&self) -> Option<usize> {
        let rest = self.rest().strip_prefix(b"\\")?;
        let blanks = rest
            .iter()
            .take_while(|&&byte| byte == b' ' || byte == b'\t')
            .count();
        match &rest[blanks..] {
            [b'\n', ..] => Some(blanks + 2),
            [b'\r', b'\n', ..] => Some(blanks + 3),
            _ => None,
        }
    }

    /// Goes on by some bytes, the last of which ends the line.
    pub(super) fn next_line(&mut self, bytes: usize) {
        self.at += bytes;
        self.line = self.line.saturating_add(1);
        self.line_start = self.at;
    }
}
