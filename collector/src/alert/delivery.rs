//! Messages on their way: when they are tried again, and when no more.

use std::time::Duration;

use crate::{
    clock::UnixMillis,
    store::record::{DeliveryChannel, DeliveryRecord},
};

/// How long a message is tried.
const PATIENCE: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// Shortest and longest time between two attempts.
const SOON: Duration = Duration::from_secs(30);
const LATE: Duration = Duration::from_secs(60 * 60);

/// Longest problem that is kept, in characters.
const PROBLEM: usize = 300;

/// A message, as it is shown: without what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Which way it goes.
    pub channel: DeliveryChannel,
    /// What it is.
    pub about: String,
    /// When it was made.
    pub created_at: UnixMillis,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is tried for the first time.
    Waiting,
    /// It arrived.
    Delivered(UnixMillis),
    /// It is tried again.
    Retrying {
        /// Why the last attempt failed.
        problem: String,
        /// When.
        next_at: UnixMillis,
    },
    /// It is not tried any more.
    GivenUp {
        /// Why.
        problem: String,
    },
}

/// Why a message did not arrive.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(super) struct Undelivered {
    pub(super) problem: String,
    /// Trying again would not help.
    pub(super) is_final: bool,
}

impl Undelivered {
    pub(super) fn for_now(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            is_final: false,
        }
    }
}

impl Delivery {
    pub(super) fn of(record: &DeliveryRecord) -> Self {
        let problem = record.problem.clone();
        let outcome = match (record.delivered_at, record.next_at) {
            (0, 0) => Outcome::GivenUp { problem },
            (0, _) if record.attempts == 0 => Outcome::Waiting,
            (0, next_at) => Outcome::Retrying {
                problem,
                next_at: UnixMillis(next_at),
            },
            (at, _) => Outcome::Delivered(UnixMillis(at)),
        };
        Self {
            channel: record.channel(),
            about: record.about.clone(),
            created_at: UnixMillis(record.created_at),
            outcome,
        }
    }
}

/// The record after an attempt. What a message said is forgotten as soon as it is not needed any more.
pub(super) fn after(
    record: &DeliveryRecord,
    attempt: Result<(), Undelivered>,
    now: UnixMillis,
) -> DeliveryRecord {
    let mut record = record.clone();
    record.attempts = record.attempts.saturating_add(1);
    match attempt {
        Ok(()) => {
            record.delivered_at = now.0.max(1);
            record.problem.clear();
            record.next_at = 0;
        }
        Err(undelivered) => {
            record.problem = crate::dashboard::plain(&undelivered.problem)
                .chars()
                .take(PROBLEM)
                .collect();
            let age = now.since(UnixMillis(record.created_at));
            let is_over = undelivered.is_final || age >= PATIENCE;
            record.next_at = if is_over {
                0
            } else {
                now.plus(pause(record.attempts)).0
            };
        }
    }
    if record.next_at == 0 {
        record.subject.clear();
        record.body.clear();
    }
    record
}

/// The pause after an attempt: twice as long each time, with some chance in it.
fn pause(attempts: u32) -> Duration {
    let longest = LATE.min(SOON * 2_u32.saturating_pow(attempts.saturating_sub(1).min(16)));
    longest.mul_f64(rand::random_range(0.75..1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn record() -> DeliveryRecord {
        DeliveryRecord {
            channel: DeliveryChannel::Mail.into(),
            about: "1 finding".into(),
            subject: "subject".into(),
            body: "body".into(),
            created_at: NOW.0,
            next_at: NOW.0,
            ..DeliveryRecord::default()
        }
    }

    #[test]
    fn an_attempt_that_failed_is_repeated_ever_later_until_it_is_given_up() {
        let mut record = record();
        let (mut now, mut last) = (NOW, Duration::ZERO);
        while record.next_at != 0 {
            let pause = UnixMillis(record.next_at).since(now);
            assert!(
                pause <= LATE && pause.as_secs_f64() >= last.as_secs_f64() * 0.7,
                "{pause:?}"
            );
            last = pause;
            now = UnixMillis(record.next_at);
            record = after(
                &record,
                Err(Undelivered::for_now("no answer\u{202e}\r\n")),
                now,
            );
            assert!(record.attempts < 100);
        }
        assert!(now.since(NOW) >= PATIENCE);
        assert_eq!((record.body.as_str(), record.subject.as_str()), ("", ""));
        let problem = "no answer[U+202E][U+000D][U+000A]".to_owned();
        assert_eq!(Delivery::of(&record).outcome, Outcome::GivenUp { problem });
    }

    #[test]
    fn what_was_delivered_keeps_nothing_of_what_it_said() {
        let delivered = after(&record(), Ok(()), NOW);
        assert_eq!(delivered.body, "");
        assert_eq!(Delivery::of(&delivered).outcome, Outcome::Delivered(NOW));
        assert_eq!(Delivery::of(&record()).outcome, Outcome::Waiting);
    }
}
