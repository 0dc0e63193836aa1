//! Reading the whole log again, and telling every flaw.

use std::{collections::BTreeSet, fmt};

use super::{
    checkpoint::{Checkpoint, CheckpointError},
    entry,
    log::Log,
    tree::{Edge, Hash},
};
use crate::store::{LogBody, ReadLog, Store, StoreError, record::LogAct};

/// Entries read at a time.
const STEP: usize = 4096;

/// Flaws told at most; the first say enough.
const TOLD: usize = 20;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Entries that were read.
    pub entries: u64,
    /// Entries whose content was erased, as the log itself says.
    pub erased: u64,
    /// Number of the epoch.
    pub epoch: u32,
    /// Root over the entries.
    pub root: Hash,
    /// What is wrong, at most the first few; empty for an intact log.
    pub flaws: Vec<Flaw>,
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// An entry is gone.
    #[error("entry {index} is missing: the log was cut or entries were taken out")]
    Missing {
        /// Its number.
        index: u64,
    },
    /// There are more entries than the log says.
    #[error("entry {index} lies beyond the end of the log")]
    Stray {
        /// Its number.
        index: u64,
    },
    /// An entry says something else than it did.
    #[error("entry {index} was altered")]
    Altered {
        /// Its number.
        index: u64,
    },
    /// A body is gone without a word.
    #[error("what entry {index} said is gone, and no later entry says that it was erased")]
    Emptied {
        /// Its number.
        index: u64,
    },
    /// A stored hash is not the one that follows from the entries.
    #[error("the stored hash over entries {first} to {last} does not follow from them")]
    Node {
        /// First entry.
        first: u64,
        /// Last entry.
        last: u64,
    },
    /// The checkpoint says something else.
    #[error("the signed checkpoint does not fit the entries")]
    Checkpoint,
    /// The checkpoint cannot be trusted.
    #[error("the checkpoint: {0}")]
    Signature(#[from] CheckpointError),
    /// The log is shorter than it once was.
    #[error("the log was set back: {source} knows {known} entries of it, here are {found}")]
    SetBack {
        /// Who knows better.
        #[source]
        source: Source,
        /// Entries it had.
        known: u64,
        /// Entries it has.
        found: u64,
    },
    /// The log is another than it once was.
    #[error("the first {known} entries are others than {source} knows: the log was rewritten")]
    Rewritten {
        /// Who knows better.
        #[source]
        source: Source,
        /// Entries it had.
        known: u64,
    },
}

/// Where a checkpoint that the log is compared with comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The collector's own file outside the store.
    Witness,
    /// Whoever asks for the comparison.
    Given,
}

impl std::error::Error for Source {}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Witness => "the checkpoint kept beside the store",
            Self::Given => "the checkpoint you gave",
        })
    }
}

/// What is gathered on the way.
#[derive(Default)]
struct Reading {
    edge: Edge,
    erased: BTreeSet<u64>,
    emptied: BTreeSet<u64>,
    flaws: Vec<Flaw>,
}

impl Log {
    /// Reads the whole log and compares it with its checkpoint and with others that are known. Blocks on the
    /// disk, about a second for every few hundred thousand entries.
    pub fn verify(
        &self,
        store: &Store,
        known: &[(Source, Checkpoint)],
    ) -> Result<Verdict, StoreError> {
        let head = store.log_head()?.unwrap_or_default();
        let mut reading = Reading::default();
        let mut known: Vec<_> = known.iter().filter(|(_, known)| known.size > 0).collect();
        known.sort_by_key(|(_, known)| known.size);
        let mut known = known.into_iter().peekable();
        while reading.edge.size() < head.size {
            let from = reading.edge.size();
            let leaves = store.log_leaves(from, STEP)?;
            let bodies = store.log_bodies(from, leaves.len().max(1))?;
            let mut bodies = bodies.into_iter().peekable();
            let mut any = false;
            for (index, commitment) in leaves {
                if index != reading.edge.size() || index >= head.size {
                    break;
                }
                any = true;
                let body = bodies.next_if(|(at, _)| *at == index).map(|(_, body)| body);
                reading.take(store, index, &commitment, body)?;
                while let Some((source, known)) =
                    known.next_if(|(_, known)| known.size == index + 1)
                {
                    reading.compare(*source, known);
                }
            }
            if !any {
                reading.flaw(Flaw::Missing { index: from });
                break;
            }
        }
        for (source, known) in known {
            reading.flaw(Flaw::SetBack {
                source: *source,
                known: known.size,
                found: reading.edge.size(),
            });
        }
        if let Some((index, _)) = store.log_leaves(head.size, 1)?.first() {
            reading.flaw(Flaw::Stray { index: *index });
        }
        self.compare_head(&mut reading, &head);
        Ok(reading.verdict(head.epoch))
    }

    fn compare_head(&self, reading: &mut Reading, head: &crate::store::record::LogHeadRecord) {
        if head.size == 0 {
            return;
        }
        let found = Checkpoint {
            epoch: head.epoch,
            size: reading.edge.size(),
            root: reading.edge.root(),
        };
        match self.key().open(&head.checkpoint) {
            Ok(signed) if signed == found => {}
            Ok(_) => reading.flaw(Flaw::Checkpoint),
            Err(error) => reading.flaw(Flaw::Signature(error)),
        }
        let peaks = reading.edge.peaks();
        if !head
            .peaks
            .iter()
            .map(Vec::as_slice)
            .eq(peaks.iter().map(<[u8; 32]>::as_slice))
        {
            reading.flaw(Flaw::Checkpoint);
        }
    }
}

impl Reading {
    fn take(
        &mut self,
        store: &Store,
        index: u64,
        commitment: &Hash,
        body: Option<LogBody>,
    ) -> Result<(), StoreError> {
        match body {
            None => {
                self.emptied.insert(index);
            }
            Some(body) if entry::commitment(&body) != *commitment => {
                self.flaw(Flaw::Altered { index });
            }
            Some(body) => {
                let said = body.record()?;
                if said.act() == LogAct::ErasedEntry {
                    self.erased.insert(said.count);
                }
            }
        }
        for complete in self.edge.push(commitment) {
            if store.log_node(complete.level, complete.position)? != Some(complete.root) {
                let first = complete.position << complete.level;
                let last = first + (1 << complete.level) - 1;
                self.flaw(Flaw::Node { first, last });
            }
        }
        Ok(())
    }

    fn compare(&mut self, source: Source, known: &Checkpoint) {
        if known.root != self.edge.root() {
            let known = known.size;
            self.flaw(Flaw::Rewritten { source, known });
        }
    }

    fn flaw(&mut self, flaw: Flaw) {
        if self.flaws.len() < TOLD && !self.flaws.contains(&flaw) {
            self.flaws.push(flaw);
        }
    }

    fn verdict(mut self, epoch: u32) -> Verdict {
        let unexplained: Vec<u64> = self.emptied.difference(&self.erased).copied().collect();
        for index in unexplained {
            self.flaw(Flaw::Emptied { index });
        }
        Verdict {
            entries: self.edge.size(),
            erased: self.emptied.len() as u64,
            epoch,
            root: self.edge.root(),
            flaws: self.flaws,
        }
    }
}
