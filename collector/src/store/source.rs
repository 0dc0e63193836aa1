//! Where records are read from: the engine alone, or the engine under a transaction's own changes.

use std::{collections::BTreeMap, iter::Peekable, ops::Range};

use super::{error::StoreError, packs::Location, schema::Key};
use crate::id::Digest;

/// Records by key. Implemented here only; callers use [`Read`](super::Read).
pub trait Source {
    /// The value under a key.
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// The entries of a range.
    fn entries(&self, range: Range<Vec<u8>>, order: Order) -> Entries<'_>;
    /// The bytes of a body that lies at a known place.
    fn body_at(&self, digest: &Digest, location: Location) -> Result<Vec<u8>, StoreError>;
}

/// Keys with their values, or the first error.
pub(super) type Entries<'a> = Box<dyn Iterator<Item = Result<(Vec<u8>, Vec<u8>), StoreError>> + 'a>;

/// In which direction a range is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Ascending keys.
    Up,
    /// Descending keys.
    Down,
}

/// Changes that are not committed yet: `None` removes a key.
pub(super) type Overlay = BTreeMap<Key, Option<Vec<u8>>>;

/// The entries of `base` as they will be once `overlay` is applied.
pub(super) fn overlaid<'a>(
    base: Entries<'a>,
    overlay: &'a Overlay,
    range: Range<Key>,
    order: Order,
) -> Entries<'a> {
    if overlay.is_empty() || range.start >= range.end {
        return base;
    }
    let changed = overlay.range(range);
    let changed: Changed<'a> = match order {
        Order::Up => Box::new(changed),
        Order::Down => Box::new(changed.rev()),
    };
    Box::new(Overlaid {
        base: base.peekable(),
        changed: changed.peekable(),
        order,
    })
}

type Changed<'a> = Box<dyn Iterator<Item = (&'a Key, &'a Option<Vec<u8>>)> + 'a>;

struct Overlaid<'a> {
    base: Peekable<Entries<'a>>,
    changed: Peekable<Changed<'a>>,
    order: Order,
}

impl Iterator for Overlaid<'_> {
    type Item = Result<(Vec<u8>, Vec<u8>), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((changed, _)) = self.changed.peek() else {
                return self.base.next();
            };
            let comes_first = match self.base.peek() {
                None => true,
                Some(Err(_)) => return self.base.next(),
                Some(Ok((key, _))) if key == *changed => {
                    self.base.next();
                    true
                }
                Some(Ok((key, _))) => (*changed < key) == (self.order == Order::Up),
            };
            if !comes_first {
                return self.base.next();
            }
            if let Some((key, Some(value))) = self.changed.next() {
                return Some(Ok((key.clone(), value.clone())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &[u8], overlay: &[(u8, bool)], order: Order) -> Vec<(u8, u8)> {
        let mut base: Vec<_> = base.iter().map(|key| Ok((vec![*key], vec![0]))).collect();
        if order == Order::Down {
            base.reverse();
        }
        let overlay: Overlay = overlay
            .iter()
            .map(|(key, put)| (vec![*key], put.then(|| vec![1])))
            .collect();
        overlaid(
            Box::new(base.into_iter()),
            &overlay,
            vec![0]..vec![9],
            order,
        )
        .map(|entry| entry.unwrap())
        .map(|(key, value)| (key[0], value[0]))
        .collect()
    }

    #[test]
    fn an_overlay_adds_replaces_and_removes_in_both_directions() {
        let overlay = [(1, true), (2, false), (3, true), (5, true), (6, false)];
        let expected = [(1, 1), (3, 1), (4, 0), (5, 1)];
        assert_eq!(merged(&[2, 3, 4], &overlay, Order::Up), expected);
        let mut reversed = expected;
        reversed.reverse();
        assert_eq!(merged(&[2, 3, 4], &overlay, Order::Down), reversed);
    }
}
