//! Lines of a stream, each bounded: a file of one endless line takes no memory.

use std::io::{self, BufRead, Read as _};

/// Longest line kept; the rest of a longer one is skipped.
pub(super) const LINE_BYTES: u64 = 16 * 1024;

/// Reads lines one by one into a buffer that is used again.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u32,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    /// Reads from the beginning.
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            line: Vec::with_capacity(1024),
            number: 0,
            ended: true,
        }
    }

    /// Reads the next line; false at the end of the input.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut input = (&mut self.input).take(LINE_BYTES);
        if input.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(false);
        }
        self.number = self.number.saturating_add(1);
        self.ended = self.line.last() == Some(&b'\n');
        if !self.ended && self.line.len() as u64 == LINE_BYTES {
            self.ended = skip_line(&mut self.input)?;
        }
        while let Some(b'\n' | b'\r') = self.line.last() {
            self.line.pop();
        }
        Ok(true)
    }

    /// Skips everything up to the next empty line, which is not counted; false at the end of the input.
    pub(super) fn skip_paragraph(&mut self) -> io::Result<bool> {
        let mut begins = self.ended;
        loop {
            let available = self.input.fill_buf()?;
            if available.is_empty() {
                return Ok(false);
            }
            let mut rest = available;
            loop {
                if begins && matches!(rest.first(), Some(b'\n' | b'\r')) {
                    let used = available.len() - rest.len();
                    self.input.consume(used);
                    return self.advance();
                }
                let Some(end) = memchr::memchr(b'\n', rest) else {
                    begins &= rest.is_empty();
                    break;
                };
                begins = true;
                rest = &rest[end + 1..];
            }
            let used = available.len();
            self.input.consume(used);
        }
    }

    /// The line, without its end.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Its number, from 1.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Whether the input stopped in the middle of the line read last.
    pub(super) fn is_cut(&self) -> bool {
        !self.ended
    }
}

/// Skips the rest of a line; whether it had an end.
fn skip_line(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(false);
        }
        if let Some(end) = available.iter().position(|&byte| byte == b'\n') {
            input.consume(end + 1);
            return Ok(true);
        }
        let used = available.len();
        input.consume(used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_lines_take_no_memory() {
        let mut text = vec![b'x'; 1 << 20];
        text.extend_from_slice(b"\r\nnext\n");
        let mut lines = Lines::new(text.as_slice());
        assert!(lines.advance().unwrap());
        assert_eq!(lines.line().len() as u64, LINE_BYTES);
        assert!(lines.line.capacity() <= 2 * LINE_BYTES as usize);
        assert!(lines.advance().unwrap() && !lines.is_cut());
        assert_eq!((lines.line(), lines.number()), (&b"next"[..], 2));
        assert!(!lines.advance().unwrap());
    }

    #[test]
    fn an_input_that_stops_within_a_line_is_noticed() {
        for (text, cut) in [(&b"a\nb"[..], true), (b"a\nb\n", false), (b"", false)] {
            let mut lines = Lines::new(text);
            while lines.advance().unwrap() {}
            assert_eq!(lines.is_cut(), cut, "{}", text.escape_ascii());
        }
    }
}
