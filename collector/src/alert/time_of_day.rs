//! Times of day, as the clock on the wall of the collector's computer shows them.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, tz::TimeZone};

use crate::clock::UnixMillis;

const DAY: u32 = 24 * 60;

/// Minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u32);

/// The text is no time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Write times of day like 07:30.")]
pub struct InvalidTimeOfDay;

impl TimeOfDay {
    /// As stored; `None` when there is no such minute.
    pub(super) fn from_minutes(minutes: u32) -> Option<Self> {
        (minutes < DAY).then_some(Self(minutes))
    }

    /// As stored.
    pub(super) fn minutes(self) -> u32 {
        self.0
    }
}

impl FromStr for TimeOfDay {
    type Err = InvalidTimeOfDay;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hours, minutes) = text.trim().split_once(':').ok_or(InvalidTimeOfDay)?;
        let number = |digits: &str, most: u32| {
            let is_plain =
                (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            let number = is_plain.then(|| digits.parse::<u32>().ok()).flatten();
            number
                .filter(|number| *number <= most)
                .ok_or(InvalidTimeOfDay)
        };
        Ok(Self(number(hours, 23)? * 60 + number(minutes, 59)?))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A moment as the wall shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OnTheWall {
    /// Days since 1970-01-01.
    pub(super) day: i64,
    /// The time of that day.
    pub(super) time: TimeOfDay,
}

impl OnTheWall {
    /// A moment in a time zone. One that no calendar knows counts as the first there is.
    pub(super) fn at(now: UnixMillis, zone: &TimeZone) -> Self {
        let moment = Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH);
        let offset = i64::from(zone.to_offset(moment).seconds());
        let seconds = moment.as_second().saturating_add(offset);
        let minutes = u32::try_from(seconds.rem_euclid(24 * 60 * 60) / 60).unwrap_or(0);
        Self {
            day: seconds.div_euclid(24 * 60 * 60),
            time: TimeOfDay(minutes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_as_they_are_shown() {
        for text in ["00:00", "07:30", "23:59"] {
            let time: TimeOfDay = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(TimeOfDay::from_minutes(time.minutes()), Some(time));
        }
        assert_eq!("7:05".parse::<TimeOfDay>().unwrap().to_string(), "07:05");
        for text in [
            "", "7", "24:00", "12:60", "-1:00", "+7:00", "1:2:3", "12:5x", "123:00",
        ] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
        assert_eq!(TimeOfDay::from_minutes(DAY), None);
    }

    #[test]
    fn the_wall_follows_summer_time() {
        let Ok(zone) = TimeZone::get("Europe/Berlin") else {
            eprintln!("NOT TESTED: summer time needs the tables of time zones (package tzdata)");
            return;
        };
        let at = |text| {
            OnTheWall::at(UnixMillis::parse(text).unwrap(), &zone)
                .time
                .to_string()
        };
        assert_eq!(at("2026-01-15T06:30:00Z"), "07:30");
        assert_eq!(at("2026-07-15T06:30:00Z"), "08:30");
        let late = OnTheWall::at(UnixMillis::parse("2026-07-15T22:30:00Z").unwrap(), &zone);
        let early = OnTheWall::at(UnixMillis::parse("2026-07-15T20:30:00Z").unwrap(), &zone);
        assert_eq!(late.day, early.day + 1);
        assert_eq!(late.time.to_string(), "00:30");
    }
}
