//! Dates of installation, in the forms that installers write them.

use time::{Date, Month};

use crate::rows::file_time;

/// When something was installed or last upgraded, in seconds since 1970. What its installer wrote counts; where
/// that is missing, or could be either of two days, the time the key was written, which Windows shows as well.
pub(super) fn installed(told: &str, written: Option<i64>) -> Option<i64> {
    let told = told.trim();
    let readings = if told.bytes().all(|byte| byte.is_ascii_digit()) {
        digits(told)
    } else {
        parted(told)
    };
    match readings[..] {
        [] => written,
        [only] => Some(only),
        _ => {
            let same_day =
                |reading: &&i64| written.is_some_and(|at| (at - **reading).abs() < 2 * DAY);
            readings.iter().find(same_day).copied().or(written)
        }
    }
}

/// When an update was installed: the American form, or a file time in hexadecimal.
pub(super) fn updated(told: &str) -> Option<i64> {
    if told.len() == 16
        && let Ok(ticks) = u64::from_str_radix(told, 16)
    {
        return file_time(ticks);
    }
    match numbers(told)?[..] {
        [month, day, year] if year > 31 => date(year, month, day),
        [year, month, day] => date(year, month, day),
        _ => None,
    }
}

const DAY: i64 = 24 * 60 * 60;

/// "20240229", as Windows documents it, or seconds since 1970.
fn digits(told: &str) -> Vec<i64> {
    let number = |range: std::ops::Range<usize>| told.get(range)?.parse::<u32>().ok();
    let reading = match told.len() {
        8 => (|| date(number(0..4)?, number(4..6)?, number(6..8)?))(),
        10 => told.parse().ok().filter(|seconds| is_plausible(*seconds)),
        _ => None,
    };
    Vec::from_iter(reading)
}

/// Year, month and day with something in between: what it can mean.
fn parted(told: &str) -> Vec<i64> {
    let readings = match numbers(told).as_deref() {
        Some(&[year, month, day]) if year > 31 => vec![date(year, month, day)],
        // A point stands between them where the day comes first.
        Some(&[day, month, year]) if told.contains('.') && month <= 12 => {
            vec![date(year, month, day)]
        }
        Some(&[one, other, year]) if one == other => vec![date(year, one, other)],
        Some(&[one, other, year]) => vec![date(year, one, other), date(year, other, one)],
        _ => Vec::new(),
    };
    readings.into_iter().flatten().collect()
}

/// The three numbers of a date; a time of the day behind it is passed over.
fn numbers(told: &str) -> Option<Vec<u32>> {
    let day = told.split([' ', 'T', ',']).next()?;
    let parts = day.split(['/', '-', '.']).filter(|part| !part.is_empty());
    let numbers: Vec<u32> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
    (numbers.len() == 3).then_some(numbers)
}

fn date(year: u32, month: u32, day: u32) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let year = i32::try_from(year).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    let seconds = date.midnight().assume_utc().unix_timestamp();
    is_plausible(seconds).then_some(seconds)
}

fn is_plausible(seconds: i64) -> bool {
    (315_532_800..4_102_444_800).contains(&seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const THIRD_OF_APRIL: i64 = 1_712_102_400;
    const FOURTH_OF_MARCH: i64 = 1_709_510_400;

    #[test]
    fn dates_are_read_in_the_forms_installers_write_them() {
        for told in [
            "20240403",
            "2024-04-03",
            "2024/04/03",
            "2024-04-03T10:15:00",
            "03.04.2024",
            "3.4.2024 10:15",
            "1712102400",
        ] {
            assert_eq!(installed(told, None), Some(THIRD_OF_APRIL), "{told}");
        }
        assert_eq!(installed("12/31/2023", None), installed("31/12/2023", None));
        assert!(installed("12/31/2023", None).is_some());
    }

    #[test]
    fn a_date_that_can_be_two_days_is_settled_by_the_keys_own_time() {
        assert_eq!(installed("03/04/2024", None), None);
        let noon = THIRD_OF_APRIL + 12 * 3600;
        assert_eq!(installed("03/04/2024", Some(noon)), Some(THIRD_OF_APRIL));
        let noon = FOURTH_OF_MARCH + 12 * 3600;
        assert_eq!(installed("03/04/2024", Some(noon)), Some(FOURTH_OF_MARCH));
        assert_eq!(
            installed("03/04/2024", Some(1_720_000_000)),
            Some(1_720_000_000)
        );
    }

    #[test]
    fn what_is_no_date_leaves_the_keys_own_time() {
        for told in [
            "",
            "gestern",
            "20241332",
            "00000000",
            "99999999",
            "2024",
            "令和6年4月3日",
            "1/2",
            "//",
        ] {
            assert_eq!(installed(told, Some(7)), Some(7), "{told}");
            assert_eq!(installed(told, None), None, "{told}");
        }
    }

    #[test]
    fn updates_have_american_dates_or_file_times() {
        assert_eq!(updated("3/4/2024"), Some(FOURTH_OF_MARCH));
        assert_eq!(
            updated("01da6dae50f6c000"),
            file_time(0x01da_6dae_50f6_c000)
        );
        assert!(updated("01da6dae50f6c000").is_some());
        assert_eq!(updated("20240304"), None);
        assert_eq!(updated(""), None);
    }
}
