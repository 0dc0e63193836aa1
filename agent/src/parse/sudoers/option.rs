//! Options of a command, such as `CWD=/srv`, and the values they take.

use crate::order;

use super::cursor::{Cursor, Parsed};
use super::{OptionKind, SpecOption, name};

/// The longest timeout, in seconds.
const LONGEST: u64 = i32::MAX as u64;

/// The options before a command, each once: the last one counts.
pub(super) fn options(cursor: &mut Cursor<'_>) -> Parsed<Vec<SpecOption>> {
    let mut options: Vec<SpecOption> = Vec::new();
    loop {
        cursor.skip_blanks();
        let Some(kind) = kind(cursor.rest()) else {
            order::sort_by_key(&mut options, |option| option.kind);
            return Ok(options);
        };
        cursor.skip(kind.word().len());
        cursor.expect(b'=', "\"=\"")?;
        cursor.skip_blanks();
        let value = value(cursor, kind)?;
        options.retain(|other| other.kind != kind);
        options.push(SpecOption { kind, value });
    }
}

fn kind(rest: &[u8]) -> Option<OptionKind> {
    let word = super::command::leading_word(rest);
    let kind = OptionKind::ALL
        .iter()
        .find(|kind| kind.word().as_bytes() == word)?;
    let after = rest[word.len()..].trim_ascii_start();
    after.starts_with(b"=").then_some(*kind)
}

fn value(cursor: &mut Cursor<'_>, kind: OptionKind) -> Parsed<String> {
    if matches!(kind, OptionKind::Cwd | OptionKind::Chroot) {
        return directory(cursor);
    }
    let place = cursor.unexpected(match kind {
        OptionKind::Timeout => "a length of time such as 5m",
        OptionKind::NotBefore | OptionKind::NotAfter => "a time such as 20300131120000Z",
        _ => "a value",
    });
    let text = if cursor.peek() == Some(b'"') {
        name::quoted(cursor)?
    } else {
        name::word(cursor).map(|word| word.text).unwrap_or_default()
    };
    let valid = match kind {
        OptionKind::Timeout => timeout(&text).is_some(),
        OptionKind::NotBefore | OptionKind::NotAfter => time(&text).is_some(),
        _ => !text.is_empty(),
    };
    if valid { Ok(text) } else { Err(place) }
}

/// A path, one below a home folder, or "*" for any.
fn directory(cursor: &mut Cursor<'_>) -> Parsed<String> {
    let place = cursor.unexpected("a directory with its full path, \"~\" or \"*\"");
    let mut path = Vec::new();
    loop {
        path.extend_from_slice(cursor.run(|byte| {
            !matches!(
                byte,
                b',' | b':' | b'=' | b'\\' | b' ' | b'\t' | b'\r' | b'\n' | b'#'
            )
        }));
        match cursor.rest() {
            [b'\\', byte, ..] if cursor.joined().is_none() => {
                path.push(*byte);
                cursor.skip(2);
            }
            _ => break,
        }
    }
    match path.as_slice() {
        [b'/' | b'~', ..] | [b'*'] => Ok(String::from_utf8_lossy(&path).into_owned()),
        _ => Err(place),
    }
}

/// A length of time in seconds: numbers with units from days to seconds, in that order.
pub fn timeout(text: &str) -> Option<u64> {
    const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
    let (mut total, mut first, mut rest) = (0_u64, 0, text);
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let number: u64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let seconds = match rest.chars().next() {
            None => 1,
            Some(c) => {
                let unit = c.to_ascii_lowercase();
                let at = UNITS.iter().position(|(name, _)| *name == unit)?;
                // A larger unit does not follow a smaller one.
                if at < first {
                    return None;
                }
                first = at;
                rest = &rest[c.len_utf8()..];
                UNITS[at].1
            }
        };
        total = total.checked_add(number.checked_mul(seconds)?)?;
    }
    (!text.is_empty() && total <= LONGEST).then_some(total)
}

/// A point in time, in seconds since 1970-01-01 UTC: year to hour, then perhaps minute, second, a fraction
/// and a zone. Numbers beyond their range count on, as in sudo. Without a zone it is taken as UTC.
pub fn time(text: &str) -> Option<i64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, mut rest) = text.split_at(end);
    if !matches!(digits.len(), 10 | 12 | 14) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        digits
            .get(from..to)
            .map_or(Some(0), |text| text.parse().ok())
    };
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let seconds = days(number(0, 4)?, number(4, 6)?, number(6, 8)?) * 86_400
        + number(8, 10)? * 3_600
        + number(10, 12)? * 60
        + number(12, 14)?;
    Some(seconds - zone(rest)?)
}

/// Seconds that a zone is ahead of UTC.
fn zone(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.strip_prefix(['+', '-'])?;
    let is_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) = match digits.len() {
        2 if is_digits => (digits, "0"),
        4 if is_digits => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(sign * (hours * 3_600 + minutes * 60))
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    // Years begin in March, so that a leap day is the last of its year.
    let month = (month - 1).rem_euclid(12) + 1;
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each as `cvtsudoers` of sudo 1.9.13 has it.
    #[test]
    fn times_are_read_as_sudo_reads_them() {
        for (text, expected) in [
            ("19700101000000Z", Some(0)),
            ("2025010100Z", Some(1_735_689_600)),
            ("202501010000", Some(1_735_689_600)),
            ("20250101000000.5+0100", Some(1_735_686_000)),
            ("20250101000000-0130", Some(1_735_695_000)),
            ("20251301000000Z", Some(1_767_225_600)),
            ("20250100000000Z", Some(1_735_603_200)),
            ("20240229000000Z", Some(1_709_164_800)),
            ("20250101", None),
            ("20250101001Z", None),
            ("20250101000000z", None),
            ("20250101000000+1", None),
            ("20250101000000Zx", None),
            ("", None),
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
    }

    #[test]
    fn lengths_of_time_are_read_as_sudo_reads_them() {
        for (text, expected) in [
            ("5", Some(5)),
            ("0", Some(0)),
            ("1d2h3m4s", Some(93_784)),
            ("5M", Some(300)),
            ("5s4", Some(9)),
            ("1d1d", Some(172_800)),
            ("2147483647", Some(2_147_483_647)),
            ("2147483648", None),
            ("1h1d", None),
            ("5x", None),
            ("5ms", None),
            ("+5", None),
            ("", None),
        ] {
            assert_eq!(timeout(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text: String, likely in "[0-9]{0,20}[dhmsZ+.-]{0,3}[0-9]{0,20}") {
            for text in [text, likely] {
                time(&text);
                timeout(&text);
            }
        }
    }
}
