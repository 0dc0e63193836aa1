//! A moment that a reader asks about.

use std::{fmt, time::Duration};

use time::{Date, PrimitiveDateTime, macros::format_description};

use crate::clock::UnixMillis;

/// When what is read shall have been true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// As it was last reported.
    #[default]
    Now,
    /// As it was known to be at a time that has passed and of which everything is kept.
    At(UnixMillis),
}

/// Why a moment cannot be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// The text is no time.
    #[error("this is not a day or a time: write one like 2026-03-03 or 2026-03-03T14:00 (UTC)")]
    NotATime,
    /// Not everything that was true then is kept.
    #[error("what computers reported is kept for {days} days: ask about a time after {since}")]
    NotKept {
        /// The first moment of which everything is kept.
        since: UnixMillis,
        /// How long it is kept.
        days: u64,
    },
}

impl Moment {
    /// Reads a day (its end is meant), a time of day in UTC, or an RFC 3339 time. What is still to come is not
    /// known, so now is meant then; so it is by nothing at all. `kept` is how long versions are kept.
    pub fn read(text: &str, now: UnixMillis, kept: Duration) -> Result<Self, MomentError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::Now);
        }
        Self::of(named_time(text).ok_or(MomentError::NotATime)?, now, kept)
    }

    /// The moment of a time; now for what is still to come. `kept` is how long versions are kept.
    pub fn of(at: UnixMillis, now: UnixMillis, kept: Duration) -> Result<Self, MomentError> {
        if at >= now {
            return Ok(Self::Now);
        }
        let since = now.minus(kept);
        if at < since {
            let days = kept.as_secs() / (24 * 60 * 60);
            return Err(MomentError::NotKept { since, days });
        }
        Ok(Self::At(at))
    }

    /// The time, unless it is now.
    pub fn at(self) -> Option<UnixMillis> {
        match self {
            Self::Now => None,
            Self::At(at) => Some(at),
        }
    }
}

impl fmt::Display for Moment {
    /// What [`Moment::read`] reads; nothing for now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => Ok(()),
            Self::At(at) => at.fmt(f),
        }
    }
}

/// The time that a text names: a day, of which the end is meant, a time of day in UTC, or an RFC 3339 time.
pub fn named_time(text: &str) -> Option<UnixMillis> {
    let text = text.trim();
    let day = format_description!("[year]-[month]-[day]");
    let minute = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let second = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    if let Ok(day) = Date::parse(text, day) {
        let end = day.midnight().assume_utc().unix_timestamp() + 24 * 60 * 60;
        return Some(UnixMillis(end * 1000 - 1));
    }
    // A form's own fields send no zone; whoever writes a time by hand may leave out the seconds alone.
    let plain = text.strip_suffix('Z').unwrap_or(text);
    let time = PrimitiveDateTime::parse(plain, minute)
        .or_else(|_| PrimitiveDateTime::parse(plain, second));
    match time {
        Ok(time) => Some(UnixMillis(time.assume_utc().unix_timestamp() * 1000)),
        Err(_) => UnixMillis::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    /// 15 January 2027, 08:00 UTC.
    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn read(text: &str) -> Result<Moment, MomentError> {
        Moment::read(text, NOW, 400 * DAY)
    }

    #[test]
    fn a_moment_is_read_from_days_and_times_and_written_so_that_it_is_read_again() {
        for (text, at) in [
            ("2027-01-14", "2027-01-14T23:59:59Z"),
            ("2027-01-14T14:00", "2027-01-14T14:00:00Z"),
            ("2027-01-14T14:00Z", "2027-01-14T14:00:00Z"),
            (" 2027-01-14T14:00:07 ", "2027-01-14T14:00:07Z"),
            ("2027-01-14T14:00:07.5+02:00", "2027-01-14T12:00:07Z"),
        ] {
            let moment = read(text).unwrap();
            assert_eq!(moment.to_string(), at, "{text}");
            assert_eq!(read(at).unwrap().to_string(), at);
        }
    }

    #[test]
    fn what_is_still_to_come_is_now() {
        for text in ["", " ", "2027-01-15", "2027-01-15T08:00", "9999-12-31"] {
            assert_eq!(read(text), Ok(Moment::Now), "{text}");
        }
    }

    #[test]
    fn what_is_not_kept_any_more_is_said_with_the_first_moment_that_is() {
        let since = NOW.minus(400 * DAY);
        let error = MomentError::NotKept { since, days: 400 };
        assert_eq!(read("2025-12-10"), Err(error));
        assert_eq!(read("-0044-03-15"), Err(error));
        assert!(read(&since.plus(DAY).to_string()).is_ok());
        assert!(error.to_string().contains("400 days"), "{error}");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "yesterday",
            "2027-02-30",
            "14:00",
            "2027-01-14T25:00",
            "<b>",
            "1",
        ] {
            assert_eq!(read(text), Err(MomentError::NotATime), "{text}");
        }
    }
}
