//! What collector and worker say to each other: a kind, a length of four bytes, content. Neither trusts the other's
//! lengths.

use std::io::{self, Read, Write};

use freehold_proto::v1::section;
use prost::{Enumeration, Message};

/// Longest frame that a worker takes: a section with its head.
pub(super) const LONGEST: usize = freehold_proto::limits::SECTION_BYTES as usize + 64;

/// Bytes in front of a section's content: which computer, which section, when it was collected and confirmed.
pub(super) const HEAD: usize = 4 + 1 + 8 + 8;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(super) enum Kind {
    Unspecified = 0,
    /// To the worker: [`Question`].
    Question = 1,
    /// To the worker: [`Computer`]. They are numbered from 0 as they come.
    Computer = 2,
    /// To the worker: a section, behind its head.
    Section = 3,
    /// To the worker: the number of a computer in four bytes, then `v1::Readings`.
    Readings = 4,
    /// To the worker: everything is there.
    Complete = 5,
    /// To the collector: [`Needs`].
    Needs = 10,
    /// To the collector: `v1::query_response::Header`.
    Header = 11,
    /// To the collector: `v1::query_response::Rows`.
    Rows = 12,
    /// To the collector: rows gone through, in eight bytes.
    Progress = 13,
    /// To the collector: [`Done`].
    Done = 14,
    /// To the collector: [`Fault`].
    Fault = 15,
}

/// A question.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Question {
    /// The statement.
    #[prost(string, tag = "1")]
    pub(super) sql: String,
    /// The moment it is about, as the statement's parameter `:as_of`.
    #[prost(string, tag = "2")]
    pub(super) as_of: String,
    /// Rows that may be answered.
    #[prost(uint64, tag = "3")]
    pub(super) rows: u64,
    /// Time that the statement may take, in milliseconds.
    #[prost(uint64, tag = "4")]
    pub(super) millis: u64,
}

/// What a statement reads.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Needs {
    /// Sections whose content is read, as numbers of `v1::section::Kind`.
    #[prost(int32, repeated, tag = "1")]
    pub(super) sections: Vec<i32>,
    /// Sections that are touched in any way: whoever asks must be allowed to see them.
    #[prost(int32, repeated, tag = "2")]
    pub(super) touched: Vec<i32>,
    /// It reads what moves by itself.
    #[prost(bool, tag = "3")]
    pub(super) readings: bool,
    /// It reads the table of the computers.
    #[prost(bool, tag = "4")]
    pub(super) computers: bool,
    /// It reads what this table says of their sections.
    #[prost(bool, tag = "5")]
    pub(super) headlines: bool,
}

/// A computer.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Computer {
    /// Its name.
    #[prost(string, tag = "1")]
    pub(super) name: String,
    /// Its identifier.
    #[prost(string, tag = "2")]
    pub(super) id: String,
    /// Values of the table `computers` behind these two, in the order of its columns; empty for what is not known.
    #[prost(string, repeated, tag = "3")]
    pub(super) facts: Vec<String>,
}

/// The end of an answer.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Done {
    /// Rows it held.
    #[prost(uint64, tag = "1")]
    pub(super) rows: u64,
    /// There are more.
    #[prost(bool, tag = "2")]
    pub(super) cut: bool,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Fault {
    /// The sentence.
    #[prost(string, tag = "1")]
    pub(super) sentence: String,
    /// It takes more than a question may; otherwise the statement is wrong.
    #[prost(bool, tag = "2")]
    pub(super) is_limit: bool,
}

/// Writes a frame.
pub(super) fn write(out: &mut impl Write, kind: Kind, content: &[u8]) -> io::Result<()> {
    out.write_all(&head(kind, content.len()))?;
    out.write_all(content)
}

/// What stands in front of so much content.
fn head(kind: Kind, length: usize) -> [u8; 5] {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    let [a, b, c, d] = length;
    // Kinds are small numbers.
    let kind = u8::try_from(i32::from(kind)).unwrap_or(0);
    [kind, a, b, c, d]
}

/// Reads a frame of at most so many bytes; `None` at the end.
pub(super) fn read(input: &mut impl Read, longest: usize) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let mut head = [0; 5];
    match input.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        result => result?,
    }
    let [kind, a, b, c, d] = head;
    let kind = Kind::try_from(i32::from(kind)).map_err(|_| io::ErrorKind::InvalidData)?;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > longest {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut content = vec![0; length];
    input.read_exact(&mut content)?;
    Ok(Some((kind, content)))
}

/// A section with its head. A time of 0 is not known.
pub(super) fn section(
    out: &mut impl Write,
    computer: u32,
    section: section::Kind,
    (collected_at, confirmed_at): (i64, i64),
    body: &[u8],
) -> io::Result<()> {
    let section = u8::try_from(i32::from(section)).unwrap_or(0);
    out.write_all(&head(Kind::Section, HEAD + body.len()))?;
    out.write_all(&computer.to_le_bytes())?;
    out.write_all(&[section])?;
    out.write_all(&collected_at.to_le_bytes())?;
    out.write_all(&confirmed_at.to_le_bytes())?;
    out.write_all(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_back_as_it_was_and_one_that_is_too_long_does_not() {
        let mut bytes = Vec::new();
        write(&mut bytes, Kind::Rows, b"rows").unwrap();
        write(&mut bytes, Kind::Done, b"").unwrap();
        let mut input = bytes.as_slice();
        let first = read(&mut input, 4).unwrap();
        assert_eq!(first, Some((Kind::Rows, b"rows".to_vec())));
        assert_eq!(read(&mut input, 4).unwrap(), Some((Kind::Done, Vec::new())));
        assert_eq!(read(&mut input, 4).unwrap(), None);
        assert!(read(&mut bytes.as_slice(), 3).is_err());
        assert!(read(&mut [99, 0, 0, 0, 0].as_slice(), 3).is_err());
        assert!(read(&mut &bytes[..7], 4).is_err(), "cut off in the middle");
    }
}
