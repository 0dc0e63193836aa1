//! Proofs that one log continues another, out of stored nodes: without reading every entry.

use ct_merkle::{ConsistencyProof, RootHash, indices_for_consistency_proof};
use sha2::Sha256;

use super::{
    checkpoint::Checkpoint,
    log::{Log, edge},
    tree::{Hash, node},
};
use crate::store::{ReadLog, Store, StoreError};

impl Log {
    /// The proof (RFC 6962, section 2.1.2) that the log as it is now continues the one that had `size`
    /// entries, with what the log is now. `None` when it never had so many, or for none at all.
    pub fn consistency(
        &self,
        store: &Store,
        size: u64,
    ) -> Result<Option<(Checkpoint, Vec<Hash>)>, StoreError> {
        let Some(head) = store.log_head()? else {
            return Ok(None);
        };
        if size == 0 || size > head.size {
            return Ok(None);
        }
        let indices = indices_for_consistency_proof(size, head.size - size);
        let hashes = indices.into_iter().map(|index| at(store, index, head.size));
        let now = Checkpoint {
            epoch: head.epoch,
            size: head.size,
            root: edge(&head)?.root(),
        };
        Ok(Some((now, hashes.collect::<Result<_, _>>()?)))
    }

    /// Whether the log as it is now continues what a checkpoint says.
    pub fn continues(&self, store: &Store, earlier: &Checkpoint) -> Result<bool, StoreError> {
        if earlier.size == 0 {
            return Ok(true);
        }
        let proven = self.consistency(store, earlier.size)?;
        Ok(proven.is_some_and(|(now, proof)| proves(earlier, &now, &proof)))
    }
}

/// Whether a proof shows that `now` continues `earlier`.
pub(crate) fn proves(earlier: &Checkpoint, now: &Checkpoint, proof: &[Hash]) -> bool {
    let root =
        |checkpoint: &Checkpoint| RootHash::<Sha256>::new(checkpoint.root.into(), checkpoint.size);
    ConsistencyProof::try_from_bytes(proof.concat())
        .is_ok_and(|proof| root(now).verify_consistency(&root(earlier), &proof).is_ok())
}

/// The hash of a node of a tree of `size` entries, by its number when all nodes are counted from left to
/// right: a node above `1 << level` entries has that many ones at the end of its number.
fn at(store: &Store, index: u64, size: u64) -> Result<Hash, StoreError> {
    let level = index.trailing_ones();
    let first = (index >> (level + 1)) << level;
    let end = (first + (1 << level)).min(size);
    over(store, first, end)
}

/// The root over the entries from `first` to before `end`; `first` is where a perfect tree of that size may
/// begin.
fn over(store: &Store, first: u64, end: u64) -> Result<Hash, StoreError> {
    let entries = end.saturating_sub(first);
    if entries.is_power_of_two() {
        let level = entries.trailing_zeros();
        let root = store.log_node(level as u8, first >> level)?;
        return root.ok_or(StoreError::InvalidRecord { field: "node" });
    }
    if entries == 0 {
        return Err(StoreError::InvalidRecord { field: "node" });
    }
    let left = 1 << entries.ilog2();
    let (left, right) = (
        over(store, first, first + left)?,
        over(store, first + left, end)?,
    );
    Ok(node(&left, &right))
}
