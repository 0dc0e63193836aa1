//! `Defaults` lines.

use super::cursor::{Cursor, Parsed};
use super::name::Role;
use super::{Change, Defaults, DefaultsScope, Setting, command, name};

/// Parses what follows the word `Defaults`.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Defaults> {
    let scope = scope(cursor)?;
    let settings = cursor.list(setting)?;
    Ok(Defaults { scope, settings })
}

fn scope(cursor: &mut Cursor<'_>) -> Parsed<DefaultsScope> {
    let kind = cursor.peek();
    if matches!(kind, Some(b':' | b'>' | b'@' | b'!')) {
        cursor.skip(1);
    }
    Ok(match kind {
        Some(b':') => DefaultsScope::Users(name::list(cursor, Role::User)?),
        Some(b'>') => DefaultsScope::Runas(name::list(cursor, Role::User)?),
        Some(b'@') => DefaultsScope::Hosts(name::list(cursor, Role::Host)?),
        Some(b'!') => DefaultsScope::Commands(command::bare_list(cursor)?),
        _ => DefaultsScope::Everywhere,
    })
}

fn setting(cursor: &mut Cursor<'_>) -> Parsed<Setting> {
    let negated = cursor.negation();
    let name = cursor.run(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if name.is_empty() {
        return Err(cursor.unexpected("the name of a setting"));
    }
    let name = String::from_utf8_lossy(name).into_owned();
    cursor.skip_blanks();
    let change = match (negated, cursor.rest()) {
        (true, _) => Change::Off,
        (false, [b'=', ..]) => {
            cursor.skip(1);
            Change::Set(value(cursor)?)
        }
        (false, [b'+', b'=', ..]) => {
            cursor.skip(2);
            Change::Add(value(cursor)?)
        }
        (false, [b'-', b'=', ..]) => {
            cursor.skip(2);
            Change::Remove(value(cursor)?)
        }
        (false, _) => Change::On,
    };
    Ok(Setting { name, change })
}

fn value(cursor: &mut Cursor<'_>) -> Parsed<String> {
    cursor.skip_blanks();
    if cursor.peek() == Some(b'"') {
        let empty = cursor.problem("the quotes hold no value, so sudo ignores the entry");
        let text = name::quoted(cursor)?;
        return if text.is_empty() {
            Err(empty)
        } else {
            Ok(text)
        };
    }
    let mut text = Vec::new();
    loop {
        let first = text.is_empty();
        text.extend_from_slice(cursor.run(|byte| is_value(byte) && (byte != b'!' || !first)));
        match cursor.rest() {
            [b'\\', b'\n' | b'\r', ..] | [b'\\'] => break,
            [b'\\', byte, ..] => {
                text.push(*byte);
                cursor.skip(2);
            }
            _ => break,
        }
    }
    if text.is_empty() {
        return Err(cursor.unexpected("a value"));
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn is_value(byte: u8) -> bool {
    !matches!(
        byte,
        b'#' | b'=' | b',' | b' ' | b'\t' | b'\r' | b'\n' | b'\\' | b'"'
    )
}
