//! What each of the compared versions could see of what the others held.
//!
//! An item that is missing is gone only when the version that lacks it would have shown it. One that turns up is new
//! only when an earlier version would have shown it. Both are asked for each item by itself: what hides programs in
//! homes hides no member of a group.

use std::{cell::RefCell, collections::HashMap};

use super::{reading::Reading, scope::Scope};

/// The newer version. The earlier ones follow, the last one before it first.
pub(super) const NOW: usize = 0;
/// The version right before the newer one.
pub(super) const PREVIOUS: usize = 1;

/// How well each version could be read.
#[derive(Debug)]
pub(super) struct Sight {
    readings: Vec<Reading>,
    /// What was found out: a section has few scopes, and many items.
    known: RefCell<HashMap<(usize, usize, Scope), bool>>,
}

impl Sight {
    /// Readings by version, [`NOW`] first.
    pub(super) fn new(readings: Vec<Reading>) -> Self {
        Self {
            readings,
            known: RefCell::default(),
        }
    }

    /// A version's reading.
    pub(super) fn of(&self, version: usize) -> &Reading {
        &self.readings[version]
    }

    /// Whether nothing of what can be read now was known before.
    pub(super) fn is_first_light(&self) -> bool {
        !self.of(NOW).is_dark() && self.readings[PREVIOUS..].iter().all(Reading::is_dark)
    }

    /// How many versions there are.
    pub(super) fn versions(&self) -> usize {
        self.readings.len()
    }

    /// Whether a version would have shown what another one showed.
    pub(super) fn covers(&self, version: usize, other: usize, scope: Scope) -> bool {
        let mut known = self.known.borrow_mut();
        *known.entry((version, other, scope)).or_insert_with(|| {
            let (version, other) = (self.readings.get(version), self.readings.get(other));
            version
                .zip(other)
                .is_some_and(|(version, other)| version.covers_scope(other, scope))
        })
    }

    /// Whether the newer version may lack or not know something that an earlier one did.
    pub(super) fn is_dimmed(&self, scope: Scope) -> bool {
        !self
            .earlier()
            .all(|version| self.covers(NOW, version, scope))
    }

    /// Whether something that turns up may have been there before.
    pub(super) fn is_cleared(&self, scope: Scope) -> bool {
        !self
            .earlier()
            .any(|version| self.covers(version, NOW, scope))
    }

    fn earlier(&self) -> std::ops::Range<usize> {
        PREVIOUS..self.readings.len()
    }
}
