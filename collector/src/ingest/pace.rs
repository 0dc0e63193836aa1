//! How often one machine may check in, so that a hostile one cannot starve the others: a check-in costs little,
//! but thousands a second cost a core.

use std::time::{Duration, Instant};

use super::Limits;

/// How long an answer is held back from a machine that checks in too often. As it may have few requests open,
/// this is what slows it down: refusing costs nearly as much as answering.
pub(super) const HELD: Duration = Duration::from_secs(1);

/// A machine's check-ins, as the time until which those it made so far would have lasted at the allowed rate.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::ingest) struct Pace {
    paid_until: Option<Instant>,
}

impl Pace {
    /// Admits a check-in, or says how long the machine must wait.
    pub(in crate::ingest) fn admit(
        &mut self,
        limits: &Limits,
        now: Instant,
    ) -> Result<(), Duration> {
        let each = Duration::from_secs(1) / limits.check_ins_a_second.max(1);
        let paid_until = self.paid_until.map_or(now, |until| until.max(now));
        let ahead = paid_until.saturating_duration_since(now);
        let most = each * limits.check_ins_at_once;
        if ahead + each > most {
            return Err((ahead + each).saturating_sub(most).max(HELD));
        }
        self.paid_until = Some(paid_until + each);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            check_ins_a_second: 10,
            check_ins_at_once: 5,
            ..Limits::default()
        }
    }

    fn admitted(pace: &mut Pace, tries: u32, now: Instant) -> usize {
        (0..tries)
            .filter(|_| pace.admit(&limits(), now).is_ok())
            .count()
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
        assert_eq!(pace.admit(&limits(), now), Err(HELD));
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
}
