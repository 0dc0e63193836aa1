//! Processor time that a search in the background may take: a share of the time that passes, so that nobody notices
//! how much there is to be searched.

use std::time::{Duration, Instant};

/// At once when the agent has started: some 60,000 names, so that most computers are searched in one go.
const FIRST: Duration = Duration::from_millis(250);

/// Afterwards one part in so many of the time that passes. All that the agent does at rest shall take one in 5,000.
const SHARE: u32 = 48_000;

/// What may be saved up: that of ten minutes.
const MOST: Duration = Duration::from_micros(12_500);

/// What may still be taken.
#[derive(Debug)]
pub(super) struct Allowance {
    left: Duration,
    /// What was taken beyond it.
    owed: Duration,
    since: Instant,
}

impl Allowance {
    /// That of an agent that has just started.
    pub(super) fn first() -> Self {
        Self::of(FIRST)
    }

    /// So much, and from now on its share.
    pub(super) fn of(left: Duration) -> Self {
        Self {
            left,
            owed: Duration::ZERO,
            since: Instant::now(),
        }
    }

    /// What may be taken now.
    pub(super) fn at(&mut self, now: Instant) -> Duration {
        let earned = now.saturating_duration_since(self.since) / SHARE;
        self.since = now;
        let gained = earned.saturating_sub(self.owed);
        self.owed = self.owed.saturating_sub(earned);
        if self.left < MOST {
            self.left = (self.left + gained).min(MOST);
        }
        self.left
    }

    /// So much was taken, which a folder with very many names makes more than it should have been.
    pub(super) fn spend(&mut self, took: Duration) {
        self.owed += took.saturating_sub(self.left);
        self.left = self.left.saturating_sub(took);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn whatever_is_searched_takes_its_share_of_the_time_and_no_more() {
        let mut allowance = Allowance::first();
        let start = allowance.since;
        assert_eq!(allowance.at(start), FIRST);
        allowance.spend(FIRST);
        let mut taken = Duration::ZERO;
        for minute in 1..=600 {
            let left = allowance.at(start + MINUTE * minute);
            if !left.is_zero() {
                // A folder takes what it takes.
                let took = left + Duration::from_millis(30);
                allowance.spend(took);
                taken += took;
            }
        }
        let share = taken.as_secs_f64() / (MINUTE * 600).as_secs_f64();
        assert!((0.000_017..0.000_025).contains(&share), "{share}");
    }

    #[test]
    fn what_was_not_taken_is_not_saved_up_for_long() {
        let mut allowance = Allowance::first();
        let start = allowance.since;
        allowance.spend(FIRST);
        assert_eq!(allowance.at(start), Duration::ZERO);
        assert_eq!(allowance.at(start + MINUTE * 600), MOST);
    }
}
