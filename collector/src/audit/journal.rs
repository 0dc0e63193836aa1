//! The log as those who read it may see it: the other gate for reads.

use super::{
    checkpoint::{Checkpoint, CheckpointError},
    entry::{Actor, Entry, Event},
    log::{Log, NotLogged},
    tree::Hash,
    verify::{Flaw, Source, Verdict},
    witness::{Witness, WitnessError},
};
use crate::{
    access::{Viewer, Who},
    store::{ReadLog as _, Store, StoreError, record::LogAct},
};

/// Why a log cannot be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// What to compare it with is no checkpoint of it.
    #[error(transparent)]
    Given(#[from] CheckpointError),
    /// The checkpoint outside the store cannot be read.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The store failed.
    #[error("the log cannot be read")]
    Store(#[from] StoreError),
}

/// The log, for those who read it. Clones share it.
#[derive(Clone)]
pub struct Journal {
    log: Log,
    store: Store,
    witness: Witness,
}

impl Journal {
    /// Over a store.
    pub fn new(log: Log, store: Store, witness: Witness) -> Self {
        Self {
            log,
            store,
            witness,
        }
    }

    /// Writes down what somebody is about to read; on return that is durable.
    pub async fn note(&self, by: &Actor, event: Event) -> Result<(), NotLogged> {
        self.log.write(&self.store, by, event).await.map(drop)
    }

    /// Up to `limit` entries before entry `before`, newest first: all for an owner, those of the own grant for
    /// a delegate.
    pub fn entries(
        &self,
        viewer: &Viewer,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        match viewer.who() {
            Who::Owner(_) | Who::Console => self.log.entries(&self.store, before, limit),
            Who::Delegate(person, grant) => {
                let mut entries = self.log.of_grant(&self.store, grant, before, limit)?;
                for entry in &mut entries {
                    // Who is invited, and from where others come, is between them and the owner.
                    if entry.person() != Some(person) {
                        entry.body.remote.clear();
                    }
                    if entry.body.act() == LogAct::Invited {
                        "by e-mail".clone_into(&mut entry.body.detail);
                    }
                }
                Ok(entries)
            }
        }
    }

    /// The signed checkpoint over everything that is durable: whoever keeps it can tell later whether the log
    /// was rewritten. It says nothing about what the entries say. `None` while the log is empty.
    pub fn checkpoint(&self) -> Result<Option<String>, StoreError> {
        self.log.checkpoint(&self.store)
    }

    /// The signed checkpoint over everything that is durable, and the proof that it continues the one over the first
    /// `size` entries. `None` while the log is empty.
    pub fn proof(&self, size: u64) -> Result<Option<(String, Vec<Hash>)>, StoreError> {
        // One and the same state of the log for both: it may grow between two looks.
        let Some((now, proof)) = self.log.consistency(&self.store, size)? else {
            return Ok(self.checkpoint()?.map(|note| (note, Vec::new())));
        };
        Ok(Some((self.log.key().sign(&now), proof)))
    }

    /// How many entries are durable, and the signed checkpoint over exactly these; empty while there are none.
    pub fn extent(&self) -> Result<(u64, String), StoreError> {
        let head = self.store.log_head()?.unwrap_or_default();
        Ok((head.size, head.checkpoint))
    }

    /// What up to `limit` entries from `from` on commit to: hashes that tell nothing of what the entries say.
    pub fn commitments(&self, from: u64, limit: usize) -> Result<Vec<Hash>, StoreError> {
        let leaves = self.store.log_leaves(from, limit)?;
        let expected = (from..).zip(&leaves);
        // Nothing that follows a gap is what its place in the answer says.
        let whole = expected.take_while(|(index, (at, _))| index == at).count();
        Ok(leaves
            .into_iter()
            .take(whole)
            .map(|(_, leaf)| leaf)
            .collect())
    }

    /// What others need to check the signatures.
    pub fn verifier(&self) -> String {
        self.log.key().verifier()
    }

    /// Reads the whole log and compares it with its own checkpoints, and with one that somebody kept. Blocks
    /// on the disk.
    pub fn verify(&self, kept: Option<&str>) -> Result<Verdict, VerifyError> {
        let mut known: Vec<(Source, Checkpoint)> = Vec::new();
        let mut distrusted = None;
        match self.witness.checkpoint(&self.log)? {
            None => {}
            Some(Ok(checkpoint)) => known.push((Source::Witness, checkpoint)),
            Some(Err(error)) => distrusted = Some(error),
        }
        if let Some(note) = kept {
            known.push((Source::Given, self.log.key().open(note)?));
        }
        let mut verdict = self.log.verify(&self.store, &known)?;
        verdict.flaws.extend(distrusted.map(Flaw::Signature));
        Ok(verdict)
    }
}
