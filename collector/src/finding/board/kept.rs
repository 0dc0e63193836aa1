//! What is kept at hand.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, LazyLock},
    time::Duration,
};

use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use super::{
    super::{
        Account, Evidence, Finding, FindingId, Particular, RULES, moving::Said, rule,
        state::Changes,
    },
    claim::Claims,
    pending::Pending,
};
use crate::{
    clock::UnixMillis,
    events::{Event, Events},
    id::MachineId,
    store::{
        StoredFindings,
        record::{AsideRecord, FindingRecord, LookedRecord},
    },
};

/// How long what was heard of a machine may wait to be looked at before readers are told: what comes in now and
/// then is looked at within a second, and a page that said so each time would only flicker.
const LATE: Duration = Duration::from_secs(5);

/// What is kept at hand of all machines.
pub(super) struct Kept {
    events: Receiver<Event>,
    /// Of machines that have any.
    pub(super) open: HashMap<MachineId, Arc<[Arc<Finding>]>>,
    pub(super) asides: HashMap<FindingId, Arc<AsideRecord>>,
    /// What could turn a finding, as it was when the machine was last looked at.
    pub(super) looked: HashMap<MachineId, Known>,
    /// Machines that reported or changed since, and when that was first heard.
    pub(super) heard: HashMap<MachineId, UnixMillis>,
    /// Machines on which something may have turned without a report.
    pub(super) due: HashSet<MachineId>,
    /// What is not durable yet.
    pub(super) pending: Pending,
    pub(super) home: String,
    /// What the owner said about administrators.
    pub(super) claims: Claims,
    /// Suppliers that had access to the record and have none now; `None` until that is known.
    pub(super) ended: Option<BTreeSet<String>>,
}

/// How far a machine was gone through: whether what is shown of it is all that follows from its reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Never yet: nothing is known to be fine.
    Never,
    /// It was, but it has reported since, or the collector was started since.
    Behind,
    /// It was.
    Done,
}

/// What could turn a finding of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Looked {
    /// A hash of what it reported.
    pub(super) sections: u64,
    /// A hash of what moves without a report.
    pub(super) pulse: u64,
    /// Silence was the machine's own.
    pub(super) is_settled: bool,
}

/// What could turn a finding of a machine, as it was when it was last looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) looked: Looked,
    /// It is stored, or will be with what was found.
    is_kept: bool,
}

impl Looked {
    /// Whether another look, now, would see the same. A collector that has only just started concludes nothing
    /// from silence that it did not conclude before.
    pub(super) fn holds(self, now: Self) -> bool {
        let same = (self.sections, self.pulse) == (now.sections, now.pulse);
        same && (self.is_settled || !now.is_settled)
    }

    fn of(record: LookedRecord) -> Self {
        Self {
            sections: record.sections,
            pulse: record.pulse,
            is_settled: record.is_settled,
        }
    }

    fn to_record(self) -> LookedRecord {
        LookedRecord {
            sections: self.sections,
            pulse: self.pulse,
            is_settled: self.is_settled,
            rules: rules(),
        }
    }
}

/// A hash of the rules: another program may conclude something else from the same reports.
fn rules() -> u64 {
    static RULES_HASH: LazyLock<u64> = LazyLock::new(|| {
        let mut hasher = DefaultHasher::new();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        for rule in RULES {
            (rule.id, rule.severity as i32).hash(&mut hasher);
        }
        hasher.finish()
    });
    *RULES_HASH
}

impl Kept {
    /// Nothing yet; hears through `events` what changes.
    pub(super) fn new(events: &Events) -> Self {
        Self {
            events: events.listen(),
            open: HashMap::new(),
            asides: HashMap::new(),
            looked: HashMap::new(),
            heard: HashMap::new(),
            due: HashSet::new(),
            pending: Pending::default(),
            home: String::new(),
            claims: Claims::new(),
            ended: None,
        }
    }

    /// Takes over what the same rules looked at before the start. Whether it still holds is not known yet.
    pub(super) fn recall(&mut self, id: MachineId, record: Option<LookedRecord>) {
        if let Some(record) = record.filter(|record| record.rules == rules()) {
            let looked = Looked::of(record);
            let known = Known {
                looked,
                is_kept: true,
            };
            self.looked.insert(id, known);
            self.heard.insert(id, UnixMillis(0));
        }
    }

    /// Notes whose installation the collector's own is: what is found may depend on it.
    pub(super) fn move_to(&mut self, home: &str) {
        if self.home != home {
            home.clone_into(&mut self.home);
            self.due.extend(self.looked.keys());
        }
    }

    /// What else is known that may turn something on a machine: where the collector itself is, what the owner said
    /// about the machine's administrators, and which of their suppliers have left.
    pub(super) fn said(&self, id: MachineId) -> Said {
        let claims = self.claims.get(&id).cloned();
        let suppliers = claims.iter().flat_map(|claims| &claims.claims);
        let suppliers = suppliers.map(|claim| claim.supplier.to_lowercase());
        Said {
            home: self.home.clone(),
            ended: self.ended.as_ref().map(|ended| {
                suppliers
                    .filter(|supplier| ended.contains(supplier))
                    .collect()
            }),
            claims,
        }
    }

