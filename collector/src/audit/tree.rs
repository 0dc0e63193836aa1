//! The Merkle tree of RFC 6962: hashes, and its growing edge.

use sha2::{Digest as _, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// Hash of a leaf.
pub(super) fn leaf(commitment: &Hash) -> Hash {
    Sha256::new_with_prefix([0])
        .chain_update(commitment)
        .finalize()
        .into()
}

/// Hash of an inner node.
pub(super) fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The edge to which entries are added: the roots of the perfect trees that the entries make up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Edge {
    size: u64,
    /// The largest tree first: one for each bit that is set in `size`.
    peaks: Vec<Hash>,
}

/// A perfect tree that became complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Complete {
    /// It holds `1 << level` entries.
    pub(super) level: u8,
    /// Its first entry is `position << level`.
    pub(super) position: u64,
    /// Its root.
    pub(super) root: Hash,
}

impl Edge {
    /// As stored; `None` when the parts do not fit each other.
    pub(super) fn new(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// Entries so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the perfect trees, the largest first.
    pub(super) fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds an entry; answers with every perfect tree that it completes, its own leaf first.
    pub(super) fn push(&mut self, commitment: &Hash) -> Vec<Complete> {
        let index = self.size;
        let mut tree = Complete {
            level: 0,
            position: index,
            root: leaf(commitment),
        };
        let mut complete = vec![tree];
        while (index >> tree.level) & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            tree = Complete {
                level: tree.level + 1,
                position: tree.position >> 1,
                root: node(&left, &tree.root),
            };
            complete.push(tree);
        }
        self.peaks.push(tree.root);
        self.size += 1;
        complete
    }

    /// The root of the whole tree.
    pub(super) fn root(&self) -> Hash {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// The root over entries.
pub(crate) fn root_of(commitments: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    for commitment in commitments {
        edge.push(commitment);
    }
    edge.root()
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    use super::*;

    #[test]
    fn the_root_is_that_of_rfc_6962_at_every_size() {
        let mut edge = Edge::default();
        let mut tree = MemoryBackedTree::<Sha256, Hash>::new();
        for entry in 0..300_u32 {
            let commitment: Hash = Sha256::digest(entry.to_be_bytes()).into();
            edge.push(&commitment);
            tree.push(commitment);
            assert_eq!(
                edge.root(),
                <Hash>::from(*tree.root().as_bytes()),
                "{entry}"
            );
            assert_eq!(edge.size(), tree.len());
        }
    }

    #[test]
    fn an_edge_is_the_same_after_it_was_stored() {
        let mut edge = Edge::default();
        for entry in 0..77 {
            edge.push(&[entry; 32]);
        }
        let again = Edge::new(edge.size(), edge.peaks().to_vec()).unwrap();
        assert_eq!(again, edge);
        assert_eq!(
            Edge::new(78, edge.peaks().to_vec()).map(|edge| edge.size()),
            Some(78)
        );
        assert!(Edge::new(79, edge.peaks().to_vec()).is_none());
    }
}
