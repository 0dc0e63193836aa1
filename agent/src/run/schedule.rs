//! When each section is looked at: on its cadence, and soon after something about it changed.

use std::time::{Duration, Instant};

use freehold_proto::v1::section::Kind;

use crate::{config::Intervals, probe::KINDS};

/// Changes further apart than this are not one storm.
const STORM: Duration = Duration::from_secs(60);

/// When each section is due. Pure: times are handed in.
#[derive(Debug)]
pub(super) struct Schedule {
    plans: Vec<Plan>,
}

#[derive(Debug)]
struct Plan {
    kind: Kind,
    cadence: Duration,
    pace: Pace,
    next: Instant,
    /// First and last change since the last look.
    changed: Option<(Instant, Instant)>,
    /// Last look that a change brought about, and how many such there were in a row.
    hurried: Option<(Instant, u32)>,
}

/// How soon a change is looked at.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// So long nothing more must happen; in a storm that doubles ...
    quiet: Duration,
    /// ... up to this, so that its end is seen soon.
    settled: Duration,
    /// No change waits longer than this, unless in a storm; no two looks follow each other sooner.
    longest: Duration,
    /// While a storm goes on, the time between two looks doubles up to this.
    storm: Duration,
}

const fn pace(quiet_ms: u64, settled_ms: u64, longest_ms: u64, storm_ms: u64) -> Pace {
    Pace {
        quiet: Duration::from_millis(quiet_ms),
        settled: Duration::from_millis(settled_ms),
        longest: Duration::from_millis(longest_ms),
        storm: Duration::from_millis(storm_ms),
    }
}

impl Schedule {
    /// Everything is due at once. `random` lies in 0.0..1.0 and spreads the later looks.
    pub(super) fn new(intervals: &Intervals, now: Instant, random: impl Fn() -> f64) -> Self {
        let plan = |kind| {
            let (cadence, pace) = match kind {
                // An administrator or an antivirus switched off must be known within seconds.
                Kind::Accounts => (intervals.security, pace(250, 1000, 1500, 3000)),
                Kind::Antivirus => (intervals.security, pace(500, 1000, 2000, 3000)),
                Kind::System | Kind::Hardware => (intervals.slow, pace(1000, 20_000, 5000, 60_000)),
                // An installation changes the package database hundreds of times.
                Kind::Software => (intervals.slow, pace(3000, 8000, 9000, 120_000)),
                _ => (intervals.frequent, pace(1000, 20_000, 5000, 60_000)),
            };
            // Machines that started together drift apart.
            let cadence = cadence.mul_f64(0.95 + random() / 10.0);
            Plan {
                kind,
                cadence,
                pace,
                next: now,
                changed: None,
                hurried: None,
            }
        };
        Self {
            plans: KINDS.into_iter().map(plan).collect(),
        }
    }

    /// Something about a section changed.
    pub(super) fn changed(&mut self, kind: Kind, now: Instant) {
        if let Some(plan) = self.plan(kind) {
            let first = plan.changed.map_or(now, |(first, _)| first);
            plan.changed = Some((first, now));
        }
    }

    /// A section is wanted without delay.
    pub(super) fn wanted(&mut self, kind: Kind, now: Instant) {
        if let Some(plan) = self.plan(kind) {
            plan.next = now;
        }
    }

    /// When the next section is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.plans.iter().map(Plan::due).min()
    }

    /// The sections that are due, in their order; they count as looked at.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Kind> {
        let due = self.plans.iter_mut().filter(|plan| plan.due() <= now);
        due.map(|plan| plan.look(now)).collect()
    }

    fn plan(&mut self, kind: Kind) -> Option<&mut Plan> {
        self.plans.iter_mut().find(|plan| plan.kind == kind)
    }
}

impl Plan {
    fn due(&self) -> Instant {
        let Some((first, last)) = self.changed else {
            return self.next;
        };
        let soon = match self.hurried {
            Some((at, row)) if last < at + STORM.max(self.spacing(row) * 2) => {
                let settled = last + doubled(self.pace.quiet, row, self.pace.settled);
                settled
                    .min(at + self.spacing(row))
                    .max(at + self.pace.longest)
            }
            _ => (last + self.pace.quiet).min(first + self.pace.longest),
        };
        self.next.min(soon)
    }

    fn spacing(&self, row: u32) -> Duration {
        doubled(self.pace.longest, row - 1, self.pace.storm)
    }

