//! Goes through the changes of machines, newest first.

use std::collections::{BinaryHeap, VecDeque};

use super::ChangePosition;
use crate::{
    id::MachineId,
    store::{ChangeKey, Read as _, Store, StoreError, record::ChangeRecord},
};

/// Entries read at once, at least and at most.
const STEPS: (usize, usize) = (32, 500);

/// The changes of some machines, or of all, merged.
pub(super) struct Walk {
    lines: Vec<Line>,
    /// The next entry of each line that has one: its key and the line's number. The newest comes first.
    next: BinaryHeap<(ChangeKey, usize)>,
    is_begun: bool,
}

/// The changes of one machine, or of all, from the newest on.
struct Line {
    /// `None` for all.
    machine: Option<MachineId>,
    read: VecDeque<(MachineId, ChangeKey, ChangeRecord)>,
    before: Option<ChangeKey>,
    /// How many are read next.
    step: usize,
    is_over: bool,
}

impl Walk {
    /// Through the changes of all machines.
    pub(super) fn of_all(from: Option<ChangePosition>, wanted: usize) -> Self {
        Self::through(std::iter::once(None), from, wanted)
    }

    /// Through those of some machines. What happened on others costs nothing and plays no part.
    pub(super) fn of(machines: &[MachineId], from: Option<ChangePosition>, wanted: usize) -> Self {
        // Of many machines most have nothing that is new enough.
        let each = (wanted / machines.len().max(1)).max(1);
        Self::through(machines.iter().copied().map(Some), from, each)
    }

    fn through(
        machines: impl Iterator<Item = Option<MachineId>>,
        from: Option<ChangePosition>,
        wanted: usize,
    ) -> Self {
        let before = from.map(|from| ChangeKey::before(from.at().0.saturating_add(1)));
        let line = |machine| Line {
            machine,
            read: VecDeque::new(),
            before,
            step: wanted.saturating_add(1).min(STEPS.1),
            is_over: false,
        };
        Self {
            lines: machines.map(line).collect(),
            next: BinaryHeap::new(),
            is_begun: false,
        }
    }

    /// The next change; `None` after the oldest.
    pub(super) fn next(
        &mut self,
        store: &Store,
    ) -> Result<Option<(MachineId, ChangeRecord)>, StoreError> {
        if !self.is_begun {
            for number in 0..self.lines.len() {
                self.line_up(number, store)?;
            }
            self.is_begun = true;
        }
        let Some((_, number)) = self.next.pop() else {
            return Ok(None);
        };
        let entry = self.lines[number].read.pop_front();
        self.line_up(number, store)?;
        Ok(entry.map(|(id, _, record)| (id, record)))
    }

    fn line_up(&mut self, number: usize, store: &Store) -> Result<(), StoreError> {
        let line = &mut self.lines[number];
        if line.read.is_empty() && !line.is_over {
            line.read_on(store)?;
        }
        if let Some((_, key, _)) = line.read.front() {
            self.next.push((*key, number));
        }
        Ok(())
    }
}

impl Line {
    fn read_on(&mut self, store: &Store) -> Result<(), StoreError> {
        let entries = match self.machine {
            None => store.all_changes(self.before, self.step)?,
            Some(id) => {
                let entries = store.changes(id, self.before, self.step)?.into_iter();
                entries.map(|(key, record)| (id, key, record)).collect()
            }
        };
        self.is_over = entries.len() < self.step;
        self.before = entries.last().map(|(_, key, _)| *key).or(self.before);
        self.read = entries.into();
        self.step = (self.step * 2).clamp(STEPS.0, STEPS.1);
        Ok(())
    }
}
