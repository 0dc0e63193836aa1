//! Commands: what may be run, as whom, under which conditions.

use crate::order;

use super::cursor::{Cursor, Parsed};
use super::name::Role;
use super::option::options;
use super::program::{arguments, path};
use super::{Command, CommandMember, CommandSpec, FileDigest, Runas, Tag, TagKind, name};

/// Algorithms of checksums and their length in bytes.
const DIGESTS: [(&str, usize); 4] = [
    ("sha224", 28),
    ("sha256", 32),
    ("sha384", 48),
    ("sha512", 64),
];

/// The commands of a grant, each completed from the one before it.
pub(super) fn specs(cursor: &mut Cursor<'_>) -> Parsed<Vec<CommandSpec>> {
    let mut specs = cursor.list(spec)?;
    for at in 1..specs.len() {
        let (before, spec) = specs.split_at_mut(at);
        inherit(&mut spec[0], &before[at - 1]);
    }
    Ok(specs)
}

/// The commands of an alias.
pub(super) fn list(cursor: &mut Cursor<'_>) -> Parsed<Vec<CommandMember>> {
    cursor.list(member)
}

/// The commands of `Defaults!`: without arguments and checksums, ended by a blank.
pub(super) fn bare_list(cursor: &mut Cursor<'_>) -> Parsed<Vec<CommandMember>> {
    cursor.list(|cursor| {
        let negated = cursor.negation();
        let command = match cursor.peek() {
            Some(b'/' | b'^') => Command::Program {
                path: path(cursor)?,
                arguments: None,
            },
            _ => word(cursor)?.unwrap_or_else(|built_in| Command::Program {
                path: built_in,
                arguments: None,
            }),
        };
        Ok(CommandMember {
            negated,
            digests: Vec::new(),
            command,
        })
    })
}

fn spec(cursor: &mut Cursor<'_>) -> Parsed<CommandSpec> {
    cursor.skip_blanks();
    let runas = if cursor.eat(b'(') {
        Some(runas(cursor)?)
    } else {
        None
    };
    Ok(CommandSpec {
        runas,
        options: options(cursor)?,
        tags: tags(cursor),
        command: member(cursor)?,
    })
}

fn inherit(spec: &mut CommandSpec, before: &CommandSpec) {
    if spec.runas.is_none() {
        spec.runas.clone_from(&before.runas);
    }
    // ALL implies SETENV, so it takes over neither SETENV nor NOSETENV and hands none on.
    let implied = spec.command.command == Command::All && !spec.command.negated;
    for tag in &before.tags {
        if implied && tag.kind == TagKind::SetEnv {
            continue;
        }
        if !spec.tags.iter().any(|other| other.kind == tag.kind) {
            spec.tags.push(*tag);
        }
    }
    order::sort_by_key(&mut spec.tags, |tag| tag.kind);
    for option in &before.options {
        if !spec.options.iter().any(|other| other.kind == option.kind) {
            spec.options.push(option.clone());
        }
    }
    order::sort_by_key(&mut spec.options, |option| option.kind);
}

fn runas(cursor: &mut Cursor<'_>) -> Parsed<Runas> {
    let mut runas = Runas::default();
    cursor.skip_blanks();
    if !matches!(cursor.peek(), Some(b':' | b')')) {
        runas.users = name::list(cursor, Role::User)?;
    }
    cursor.skip_blanks();
    if cursor.eat(b':') {
        cursor.skip_blanks();
        // Users and a colon want groups; a colon alone means nobody else.
        if cursor.peek() != Some(b')') || !runas.users.is_empty() {
            runas.groups = name::list(cursor, Role::Group)?;
        }
    }
    cursor.expect(b')', "\")\"")?;
    Ok(runas)
}

fn tags(cursor: &mut Cursor<'_>) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    loop {
        cursor.skip_blanks();
        let word = leading_word(cursor.rest());
        let after = &cursor.rest()[word.len()..];
        let blanks = after
            .iter()
            .take_while(|&&byte| byte == b' ' || byte == b'\t')
            .count();
        let (Some(tag), Some(b':')) = (tag(word), after.get(blanks)) else {
            order::sort_by_key(&mut tags, |tag| tag.kind);
            return tags;
        };
        cursor.skip(word.len() + blanks + 1);
        tags.retain(|other| other.kind != tag.kind);
        tags.push(tag);
    }
}