    fn look(&mut self, now: Instant) -> Kind {
        if self.changed.take().is_some() {
            let row = match self.hurried {
                Some((at, row)) if now < at + STORM.max(self.spacing(row) * 2) => row + 1,
                _ => 1,
            };
            self.hurried = Some((now, row));
        }
        self.next = now + self.cadence;
        self.kind
    }
}

/// A time that doubles with every look in a row, up to a limit.
fn doubled(time: Duration, row: u32, limit: Duration) -> Duration {
    time.saturating_mul(2_u32.saturating_pow(row)).min(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn schedule(now: Instant) -> Schedule {
        let mut schedule = Schedule::new(&Intervals::default(), now, || 0.5);
        assert_eq!(schedule.take_due(now), KINDS);
        schedule
    }

    #[test]
    fn security_is_looked_at_every_minute_and_the_rest_less_often() {
        let start = Instant::now();
        let mut schedule = schedule(start);
        let mut looks = vec![0; KINDS.len()];
        for second in 1..=3600 {
            for kind in schedule.take_due(start + SECOND * second) {
                looks[KINDS.iter().position(|known| *known == kind).unwrap()] += 1;
            }
        }
        assert_eq!(looks, [1, 1, 1, 60, 60, 12, 12, 12]);
    }

    #[test]
    fn a_changed_administrator_is_looked_at_within_two_seconds() {
        let now = Instant::now() + SECOND * 1000;
        let mut schedule = schedule(now);
        let mut time = now + SECOND;
        let first = time;
        // Tools write several files one after the other.
        for _ in 0..20 {
            schedule.changed(Kind::Accounts, time);
            time += Duration::from_millis(100);
        }
        let due = schedule.next().unwrap();
        assert!(
            due > first && due <= first + SECOND * 2,
            "{:?}",
            due - first
        );
        assert_eq!(schedule.take_due(due), [Kind::Accounts]);
    }

    #[test]
    fn one_change_is_looked_at_once() {
        let now = Instant::now();
        let mut schedule = schedule(now);
        schedule.changed(Kind::Accounts, now + SECOND);
        let due = schedule.next().unwrap();
        assert_eq!(schedule.take_due(due), [Kind::Accounts]);
        assert!(schedule.next().unwrap() > due + SECOND * 50);
    }

    #[test]
    fn a_long_installation_is_coalesced_and_its_end_is_seen() {
        let start = Instant::now();
        let mut schedule = schedule(start);
        let mut looks = Vec::new();
        for tenth in 0..36_000_u32 {
            let now = start + SECOND + SECOND * tenth / 10;
            if tenth < 6000 && tenth % 7 == 0 {
                schedule.changed(Kind::Software, now);
            }
            if schedule.take_due(now).contains(&Kind::Software) {
                looks.push(tenth / 10);
            }
        }
        assert!(looks[0] <= 15, "the first change waits: {looks:?}");
        assert!(looks.len() < 12, "ten minutes of changes: {looks:?}");
        assert!(
            looks.iter().any(|at| (600..900).contains(at)),
            "the end is missed: {looks:?}"
        );
    }

    #[test]
    fn changes_that_come_beat_by_beat_are_not_looked_at_one_by_one() {
        let start = Instant::now();
        let mut schedule = schedule(start);
        let mut looks = Vec::new();
        for tenth in 0..300_u32 {
            let now = start + SECOND + SECOND * tenth / 10;
            if tenth % 7 == 0 {
                schedule.changed(Kind::Accounts, now);
            }
            if schedule.take_due(now).contains(&Kind::Accounts) {
                looks.push(now);
            }
        }
        assert!(looks.len() > 5, "{}", looks.len());
        let gaps = looks.windows(2).map(|pair| pair[1] - pair[0]);
        let shortest = gaps.min().unwrap();
        assert!(shortest >= Duration::from_millis(1400), "{shortest:?}");
    }

    #[test]
    fn an_administrator_added_in_a_storm_still_shows_in_seconds() {
        let start = Instant::now();
        let mut schedule = schedule(start);
        let mut last = start;
        for tenth in 0..3000_u32 {
            let now = start + SECOND + SECOND * tenth / 10;
            schedule.changed(Kind::Accounts, now);
            if schedule.take_due(now).contains(&Kind::Accounts) {
                assert!(now - last <= SECOND * 4);
                last = now;
            }
        }
    }
}
