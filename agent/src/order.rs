//! Putting items in order. The program holds the library's algorithm once and not once for each kind of list, which would
//! make up a thirtieth of it.

use std::cmp::Ordering;

/// Sorts items. Those that are equal keep their order.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts items by a key.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts items as they compare.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut from = places(items.len(), &|a, b| compare(&items[a], &items[b]));
    for start in 0..items.len() {
        // What stands here goes round until it is where it belongs.
        let mut place = start;
        loop {
            let next = std::mem::replace(&mut from[place], place);
            if next == start {
                break;
            }
            items.swap(place, next);
            place = next;
        }
    }
}

/// For each place, where the item stands that belongs there.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|a, b| compare(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn items_end_up_as_the_library_would_have_them(items in proptest::collection::vec((0..9_u8, any::<u16>()), 0..60)) {
            let (mut own, mut expected) = (items.clone(), items);
            sort_by_key(&mut own, |item| item.0);
            expected.sort_by_key(|item| item.0);
            prop_assert_eq!(&own, &expected, "equal ones keep their order");
            sort(&mut own);
            expected.sort_unstable();
            prop_assert_eq!(own, expected);
        }
    }
}
