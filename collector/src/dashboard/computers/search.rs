//! Finding computers by what their line in the list says.

use super::system;
use crate::access::MachineLine;

/// What is searched for, in any case.
pub(super) struct Search {
    /// In small letters.
    text: String,
    may_be_identifier: bool,
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

    pub(super) fn finds(&self, line: &MachineLine) -> bool {
        use crate::access::Protection::{Absent, Unknown, Weak, Working};
        let (machine, headline) = (&line.machine, &line.headline);
        self.is_in(&machine.name())
            || self.is_in(&machine.host_name)
            || (self.may_be_identifier && machine.id.to_string().starts_with(&self.text))
            || machine.labels.iter().any(|label| self.is_in(label))
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

    /// Whether a text holds it. Hardly any text needs a copy in small letters.
    fn is_in(&self, text: &str) -> bool {
        if !text.is_ascii() || self.text.is_empty() {
            return text.to_lowercase().contains(&self.text);
        }
        let wanted = self.text.as_bytes();
        let mut places = text.as_bytes().windows(wanted.len());
        places.any(|place| place.eq_ignore_ascii_case(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_in_any_case_and_script() {
        for (query, text, found) in [
            ("PC-0042", "pc-0042", true),
            ("front", "The FRONT desk", true),
            ("müller", "MÜLLER-PC", true),
            ("k", "\u{212a}elvin", true),
            ("frontdesk", "front desk", false),
            ("longer than it", "short", false),
        ] {
            assert_eq!(Search::new(query).is_in(text), found, "{query} in {text}");
        }
    }
}
