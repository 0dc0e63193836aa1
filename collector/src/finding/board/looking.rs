//! Looking at machines: which, when, and what of it is news.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::PoisonError,
    time::{Duration, Instant},
};

use freehold_proto::v1;
use prost::Message as _;

use super::{
    super::{Business, Facts, Look, RULES, Rule, Verdict, facts::Versions, moving, state},
    Board, Subject,
    kept::Looked,
};
use crate::{
    access::{Machine, Seen},
    clock::UnixMillis,
    events::Event,
    id::MachineId,
    store::{StoreError, StoredFindings, record::MachineState},
};

/// How long after the start a computer that was not heard may still be on its way.
const SETTLING: Duration = Duration::from_secs(60 * 60);

/// Most changes announced by one look at many machines: whoever listens hears of more than enough to look, and
/// nobody misses a report for it.
const ANNOUNCED: usize = 16;

impl Board {
    /// Which of these machines have to be looked at, at most so many; first those of which something was heard.
    pub fn stale<'a>(
        &self,
        machines: impl IntoIterator<Item = &'a MachineId> + Clone,
        most: usize,
    ) -> Vec<MachineId> {
        let mut kept = self.kept();
        kept.hear(self.shared.clock.now());
        let is_urgent =
            |id: &&MachineId| kept.heard.contains_key(*id) || !kept.looked.contains_key(*id);
        let urgent = machines.clone().into_iter().filter(is_urgent);
        let mut stale: Vec<MachineId> = urgent.take(most).copied().collect();
        if stale.len() < most && !kept.due.is_empty() {
            let others = machines.into_iter();
            let others = others.filter(|id| kept.due.contains(*id) && !is_urgent(id));
            stale.extend(others.take(most - stale.len()));
        }
        stale
    }

    /// Marks a machine to be looked at again if time, silence or readings may have turned something.
    pub fn feel(&self, subject: &Subject) {
        let (pulse, is_settled) = (self.pulse(subject), self.is_settled());
        let mut kept = self.kept();
        let id = subject.machine.id;
        let Some(known) = kept.looked.get(&id) else {
            return;
        };
        let now = Looked {
            pulse,
            is_settled,
            ..known.looked
        };
        if !known.looked.holds(now) {
            kept.due.insert(id);
        }
    }

    /// Forgets all machines but these.
    pub fn keep_only(&self, machines: &[MachineId]) {
        let mut kept = self.kept();
        if kept.looked.len() > machines.len() {
            let known: HashSet<&MachineId> = machines.iter().collect();
            kept.keep_only(&known);
        }
    }

    /// Looks at machines until they are done or so much time has passed. What is found is shown at once and
    /// durable after [`Board::write`]. Blocks on the disk.
    pub fn look_at(
        &self,
        subjects: &[Subject],
        business: &Business,
        allowance: Duration,
    ) -> Result<(), StoreError> {
        let (home, ended) = {
            let kept = self.kept();
            (kept.home.clone(), kept.ended.clone())
        };
        let business = Business {
            is_settled: self.is_settled(),
            home,
            ended,
            ..business.clone()
        };
        let began = Instant::now();
        let mut changed = Vec::new();
        for subject in subjects {
            let id = subject.machine.id;
            match self.look_at_one(subject, &business) {
                Ok(true) => changed.push(id),
                Ok(false) => {}
                Err(error) => {
                    self.kept().heard.insert(id, self.shared.clock.now());
                    return Err(error);
                }
            }
            if began.elapsed() >= allowance {
                break;
            }
        }
        for id in changed.into_iter().take(ANNOUNCED) {
            self.shared.events.announce(Event::Finding(id));
        }
        Ok(())
    }

    /// Looks at one machine; whether that changed what is found.
    fn look_at_one(&self, subject: &Subject, business: &Business) -> Result<bool, StoreError> {
        let alone = self.shared.looking.lock();
        let _alone = alone.unwrap_or_else(PoisonError::into_inner);
        let (id, now) = (subject.machine.id, self.shared.clock.now());
        // Reports are announced after they are durable: what is heard from here on is looked at again.
        if !self.kept().begin(id) {
            return Ok(false);
        }
        let versions = Versions::current(&self.shared.store, id)?;
        let mut hasher = DefaultHasher::new();
        versions.hash(&mut hasher);
        let looked = Looked {
            sections: hasher.finish(),
            pulse: self.pulse(subject),
            is_settled: business.is_settled,
        };
        if self.kept().still_holds(id, looked) {
            return Ok(false);
        }
        let mut stored = self.stored(id)?;
        let changes = if is_in_service(&subject.machine) {
            let facts = Facts::read(&self.shared.store, id, &versions);
            let verdicts = verdicts(subject, &facts, business, &stored, now);
            state::step(&mut stored, &verdicts, now)
        } else {
            state::end(&mut stored, now)
        };
        let mut kept = self.kept();
        if !changes.is_empty() {
            kept.show(id, &stored.findings);
        }
        kept.note(id, looked, &changes, &stored);
        Ok(!changes.findings.is_empty())
    }

    fn pulse(&self, subject: &Subject) -> u64 {
        let presence = subject.presence.as_ref();
        let said = self.kept().said(subject.machine.id);
        moving::pulse(&subject.machine, presence, &said, self.shared.clock.now())
    }

    fn is_settled(&self) -> bool {
        self.shared.clock.now().since(self.shared.started_at) >= SETTLING
    }
}

fn is_in_service(machine: &Machine) -> bool {
    matches!(machine.state, MachineState::Active | MachineState::Waiting)
}

/// What every rule says of a machine.
fn verdicts(
    subject: &Subject,
    facts: &Facts,
    business: &Business,
    past: &StoredFindings,
    now: UnixMillis,
) -> Vec<(&'static Rule, Verdict)> {
    let presence = subject.presence.as_ref();
    let seen = presence.map(Seen::of);
    // Readings that cannot be understood are as good as none.
    let readings = presence
        .and_then(|presence| v1::Readings::decode(presence.readings.as_slice()).ok())
        .unwrap_or_default();
    RULES
        .iter()
        .map(|rule| {
            let look = Look {
                rule: rule.id,
                machine: &subject.machine,
                seen: seen.as_ref(),
                facts,
                readings: &readings,
                business,
                past,
                now,
            };
            (rule, (rule.check)(&look))
        })
        .collect()
}
