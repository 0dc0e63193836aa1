//! Sets of machines, by the place of each in the index.

/// Places kept one by one before a bit for each place there is takes less.
const FEW: usize = 64;

/// A set of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Places {
    /// In ascending order.
    Few(Vec<u32>),
    /// A bit for each place.
    Many(Vec<u64>),
}

impl Default for Places {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Places {
    /// A set that can hold any place, with none in it.
    pub(super) fn wide() -> Self {
        Self::Many(Vec::new())
    }

    pub(super) fn insert(&mut self, place: u32) {
        match self {
            Self::Few(few) => {
                if let Err(at) = few.binary_search(&place) {
                    few.insert(at, place);
                    if few.len() > FEW && few.len() > place as usize / 32 {
                        let many = std::mem::take(few);
                        *self = Self::wide();
                        for place in many {
                            self.insert(place);
                        }
                    }
                }
            }
            Self::Many(bits) => {
                let (word, bit) = (place as usize / 64, place % 64);
                if bits.len() <= word {
                    // Thousands of these are kept: none shall take twice what it needs.
                    bits.reserve_exact(word + 1 - bits.len());
                    bits.resize(word + 1, 0);
                }
                bits[word] |= 1 << bit;
            }
        }
    }

    pub(super) fn remove(&mut self, place: u32) {
        match self {
            Self::Few(few) => {
                if let Ok(at) = few.binary_search(&place) {
                    few.remove(at);
                }
            }
            Self::Many(bits) => {
                if let Some(word) = bits.get_mut(place as usize / 64) {
                    *word &= !(1 << (place % 64));
                }
            }
        }
    }

    pub(super) fn contains(&self, place: u32) -> bool {
        match self {
            Self::Few(few) => few.binary_search(&place).is_ok(),
            Self::Many(bits) => {
                let word = bits.get(place as usize / 64).copied().unwrap_or_default();
                word & (1 << (place % 64)) != 0
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Few(few) => few.is_empty(),
            Self::Many(bits) => bits.iter().all(|word| *word == 0),
        }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Many(bits) => bits.iter().map(|word| word.count_ones() as usize).sum(),
        }
    }

    /// Adds those of another set that are in a third one.
    pub(super) fn add(&mut self, other: &Self, of: &Self) {
        match (self, other, of) {
            (Self::Many(bits), Self::Many(other), Self::Many(of)) => {
                let words = other.len().min(of.len());
                if bits.len() < words {
                    bits.resize(words, 0);
                }
                for (word, (other, of)) in bits.iter_mut().zip(other.iter().zip(of)) {
                    *word |= other & of;
                }
            }
            (own, other, of) => {
                for place in other.iter().filter(|place| of.contains(*place)) {
                    own.insert(place);
                }
            }
        }
    }

    /// How many are in another set too.
    pub(super) fn shared(&self, of: &Self) -> usize {
        match (self, of) {
            (Self::Many(bits), Self::Many(of)) => bits
                .iter()
                .zip(of)
                .map(|(word, of)| (word & of).count_ones() as usize)
                .sum(),
            _ => self.iter().filter(|place| of.contains(*place)).count(),
        }
    }

    /// Each place.
    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Self::Few(few) => Box::new(few.iter().copied()),
            Self::Many(bits) => Box::new(bits.iter().enumerate().flat_map(|(word, bits)| {
                let set = (0..64).filter(move |bit| bits & (1 << bit) != 0);
                set.map(move |bit| word as u32 * 64 + bit)
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_the_same_however_it_is_kept() {
        for step in [1, 3, 40, 900] {
            let (mut set, mut known) = (Places::default(), std::collections::BTreeSet::new());
            for place in (0..9000).step_by(step) {
                set.insert(place);
                set.insert(place);
                known.insert(place);
            }
            for place in (0..9000).step_by(7 * step) {
                set.remove(place);
                known.remove(&place);
            }
            assert_eq!(set.len(), known.len(), "{step}");
            assert!(set.iter().eq(known.iter().copied()), "{step}");
            assert!(known.iter().all(|place| set.contains(*place)));
            let mut mask = Places::wide();
            for place in 0..4000 {
                mask.insert(place);
            }
            let within = known.iter().filter(|place| **place < 4000).count();
            assert_eq!(set.shared(&mask), within);
            let (mut few, mut many) = (Places::default(), Places::wide());
            few.add(&set, &mask);
            many.add(&set, &mask);
            assert_eq!((few.len(), many.len()), (within, within));
        }
    }

    #[test]
    fn many_places_take_a_bit_each() {
        let mut set = Places::default();
        for place in 0..10_000 {
            set.insert(place);
        }
        let Places::Many(bits) = set else {
            panic!("kept one by one");
        };
        assert_eq!(bits.len(), 10_000_usize.div_ceil(64));
    }
}
