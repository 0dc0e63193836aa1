//! Words that many machines have in common, each kept once: names of systems, products and accounts.

use std::{collections::HashSet, sync::Arc};

/// Longer words are hardly ever those of a second machine.
const LONGEST: usize = 64;

/// Words below which nothing is gained by looking for those that nobody uses any more.
const FEW: usize = 1024;

/// The words in use.
#[derive(Debug, Default)]
pub(super) struct Words {
    known: HashSet<Arc<str>>,
    /// How many there were when those that nobody used any more were last let go.
    kept: usize,
}

impl Words {
    /// A word, shared with whoever has it already.
    pub(super) fn shared(&mut self, word: &str) -> Arc<str> {
        if word.len() > LONGEST {
            return word.into();
        }
        if let Some(known) = self.known.get(word) {
            return Arc::clone(known);
        }
        self.let_go();
        let new: Arc<str> = word.into();
        self.known.insert(Arc::clone(&new));
        new
    }

    /// Forgets words that nobody uses, whenever their number has doubled.
    fn let_go(&mut self) {
        if self.known.len() < FEW + 2 * self.kept {
            return;
        }
        self.known.retain(|word| Arc::strong_count(word) > 1);
        self.known.shrink_to_fit();
        self.kept = self.known.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_once_while_somebody_uses_it() {
        let mut words = Words::default();
        let (one, other) = (words.shared("root"), words.shared("root"));
        assert!(Arc::ptr_eq(&one, &other));
        let used: Vec<_> = (0..10_000)
            .map(|n| words.shared(&n.to_string()))
            .step_by(100)
            .collect();
        assert!(words.known.len() < 3 * FEW, "{}", words.known.len());
        assert!(Arc::ptr_eq(&words.shared("root"), &one));
        assert!(used.iter().all(|word| words.known.contains(word)));
    }

    #[test]
    fn long_words_are_not_kept() {
        let mut words = Words::default();
        assert_eq!(*words.shared(&"x".repeat(4096)), "x".repeat(4096));
        assert!(words.known.is_empty());
    }
}
