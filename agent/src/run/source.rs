//! Where sections come from.

use freehold_proto::v1::{Readings, section::Kind};

use crate::{
    probe::{self, Root},
    snapshot::Collected,
};

/// What is observed: the machine, or something that stands for it in a test.
pub trait Source: Send + Sync + 'static {
    /// Collects one section; may take a while.
    fn collect(&self, kind: Kind) -> Option<Collected>;
    /// Reads the values that change by themselves.
    fn readings(&self) -> Readings;
    /// Where changes can be noticed.
    fn root(&self) -> Root;
}

/// A machine's own file system and kernel.
#[derive(Clone, Debug)]
pub struct Machine {
    root: Root,
}

impl Machine {
    /// Observes what is below a root.
    pub fn new(root: Root) -> Self {
        Self { root }
    }
}

impl Source for Machine {
    fn collect(&self, kind: Kind) -> Option<Collected> {
        probe::collect(kind, &self.root)
    }

    fn readings(&self) -> Readings {
        probe::readings(&self.root)
    }

    fn root(&self) -> Root {
        self.root.clone()
    }
}
