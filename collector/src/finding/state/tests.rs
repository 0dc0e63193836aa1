//! Promises of the life of a finding.

use super::*;
use crate::finding::{rule, tests::DAY_MS};

const HOUR_MS: i64 = 60 * 60 * 1000;
const START: i64 = 1_790_000_000_000;

/// What is stored of a machine, and the time.
struct Life {
    stored: StoredFindings,
    now: i64,
}

impl Life {
    fn new() -> Self {
        Self {
            stored: StoredFindings::default(),
            now: START,
        }
    }

    fn after(&mut self, ms: i64) -> &mut Self {
        self.now += ms;
        self
    }

    fn hears(&mut self, verdict: Verdict) -> Changes {
        let rule = rule("silent").unwrap();
        step(&mut self.stored, &[(rule, verdict)], UnixMillis(self.now))
    }

    fn bad(&mut self) -> Changes {
        self.hears(Verdict::of([Found::here()]))
    }

    fn fine(&mut self) -> Changes {
        self.hears(Verdict::fine())
    }

    fn record(&self) -> &FindingRecord {
        &self.stored.findings[&hash("silent", "")]
    }

    fn is_open(&self) -> bool {
        self.record().resolved_at == 0
    }
}

#[test]
fn a_finding_opens_stays_and_resolves_by_itself() {
    let mut life = Life::new();
    assert!(!life.bad().is_empty());
    assert!(life.is_open());
    assert!(life.after(HOUR_MS).bad().is_empty(), "nothing is new");
    assert_eq!(life.record().opened_at, START);
    assert!(!life.after(HOUR_MS).fine().is_empty());
    assert_eq!(life.record().resolved_at, START + 2 * HOUR_MS);
    assert!(life.after(HOUR_MS).fine().is_empty());
}

#[test]
fn what_cannot_be_checked_is_never_resolved() {
    let mut life = Life::new();
    life.bad();
    assert!(!life.after(HOUR_MS).hears(Verdict::unknown()).is_empty());
    assert!(life.is_open());
    assert_eq!(life.record().unchecked_since, START + HOUR_MS);
    assert!(life.after(HOUR_MS).hears(Verdict::unknown()).is_empty());
    life.after(HOUR_MS).bad();
    assert_eq!(life.record().unchecked_since, 0);
    life.after(HOUR_MS).fine();
    assert!(!life.is_open());
}

#[test]
fn a_finding_that_comes_back_keeps_its_history() {
    let mut life = Life::new();
    life.bad();
    life.after(HOUR_MS).fine();
    life.after(30 * DAY_MS).bad();
    assert!(life.is_open());
    let record = life.record();
    assert_eq!(record.opened_at, START + HOUR_MS + 30 * DAY_MS);
    let earlier = EpisodeRecord {
        opened_at: START,
        resolved_at: START + HOUR_MS,
    };
    assert_eq!(record.episodes, [earlier]);
}

#[test]
fn a_finding_that_comes_and_goes_is_shown_until_it_stayed_away_for_a_day() {
    let mut life = Life::new();
    for _ in 0..4 {
        life.after(HOUR_MS).bad();
        life.after(HOUR_MS).fine();
    }
    // Three times it ended at once; it came back too often to be believed the fourth time.
    assert!(life.is_open());
    let absent = life.record().absent_since;
    assert_eq!(absent, life.now);
    for _ in 0..100 {
        life.after(HOUR_MS / 5).bad();
        life.after(HOUR_MS / 5).fine();
        assert!(life.is_open(), "it flickers");
    }
    assert_eq!(life.record().episodes.len(), RESTLESS);
    life.after(DAY_MS - HOUR_MS).fine();
    assert!(life.is_open());
    life.after(HOUR_MS).fine();
    assert!(!life.is_open());
}

#[test]
fn a_finding_that_comes_back_once_a_month_resolves_at_once() {
    let mut life = Life::new();
    for _ in 0..10 {
        life.after(30 * DAY_MS).bad();
        life.after(HOUR_MS).fine();
        assert!(!life.is_open());
    }
}

#[test]
fn what_is_noted_keeps_the_time_it_was_first_seen() {
    let mut life = Life::new();
    let noted = |words: &[&str]| {
        let fine = Verdict::fine();
        words.iter().fold(fine, |verdict, word| verdict.mark(*word))
    };
    assert!(life.hears(noted(&["anna"])).memory);
    life.after(HOUR_MS).hears(noted(&["anna", "bob"]));
    let since = |life: &Life| -> Vec<(String, i64)> {
        let marks = life.stored.memory.marks.iter();
        marks.map(|mark| (mark.mark.clone(), mark.since)).collect()
    };
    let both = vec![
        ("silent:anna".to_owned(), START),
        ("silent:bob".to_owned(), START + HOUR_MS),
    ];
    assert_eq!(since(&life), both);
    // A look that saw nothing forgets nobody.
    assert!(!life.after(HOUR_MS).hears(Verdict::unknown()).memory);
    assert_eq!(since(&life), both);
    life.after(HOUR_MS).hears(noted(&["bob"]));
    assert_eq!(since(&life), both[1..]);
}

#[test]
fn a_hostile_machine_cannot_drown_the_page() {
    let mut life = Life::new();
    let many = |count: usize| {
        let subjects = (0..count).map(|number| Found::about(&format!("{number:05}")));
        Verdict::of(subjects)
    };
    life.hears(many(5000));
    assert_eq!(life.stored.findings.len(), MOST);
    life.after(HOUR_MS).hears(many(0));
    assert!(
        life.stored
            .findings
            .values()
            .all(|record| record.resolved_at != 0)
    );
}

#[test]
fn a_machine_out_of_service_has_no_findings() {
    let mut life = Life::new();
    life.bad();
    assert!(!end(&mut life.stored, UnixMillis(START + 5)).is_empty());
    assert!(!life.is_open());
}

#[test]
fn resolved_findings_are_forgotten_after_their_time() {
    let mut life = Life::new();
    life.bad();
    life.after(HOUR_MS).fine();
    life.after(399 * DAY_MS).fine();
    assert_eq!(life.stored.findings.len(), 1);
    let changes = life.after(2 * DAY_MS).fine();
    assert_eq!(changes.findings.len(), 1);
    assert!(life.stored.findings.is_empty());
}
