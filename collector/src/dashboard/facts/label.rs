//! What fields and choices of the schema are called on the screen.

use freehold_proto::v1::section::Kind;
use prost_reflect::FieldDescriptor;

use crate::dashboard::text;

/// Units at the end of a field's name: the value carries them.
const UNITS: [&str; 9] = [
    "_bytes", "_at", "_mhz", "_mts", "_mbps", "_mwh", "_seconds", "_percent", "_on",
];

/// The label of a field.
pub(super) fn of(field: &FieldDescriptor) -> String {
    let parent = field.parent_message();
    let qualified = format!("{}.{}", parent.name(), field.name());
    named(&text::facts::FIELDS, &qualified)
        .or_else(|| named(&text::facts::FIELDS, field.name()))
        .map_or_else(|| humanized(without_unit(field.name())), str::to_owned)
}

/// A value of an enumeration.
pub(in crate::dashboard) fn choice(enumeration: &str, value: &str) -> String {
    let short = enumeration
        .strip_prefix("freehold.v1.")
        .unwrap_or(enumeration);
    named(&text::facts::CHOICES, &format!("{short}.{value}"))
        .or_else(|| named(&text::facts::CHOICES, value))
        .map_or_else(|| humanized(&value.to_lowercase()), str::to_owned)
}

/// The title of a section.
pub(in crate::dashboard) fn section_title(kind: Kind) -> &'static str {
    match kind {
        Kind::Unspecified => text::section::LIFECYCLE,
        Kind::System => text::section::SYSTEM,
        Kind::Hardware => text::section::HARDWARE,
        Kind::Software => text::section::SOFTWARE,
        Kind::Antivirus => text::section::ANTIVIRUS,
        Kind::Accounts => text::section::ACCOUNTS,
        Kind::Network => text::section::NETWORK,
        Kind::Services => text::section::SERVICES,
        Kind::Protection => text::section::PROTECTION,
    }
}

/// `password_set` as "Password set".
pub(in crate::dashboard) fn humanized(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut letters = spaced.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => spaced,
    }
}

fn without_unit(name: &str) -> &str {
    UNITS
        .iter()
        .find_map(|unit| name.strip_suffix(unit))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name)
}

fn named(names: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    names
        .iter()
        .find_map(|(name, label)| (*name == key).then_some(*label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_schema_become_words() {
        assert_eq!(humanized("password_set"), "Password set");
        assert_eq!(without_unit("memory_bytes"), "memory");
        assert_eq!(
            choice("freehold.v1.Toggle.State", "UNKNOWN"),
            "Could not be read"
        );
        assert_eq!(
            choice("freehold.v1.Anything", "LOCAL_USER"),
            "Local account"
        );
    }
}
