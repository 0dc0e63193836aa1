//! Whose administrators are, as far as the owner has said so.

use super::{
    super::{Found, Look, Verdict, Whose},
    accounts::{because, people},
};

/// Administrators of whom nobody has said whose they are.
pub(super) fn unclaimed(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let mut names = people(section);
    names.retain(|name| look.whose(name).is_none());
    let found = (!names.is_empty()).then(|| {
        let found = Found::here()
            .names("names", names.iter().copied())
            .number("count", names.len());
        names
            .iter()
            .fold(found, |found, name| because(found, section, name))
    });
    Verdict::seen(found, look.facts.accounts.is_whole())
}

/// An administrator belongs to a supplier that has no access to the record any more.
pub(super) fn supplier_left(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let people = people(section);
    let theirs = people.iter().filter_map(|name| match look.whose(name)? {
        Whose::Supplier(supplier) => Some((*name, supplier)),
        Whose::Ours | Whose::Maker => None,
    });
    let theirs: Vec<(&str, String)> = theirs.collect();
    let Some(ended) = &look.business.ended else {
        // Nobody knows yet who has left.
        return Verdict::seen(None, theirs.is_empty() && look.facts.accounts.is_whole());
    };
    let left = theirs
        .iter()
        .filter(|(_, supplier)| ended.contains(&supplier.to_lowercase()));
    let found = left.map(|(name, supplier)| {
        let found = Found::about(name)
            .name("account", name)
            .name("other", supplier);
        because(found, section, name)
    });
    Verdict::seen(found, look.facts.accounts.is_whole())
}

/// Everybody who administers a computer is known, and nobody of them belongs to the business.
pub(super) fn none_of_ours(look: &Look<'_>) -> Verdict {
    let Some(section) = look.facts.accounts.read() else {
        return Verdict::unknown();
    };
    let names = people(section);
    let said: Vec<Option<Whose>> = names.iter().map(|name| look.whose(name)).collect();
    if said.contains(&Some(Whose::Ours)) {
        return Verdict::fine();
    }
    if !look.facts.accounts.is_whole() || said.contains(&None) {
        return Verdict::unknown();
    }
    if names.is_empty() {
        return Verdict::fine();
    }
    let found = Found::here().names("names", names.iter().copied());
    let found = names
        .iter()
        .fold(found, |found, name| because(found, section, name));
    Verdict::of([found])
}

#[cfg(test)]
mod tests;
