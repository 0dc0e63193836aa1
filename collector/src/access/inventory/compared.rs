//! What only one machine has.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::index::Index;
use crate::id::MachineId;

/// Machines whose programs have to be known before it tells anything that only one has something.
const ENOUGH: usize = 3;

/// For how many times as long as it took it is not looked for again.
const REST: u32 = 50;

type Names = Option<Arc<HashSet<Arc<str>>>>;

/// What was found the last time. Looking again and again would cost more than it tells.
#[derive(Default)]
pub(super) struct Compared(Mutex<Option<Last>>);

struct Last {
    found: Names,
    good_until: Instant,
}

impl Compared {
    /// Programs that one of these machines alone has; `None` while not every machine's are known.
    pub(super) fn lonely(&self, index: &Index, machines: &[MachineId]) -> Names {
        let last = self.0.lock();
        let mut last = last.unwrap_or_else(PoisonError::into_inner);
        let began = Instant::now();
        if let Some(last) = last.as_ref().filter(|last| began < last.good_until) {
            return last.found.clone();
        }
        let found = found(index, machines).map(Arc::new);
        let rest: Duration = began.elapsed() * REST;
        *last = Some(Last {
            found: found.clone(),
            good_until: Instant::now() + rest,
        });
        found
    }
}

/// Programs that one of these machines alone has; `None` while not every machine's are known.
pub(super) fn found(index: &Index, machines: &[MachineId]) -> Option<HashSet<Arc<str>>> {
    let kept = index.kept();
    let (mask, _) = kept.mask(machines.iter().copied(), None);
    let (not_reported, _) = kept.states(&mask);
    let is_whole = mask.count() == machines.len() && !kept.overflowed;
    if !is_whole || machines.len() - not_reported < ENOUGH {
        return None;
    }
    let titles = kept.titles(&mask, |_| true).into_iter();
    let lonely = titles.filter(|title| title.machines == 1);
    Some(lonely.map(|title| title.name).collect())
}
