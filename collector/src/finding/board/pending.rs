//! What is shown already, but not durable yet.

use std::collections::{BTreeMap, HashMap};

use super::{super::state::Changes, Board};
use crate::{
    id::MachineId,
    store::{
        StoreError, StoredFindings, WriteError,
        record::{FindingRecord, LookedRecord, MemoryRecord},
    },
};

/// Most machines whose findings are written by one change of the store.
const AT_ONCE: usize = 200;

/// Findings could not be made durable. They are kept and tried again.
#[derive(Debug, thiserror::Error)]
#[error("what was found about computers could not be stored")]
pub struct WriteFindingsError(#[source] WriteError<StoreError>);

/// Changes to be written.
#[derive(Default)]
pub(super) struct Pending {
    by_machine: HashMap<MachineId, Draft>,
    /// Counts what was added: a draft that was added to while it was written is written again.
    count: u64,
}

/// What is to be written of one machine.
#[derive(Clone, Default)]
struct Draft {
    findings: BTreeMap<u64, Option<FindingRecord>>,
    memory: Option<MemoryRecord>,
    looked: LookedRecord,
    revision: u64,
}

impl Pending {
    pub(super) fn add(
        &mut self,
        id: MachineId,
        changes: &Changes,
        stored: &StoredFindings,
        looked: LookedRecord,
    ) {
        self.count += 1;
        let draft = self.by_machine.entry(id).or_default();
        draft.revision = self.count;
        draft.looked = looked;
        for hash in &changes.findings {
            let record = stored.findings.get(hash).cloned();
            draft.findings.insert(*hash, record);
        }
        if changes.memory {
            draft.memory = Some(stored.memory.clone());
        }
    }

    /// Puts what is not durable yet over what is.
    pub(super) fn overlay(&self, id: MachineId, stored: &mut StoredFindings) {
        let Some(draft) = self.by_machine.get(&id) else {
            return;
        };
        for (hash, record) in &draft.findings {
            match record {
                Some(record) => drop(stored.findings.insert(*hash, record.clone())),
                None => drop(stored.findings.remove(hash)),
            }
        }
        if let Some(memory) = &draft.memory {
            stored.memory.clone_from(memory);
        }
    }

    /// Machines of which something is to be written.
    pub(super) fn len(&self) -> usize {
        self.by_machine.len()
    }

    fn some(&self) -> Vec<(MachineId, Draft)> {
        let drafts = self.by_machine.iter().take(AT_ONCE);
        drafts.map(|(id, draft)| (*id, draft.clone())).collect()
    }

    fn written(&mut self, drafts: &[(MachineId, u64)]) {
        for (id, revision) in drafts {
            let is_same = |draft: &Draft| draft.revision == *revision;
            if self.by_machine.get(id).is_some_and(is_same) {
                self.by_machine.remove(id);
            }
        }
        if self.by_machine.is_empty() {
            self.by_machine.shrink_to_fit();
        }
    }
}

impl Board {
    /// How many machines there are of which something is to be written.
    pub fn unwritten(&self) -> usize {
        self.kept().pending.len()
    }

    /// Makes durable what was found, and what was looked at: after the next start nothing is looked at again
    /// that has not moved.
    pub async fn close(&self) -> Result<(), WriteFindingsError> {
        self.kept().keep_all();
        self.write().await
    }

    /// Makes durable what was found. Nothing is lost when that fails: it is tried again.
    pub async fn write(&self) -> Result<(), WriteFindingsError> {
        loop {
            let drafts = self.kept().pending.some();
            if drafts.is_empty() {
                return Ok(());
            }
            let revisions: Vec<(MachineId, u64)> = drafts
                .iter()
                .map(|(id, draft)| (*id, draft.revision))
                .collect();
            let written = self.shared.store.write(move |txn| {
                for (id, draft) in &drafts {
                    // One that was erased meanwhile leaves nothing behind.
                    if !txn.knows_machine(*id)? {
                        continue;
                    }
                    for (hash, record) in &draft.findings {
                        txn.put_finding(*id, *hash, record.as_ref());
                        if record.is_none() {
                            txn.put_aside(*id, *hash, None);
                        }
                    }
                    if let Some(memory) = &draft.memory {
                        txn.put_memory(*id, memory);
                    }
                    txn.put_looked(*id, &draft.looked);
                }
                Ok::<_, StoreError>(())
            });
            written.await.map_err(WriteFindingsError)?;
            self.kept().pending.written(&revisions);
        }
    }
}
