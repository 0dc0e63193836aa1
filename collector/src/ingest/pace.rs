//! How often one machine may call, so that a hostile one cannot starve the others: a check-in costs little, but
//! thousands a second cost a core, and a renewal costs a signature and a flush.

use std::time::{Duration, Instant};

use super::{Limits, rejection::Rejection};

/// How long an answer is held back from a machine that calls too often, and how long nothing more is read from
/// its connection: this is what slows it down. Refusing costs nearly as much as answering.
pub(super) const HELD: Duration = Duration::from_secs(1);

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often at once, after a pause.
    pub at_once: u32,
    /// How much time each takes up in the long run.
    pub each: Duration,
}

/// A call of the reporting service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    CheckIn,
    Upload,
    Renew,
}

impl Call {
    fn rate(self, limits: &Limits) -> Rate {
        match self {
            Self::CheckIn => limits.check_ins,
            Self::Upload => limits.upload_calls,
            Self::Renew => limits.renewals,
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::CheckIn => "check-ins",
            Self::Upload => "uploads",
            Self::Renew => "renewals",
        }
    }
}

/// A machine's paces, one for each call.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::ingest) struct Paces([Pace; 3]);

impl Paces {
    /// Admits a call, or says how long the machine must wait.
    pub(super) fn admit(
        &mut self,
        call: Call,
        limits: &Limits,
        now: Instant,
    ) -> Result<(), Rejection> {
        let admitted = self.0[call as usize].admit(call.rate(limits), now);
        admitted.map_err(|retry_after| Rejection::TooOften {
            calls: call.plural(),
            retry_after,
        })
    }
}

/// The calls of a machine, as the time until which those it made so far would have lasted at the allowed rate.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    paid_until: Option<Instant>,
}

impl Pace {
    fn admit(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let paid_until = self.paid_until.map_or(now, |until| until.max(now));
        let ahead = paid_until.saturating_duration_since(now);
        let most = rate.each * rate.at_once;
        if ahead + rate.each > most {
            return Err((ahead + rate.each).saturating_sub(most).max(HELD));
        }
        self.paid_until = Some(paid_until + rate.each);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        at_once: 5,
        each: Duration::from_millis(100),
    };

    fn admitted(pace: &mut Pace, tries: u32, now: Instant) -> usize {
        (0..tries).filter(|_| pace.admit(RATE, now).is_ok()).count()
    }

    #[test]
    fn a_few_at_once_are_admitted_and_then_as_many_as_the_rate_allows() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(admitted(&mut pace, 100, start), 5);
        assert_eq!(admitted(&mut pace, 100, start), 0);
        let second = start + Duration::from_secs(1);
        assert_eq!(
            admitted(&mut pace, 100, start + Duration::from_millis(200)),
            2
        );
        assert_eq!(admitted(&mut pace, 100, second), 5);
        assert_eq!(
            admitted(&mut pace, 100, second + Duration::from_secs(3600)),
            5
        );
    }

    #[test]
    fn whoever_is_refused_is_told_to_wait_at_least_a_second() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        admitted(&mut pace, 5, now);
        assert_eq!(pace.admit(RATE, now), Err(HELD));
    }

    #[test]
    fn refusals_do_not_prolong_the_wait() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        admitted(&mut pace, 100_000, start);
        assert_eq!(
            admitted(&mut pace, 1, start + Duration::from_millis(100)),
            1
        );
    }

    #[test]
    fn one_call_leaves_the_pace_of_the_others_alone() {
        let (mut paces, now, limits) = (Paces::default(), Instant::now(), Limits::default());
        while paces.admit(Call::Renew, &limits, now).is_ok() {}
        paces.admit(Call::CheckIn, &limits, now).unwrap();
        paces.admit(Call::Upload, &limits, now).unwrap();
    }
}
