//! The open findings, kept at hand; looked for again when something has moved; written behind.

mod aside;
mod kept;
mod pending;

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use freehold_proto::v1;
use kept::{Kept, Looked, account};
use prost::Message as _;

use super::{
    Account, Business, Facts, Finding, FindingId, Look, RULES, facts::Versions, moving, state,
};
use crate::{
    access::{Machine, Seen},
    audit::Log,
    clock::{Clock, UnixMillis},
    events::{Event, Events},
    id::MachineId,
    store::{
        Store, StoreError, StoredFindings,
        record::{MachineState, PresenceRecord},
    },
};

pub use self::{
    aside::{AsideError, LONGEST_DAYS, LONGEST_REASON},
    pending::WriteFindingsError,
};

/// How long after the start a computer that was not heard may still be on its way.
const SETTLING: Duration = Duration::from_secs(60 * 60);

/// Most changes announced by one look at many machines: whoever listens hears of more than enough to look, and
/// nobody misses a report for it.
const ANNOUNCED: usize = 16;

/// The findings of every machine, without scope applied. Clones share them.
#[derive(Clone)]
pub struct Board {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    log: Log,
    clock: Clock,
    events: Events,
    started_at: UnixMillis,
    kept: Mutex<Kept>,
    /// Held while machines are looked at: one look at a machine is based on the one before.
    looking: Mutex<()>,
}

/// A machine to look at.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The machine.
    pub machine: Arc<Machine>,
    /// What moved with its check-ins; `None` before the first.
    pub presence: Option<PresenceRecord>,
}

impl Board {
    /// Reads what was found before. Hears through `events` what changes. Blocks on the disk.
    pub fn load(store: Store, log: Log, clock: Clock, events: &Events) -> Result<Self, StoreError> {
        let mut kept = Kept::new(events);
        for (id, stored) in store.findings()? {
            for (hash, aside) in stored.asides {
                kept.asides
                    .insert(FindingId { machine: id, hash }, Arc::new(aside));
            }
            kept.show(id, &stored.findings);
        }
        Ok(Self {
            shared: Arc::new(Shared {
                store,
                log,
                started_at: clock.now(),
                clock,
                events: events.clone(),
                kept: Mutex::new(kept),
                looking: Mutex::default(),
            }),
        })
    }

    /// Says what the operating system of the collector's own computer calls its installation.
    pub fn at_home(&self, machine_id: &str) {
        machine_id.clone_into(&mut self.kept().home);
    }

    /// The open findings of a machine, the worst first.
    pub fn of(&self, id: MachineId) -> Option<Arc<[Arc<Finding>]>> {
        self.kept().open.get(&id).cloned()
    }

    /// The open findings of many machines.
    pub fn of_each(&self, ids: &[MachineId]) -> Vec<Option<Arc<[Arc<Finding>]>>> {
        let kept = self.kept();
        ids.iter().map(|id| kept.open.get(id).cloned()).collect()
    }

    /// A finding with everything that is stored of it; `None` when there is none of this identifier, or none
    /// that this program understands. Blocks on the disk.
    pub fn account(&self, id: FindingId) -> Result<Option<Account>, StoreError> {
        let stored = self.stored(id.machine)?;
        let aside = self.kept().asides.get(&id).cloned();
        Ok(stored
            .findings
            .get(&id.hash)
            .and_then(|record| account(id, record, aside)))
    }

    /// Findings of a machine that were resolved, the latest first. Blocks on the disk.
    pub fn resolved(&self, machine: MachineId) -> Result<Vec<Account>, StoreError> {
        let stored = self.stored(machine)?;
        let mut resolved: Vec<Account> = stored
            .findings
            .iter()
            .filter(|(_, record)| record.resolved_at != 0)
            .filter_map(|(hash, record)| {
                account(
                    FindingId {
                        machine,
                        hash: *hash,
                    },
                    record,
                    None,
                )
            })
            .collect();
        resolved.sort_by_key(|account| std::cmp::Reverse(account.resolved_at));
        Ok(resolved)
    }

    /// Which of these machines were not looked at since something was heard of them, at most so many.
    pub fn stale(
        &self,
        machines: impl IntoIterator<Item = MachineId>,
        most: usize,
    ) -> Vec<MachineId> {
        let mut kept = self.kept();
        kept.hear();
        let stale = machines
            .into_iter()
            .filter(|id| kept.heard.contains(id) || !kept.looked.contains_key(id));
        stale.take(most).collect()
    }

    /// Marks a machine to be looked at again if time, silence or readings may have turned something.
    pub fn feel(&self, subject: &Subject) {
        let pulse = self.pulse(subject);
        let mut kept = self.kept();
        let id = subject.machine.id;
        if kept
            .looked
            .get(&id)
            .is_some_and(|known| known.pulse != pulse)
        {
            kept.heard.insert(id);
        }
    }

    /// Forgets all machines but these.
    pub fn keep_only(&self, machines: &[MachineId]) {
        let mut kept = self.kept();
        if kept.looked.len() > machines.len() {
            let known: HashSet<&MachineId> = machines.iter().collect();
            kept.looked.retain(|id, _| known.contains(id));
            kept.open.retain(|id, _| known.contains(id));
            kept.asides.retain(|id, _| known.contains(&id.machine));
            kept.heard.retain(|id| known.contains(id));
        }
    }

    /// Looks at machines. What is found is shown at once and durable after [`Board::write`]. Blocks on the
    /// disk.
    pub fn look_at(&self, subjects: &[Subject], business: &Business) -> Result<(), StoreError> {
        let business = Business {
            is_settled: self.is_settled(),
            home: self.kept().home.clone(),
            ..business.clone()
        };
        let mut changed = Vec::new();
        for subject in subjects {
            let id = subject.machine.id;
            match self.look_at_one(subject, &business) {
                Ok(true) => changed.push(id),
                Ok(false) => {}
                Err(error) => {
                    self.kept().heard.insert(id);
                    return Err(error);
                }
            }
        }
        for id in changed.into_iter().take(ANNOUNCED) {
            self.shared.events.announce(Event::Finding(id));
        }
        Ok(())
    }

    /// Looks at one machine; whether that changed what is found.
    fn look_at_one(&self, subject: &Subject, business: &Business) -> Result<bool, StoreError> {
        // One machine at a time: whoever opens a page does not wait for all that are being looked at.
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
        };
        if self.kept().looked.get(&id) == Some(&looked) {
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
        kept.looked.insert(id, looked);
        if !changes.is_empty() {
            kept.show(id, &stored.findings);
            kept.pending.add(id, &changes, &stored);
        }
        Ok(!changes.findings.is_empty())
    }

    /// What is stored of a machine, with what is not durable yet.
    fn stored(&self, id: MachineId) -> Result<StoredFindings, StoreError> {
        let mut stored = self.shared.store.findings_of(id)?;
        self.kept().pending.overlay(id, &mut stored);
        Ok(stored)
    }

    fn pulse(&self, subject: &Subject) -> u64 {
        let presence = subject.presence.as_ref();
        let (is_settled, now) = (self.is_settled(), self.shared.clock.now());
        moving::pulse(&subject.machine, presence, is_settled, now)
    }

    fn is_settled(&self) -> bool {
        self.shared.clock.now().since(self.shared.started_at) >= SETTLING
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        let kept = self.shared.kept.lock();
        kept.unwrap_or_else(PoisonError::into_inner)
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
) -> Vec<(&'static super::Rule, super::Verdict)> {
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
