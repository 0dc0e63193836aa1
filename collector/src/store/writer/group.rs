//! Changes that become durable together.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Acknowledge, Change, Outcome};
use crate::store::{
    engine::Engine,
    error::CommitError,
    packs::Position,
    space::Room,
    txn::{GroupChanges, Txn},
};

/// Most changes made durable together.
const GROUP_CHANGES: usize = 1024;
/// A group takes no further change once it adds this many bytes of bodies.
const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// Changes that become durable together.
pub(super) struct Group {
    txn: Txn,
    /// Who is told, in order.
    waiting: Vec<Acknowledge>,
    room: Room,
    full: CommitError,
}

impl Group {
    pub(super) fn new(engine: &Engine, start: Position, room: Room) -> Self {
        let dir = engine.place().dir.clone();
        Self {
            txn: Txn::new(engine.clone(), start),
            waiting: Vec::new(),
            room,
            full: CommitError::Full { dir },
        }
    }

    /// What the group does, and who is told when that is durable.
    pub(super) fn finish(self) -> (GroupChanges, Vec<Acknowledge>) {
        (self.txn.finish(), self.waiting)
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < GROUP_CHANGES && self.txn.appended_bytes() < GROUP_BYTES
    }

    pub(super) fn run(&mut self, change: Change) {
        let needed = if change.urgent {
            Room::Scarce
        } else {
            Room::Ample
        };
        if self.room < needed {
            (change.run)(Err(self.full.clone()));
            return;
        }
        match catch_unwind(AssertUnwindSafe(|| (change.run)(Ok(&mut self.txn)))) {
            Ok(Outcome::Keep(acknowledge)) => {
                self.txn.keep();
                self.waiting.push(acknowledge);
            }
            // A change that panicked has dropped its answer, which its caller notices.
            Ok(Outcome::Discard) | Err(_) => self.txn.discard(),
        }
    }
}
