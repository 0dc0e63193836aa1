//! When to try again.

use std::time::Duration;

/// Exponential back-off with full jitter: after each failure in a row the next try comes at a random
/// time within a window that doubles up to a limit. Randomness is handed in, so that this is a pure type.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
}

impl Backoff {
    /// The window is `first` after one failure and never longer than `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            failures: 0,
        }
    }

    /// Notes a failure. `floor` is what the other side asked for; the jitter comes on top of it.
    /// `random` lies in 0.0..1.0.
    pub fn failed(&mut self, floor: Duration, random: f64) -> Duration {
        let factor = 2_u32.saturating_pow(self.failures);
        self.failures = self.failures.saturating_add(1);
        let window = self.first.saturating_mul(factor).min(self.longest);
        floor.saturating_add(window.mul_f64(random.clamp(0.0, 1.0)))
    }

    /// Notes a success: the next failure is the first again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_window_doubles_up_to_its_limit_and_starts_over_after_a_success() {
        let mut backoff = Backoff::new(SECOND, 5 * SECOND);
        let windows: Vec<_> = (0..5)
            .map(|_| backoff.failed(Duration::ZERO, 1.0))
            .collect();
        assert_eq!(
            windows,
            [SECOND, 2 * SECOND, 4 * SECOND, 5 * SECOND, 5 * SECOND]
        );
        backoff.succeeded();
        assert_eq!(backoff.failed(Duration::ZERO, 1.0), SECOND);
    }

    #[test]
    fn the_jitter_is_full_and_lies_on_top_of_what_the_collector_asked_for() {
        let mut backoff = Backoff::new(4 * SECOND, 60 * SECOND);
        assert_eq!(backoff.clone().failed(Duration::ZERO, 0.0), Duration::ZERO);
        assert_eq!(backoff.clone().failed(9 * SECOND, 0.0), 9 * SECOND);
        assert_eq!(backoff.failed(9 * SECOND, 0.5), 11 * SECOND);
    }

    #[test]
    fn a_million_failures_overflow_nothing() {
        let mut backoff = Backoff::new(SECOND, Duration::MAX);
        backoff.failures = u32::MAX;
        assert!(backoff.failed(Duration::MAX, 0.5) > SECOND);
    }
}
