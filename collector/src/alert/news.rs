//! What people were not told yet.

use std::{collections::BTreeMap, time::Duration};

use super::Settings;
use crate::{
    access::MachineLine,
    clock::UnixMillis,
    dashboard,
    finding::{Finding, FindingId},
    id::MachineId,
    store::record::{FindingSeverity, MachineState, ToldRecord},
};

/// How long something must have been open: what comes and goes while a computer starts is not sent.
const STEADY: Duration = Duration::from_secs(20);

/// What people were told of.
pub(super) type Told = BTreeMap<FindingId, ToldRecord>;

/// Something to tell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) id: FindingId,
    pub(super) rule: &'static str,
    pub(super) severity: FindingSeverity,
    pub(super) computer: String,
    pub(super) sentence: String,
    pub(super) why: String,
    pub(super) opened_at: UnixMillis,
}

/// Something that has ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ended {
    pub(super) id: FindingId,
    pub(super) computer: String,
    pub(super) sentence: String,
}

/// What people were not told yet.
#[derive(Debug, Default, PartialEq)]
pub(super) struct News {
    /// What is open, the worst first.
    pub(super) found: Vec<Item>,
    /// What they were told of and is over.
    pub(super) ended: Vec<Ended>,
    /// What they were told of and need not be told the end of: its computer is gone.
    pub(super) gone: Vec<FindingId>,
    /// When there may be more to tell although nothing happens.
    pub(super) again_at: Option<UnixMillis>,
}

impl Item {
    pub(super) fn of(line: &MachineLine, finding: &Finding, now: UnixMillis) -> Self {
        let (sentence, why) = dashboard::said(&line.machine, finding, now);
        Self {
            id: finding.id,
            rule: finding.rule.id,
            severity: finding.severity,
            computer: dashboard::plain(&line.machine.name()),
            sentence,
            why,
            opened_at: finding.opened_at,
        }
    }

    /// What is noted once people were told.
    pub(super) fn told(&self) -> ToldRecord {
        ToldRecord {
            opened_at: self.opened_at.0,
            severity: self.severity.into(),
            sentence: self.sentence.clone(),
        }
    }
}

impl News {
    /// Compares what is open with what people were told.
    pub(super) fn of(
        lines: &[MachineLine],
        told: &Told,
        settings: &Settings,
        now: UnixMillis,
    ) -> Self {
        let mut news = Self::default();
        let mut known: BTreeMap<MachineId, &MachineLine> = BTreeMap::new();
        for line in lines {
            known.insert(line.machine.id, line);
            if !matches!(
                line.machine.state,
                MachineState::Active | MachineState::Waiting
            ) {
                continue;
            }
            for finding in line.findings.iter() {
                let is_wanted = settings.sends(finding.severity) && finding.aside(now).is_none();
                if is_wanted && !is_told(told.get(&finding.id), finding) {
                    news.take_in(line, finding, now);
                }
            }
        }
        news.found
            .sort_by(|a, b| (a.severity, &a.computer).cmp(&(b.severity, &b.computer)));
        for (id, record) in told {
            let Some(line) = known.get(&id.machine) else {
                news.gone.push(*id);
                continue;
            };
            if !line.findings.iter().any(|finding| finding.id == *id) {
                news.ended.push(Ended {
                    id: *id,
                    computer: dashboard::plain(&line.machine.name()),
                    sentence: record.sentence.clone(),
                });
            }
        }
        news
    }

    fn take_in(&mut self, line: &MachineLine, finding: &Finding, now: UnixMillis) {
        let steady_at = finding.opened_at.plus(STEADY);
        if steady_at <= now {
            self.found.push(Item::of(line, finding, now));
        } else {
            let again_at = self.again_at.map_or(steady_at, |at| at.min(steady_at));
            self.again_at = Some(again_at);
        }
    }

    /// Whether there is anything to say.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty() && self.ended.is_empty()
    }
}

