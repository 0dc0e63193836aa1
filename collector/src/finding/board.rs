//! The open findings, kept at hand; looked for again when something has moved; written behind.

mod aside;
mod claim;
mod kept;
mod looking;
mod pending;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use kept::{Kept, account};

use super::{Account, FindingId};
use crate::{
    access::{Findings, Machine},
    audit::Log,
    clock::{Clock, UnixMillis},
    events::Events,
    id::MachineId,
    store::{Store, StoreError, StoredFindings, record::PresenceRecord},
};

pub use self::{
    aside::{AsideError, LONGEST_DAYS, LONGEST_REASON},
    claim::{ClaimError, Claims, LONGEST_SUPPLIER, Whose},
    kept::Progress,
    pending::WriteFindingsError,
};

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
    /// Somebody was shown machines that had not been gone through.
    owes: AtomicBool,
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
            kept.recall(id, stored.looked);
            if !stored.claims.claims.is_empty() {
                kept.claims.insert(id, Arc::new(stored.claims));
            }
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
                owes: AtomicBool::default(),
            }),
        })
    }

    /// Says what the operating system of the collector's own computer calls its installation.
    pub fn at_home(&self, machine_id: &str) {
        self.kept().move_to(machine_id);
    }

    /// The open findings of many machines, the worst first, and how far they were gone through. Waits for
    /// nothing.
    pub fn of_each(&self, ids: &[MachineId]) -> Vec<(Option<Findings>, Progress)> {
        let now = self.shared.clock.now();
        let mut kept = self.kept();
        kept.hear(now);
        let found: Vec<_> = ids
            .iter()
            .map(|id| (kept.open.get(id).cloned(), kept.progress(*id, now)))
            .collect();
        drop(kept);
        if found
            .iter()
            .any(|(_, progress)| *progress != Progress::Done)
        {
            self.shared.owes.store(true, Ordering::Relaxed);
        }
        found
    }

    /// The time, as rules take it.
    pub fn now(&self) -> UnixMillis {
        self.shared.clock.now()
    }

    /// Whether somebody was shown machines that had not been gone through, since this was last asked.
    pub fn owes(&self) -> bool {
        self.shared.owes.swap(false, Ordering::Relaxed)
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

    /// What is stored of a machine, with what is not durable yet.
    fn stored(&self, id: MachineId) -> Result<StoredFindings, StoreError> {
        let mut stored = self.shared.store.findings_of(id)?;
        self.kept().pending.overlay(id, &mut stored);
        Ok(stored)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        let kept = self.shared.kept.lock();
        kept.unwrap_or_else(PoisonError::into_inner)
    }
}
