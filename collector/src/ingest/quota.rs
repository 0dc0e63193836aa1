//! What one machine may send in a day, so that a hostile one can neither fill the disk nor drown the
//! timeline. Beyond it the machine still gets through now and then, so that what is known of it does not
//! go stale for a day.

use std::time::Duration;

use super::{Limits, rejection::Rejection};
use crate::{clock::UnixMillis, store::record::PresenceRecord};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a machine has used of its day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) day: u32,
    pub(super) bytes: u64,
    pub(super) versions: u32,
    pub(super) changes: u32,
}

impl Usage {
    /// What a machine has used of the day that `now` is in.
    pub(super) fn of(record: &PresenceRecord, now: UnixMillis) -> Self {
        let day = day_of(now);
        if record.quota_day != day {
            return Self {
                day,
                ..Self::default()
            };
        }
        Self {
            day,
            bytes: record.quota_bytes,
            versions: record.quota_versions,
            changes: record.quota_changes,
        }
    }

    /// Notes it in the record.
    pub(super) fn keep(self, record: &mut PresenceRecord) {
        record.quota_day = self.day;
        record.quota_bytes = self.bytes;
        record.quota_versions = self.versions;
        record.quota_changes = self.changes;
    }

    /// Whether another version may be looked at. `last`: when one of this section last was.
    pub(super) fn admit(
        &self,
        limits: &Limits,
        bytes: usize,
        last: UnixMillis,
        now: UnixMillis,
    ) -> Result<(), Rejection> {
        let total = self.bytes.saturating_add(bytes as u64);
        let quota = if total > limits.bytes_a_day {
            "bytes"
        } else if self.versions >= limits.versions_a_day {
            "versions"
        } else {
            return Ok(());
        };
        let retry_after = if bytes > limits.drip_bytes {
            until_tomorrow(now)
        } else {
            match limits.drip.saturating_sub(now.since(last)) {
                Duration::ZERO => return Ok(()),
                rest => rest,
            }
        };
        Err(Rejection::OverQuota { quota, retry_after })
    }

    /// Whether the machine has used up its versions or bytes.
    pub(super) fn is_used_up(&self, limits: &Limits) -> bool {
        self.bytes > limits.bytes_a_day
            || self.versions >= limits.versions_a_day
            || self.changes >= limits.changes_a_day
    }

    /// Entries of the change log that the machine may still add.
    pub(super) fn room(&self, limits: &Limits) -> usize {
        limits.changes_a_day.saturating_sub(self.changes) as usize
    }

    /// Notes a version.
    pub(super) fn add_version(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.versions = self.versions.saturating_add(1);
    }

    /// Notes entries of the change log.
    pub(super) fn add_changes(&mut self, entries: usize) {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        self.changes = self.changes.saturating_add(entries);
    }
}

fn day_of(now: UnixMillis) -> u32 {
    u32::try_from(now.since(UnixMillis(0)).as_secs() / DAY.as_secs()).unwrap_or(u32::MAX)
}

fn until_tomorrow(now: UnixMillis) -> Duration {
    let today = now.since(UnixMillis(0)).as_secs() % DAY.as_secs();
    Duration::from_secs(DAY.as_secs() - today)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis(20_000 * 86_400_000 + 43_200_000);

    fn limits() -> Limits {
        Limits {
            bytes_a_day: 1000,
            versions_a_day: 3,
            changes_a_day: 10,
            drip: Duration::from_secs(600),
            drip_bytes: 100,
            ..Limits::default()
        }
    }

    #[test]
    fn within_its_quota_a_machine_is_admitted() {
        let mut usage = Usage::default();
        for _ in 0..3 {
            usage.admit(&limits(), 50, NOON, NOON).unwrap();
            usage.add_version(50);
        }
        let refused = usage.admit(&limits(), 50, NOON, NOON).unwrap_err();
        let retry_after = Duration::from_secs(600);
        assert_eq!(
            refused,
            Rejection::OverQuota {
                quota: "versions",
                retry_after
            }
        );
    }

    #[test]
    fn beyond_its_quota_a_machine_gets_through_now_and_then() {
        let mut usage = Usage::default();
        usage.add_version(2000);
        assert!(usage.is_used_up(&limits()));
        let earlier = NOON.minus(Duration::from_secs(601));
        usage.admit(&limits(), 50, earlier, NOON).unwrap();
        usage.admit(&limits(), 50, UnixMillis(0), NOON).unwrap();
        let refused = usage.admit(&limits(), 101, earlier, NOON).unwrap_err();
        let retry_after = Duration::from_secs(12 * 60 * 60);
        assert_eq!(
            refused,
            Rejection::OverQuota {
                quota: "bytes",
                retry_after
            }
        );
    }

    #[test]
    fn each_day_starts_anew() {
        let mut record = PresenceRecord::default();
        let mut usage = Usage::of(&record, NOON);
        usage.add_version(500);
        usage.add_changes(20);
        assert_eq!(usage.room(&limits()), 0);
        usage.keep(&mut record);
        assert_eq!(Usage::of(&record, NOON), usage);
        let tomorrow = Usage::of(&record, NOON.plus(DAY));
        assert_eq!((tomorrow.bytes, tomorrow.room(&limits())), (0, 10));
    }
}
