//! What only a running system knows: its processes, and where it listens.

use std::{
    cell::RefCell,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    rc::Rc,
};

use crate::probe::{Root, section::Diagnostics};

use super::{
    processes::{Asked, Processes, Shared},
    sockets::{self, Told},
};

/// What runs and listens.
pub(super) struct Live {
    /// Absent when the processes cannot be seen.
    pub(super) processes: Option<Processes>,
    /// Absent when no table could be read.
    pub(super) sockets: Option<Vec<Told>>,
    /// What could not be read.
    pub(super) notes: Diagnostics,
}

impl Live {
    /// Reads /proc.
    pub(super) fn read(root: &Root) -> Self {
        let mut notes = Diagnostics::new();
        Self {
            processes: Processes::read(root, &mut notes),
            sockets: sockets::listening(root, &mut notes),
            notes,
        }
    }

    /// What can be compared with a later look.
    pub(super) fn seen(&self) -> Seen {
        let mut sockets = DefaultHasher::new();
        self.sockets.hash(&mut sockets);
        Seen {
            processes: self.processes.as_ref().map(Processes::shared),
            sockets: sockets.finish(),
        }
    }
}

/// What ran and listened.
pub(super) struct Seen {
    processes: Option<Shared>,
    sockets: u64,
}

impl Seen {
    /// What was asked of the processes until now.
    pub(super) fn asked(&self) -> Rc<RefCell<Asked>> {
        let asked = self.processes.as_ref();
        asked.map(|(_, asked)| asked.clone()).unwrap_or_default()
    }

    /// What differs when a socket or a process that somebody asked for came or went.
    pub(super) fn mark(&self, asked: &Asked) -> u64 {
        let mut mark = DefaultHasher::new();
        self.sockets.hash(&mut mark);
        self.processes.is_some().hash(&mut mark);
        if let Some((processes, _)) = &self.processes {
            asked.hash(processes, &mut mark);
        }
        mark.finish()
    }
}