    /// Notes whose reports or states have changed.
    pub(super) fn hear(&mut self, now: UnixMillis) {
        loop {
            match self.events.try_recv() {
                Ok(Event::Machine(id) | Event::Report(id)) => {
                    self.heard.entry(id).or_insert(now);
                }
                Ok(Event::Finding(_) | Event::Complete) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                // Some were missed: nobody knows whose.
                Err(TryRecvError::Lagged(_)) => {
                    for id in self.looked.keys() {
                        self.heard.entry(*id).or_insert(now);
                    }
                }
            }
        }
    }

    /// How far a machine was gone through.
    pub(super) fn progress(&self, id: MachineId, now: UnixMillis) -> Progress {
        if !self.looked.contains_key(&id) {
            return Progress::Never;
        }
        let since = self.heard.get(&id);
        if since.is_some_and(|since| now.since(*since) >= LATE) {
            Progress::Behind
        } else {
            Progress::Done
        }
    }

    /// Whether a machine has to be looked at: somebody else may just have done so.
    pub(super) fn begin(&mut self, id: MachineId) -> bool {
        let was_heard = self.heard.remove(&id).is_some();
        let was_due = self.due.remove(&id);
        was_heard || was_due || !self.looked.contains_key(&id)
    }

    /// Whether a look would see what the last one saw.
    pub(super) fn still_holds(&self, id: MachineId, now: Looked) -> bool {
        let known = self.looked.get(&id);
        known.is_some_and(|known| known.looked.holds(now))
    }

    /// Notes that a machine was looked at, and what there is to be written. A look that only moved its pulse is
    /// not worth a write of its own.
    pub(super) fn note(
        &mut self,
        id: MachineId,
        looked: Looked,
        changes: &Changes,
        stored: &StoredFindings,
    ) {
        let before = self.looked.get(&id).map(|known| known.looked.sections);
        let is_kept = before != Some(looked.sections) || !changes.is_empty();
        self.looked.insert(id, Known { looked, is_kept });
        if is_kept {
            self.pending.add(id, changes, stored, looked.to_record());
        }
    }

    /// Has written what was last looked at of every machine of which that was not worth a write before.
    pub(super) fn keep_all(&mut self) {
        let none = (Changes::default(), StoredFindings::default());
        for (id, known) in self.looked.iter_mut().filter(|(_, known)| !known.is_kept) {
            known.is_kept = true;
            let record = known.looked.to_record();
            self.pending.add(*id, &none.0, &none.1, record);
        }
    }

    /// Forgets all machines but these.
    pub(super) fn keep_only(&mut self, machines: &HashSet<&MachineId>) {
        self.looked.retain(|id, _| machines.contains(id));
        self.open.retain(|id, _| machines.contains(id));
        self.asides.retain(|id, _| machines.contains(&id.machine));
        self.claims.retain(|id, _| machines.contains(id));
        self.heard.retain(|id, _| machines.contains(id));
        self.due.retain(|id| machines.contains(id));
    }

    /// Shows the open ones of a machine.
    pub(super) fn show<'a>(
        &mut self,
        machine: MachineId,
        findings: impl IntoIterator<Item = (&'a u64, &'a FindingRecord)>,
    ) {
        let mut open: Vec<Arc<Finding>> = findings
            .into_iter()
            .filter(|(_, record)| record.resolved_at == 0)
            .filter_map(|(hash, record)| {
                let id = FindingId {
                    machine,
                    hash: *hash,
                };
                finding(id, record, self.asides.get(&id).cloned()).map(Arc::new)
            })
            .collect();
        open.sort_by_key(|finding| (finding.severity, finding.rule.id, finding.id));
        if open.is_empty() {
            self.open.remove(&machine);
        } else {
            self.open.insert(machine, open.into());
        }
    }
}

/// A finding as lists show it; `None` when its rule is not known to this program.
fn finding(
    id: FindingId,
    record: &FindingRecord,
    aside: Option<Arc<AsideRecord>>,
) -> Option<Finding> {
    Some(Finding {
        id,
        rule: rule(&record.rule)?,
        severity: record.severity(),
        particulars: record
            .particulars
            .iter()
            .filter_map(Particular::from_record)
            .collect(),
        opened_at: UnixMillis(record.opened_at),
        unchecked_since: time(record.unchecked_since),
        aside,
    })
}

/// A finding with everything that is stored of it.
pub(super) fn account(
    id: FindingId,
    record: &FindingRecord,
    aside: Option<Arc<AsideRecord>>,
) -> Option<Account> {
    Some(Account {
        finding: Arc::new(finding(id, record, aside)?),
        resolved_at: time(record.resolved_at),
        changed_at: UnixMillis(record.changed_at),
        absent_since: time(record.absent_since),
        evidence: record.evidence.iter().map(Evidence::from_record).collect(),
        episodes: record.episodes.clone(),
    })
}

fn time(at: i64) -> Option<UnixMillis> {
    (at != 0).then_some(UnixMillis(at))
}
