//! Takes out of rows what tells people, their equipment and their network from others.
//!
//! Texts are taken apart into words, so that a name is found in a path as well as alone. What has no shape of its own, such
//! as a person's name, must have been [learnt](Redaction::learn) from a row that says whose it is.

use std::{cell::RefCell, collections::BTreeMap, net::IpAddr};

use crate::rows::{Row, Value, utf16};

/// Values that are taken out as a whole, whatever is in them.
const PRIVATE: [&str; 16] = [
    "AltDefaultUserName",
    "Comment",
    "CreateTime",
    "DefaultDomainName",
    "DefaultUserName",
    "DigitalProductId",
    "FullName",
    "LastLoggedOnDisplayName",
    "LastLoggedOnUser",
    "ProductId",
    "RegisteredOrganization",
    "RegisteredOwner",
    "Serial",
    "SerialNumber",
    "TargetName",
    "UUID",
];

/// Values that hold a command line, of which the program is kept: what follows may be a secret.
const COMMANDS: [&str; 2] = ["Program", "ImagePath"];

/// Folders below `C:\Users` that are nobody's.
const NOBODYS: [&str; 5] = [
    "All Users",
    "Default",
    "Default User",
    "Public",
    "defaultuser0",
];

/// Identifiers of accounts that Windows makes begin below this; their names say nothing of people.
const FIRST_PERSON: u32 = 1000;

/// What stands for what.
#[derive(Debug, Default)]
pub(crate) struct Redaction {
    /// Names in small letters, and what stands for each.
    names: Vec<(Vec<char>, String)>,
    /// Other words.
    words: RefCell<BTreeMap<String, String>>,
}

impl Redaction {
    /// For a computer of these names: its own, that of its domain.
    pub(crate) fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redaction = Self::default();
        for name in names {
            redaction.learn_name("site", name);
        }
        redaction
    }

    /// Learns the names that a row tells: of accounts, of what they belong to, of their folders.
    pub(crate) fn learn(&mut self, row: &Row) {
        let sid = row.text("Sid");
        let ending = sid.rsplit('-').next().and_then(|rid| rid.parse().ok());
        let rid: Option<u32> = row.number("Rid").or(ending);
        let of_site = sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-");
        if row.number::<u32>("Rid").is_some() || of_site {
            let name = row.text("Name");
            let (authority, name) = name.rsplit_once('\\').unwrap_or(("", name));
            self.learn_name("site", authority);
            self.learn_name("site", row.text("Domain"));
            // The computer itself is told with a SID that has no number of an account behind it.
            if sid.matches('-').count() == 6 {
                self.learn_name("site", name);
            } else if rid.is_none_or(|rid| rid >= FIRST_PERSON) {
                self.learn_name("person", name);
                self.learn_name("person", row.text("FullName"));
            }
        }
        let texts: Vec<_> = row
            .values()
            .flat_map(|(_, value)| texts_of(value))
            .collect();
        for text in texts {
            for owner in owners(&text) {
                self.learn_name("person", &owner);
            }
        }
    }

    /// Takes everything private out of a row.
    pub(crate) fn redact(&self, row: &mut Row) {
        row.name = self.text(&row.name);
        for (name, value) in &mut row.values {
            let is = |names: &[&str]| names.iter().any(|one| one.eq_ignore_ascii_case(name));
            if is(&PRIVATE) {
                self.blank(value);
                continue;
            }
            if is(&COMMANDS)
                && let Value::Text(text) = value
            {
                text.truncate(program(text).len());
            }
            self.value(value);
        }
    }

    /// A text without what is private in it.
    pub(crate) fn text(&self, text: &str) -> String {
        let text = self.without_names(text);
        let mut clean = String::with_capacity(text.len());
        for piece in text.split_inclusive(is_border) {
            let word = piece.trim_end_matches(is_border);
            clean.push_str(&self.word(word));
            clean.push_str(&piece[word.len()..]);
        }
        clean
    }

    fn learn_name(&mut self, kind: &str, name: &str) {
        let small: Vec<char> = name.trim().chars().flat_map(char::to_lowercase).collect();
        let is_known = self.names.iter().any(|(known, _)| *known == small);
        let built_in = ["builtin", "nt authority", "nt service"];
        if small.is_empty() || is_known || built_in.contains(&String::from_iter(&small).as_str()) {
            return;
        }
        let stand_in = format!("{kind}-{}", self.names.len() + 1);
        self.names.push((small, stand_in));
        // The longest first: "anna-pc" before "anna".
        self.names
            .sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    }

    fn without_names(&self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let small: Vec<char> = letters
            .iter()
            .map(|letter| letter.to_lowercase().next().unwrap_or(*letter))
            .collect();
        let mut clean = String::with_capacity(text.len());
        let mut at = 0;
        while at < letters.len() {
            let begins = at == 0 || !letters[at - 1].is_alphanumeric();
            let found = self.names.iter().find(|(name, _)| {
                let end = at + name.len();
                begins
                    && small.get(at..end) == Some(name.as_slice())
                    && letters.get(end).is_none_or(|next| !next.is_alphanumeric())
            });
            if let Some((name, stand_in)) = found {
                clean.push_str(stand_in);
                at += name.len();
            } else {
                clean.push(letters[at]);
                at += 1;
            }
        }
        clean
    }

    /// What stands for a word that has the shape of an address or an identifier.
    fn word(&self, word: &str) -> String {
        if let Some(rest) = word.strip_prefix("S-1-5-21-") {
            let (authority, rid) = match rest.match_indices('-').nth(2) {
                Some((at, _)) => rest.split_at(at),
                None => (rest, ""),
            };
            let number = self.number("sid", authority);
            return format!("S-1-5-21-{number}-{number}-{number}{rid}");
        }
        if word.starts_with("S-1-12-1-") {
            let number = self.number("entra", word);
            return format!("S-1-12-1-{number}-{number}-{number}-{number}");
        }
        if let Ok(address) = word.parse::<IpAddr>() {
            return self.address(address);
        }
        if is_hardware_address(word) {
            let number = self.number("mac", &word.to_lowercase());
            return format!(
                "02:00:00:00:{:02x}:{:02x}",
                number / 256 % 256,
                number % 256
            );
        }
        if word
            .split_once('@')
            .is_some_and(|(who, at)| !who.is_empty() && !at.is_empty())
        {
            return format!("someone-{}@example.invalid", self.number("mail", word));
        }
        word.to_owned()
    }

    fn address(&self, address: IpAddr) -> String {
        if address.is_loopback() || address.is_unspecified() || address.is_multicast() {
            return address.to_string();
        }
        let number = self.number("address", &address.to_string());
        match address {
            IpAddr::V4(_) => format!("192.0.2.{}", number % 256),
            IpAddr::V6(_) => format!("2001:db8::{number:x}"),
        }
    }

    /// The number that stands for a word among those of its kind.
    fn number(&self, kind: &str, word: &str) -> usize {
        let mut words = self.words.borrow_mut();
        let next = words.keys().filter(|key| key.starts_with(kind)).count() + 1;
        let stand_in = words
            .entry(format!("{kind} {word}"))
            .or_insert_with(|| next.to_string());
        stand_in.parse().unwrap_or(next)
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::Text(text) => *text = self.text(text),
            Value::List(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Bytes(bytes) => *bytes = self.file(bytes),
            Value::Number(_) | Value::Flag(_) | Value::TooLong(_) => {}
        }
    }

    /// A file without what is private in it. One that is no text is not kept.
    fn file(&self, bytes: &[u8]) -> Vec<u8> {
        let Some((text, is_wide)) = readable(bytes) else {
            return Vec::new();
        };
        let text = self.text(&without_arguments(&text));
        if is_wide {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            return units.flat_map(u16::to_le_bytes).collect();
        }
        text.into_bytes()
    }

    fn blank(&self, value: &mut Value) {
        match value {
            Value::Text(text) if !text.is_empty() => {
                *text = format!("taken-out-{}", self.number("private", text));
            }
            Value::List(values) => values.iter_mut().for_each(|value| self.blank(value)),
            Value::Bytes(bytes) => bytes.fill(0),
            Value::Number(number) => *number = 0,
            Value::Text(_) | Value::Flag(_) | Value::TooLong(_) => {}
        }
    }
}

