//! Files and their entries.

use super::super::problem::{self, Problem};
use super::cursor::{Cursor, Parsed};
use super::name::Role;
use super::{Alias, AliasList, Entry, EntryKind, Grant, Rule, Sudoers, command, defaults, name};

/// Words that begin a list of aliases.
const ALIASES: [(&str, AliasKind); 5] = [
    ("User_Alias", AliasKind::Users),
    ("Runas_Alias", AliasKind::Runas),
    ("Host_Alias", AliasKind::Hosts),
    ("Cmnd_Alias", AliasKind::Commands),
    ("Cmd_Alias", AliasKind::Commands),
];

/// Words that look like aliases but are not.
const RESERVED: [&str; 8] = [
    "ALL",
    "CHROOT",
    "CWD",
    "NOTAFTER",
    "NOTBEFORE",
    "ROLE",
    "TIMEOUT",
    "TYPE",
];

#[derive(Clone, Copy)]
enum AliasKind {
    Users,
    Runas,
    Hosts,
    Commands,
}

/// Parses a file.
pub(super) fn file(text: &str) -> Sudoers {
    let mut cursor = Cursor::new(text);
    let mut sudoers = Sudoers::default();
    while cursor.peek().is_some() {
        if let Err(problem) = entry(&mut cursor, &mut sudoers.entries) {
            problem::keep(&mut sudoers.problems, problem);
        }
        cursor.skip_entry();
    }
    sudoers
}

/// Parses one entry up to the end of its line. An alias before a broken one on the same line holds.
fn entry(cursor: &mut Cursor<'_>, entries: &mut Vec<Entry>) -> Parsed<()> {
    if let Some(directory) = hash_include(cursor) {
        return include(cursor, directory, entries);
    }
    cursor.skip_blanks();
    if cursor.at_end() {
        return Ok(());
    }
    let line = cursor.line();
    let word = leading_word(cursor.rest());
    match word {
        b"@include" | b"@includedir" => {
            cursor.skip(word.len());
            return include(cursor, word == b"@includedir", entries);
        }
        b"Defaults" => {
            cursor.skip(word.len());
            let defaults = defaults::parse(cursor)?;
            end(cursor)?;
            let kind = EntryKind::Defaults(defaults);
            entries.push(Entry { line, kind });
            return Ok(());
        }
        _ => {}
    }
    if let Some(&(_, kind)) = ALIASES.iter().find(|(name, _)| name.as_bytes() == word) {
        cursor.skip(word.len());
        return aliases(cursor, kind, entries);
    }
    let rule = rule(cursor)?;
    let kind = EntryKind::Rule(rule);
    entries.push(Entry { line, kind });
    Ok(())
}

fn rule(cursor: &mut Cursor<'_>) -> Parsed<Rule> {
    let users = name::list(cursor, Role::User)?;
    let mut grants = Vec::new();
    loop {
        let hosts = name::list(cursor, Role::Host)?;
        cursor.expect(b'=', "\"=\"")?;
        let commands = command::specs(cursor)?;
        grants.push(Grant { hosts, commands });
        cursor.skip_blanks();
        if !cursor.eat(b':') {
            end(cursor)?;
            return Ok(Rule { users, grants });
        }
    }
}

fn aliases(cursor: &mut Cursor<'_>, kind: AliasKind, entries: &mut Vec<Entry>) -> Parsed<()> {
    loop {
        cursor.skip_blanks();
        let line = cursor.line();
        let name = alias_name(cursor)?;
        cursor.expect(b'=', "\"=\"")?;
        let list = match kind {
            AliasKind::Users => AliasList::Users(name::list(cursor, Role::User)?),
            AliasKind::Runas => AliasList::Runas(name::list(cursor, Role::User)?),
            AliasKind::Hosts => AliasList::Hosts(name::list(cursor, Role::Host)?),
            AliasKind::Commands => AliasList::Commands(command::list(cursor)?),
        };
        let kind = EntryKind::Alias(Alias { name, list });
        entries.push(Entry { line, kind });
        cursor.skip_blanks();
        if !cursor.eat(b':') {
            return end(cursor);
        }
    }
}

fn alias_name(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let place: Problem = cursor.unexpected("the name of an alias in upper-case letters");
    match name::word(cursor) {
        Some(word)
            if word.plain
                && name::is_alias(&word.text)
                && !RESERVED.contains(&word.text.as_str()) =>
        {
            Ok(word.text)
        }
        _ => Err(place),
    }
}

fn end(cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.skip_blanks();
    if cursor.at_end() {
        return Ok(());
    }
    Err(cursor.unexpected("the end of the line"))
}

/// Skips `#include` or `#includedir` at the very beginning of a line; whether a directory is meant.
fn hash_include(cursor: &mut Cursor<'_>) -> Option<bool> {
    if !cursor.at_line_start() {
        return None;
    }
    for (word, directory) in [(&b"#includedir"[..], true), (b"#include", false)] {
        let rest = cursor.rest().strip_prefix(word);
        if matches!(rest, Some([b' ' | b'\t', ..])) {
            cursor.skip(word.len());
            return Some(directory);
        }
    }
    None
}

fn include(cursor: &mut Cursor<'_>, directory: bool, entries: &mut Vec<Entry>) -> Parsed<()> {
    let line = cursor.line();
    cursor.skip_blanks();
    let path = match cursor.peek() {
        Some(b'"') => name::quoted(cursor)?,
        _ => bare_path(cursor),
    };
    if path.is_empty() {
        return Err(cursor.unexpected("the path of a file"));
    }
    end(cursor)?;
    let kind = EntryKind::Include { path, directory };
    entries.push(Entry { line, kind });
    Ok(())
}

/// A path up to the next blank; a backslash protects a blank.
fn bare_path(cursor: &mut Cursor<'_>) -> String {
    let mut path = Vec::new();
    loop {
        path.extend_from_slice(cursor.run(|byte| !byte.is_ascii_whitespace() && byte != b'\\'));
        match cursor.rest() {
            [b'\\', byte, ..] if !matches!(byte, b'\r' | b'\n') && cursor.joined().is_none() => {
                path.push(*byte);
                cursor.skip(2);
            }
            _ => return String::from_utf8_lossy(&path).into_owned(),
        }
    }
}

/// The word at the beginning of a text, as far as keywords can reach.
fn leading_word(rest: &[u8]) -> &[u8] {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let sign = usize::from(rest.first() == Some(&b'@'));
    let end = rest[sign..].iter().position(|byte| !is_part(byte));
    &rest[..end.map_or(rest.len(), |end| sign + end)]
}
