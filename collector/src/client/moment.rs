//! The moment that is asked about, as somebody writes it.

use prost_types::Timestamp;

use crate::{
    clock::{Clock, UnixMillis},
    history::{MomentError, named_time},
};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Reads a day, of which the end is meant, or a time.
pub(super) fn read(text: &str) -> Result<UnixMillis, MomentError> {
    named_time(text).ok_or(MomentError::NotATime)
}

/// As a collector is asked. By today what there is now is meant.
pub(super) fn asked(at: Option<UnixMillis>) -> Option<Timestamp> {
    asked_at(at, Clock::system().now())
}

fn asked_at(at: Option<UnixMillis>, now: UnixMillis) -> Option<Timestamp> {
    let at = at?;
    let is_end_of_day = (at.0 + 1).rem_euclid(DAY) == 0;
    let is_today = is_end_of_day && at > now && at.0 - DAY < now.0;
    (!is_today).then(|| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_today_now_is_meant_and_by_tomorrow_what_is_refused() {
        let now = read("2026-03-03T14:00").unwrap();
        let asked = |text| asked_at(Some(read(text).unwrap()), now);
        assert_eq!(asked("2026-03-03"), None);
        assert!(asked("2026-03-02").is_some());
        assert!(asked("2026-03-04").is_some(), "a collector refuses it");
        assert!(asked("2026-03-03T15:00").is_some());
        assert_eq!(asked_at(None, now), None);
        assert_eq!(read("yesterday"), Err(MomentError::NotATime));
    }
}
