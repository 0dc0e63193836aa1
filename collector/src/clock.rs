//! The collector's clock, which tests and the demo can move.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// This time plus a duration, saturating.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// This time minus a duration, saturating.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// How long after `earlier` this is; zero when it is not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// What `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let format = time::format_description::well_known::Rfc3339;
        let at = time::OffsetDateTime::parse(text, &format).ok()?;
        Some(Self(at.unix_timestamp().checked_mul(1000)?))
    }

    /// As a system time.
    pub fn system_time(self) -> SystemTime {
        match u64::try_from(self.0) {
            Ok(after) => UNIX_EPOCH + Duration::from_millis(after),
            Err(_) => UNIX_EPOCH - Duration::from_millis(self.0.unsigned_abs()),
        }
    }

    /// The time of the schema's timestamp, to the millisecond; `None` when it is out of every range.
    pub fn of_timestamp(at: &prost_types::Timestamp) -> Option<Self> {
        let millis = at.seconds.checked_mul(1000)?;
        millis
            .checked_add(i64::from(at.nanos) / 1_000_000)
            .map(Self)
    }

    /// As the schema's timestamp.
    pub fn timestamp(self) -> prost_types::Timestamp {
        prost_types::Timestamp {
            seconds: self.0.div_euclid(1000),
            nanos: i32::try_from(self.0.rem_euclid(1000)).unwrap_or(0) * 1_000_000,
        }
    }
}

impl fmt::Display for UnixMillis {
    /// RFC 3339 in UTC, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format =
            time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        let text = time::OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1000))
            .ok()
            .and_then(|at| at.format(format).ok());
        f.write_str(text.as_deref().unwrap_or("an unknown time"))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Where the collector gets the time from. Clones share an offset, which tests and the demo set.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// Now.
    pub fn now(&self) -> UnixMillis {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        UnixMillis(millis(since).saturating_add(self.offset.load(Ordering::Relaxed)))
    }

    /// A clock that is so much behind the system's, to be moved through the time between.
    pub fn behind(by: Duration) -> Self {
        let clock = Self::system();
        clock.offset.store(-millis(by), Ordering::Relaxed);
        clock
    }

    /// Moves the clock to a moment, but never back.
    pub fn move_to(&self, moment: UnixMillis) {
        self.advance(moment.since(self.now()));
    }

    /// Lets a clock that was behind show the system's time.
    pub fn catch_up(&self) {
        self.offset.store(0, Ordering::Relaxed);
    }

    /// Moves the clock forward, for tests of expiry and renewal.
    pub fn advance(&self, by: Duration) {
        self.offset.fetch_add(millis(by), Ordering::Relaxed);
    }
}
