//! What is kept at hand.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use super::{
    super::{Account, Evidence, Finding, FindingId, Particular, rule},
    pending::Pending,
};
use crate::{
    clock::UnixMillis,
    events::{Event, Events},
    id::MachineId,
    store::record::{AsideRecord, FindingRecord},
};

/// What is kept at hand of all machines.
pub(super) struct Kept {
    pub(super) events: Receiver<Event>,
    /// Of machines that have any.
    pub(super) open: HashMap<MachineId, Arc<[Arc<Finding>]>>,
    pub(super) asides: HashMap<FindingId, Arc<AsideRecord>>,
    /// What could turn a finding, as it was when the machine was last looked at.
    pub(super) looked: HashMap<MachineId, Looked>,
    /// Machines that reported or changed since.
    pub(super) heard: HashSet<MachineId>,
    /// What is not durable yet.
    pub(super) pending: Pending,
    pub(super) home: String,
}

/// What could turn a finding of a machine, as two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Looked {
    /// Of what it reported.
    pub(super) sections: u64,
    /// Of what moves without a report.
    pub(super) pulse: u64,
}

impl Kept {
    /// Nothing yet; hears through `events` what changes.
    pub(super) fn new(events: &Events) -> Self {
        Self {
            events: events.listen(),
            open: HashMap::new(),
            asides: HashMap::new(),
            looked: HashMap::new(),
            heard: HashSet::new(),
            pending: Pending::default(),
            home: String::new(),
        }
    }

    /// Notes whose reports or states have changed.
    pub(super) fn hear(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(Event::Machine(id) | Event::Report(id)) => drop(self.heard.insert(id)),
                Ok(Event::Finding(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                // Some were missed: nobody knows whose.
                Err(TryRecvError::Lagged(_)) => self.heard.extend(self.looked.keys()),
            }
        }
    }

    /// Whether a machine has to be looked at: somebody else may just have done so.
    pub(super) fn begin(&mut self, id: MachineId) -> bool {
        self.heard.remove(&id) || !self.looked.contains_key(&id)
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
