//! Names of users, groups and hosts, and lists of them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::cursor::{Cursor, Parsed};
use super::{Member, Name};

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Users who may, or whom commands run as.
    User,
    /// Computers.
    Host,
    /// Groups that commands run with.
    Group,
}

impl Role {
    fn what(self) -> &'static str {
        match self {
            Self::User => "a user",
            Self::Host => "a host",
            Self::Group => "a group",
        }
    }

    /// Whether a name can stand in such a list.
    pub(super) fn accepts(self, name: &Name) -> bool {
        match name {
            Name::All | Name::Alias(_) | Name::Plain(_) | Name::Id(_) => true,
            Name::Group(_) | Name::GroupId(_) | Name::DirectoryGroup(_) => self == Self::User,
            Name::Netgroup(_) => self != Self::Group,
            Name::Network(_) => self == Self::Host,
        }
    }
}

/// A list of at least one name.
pub(super) fn list(cursor: &mut Cursor<'_>, role: Role) -> Parsed<Vec<Member>> {
    cursor.list(|cursor| {
        let negated = cursor.negation();
        let place = cursor.unexpected(role.what());
        let name = name(cursor, role.what())?;
        if !role.accepts(&name) {
            return Err(place);
        }
        Ok(Member { negated, name })
    })
}

fn name(cursor: &mut Cursor<'_>, what: &str) -> Parsed<Name> {
    match cursor.peek() {
        Some(b'"') => {
            let place = cursor.problem("the quotes hold no name, so sudo ignores the entry");
            let text = quoted(cursor)?;
            of_quoted(text).ok_or(place)
        }
        Some(b'%') => group(cursor),
        Some(b'+') => {
            cursor.skip(1);
            let name = word(cursor).ok_or_else(|| cursor.unexpected("the name of a netgroup"))?;
            Ok(Name::Netgroup(name.text))
        }
        Some(b'#') => {
            let id = id(cursor).ok_or_else(|| cursor.unexpected(what))?;
            Ok(Name::Id(id))
        }
        Some(b'/') => Err(cursor.unexpected(what)),
        _ => plain(cursor).ok_or_else(|| cursor.unexpected(what)),
    }
}

fn plain(cursor: &mut Cursor<'_>) -> Option<Name> {
    if let Some(length) = ipv6(cursor.rest()) {
        let text = String::from_utf8_lossy(&cursor.rest()[..length]).into_owned();
        cursor.skip(length);
        return Some(Name::Network(text));
    }
    let word = word(cursor)?;
    Some(match word {
        Word { text, plain: true } if text == "ALL" => Name::All,
        Word { text, plain: true } if is_alias(&text) => Name::Alias(text),
        Word { text, .. } if is_ipv4(&text) => Name::Network(text),
        Word { text, .. } => Name::Plain(text),
    })
}

fn group(cursor: &mut Cursor<'_>) -> Parsed<Name> {
    cursor.skip(1);
    let directory = cursor.eat(b':');
    let id = (cursor.peek() == Some(b'#')).then(|| id(cursor)).flatten();
    if let Some(id) = id {
        return Ok(if directory {
            Name::DirectoryGroup(format!("#{id}"))
        } else {
            Name::GroupId(id)
        });
    }
    let name = word(cursor).ok_or_else(|| cursor.unexpected("the name of a group"))?;
    Ok(if directory {
        Name::DirectoryGroup(name.text)
    } else {
        Name::Group(name.text)
    })
}

/// Within quotes "%", "%:" and "+" keep their meaning, everything else is plain.
fn of_quoted(text: String) -> Option<Name> {
    let name = match text.as_bytes() {
        [] | [b'%' | b'+'] | [b'%', b':'] => return None,
        [b'%', b':', ..] => Name::DirectoryGroup(text[2..].to_owned()),
        [b'%', b'#', digits @ ..] if super::super::colon::decimal::<i64>(digits).is_some() => {
            Name::GroupId(super::super::colon::decimal(digits)?)
        }
        [b'%', ..] => Name::Group(text[1..].to_owned()),
        [b'+', ..] => Name::Netgroup(text[1..].to_owned()),
        _ => Name::Plain(text),
    };
    Some(name)
}