/// Whether people know of it, as serious as it is now.
fn is_told(told: Option<&ToldRecord>, finding: &Finding) -> bool {
    told.is_some_and(|told| told.severity() <= finding.severity)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        access::{Fact, Headline, Machine},
        finding::{Progress, rule},
        history::Moment,
        store::record::AsideRecord,
    };

    const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

    fn machine(id: MachineId, name: &str) -> Machine {
        Machine {
            id,
            state: MachineState::Active,
            state_since: NOW,
            host_name: name.to_owned(),
            given_name: String::new(),
            labels: Vec::new(),
            proposed_labels: Vec::new(),
            note: String::new(),
            enrolled_at: NOW,
            certificate_expires_at: None,
            same_hardware_as: None,
            continues: Vec::new(),
            proposed_labels: Vec::new(),
            notices: Vec::new(),
        }
    }

    fn line(name: &str, findings: Vec<Finding>) -> MachineLine {
        let id = findings
            .first()
            .map_or_else(MachineId::random, |finding| finding.id.machine);
        MachineLine {
            machine: Arc::new(machine(id, name)),
            seen: None,
            moment: Moment::Now,
            headline: Arc::new(Headline {
                system: Fact::NotReported,
                protection: Fact::NotReported,
                administrators: Fact::NotReported,
            }),
            findings: findings.into_iter().map(Arc::new).collect(),
            progress: Progress::Done,
        }
    }

    fn finding(machine: MachineId, subject: &str, severity: FindingSeverity) -> Finding {
        Finding {
            id: FindingId::new(machine, "silent", subject),
            rule: rule("silent").unwrap(),
            severity,
            particulars: Box::default(),
            opened_at: NOW.minus(Duration::from_secs(3600)),
            unchecked_since: None,
            aside: None,
        }
    }

    fn settings(severity: FindingSeverity) -> Settings {
        Settings {
            severity: Some(severity),
            ..Settings::default()
        }
    }

    fn told(news: &News) -> Told {
        news.found
            .iter()
            .map(|item| (item.id, item.told()))
            .collect()
    }

    #[test]
    fn what_is_open_is_told_once_the_worst_first() {
        let machine = MachineId::random();
        let lines = [line(
            "PC",
            vec![
                finding(machine, "b", FindingSeverity::Plan),
                finding(machine, "a", FindingSeverity::ActNow),
                finding(machine, "c", FindingSeverity::Know),
            ],
        )];
        let wanted = settings(FindingSeverity::Plan);
        let news = News::of(&lines, &Told::new(), &wanted, NOW);
        let severities: Vec<_> = news.found.iter().map(|item| item.severity).collect();
        assert_eq!(severities, [FindingSeverity::ActNow, FindingSeverity::Plan]);
        let again = News::of(&lines, &told(&news), &wanted, NOW);
        assert!(again.is_empty(), "{again:?}");
    }

    #[test]
    fn what_becomes_more_serious_is_told_again() {
        let machine = MachineId::random();
        let of = |severity| [line("PC", vec![finding(machine, "", severity)])];
        let wanted = settings(FindingSeverity::Plan);
        let known = told(&News::of(
            &of(FindingSeverity::Plan),
            &Told::new(),
            &wanted,
            NOW,
        ));
        let worse = News::of(&of(FindingSeverity::ActNow), &known, &wanted, NOW);
        assert_eq!(worse.found.len(), 1);
        let known = told(&worse);
        assert!(News::of(&of(FindingSeverity::Plan), &known, &wanted, NOW).is_empty());
    }

    #[test]
    fn the_end_of_what_was_told_is_told_and_of_nothing_else() {
        let (machine, other) = (MachineId::random(), MachineId::random());
        let wanted = settings(FindingSeverity::ActNow);
        let open = [
            line("PC", vec![finding(machine, "", FindingSeverity::ActNow)]),
            line("SERVER", vec![finding(other, "", FindingSeverity::Plan)]),
        ];
        let known = told(&News::of(&open, &Told::new(), &wanted, NOW));
        let mut over = open.clone();
        for line in &mut over {
            line.findings = Arc::default();
        }
        let news = News::of(&over, &known, &wanted, NOW);
        assert_eq!(news.ended.len(), 1);
        assert_eq!(news.ended[0].computer, "PC");
        let erased = News::of(&over[1..], &known, &wanted, NOW);
        assert!(erased.is_empty() && erased.gone.len() == 1);
    }

    #[test]
    fn what_is_set_aside_or_has_just_begun_is_not_told() {
        let machine = MachineId::random();
        let mut aside = finding(machine, "a", FindingSeverity::ActNow);
        aside.aside = Some(Arc::new(AsideRecord {
            until: NOW.0 + 1000,
            severity: FindingSeverity::ActNow.into(),
            ..AsideRecord::default()
        }));
        let mut fresh = finding(machine, "b", FindingSeverity::ActNow);
        fresh.opened_at = NOW;
        let lines = [line("PC", vec![aside, fresh])];
        let wanted = settings(FindingSeverity::ActNow);
        let news = News::of(&lines, &Told::new(), &wanted, NOW);
        assert!(news.is_empty(), "{news:?}");
        assert_eq!(news.again_at, Some(NOW.plus(STEADY)));
        let later = News::of(&lines, &Told::new(), &wanted, NOW.plus(STEADY));
        assert_eq!(later.found.len(), 2);
    }
}
