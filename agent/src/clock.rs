//! How old something is, however wrong the machine's clock is.
//!
//! Within one boot an age is the difference of a counter that nobody can set and that runs on while the
//! machine sleeps. Across boots only the wall clock is left; for each boot the time at which it began is
//! remembered as the clock last told it, so that a clock set right after a start also corrects what was
//! collected before.

use std::time::{Duration, SystemTime};

#[cfg_attr(target_os = "linux", path = "clock/linux.rs")]
#[cfg_attr(windows, path = "clock/windows.rs")]
#[cfg_attr(not(any(target_os = "linux", windows)), path = "clock/unsupported.rs")]
mod counter;

/// Boots that are remembered; a snapshot from an earlier one falls back to its own wall clock.
const BOOTS: usize = 64;
/// A clock that moves by less than this is being steered, not set.
const STEP_MS: u64 = 2_000;

/// A point in time as a machine knows it.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Moment {
    /// Random identifier of the boot.
    #[prost(bytes = "vec", tag = "1")]
    pub boot: Vec<u8>,
    /// Milliseconds since that boot, sleep included.
    #[prost(uint64, tag = "2")]
    pub since_boot_ms: u64,
    /// Milliseconds since 1970-01-01 UTC by the machine's clock, right or wrong.
    #[prost(int64, tag = "3")]
    pub wall_ms: i64,
}

/// When the boots of a machine began, as its clock last told it.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Boots {
    /// Oldest first.
    #[prost(message, repeated, tag = "1")]
    entries: Vec<Boot>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
struct Boot {
    #[prost(bytes = "vec", tag = "1")]
    id: Vec<u8>,
    #[prost(int64, tag = "2")]
    began_wall_ms: i64,
}

impl Moment {
    /// This very moment.
    pub fn now() -> Self {
        Self {
            boot: counter::boot().to_vec(),
            since_boot_ms: counter::since_boot().as_millis() as u64,
            wall_ms: wall_ms(SystemTime::now()),
        }
    }

    fn began_wall_ms(&self) -> i64 {
        self.wall_ms.saturating_sub_unsigned(self.since_boot_ms)
    }
}

impl Boots {
    /// Notes what the clock says now about the current boot. True when that differs from before.
    pub fn observe(&mut self, now: &Moment) -> bool {
        let began = now.began_wall_ms();
        if let Some(known) = self.entries.iter_mut().find(|boot| boot.id == now.boot) {
            let moved = known.began_wall_ms.abs_diff(began) >= STEP_MS;
            if moved {
                known.began_wall_ms = began;
            }
            return moved;
        }
        if self.entries.len() >= BOOTS {
            self.entries.remove(0);
        }
        self.entries.push(Boot {
            id: now.boot.clone(),
            began_wall_ms: began,
        });
        true
    }

    /// Time between two moments of this machine; never negative, and never less than is certain.
    pub fn age(&self, then: &Moment, now: &Moment) -> Duration {
        if then.boot == now.boot {
            return Duration::from_millis(now.since_boot_ms.saturating_sub(then.since_boot_ms));
        }
        let by_clock = self.wall_of(now).saturating_sub(self.wall_of(then));
        let by_clock = u64::try_from(by_clock).unwrap_or(0);
        Duration::from_millis(by_clock.max(now.since_boot_ms))
    }

    /// When a moment was by the wall clock, corrected by what its boot learned later.
    fn wall_of(&self, moment: &Moment) -> i64 {
        self.entries
            .iter()
            .find(|boot| boot.id == moment.boot)
            .map_or(moment.wall_ms, |boot| {
                boot.began_wall_ms
                    .saturating_add_unsigned(moment.since_boot_ms)
            })
    }
}

/// Milliseconds since 1970-01-01 UTC, negative before.
pub(crate) fn wall_ms(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;
    const YEAR: i64 = 365 * 24 * 3_600_000;

    fn moment(boot: u8, since_boot_ms: u64, wall_ms: i64) -> Moment {
        Moment {
            boot: vec![boot; 16],
            since_boot_ms,
            wall_ms,
        }
    }

    fn boots(moments: &[&Moment]) -> Boots {
        let mut boots = Boots::default();
        for moment in moments {
            boots.observe(moment);
        }
        boots
    }

    #[test]
    fn within_a_boot_the_wall_clock_has_no_say() {
        let then = moment(1, HOUR, 5 * YEAR);
        let now = moment(1, 3 * HOUR, -YEAR);
        let age = boots(&[&then, &now]).age(&then, &now);
        assert_eq!(age, Duration::from_millis(2 * HOUR));
    }

    #[test]
    fn across_boots_the_wall_clock_decides() {
        let then = moment(1, HOUR, 50 * YEAR);
        let now = moment(2, HOUR, 50 * YEAR + 10 * HOUR.cast_signed());
        assert_eq!(
            boots(&[&then, &now]).age(&then, &now),
            Duration::from_millis(10 * HOUR)
        );
    }

    #[test]
    fn a_clock_set_right_later_corrects_what_came_before() {
        let collected = moment(1, HOUR, 0);
        let corrected = moment(1, 2 * HOUR, 50 * YEAR);
        let rebooted = moment(2, HOUR, 50 * YEAR + 5 * HOUR.cast_signed());
        let boots = boots(&[&collected, &corrected, &rebooted]);
        assert_eq!(
            boots.age(&collected, &rebooted),
            Duration::from_millis(6 * HOUR)
        );
    }

    #[test]
    fn a_clock_that_went_back_never_makes_an_age_shorter_than_the_uptime() {
        let then = moment(1, HOUR, 50 * YEAR);
        let now = moment(2, 4 * HOUR, 0);
        assert_eq!(
            boots(&[&then, &now]).age(&then, &now),
            Duration::from_millis(4 * HOUR)
        );
    }

    #[test]
    fn only_a_clock_that_was_set_is_news() {
        let mut boots = Boots::default();
        assert!(boots.observe(&moment(1, 1000, 1000)));
        assert!(!boots.observe(&moment(1, 2000, 2900)));
        assert!(boots.observe(&moment(1, 3000, 99_000)));
    }

    #[test]
    fn the_machine_s_own_counter_runs() {
        let then = Moment::now();
        std::thread::sleep(Duration::from_millis(20));
        let now = Moment::now();
        assert_eq!(then.boot, now.boot);
        assert!(Boots::default().age(&then, &now) >= Duration::from_millis(15));
    }
}
