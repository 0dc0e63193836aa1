//! Points in time as products print them.

use time::{Date, Month, PrimitiveDateTime, Time};

/// Seconds since 1970-01-01 UTC: of "2024-03-29", "2024-03-29T05:24:00Z", "2024-May-18 11:30:00", or a
/// number of seconds or milliseconds since 1970. A time without a zone is taken as UTC: it is off by
/// hours, where days matter.
pub fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return number(text);
    }
    let (day, rest) = match text.find([' ', 'T']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let date = date(day)?;
    let time = clock(rest);
    Some(
        PrimitiveDateTime::new(date, time)
            .assume_utc()
            .unix_timestamp(),
    )
}

/// Seconds, or milliseconds where seconds would be thousands of years away.
fn number(digits: &str) -> Option<i64> {
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        9 | 10 => Some(number),
        12 | 13 => Some(number / 1000),
        _ => None,
    }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let month = match month.parse::<u8>() {
        Ok(number) => Month::try_from(number).ok()?,
        Err(_) => named(month)?,
    };
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn named(name: &str) -> Option<Month> {
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let start = name.get(..3)?.to_ascii_lowercase();
    let place = NAMES.iter().position(|known| *known == start)?;
    Month::try_from(place as u8 + 1).ok()
}

/// Hours, minutes and seconds; midnight where they make no sense.
fn clock(text: &str) -> Time {
    let mut parts = text.split(|c: char| !c.is_ascii_digit());
    let mut next = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    Time::from_hms(next(), next(), next()).unwrap_or(Time::MIDNIGHT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_of_every_make_are_read() {
        assert_eq!(seconds("2024-03-29"), Some(1_711_670_400));
        assert_eq!(seconds("2024-03-29T05:24:01Z"), Some(1_711_689_841));
        assert_eq!(seconds("2024-Mar-29 05:24:01"), Some(1_711_689_841));
        assert_eq!(seconds("1711689841"), Some(1_711_689_841));
        assert_eq!(seconds("1711689841123"), Some(1_711_689_841));
        for none in ["", "never", "7", "2024-13-01", "unknown", "2024-03-29-1"] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC*") {
            seconds(&text);
        }

        #[test]
        fn a_printed_day_is_read_again(day in 0_i64..40_000) {
            let at = time::OffsetDateTime::from_unix_timestamp(day * 86_400).unwrap();
            prop_assert_eq!(seconds(&at.date().to_string()), Some(day * 86_400));
        }
    }
}