fn is_border(letter: char) -> bool {
    letter.is_whitespace() || "\\/\"'<>(),;=[]{}|%&".contains(letter)
}

fn is_hardware_address(word: &str) -> bool {
    let parts: Vec<_> = word.split([':', '-']).collect();
    let is_byte =
        |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.len() == 6 && parts.iter().all(is_byte)
}

/// The program of a command line, with what encloses it.
fn program(line: &str) -> &str {
    let end = match line.strip_prefix('"') {
        Some(rest) => rest.find('"').map(|at| at + 2),
        None => line.to_ascii_lowercase().find(".exe").map(|at| at + 4),
    };
    end.and_then(|end| line.get(..end)).unwrap_or(line)
}

/// Names of the folders of people in a text.
fn owners(text: &str) -> Vec<String> {
    const PLACE: &str = r":\users\";
    let small = text.to_ascii_lowercase();
    let places = small.match_indices(PLACE);
    let names = places.filter_map(|(at, _)| text[at + PLACE.len()..].split(['\\', '"']).next());
    let is_nobodys = |name: &str| NOBODYS.iter().any(|one| one.eq_ignore_ascii_case(name));
    let names = names.filter(|name| !is_nobodys(name) && name.len() < 256);
    names.map(str::to_owned).collect()
}

fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.clone()],
        Value::List(values) => values.iter().flat_map(texts_of).collect(),
        Value::Bytes(bytes) => readable(bytes).into_iter().map(|(text, _)| text).collect(),
        Value::Number(_) | Value::Flag(_) | Value::TooLong(_) => Vec::new(),
    }
}

/// A file as text, and whether it is UTF-16.
fn readable(bytes: &[u8]) -> Option<(String, bool)> {
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        let (pairs, _) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        return Some((utf16(&units), true));
    }
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    (!text.contains('\0')).then_some((text, false))
}

/// A scheduled task without the arguments of its programs: they may be secrets.
fn without_arguments(text: &str) -> String {
    let (open, close) = ("<Arguments>", "</Arguments>");
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        clean.push_str(before);
        clean.push_str(open);
        rest = after.find(close).map_or("", |at| &after[at..]);
    }
    clean.push_str(rest);
    clean
}
