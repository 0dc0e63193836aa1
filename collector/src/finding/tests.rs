//! Machines for the tests of rules.

use std::sync::Arc;

use freehold_proto::v1::{
    self, OperatingSystem, Protection, Services, System, section::Status, system::ChassisKind,
};

use super::{Business, Facts, Finding, FindingId, Look, RULES, Rule, Told, Verdict, rule, state};
use crate::{
    access::{Machine, Seen},
    clock::UnixMillis,
    id::MachineId,
    store::{
        StoredFindings,
        record::{AsideRecord, FindingSeverity, MachineState},
    },
};

/// A moment in September 2026.
pub(crate) const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A machine in service.
pub(crate) fn machine() -> Machine {
    Machine {
        id: MachineId::from_bytes([7; 16]),
        state: MachineState::Active,
        state_since: UnixMillis(NOW.0 - 300 * DAY_MS),
        host_name: "front-desk".into(),
        note: String::new(),
        given_name: String::new(),
        labels: Vec::new(),
        proposed_labels: Vec::new(),
        enrolled_at: UnixMillis(NOW.0 - 300 * DAY_MS),
        certificate_expires_at: Some(UnixMillis(NOW.0 + 20 * DAY_MS)),
        same_hardware_as: None,
        continues: Vec::new(),
        notices: Vec::new(),
    }
}

/// A moment before [`NOW`], as the schema writes it.
pub(crate) fn days_ago(days: i64) -> prost_types::Timestamp {
    let seconds = (NOW.0 - days * DAY_MS) / 1000;
    prost_types::Timestamp { seconds, nanos: 0 }
}

/// A machine, what is known of it and of the business, and the time.
pub(crate) struct Case {
    pub(crate) machine: Machine,
    pub(crate) seen: Option<Seen>,
    pub(crate) facts: Facts,
    pub(crate) readings: v1::Readings,
    pub(crate) business: Business,
    pub(crate) past: StoredFindings,
    pub(crate) now: UnixMillis,
}

impl Case {
    /// A Linux machine of a kind that has reported its protection, and that it has no services.
    pub(crate) fn protected(chassis: ChassisKind, section: Protection) -> Self {
        let mut case = Self::new();
        case.facts.system = Told::Section(System {
            status: Status::Complete.into(),
            chassis: chassis.into(),
            operating_system: Some(OperatingSystem {
                id: "debian".into(),
                ..OperatingSystem::default()
            }),
            ..System::default()
        });
        case.facts.protection = Told::Section(Protection {
            status: Status::Complete.into(),
            ..section
        });
        case.facts.services = Told::Section(Services {
            status: Status::Complete.into(),
            ..Services::default()
        });
        case
    }

    /// A machine that was heard a minute ago and has reported nothing.
    pub(crate) fn new() -> Self {
        Self {
            machine: machine(),
            seen: Some(Seen {
                at: UnixMillis(NOW.0 - 60_000),
                agent_version: env!("CARGO_PKG_VERSION").into(),
                clock_offset_ms: 0,
            }),
            facts: Facts::default(),
            readings: v1::Readings::default(),
            business: Business {
                is_settled: true,
                version: env!("CARGO_PKG_VERSION"),
                ..Business::default()
            },
            past: StoredFindings::default(),
            now: NOW,
        }
    }

    /// What a rule says.
    pub(crate) fn says(&self, id: &str) -> Verdict {
        let rule = rule(id).unwrap_or_else(|| panic!("no rule {id}"));
        self.verdict(rule)
    }

    /// Whether a rule finds anything.
    pub(crate) fn fires(&self, id: &str) -> bool {
        !self.says(id).found.is_empty()
    }

    /// Whether a rule says that there is nothing.
    pub(crate) fn is_fine(&self, id: &str) -> bool {
        let verdict = self.says(id);
        verdict.found.is_empty() && verdict.is_whole
    }

    /// Whether a rule can say nothing.
    pub(crate) fn is_unknown(&self, id: &str) -> bool {
        let verdict = self.says(id);
        verdict.found.is_empty() && !verdict.is_whole
    }

    /// Takes in what all rules say.
    pub(crate) fn step(&mut self) {
        let verdicts: Vec<(&'static Rule, Verdict)> = RULES
            .iter()
            .map(|rule| (rule, self.verdict(rule)))
            .collect();
        state::step(&mut self.past, &verdicts, self.now);
    }

    /// The rules of which something is open.
    pub(crate) fn open(&self) -> Vec<&str> {
        let open = self.past.findings.values();
        let open = open.filter(|record| record.resolved_at == 0);
        open.map(|record| record.rule.as_str()).collect()
    }

    fn verdict(&self, rule: &'static Rule) -> Verdict {
        (rule.check)(&Look {
            rule: rule.id,
            machine: &self.machine,
            seen: self.seen.as_ref(),
            facts: &self.facts,
            readings: &self.readings,
            business: &self.business,
            past: &self.past,
            now: self.now,
        })
    }
}

#[test]
fn every_rule_has_a_name_of_its_own_and_words_for_everything() {
    for (index, rule) in RULES.iter().enumerate() {
        let same = RULES.iter().filter(|other| other.id == rule.id).count();
        assert_eq!(same, 1, "{} at {index}", rule.id);
        let words = rule.words;
        for text in [words.sentence, words.why, words.ask, words.ends] {
            assert!(text.ends_with(['.', '?']), "{}: {text}", rule.id);
            assert!(!text.contains('!'), "{}: {text}", rule.id);
            for place in text.split('{').skip(1) {
                let (place, _) = place.split_once('}').unwrap();
                let known =
                    ["computer", "which"].contains(&place) || super::text::PLACES.contains(&place);
                assert!(known, "{}: {{{place}}}", rule.id);
            }
        }
        assert!(words.sentence.contains("{computer}"), "{}", rule.id);
        let length = words.sentence.split_whitespace().count();
        assert!(length <= 16, "{}: {length} words", rule.id);
    }
}

#[test]
fn a_machine_that_told_nothing_is_never_called_fine() {
    let mut case = Case::new();
    case.step();
    assert!(case.open().contains(&"antivirus-unknown"));
    assert!(case.open().contains(&"administrators-unknown"));
}

#[test]
fn an_identifier_is_read_back_as_it_was_written() {
    let id = FindingId::new(machine().id, "silent", "");
    assert_eq!(id.to_string().parse(), Ok(id));
    for wrong in ["", "-", "a-b", "../..", &id.to_string()[1..]] {
        assert!(wrong.parse::<FindingId>().is_err(), "{wrong}");
    }
}

#[test]
fn what_was_set_aside_returns_on_its_day_and_sooner_when_it_becomes_more_serious() {
    let aside = AsideRecord {
        until: NOW.0 + DAY_MS,
        severity: FindingSeverity::Plan.into(),
        ..AsideRecord::default()
    };
    let finding = |severity| Finding {
        id: FindingId::new(machine().id, "silent", ""),
        rule: rule("silent").unwrap(),
        severity,
        particulars: Box::default(),
        opened_at: NOW,
        unchecked_since: None,
        aside: Some(Arc::new(aside.clone())),
    };
    let tomorrow = UnixMillis(NOW.0 + DAY_MS);
    for (severity, now, holds) in [
        (FindingSeverity::Plan, NOW, true),
        (FindingSeverity::Know, NOW, true),
        (FindingSeverity::ActNow, NOW, false),
        (FindingSeverity::Plan, tomorrow, false),
    ] {
        let finding = finding(severity);
        assert_eq!(finding.aside(now).is_some(), holds, "{severity:?}");
    }
}