/// `#1000`, `#-1`; consumes nothing when there is no number.
fn id(cursor: &mut Cursor<'_>) -> Option<i64> {
    let rest = cursor.rest().strip_prefix(b"#")?;
    let sign = usize::from(rest.first() == Some(&b'-'));
    let digits = rest[sign..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let number = std::str::from_utf8(&rest[..sign + digits])
        .ok()?
        .parse()
        .ok()?;
    cursor.skip(1 + sign + digits);
    Some(number)
}

/// A word, backslashes resolved.
pub(super) struct Word {
    pub(super) text: String,
    /// It was written without backslashes, so that it can be a keyword.
    pub(super) plain: bool,
}

/// Takes a word; `None` when there is none.
pub(super) fn word(cursor: &mut Cursor<'_>) -> Option<Word> {
    let (mut text, mut plain) = (Vec::new(), true);
    loop {
        text.extend_from_slice(cursor.run(is_word));
        match cursor.rest() {
            [b'\\', b'\t' | b'\n', ..] | [b'\\', b'\r', b'\n', ..] => break,
            [b'\\', b'x', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                text.push(hex(*high) << 4 | hex(*low));
                cursor.skip(4);
            }
            [b'\\', b' ', ..] if text.is_empty() && cursor.joined().is_some() => break,
            [b'\\', byte, ..] => {
                text.push(*byte);
                cursor.skip(2);
            }
            _ => break,
        }
        plain = false;
    }
    (!text.is_empty()).then(|| Word {
        text: String::from_utf8_lossy(&text).into_owned(),
        plain,
    })
}

fn is_word(byte: u8) -> bool {
    !matches!(
        byte,
        b'#' | b'>'
            | b'!'
            | b'='
            | b':'
            | b','
            | b'('
            | b')'
            | b' '
            | b'\t'
            | b'\r'
            | b'\n'
            | b'\\'
            | b'"'
    )
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

/// Takes a string between double quotes. A backslash protects a quote and joins lines.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let start = cursor.problem("the quote is never closed, so sudo ignores the entry");
    cursor.skip(1);
    let mut text = Vec::new();
    loop {
        text.extend_from_slice(cursor.run(|byte| !matches!(byte, b'"' | b'\\' | b'\r' | b'\n')));
        match cursor.rest() {
            [b'"', ..] => {
                cursor.skip(1);
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
            [b'\\', b'"', ..] => {
                text.push(b'"');
                cursor.skip(2);
            }
            [b'\\', ..] => {
                if let Some(length) = cursor.joined() {
                    cursor.next_line(length);
                    cursor.run(|byte| byte == b' ' || byte == b'\t');
                } else {
                    text.push(b'\\');
                    cursor.skip(1);
                }
            }
            _ => return Err(start),
        }
    }
}

/// Whether a word has the shape of an alias.
pub(super) fn is_alias(word: &str) -> bool {
    let mut bytes = word.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_uppercase())
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a word is an IPv4 address, with a mask or the length of a prefix.
pub(super) fn is_ipv4(word: &str) -> bool {
    let (address, mask) = word.split_once('/').unwrap_or((word, "32"));
    address.parse::<Ipv4Addr>().is_ok()
        && (mask.parse::<Ipv4Addr>().is_ok() || mask.parse::<u8>().is_ok_and(|bits| bits <= 32))
}

/// Length of an IPv6 address, with a mask or the length of a prefix, at the beginning of a text.
fn ipv6(text: &[u8]) -> Option<usize> {
    let is_part = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let length = text.iter().take_while(is_part).count();
    if !text[..length].contains(&b':') {
        return None;
    }
    let address = std::str::from_utf8(&text[..length]).ok()?;
    address.parse::<Ipv6Addr>().ok()?;
    if text.get(length) != Some(&b'/') {
        return Some(length);
    }
    let mask = text[length + 1..].iter().take_while(is_part).count();
    let mask = std::str::from_utf8(&text[length + 1..length + 1 + mask]).ok()?;
    let valid =
        mask.parse::<u8>().is_ok_and(|bits| bits <= 128) || mask.parse::<Ipv6Addr>().is_ok();
    valid.then_some(length + 1 + mask.len())
}
