//! Finding computers by what their line in the list says.

use super::system;
use crate::access::{Machine, MachineLine, holds};

/// What is searched for, in any case.
pub(super) struct Search {
    /// In small letters.
    text: String,
    may_be_identifier: bool,
}

/// Tells whether a computer is called so, or bears such a label.
pub(crate) fn called(text: &str) -> impl Fn(&Machine) -> bool {
    let search = Search::new(text);
    move |machine| search.finds_name(machine)
}

impl Search {
    pub(super) fn new(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        let of_identifier = |c: char| c.is_ascii_hexdigit() || c == '-';
        Self {
            may_be_identifier: text.chars().all(of_identifier),
            text,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether it is in what a computer is called.
    fn finds_name(&self, machine: &Machine) -> bool {
        self.is_in(&machine.name())
            || self.is_in(&machine.host_name)
            || (self.may_be_identifier && machine.id.to_string().starts_with(&self.text))
            || machine.labels.iter().any(|label| self.is_in(label))
    }

    /// Whether it is in anything that the list says of a computer.
    pub(super) fn finds(&self, line: &MachineLine) -> bool {
        use crate::access::Protection::{Absent, Unknown, Weak, Working};
        let headline = &line.headline;
        self.finds_name(&line.machine)
            || self.is_in(system(line))
            || headline
                .administrators
                .known()
                .is_some_and(|known| known.names.iter().any(|name| self.is_in(name)))
            || headline
                .protection
                .known()
                .is_some_and(|known| match known {
                    Working { product } | Weak { product, .. } => self.is_in(product),
                    Absent | Unknown => false,
                })
    }

    fn is_in(&self, text: &str) -> bool {
        holds(text, &self.text)
    }
}
