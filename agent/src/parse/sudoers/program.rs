//! Paths and arguments of commands.

use super::cursor::{Cursor, Parsed};

/// A path, or a regular expression between "^" and "$".
pub(super) fn path(cursor: &mut Cursor<'_>) -> Parsed<String> {
    if cursor.peek() == Some(b'^') {
        return regular_expression(cursor);
    }
    let mut path = Vec::new();
    loop {
        path.extend_from_slice(cursor.run(|byte| {
            !matches!(
                byte,
                b',' | b':' | b'=' | b'\\' | b' ' | b'\t' | b'\r' | b'\n' | b'#'
            )
        }));
        match cursor.rest() {
            [
                b'\\',
                byte @ (b',' | b':' | b'=' | b' ' | b'\t' | b'#' | b'\\'),
                ..,
            ] if cursor.joined().is_none() => {
                path.push(*byte);
                cursor.skip(2);
            }
            _ => break,
        }
    }
    if path.len() < 2 {
        return Err(cursor.unexpected("the rest of a path"));
    }
    Ok(String::from_utf8_lossy(&path).into_owned())
}

fn regular_expression(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let place =
        cursor.problem("the regular expression is not ended by \"$\", so sudo ignores the entry");
    let mut text = Vec::new();
    loop {
        match cursor.rest() {
            [b'\\', byte, ..] if !matches!(byte, b'\r' | b'\n') => {
                text.extend_from_slice(&[b'\\', *byte]);
                cursor.skip(2);
            }
            [b'$', ..] => {
                text.push(b'$');
                cursor.skip(1);
                return Ok(String::from_utf8_lossy(&text).into_owned());
            }
            [] | [b'#' | b'\r' | b'\n' | b'\\', ..] => return Err(place),
            [byte, ..] => {
                text.push(*byte);
                cursor.skip(1);
            }
        }
    }
}

/// The arguments after a path; `None` where there are none, which allows any.
pub(super) fn arguments(cursor: &mut Cursor<'_>) -> Parsed<Option<String>> {
    let mut text = Vec::new();
    let mut blank = false;
    loop {
        blank |= cursor.skip_blanks();
        let rest = cursor.rest();
        let (piece, length): (&[u8], usize) = match rest {
            [b'^', ..] if text.is_empty() => return Ok(Some(regular_expression(cursor)?)),
            [b'\\', b'*' | b'?' | b'[' | b']' | b'!' | b'^', ..] => (&rest[..2], 2),
            [b'\\', b':' | b'\\' | b',' | b'=' | b' ' | b'\t' | b'#', ..] => (&rest[1..2], 2),
            [b'\\', ..] => {
                let reason = "the backslash protects nothing, so sudo ignores the entry";
                return Err(cursor.problem(reason));
            }
            _ => {
                let run = &rest[..rest
                    .iter()
                    .position(|&byte| !is_argument(byte))
                    .unwrap_or(rest.len())];
                if run.is_empty() || run == b"=" {
                    break;
                }
                (run, run.len())
            }
        };
        if blank && !text.is_empty() {
            text.push(b' ');
        }
        blank = false;
        text.extend_from_slice(piece);
        cursor.skip(length);
    }
    Ok((!text.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned()))
}

fn is_argument(byte: u8) -> bool {
    !matches!(
        byte,
        b'#' | b'\\' | b':' | b',' | b' ' | b'\t' | b'\r' | b'\n'
    )
}
