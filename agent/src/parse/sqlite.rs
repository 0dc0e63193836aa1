//! Tables of SQLite files, read without SQLite: enough for the small databases in which systems note who signed in.
//! Changes that lie in a write-ahead log beside the file are not seen.

/// A value in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A whole number.
    Integer(i64),
    /// Text, as the bytes of its UTF-8.
    Text(&'a [u8]),
    /// Anything else, or nothing.
    Other,
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// It is something else.
    #[error("is no SQLite database of the kind that is understood")]
    Form,
    /// The table is not in it.
    #[error("does not hold the table that was looked for")]
    NoTable,
}

/// Most pages looked at for one table.
const PAGES: usize = 65_536;
/// Deepest tree.
const DEPTH: usize = 20;

const HEADER: usize = 100;
const LEAF: u8 = 0x0d;
const INNER: u8 = 0x05;

/// A database.
struct Pages<'a> {
    bytes: &'a [u8],
    size: usize,
    /// Bytes of a page that hold content.
    usable: usize,
}

/// Hands over the rows of a table with these columns, in the order of their keys. Rows that are damaged or longer than
/// a page are passed over; answers how many those were.
pub fn rows<'a, const N: usize>(
    bytes: &'a [u8],
    table: &str,
    columns: [&str; N],
    mut each: impl FnMut([Value<'a>; N]),
) -> Result<usize, DatabaseError> {
    let pages = Pages::of(bytes).ok_or(DatabaseError::Form)?;
    let mut found = None;
    pages.each(1, &mut |record| {
        let text = |index: usize| match record.get(index) {
            Some(Value::Text(text)) => std::str::from_utf8(text).unwrap_or_default(),
            _ => "",
        };
        if text(0) == "table" && text(1).eq_ignore_ascii_case(table) {
            let root = match record.get(3) {
                Some(Value::Integer(root)) => usize::try_from(*root).ok(),
                _ => None,
            };
            found = root.map(|root| (root, text(4)));
        }
    });
    let (root, definition) = found.ok_or(DatabaseError::NoTable)?;
    let names: Vec<&str> = names(definition).collect();
    let places = columns.map(|column| {
        names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(column))
    });
    if places.contains(&None) {
        return Err(DatabaseError::NoTable);
    }
    let damaged = pages.each(root, &mut |record| {
        each(places.map(|place| {
            let value = place.and_then(|place| record.get(place));
            value.cloned().unwrap_or(Value::Other)
        }));
    });
    Ok(damaged)
}

/// Names of the columns in "CREATE TABLE t (a TEXT, b INTEGER)". Those of constraints are among them; nobody asks for
/// those.
fn names(definition: &str) -> impl Iterator<Item = &str> {
    let inside = definition.split_once('(').map_or("", |(_, rest)| rest);
    let mut depth = 0_usize;
    let parts = inside.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(|part| {
        let name = part.split_whitespace().next().unwrap_or_default();
        name.trim_matches(['"', '\'', '`', '[', ']'])
    })
}

impl<'a> Pages<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        let header = bytes.get(..HEADER)?;
        let size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        // A page holds at least 480 usable bytes; texts are UTF-8.
        let usable = size.checked_sub(usize::from(header[20]))?;
        let utf8 = header[56..60] == [0, 0, 0, 1] || header[56..60] == [0; 4];
        let is_known = header.starts_with(b"SQLite format 3\0") && size.is_power_of_two();
        (is_known && utf8 && usable >= 480).then_some(Self {
            bytes,
            size,
            usable,
        })
    }

    fn page(&self, number: usize) -> Option<&'a [u8]> {
        let start = number.checked_sub(1)?.checked_mul(self.size)?;
        self.bytes.get(start..start.checked_add(self.usable)?)
    }

    /// Hands over the records of a table's tree; how many could not be read.
    fn each(&self, root: usize, each: &mut dyn FnMut(&[Value<'a>])) -> usize {
        let mut damaged = 0;
        let mut ahead = vec![(root, 0)];
        let mut left = PAGES.min(self.bytes.len() / self.size);
        while let Some((number, depth)) = ahead.pop() {
            let page = self.page(number).filter(|_| left > 0 && depth < DEPTH);
            let Some((content, tree)) = page.and_then(|page| Tree::of(page, number)) else {
                damaged += 1;
                continue;
            };
            left -= 1;
            if tree.kind == INNER {
                let children = tree.children(content);
                ahead.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
                continue;
            }
            for cell in tree.cells(content) {
                match cell.and_then(|cell| record(cell, self.usable)) {
                    Some(record) => each(&record),
                    None => damaged += 1,
                }
            }
        }
        damaged
    }
}

/// A page of a table's tree.
struct Tree<'a> {
    kind: u8,
    /// Where the cells are, two bytes each.
    pointers: &'a [u8],
    /// The last child of an inner page.
    last: usize,
}

