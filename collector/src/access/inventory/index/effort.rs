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
    /// What whoever opens a page waits for: a dozen computers, and no longer than is felt for more of them. The rest is
    /// read soon, by the collector itself, and until then counted as unread.
    pub(in crate::access::inventory) const OF_A_PAGE: Self = Self {
        at_least: 12,
        at_most: 64,
        time: Duration::from_millis(10),
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
    fn a_page_waits_for_a_dozen_computers_and_no_longer_than_is_felt_for_more() {
        let page = Effort::OF_A_PAGE;
        assert!(page.allows(11, Duration::from_secs(10)));
        assert!(!page.allows(12, Duration::from_millis(11)));
        assert!(page.allows(63, Duration::from_millis(9)));
        assert!(!page.allows(64, Duration::ZERO));
        let ahead = Effort::of(50);
        assert!(ahead.allows(49, Duration::from_secs(10)));
        assert!(!ahead.allows(50, Duration::ZERO));
    }
}
