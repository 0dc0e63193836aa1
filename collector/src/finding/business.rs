//! What rules know of the business beyond the machine they look at.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

/// The business as a whole, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Business {
    /// The collector has run long enough that a computer which is on was heard.
    pub is_settled: bool,
    /// Machines on which an antivirus works, by its name.
    pub protected: BTreeMap<String, usize>,
    /// What the operating system of the collector's own computer calls this installation; empty when not
    /// known.
    pub home: String,
    /// Suppliers that had access to the record once and have none now, by their names in small letters; `None` while
    /// that is not known.
    pub ended: Option<BTreeSet<String>>,
    /// Programs that one machine alone has, by name; `None` while not every machine's are known, or where there are
    /// too few machines to tell anything.
    pub lonely: Option<Arc<HashSet<Arc<str>>>>,
    /// Version of this collector.
    pub version: &'static str,
}

impl Business {
    /// How many machines have an antivirus that works.
    pub fn protected_count(&self) -> usize {
        self.protected.values().sum()
    }

    /// The antivirus most machines have.
    pub fn usual_antivirus(&self) -> Option<&str> {
        let most = self.protected.iter().max_by_key(|(_, count)| **count)?;
        Some(most.0)
    }
}