fn tag(word: &[u8]) -> Option<Tag> {
    let find = |word: &[u8]| {
        let mut kinds = TagKind::ALL.iter().copied();
        kinds.find(|kind| kind.word().as_bytes() == word)
    };
    if let Some(kind) = find(word) {
        return Some(Tag { kind, on: true });
    }
    let kind = find(word.strip_prefix(b"NO")?)?;
    Some(Tag { kind, on: false })
}

/// The word of upper-case letters at the beginning of a text.
pub(super) fn leading_word(rest: &[u8]) -> &[u8] {
    let end = rest
        .iter()
        .position(|byte| !(byte.is_ascii_uppercase() || *byte == b'_'));
    &rest[..end.unwrap_or(rest.len())]
}

fn member(cursor: &mut Cursor<'_>) -> Parsed<CommandMember> {
    cursor.skip_blanks();
    let digests = digests(cursor)?;
    let negated = cursor.negation();
    let place = cursor.problem("a checksum cannot be that of an alias, so sudo ignores the entry");
    let command = match cursor.peek() {
        Some(b'/' | b'^') => {
            let place = cursor.problem(
                "\"sudoedit\" is not to be written with a path, so sudo ignores the entry",
            );
            let path = path(cursor)?;
            if path.ends_with("/sudoedit") && !path.starts_with('^') {
                return Err(place);
            }
            let arguments = if path.ends_with('/') && !path.starts_with('^') {
                None
            } else {
                arguments(cursor)?
            };
            Command::Program { path, arguments }
        }
        _ => match word(cursor)? {
            Ok(command) => command,
            Err(path) => Command::Program {
                path,
                arguments: arguments(cursor)?,
            },
        },
    };
    if !digests.is_empty() && matches!(command, Command::Alias(_)) {
        return Err(place);
    }
    Ok(CommandMember {
        negated,
        digests,
        command,
    })
}

/// `ALL`, an alias, or, as the inner error, the name of a built-in command.
fn word(cursor: &mut Cursor<'_>) -> Parsed<Result<Command, String>> {
    let place = cursor.unexpected("a command with its full path, an alias or ALL");
    match name::word(cursor) {
        Some(word) if word.plain && word.text == "ALL" => Ok(Ok(Command::All)),
        Some(word) if word.plain && name::is_alias(&word.text) => Ok(Ok(Command::Alias(word.text))),
        Some(word) if word.plain && matches!(word.text.as_str(), "sudoedit" | "list") => {
            Ok(Err(word.text))
        }
        _ => Err(place),
    }
}

fn digests(cursor: &mut Cursor<'_>) -> Parsed<Vec<FileDigest>> {
    let mut digests = Vec::new();
    loop {
        cursor.skip_blanks();
        let rest = cursor.rest();
        let known = DIGESTS
            .iter()
            .find(|(name, _)| rest.starts_with(name.as_bytes()));
        let Some(&(algorithm, length)) = known else {
            return if digests.is_empty() {
                Ok(digests)
            } else {
                Err(cursor.unexpected("a checksum"))
            };
        };
        cursor.skip(algorithm.len());
        cursor.expect(b':', "\":\"")?;
        cursor.skip_blanks();
        let place = cursor.problem(format!(
            "the {algorithm} checksum has another length, so sudo ignores the entry"
        ));
        let value =
            cursor.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        if !is_digest(value, length) {
            return Err(place);
        }
        digests.push(FileDigest {
            algorithm,
            value: String::from_utf8_lossy(value).into_owned(),
        });
        cursor.skip_blanks();
        if !cursor.eat(b',') {
            return Ok(digests);
        }
    }
}

/// Whether a text is as long as a checksum of some bytes in hexadecimal or base64.
fn is_digest(text: &[u8], bytes: usize) -> bool {
    if text.iter().all(u8::is_ascii_hexdigit) && text.len() == 2 * bytes {
        return true;
    }
    match text.last() {
        Some(b'=') => text.len() == bytes.div_ceil(3) * 4,
        Some(_) => text.len() == (4 * bytes).div_ceil(3),
        None => false,
    }
}