impl<'a> Tree<'a> {
    /// The page and what its header says; `None` when it is no page of a table.
    fn of(page: &'a [u8], number: usize) -> Option<(&'a [u8], Self)> {
        let header = page.get(if number == 1 { HEADER } else { 0 }..)?;
        let kind = *header.first()?;
        let length = match kind {
            LEAF => 8,
            INNER => 12,
            _ => return None,
        };
        let count = usize::from(u16::from_be_bytes(*header.get(3..)?.first_chunk()?));
        let last = match kind {
            INNER => u32::from_be_bytes(*header.get(8..)?.first_chunk()?) as usize,
            _ => 0,
        };
        let pointers = header.get(length..length + count * 2)?;
        Some((
            page,
            Self {
                kind,
                pointers,
                last,
            },
        ))
    }

    fn cells(&self, page: &'a [u8]) -> impl Iterator<Item = Option<&'a [u8]>> {
        let pointers = self.pointers.as_chunks::<2>().0.iter();
        pointers.map(move |at| page.get(usize::from(u16::from_be_bytes(*at))..))
    }

    fn children(&self, page: &'a [u8]) -> Vec<usize> {
        let child = |cell: Option<&'a [u8]>| {
            let number = u32::from_be_bytes(*cell?.first_chunk()?);
            usize::try_from(number).ok()
        };
        let mut children: Vec<usize> = self.cells(page).filter_map(child).collect();
        children.push(self.last);
        children
    }
}

/// The values of a cell; `None` when they do not lie in it as a whole.
fn record(cell: &[u8], usable: usize) -> Option<Vec<Value<'_>>> {
    let (length, cell) = varint(cell)?;
    let (_key, cell) = varint(cell)?;
    let length = usize::try_from(length).ok()?;
    // What is longer goes on in other pages.
    let payload = cell.get(..length).filter(|_| length <= usable - 35)?;
    let (header, _) = varint(payload)?;
    let (mut kinds, mut content) = payload.split_at_checked(usize::try_from(header).ok()?)?;
    kinds = varint(kinds)?.1;
    let mut values = Vec::new();
    while !kinds.is_empty() {
        let (kind, rest) = varint(kinds)?;
        kinds = rest;
        let (value, rest) = value(kind, content)?;
        content = rest;
        values.push(value);
    }
    Some(values)
}

/// A value by its serial type.
fn value(kind: u64, content: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let length = match kind {
        0 | 8 | 9 => 0,
        1..=4 => usize::try_from(kind).ok()?,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((kind - 12) / 2).ok()?,
    };
    let (bytes, rest) = content.split_at_checked(length)?;
    let value = match kind {
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        1..=6 => Value::Integer(integer(bytes)),
        _ if kind >= 13 && kind % 2 == 1 => Value::Text(bytes),
        _ => Value::Other,
    };
    Some((value, rest))
}

/// A signed number of up to eight bytes.
fn integer(bytes: &[u8]) -> i64 {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let start = if is_negative { -1 } else { 0 };
    let add = |number: i64, byte: &u8| number << 8 | i64::from(*byte);
    bytes.iter().fold(start, add)
}

/// A number of up to nine bytes, seven bits each and all of the ninth.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        if index == 8 {
            return Some((number << 8 | u64::from(*byte), &bytes[9..]));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_every_length_are_read() {
        assert_eq!(varint(&[0x7f, 9]), Some((127, &[9][..])));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, &[][..])));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, &[][..])));
        assert_eq!(varint(&[0x80; 8]), None);
        assert_eq!(integer(&[0xff]), -1);
        assert_eq!(integer(&[0x01, 0x00]), 256);
        assert_eq!(integer(&(-5_i64).to_be_bytes()), -5);
    }

    #[test]
    fn columns_are_told_by_the_definition() {
        let text = "CREATE TABLE \"t\" (Name TEXT PRIMARY KEY, \"Time\" INTEGER CHECK (Time IN (1, 2)), TTY TEXT)";
        assert_eq!(names(text).collect::<Vec<_>>(), ["Name", "Time", "TTY"]);
    }

    #[test]
    fn what_is_no_database_is_said_to_be_none() {
        let read = |bytes: &[u8]| rows(bytes, "t", ["a"], |_| {});
        assert_eq!(read(b"SQLite format 3\0"), Err(DatabaseError::Form));
        assert_eq!(read(&[0; 4096]), Err(DatabaseError::Form));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes in proptest::collection::vec(any::<u8>(), 1024..5000), kind in 0..3_u8) {
            bytes[..18].copy_from_slice(b"SQLite format 3\0\x02\0");
            bytes[20] = 0;
            bytes[56..60].copy_from_slice(&[0, 0, 0, 1]);
            bytes[100] = [LEAF, INNER, 0][usize::from(kind)];
            bytes[103] = 0;
            let _ = rows(&bytes, "t", ["a", "b"], |_| {});
        }
    }
}
