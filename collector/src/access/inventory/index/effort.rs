//! How long whoever asks waits for the index.

use std::time::Duration;

/// How much is read at once: some machines in any case, more of them while there is time.
#[derive(Clone, Copy, Debug)]
pub(in crate::access::inventory) struct Effort {
    at_least: usize,
    at_most: usize,
    time: Duration,
}

impl Effort {
    /// What whoever opens a page waits for: all of a small business, and nothing that is felt. The rest is read soon, by
    /// the collector itself.
    pub(in crate::access::inventory) const OF_A_PAGE: Self = Self {
        at_least: 24,
        at_most: 64,
        time: Duration::from_millis(30),
    };

    /// As long as it takes to read so many machines.
    pub(in crate::access::inventory) const fn of(machines: usize) -> Self {
        Self {
            at_least: machines,
            at_most: machines,
            time: Duration::ZERO,
        }
    }

    /// Whether one more is read, after so many and so long.
    pub(super) fn allows(self, read: usize, taken: Duration) -> bool {
        read < self.at_least || (read < self.at_most && taken < self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_waits_for_a_small_business_and_no_longer_than_is_felt_for_a_large_one() {
        let page = Effort::OF_A_PAGE;
        assert!(page.allows(23, Duration::from_secs(10)));
        assert!(!page.allows(24, Duration::from_millis(31)));
        assert!(page.allows(63, Duration::from_millis(29)));
        assert!(!page.allows(64, Duration::ZERO));
        let ahead = Effort::of(50);
        assert!(ahead.allows(49, Duration::from_secs(10)));
        assert!(!ahead.allows(50, Duration::ZERO));
    }
}
