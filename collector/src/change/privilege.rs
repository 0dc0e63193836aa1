//! Who can administer the machine, told in terms of people, not of rules: the first way in makes an
//! administrator, the last one removed ends it.

use std::collections::HashSet;

use freehold_proto::v1::{accounts::Privilege, toggle};
use prost::Message as _;
use prost_reflect::DynamicMessage;

use super::{
    compare::{Delta, Item, Pair},
    item::title,
    parts::Raw,
    schema::ListSchema,
    sentence::{Teller, Turn},
    words::{NAME_BYTES, cut, shown_by_name},
};
use crate::store::record::{Action, ChangeRecord};

/// Someone, as told apart from others.
type Principal = (String, i32);

/// Writes the entries of the list of privileges. `hidden` are those that the newer version may lack although they are
/// there: they keep their holders administrators.
pub(super) fn entries(
    teller: &Teller<'_>,
    list: &ListSchema,
    (older, newer): (&[Raw<'_>], &[Raw<'_>]),
    hidden: &[Item<'_>],
    delta: &Delta<'_>,
) -> Vec<ChangeRecord> {
    let before = administrators(older);
    let after = administrators(newer.iter().chain(hidden.iter().map(|item| &item.raw)));
    let mut told = HashSet::new();
    let mut entries = Vec::new();
    for item in &delta.added {
        let known = before.contains(&principal(item)) || !told.insert(principal(item));
        entries.push(turned(teller, list, item, Turn::Added, known));
    }
    for pair in &delta.paired {
        entries.extend(altered(teller, list, pair, &before, &after));
    }
    let mut told = HashSet::new();
    for item in &delta.removed {
        let known = after.contains(&principal(item)) || !told.insert(principal(item));
        entries.push(turned(teller, list, item, Turn::Removed, known));
    }
    entries
}

/// What a right is called in a sentence that says how it changed.
pub(super) fn subject(item: &DynamicMessage) -> String {
    format!(
        "{} {} ({})",
        Control::of(item).noun(),
        holder(item),
        why(item)
    )
}

/// How much a right gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control {
    Full,
    Unknown,
    Limited,
}

impl Control {
    fn of(item: &DynamicMessage) -> Self {
        let value = item.get_field_by_name("full_control");
        let number = value.and_then(|value| value.as_enum_number()).unwrap_or(0);
        match toggle::State::try_from(number) {
            Ok(toggle::State::On) => Self::Full,
            Ok(toggle::State::Off) => Self::Limited,
            Ok(toggle::State::Unspecified | toggle::State::Unknown) | Err(_) => Self::Unknown,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Full => "administrator",
            Self::Unknown => "possible administrator",
            Self::Limited => "limited right",
        }
    }
}

/// Whoever has full control by any of these rights.
fn administrators<'a>(rights: impl IntoIterator<Item = &'a Raw<'a>>) -> HashSet<Principal> {
    rights
        .into_iter()
        .filter_map(|raw| Privilege::decode(&**raw).ok())
        .filter(|right| right.full_control() == toggle::State::On)
        .map(|right| (right.principal, right.principal_kind))
        .collect()
}

fn principal(item: &Item<'_>) -> Principal {
    let kind = item.message.get_field_by_name("principal_kind");
    (
        shown_by_name(&item.message, "principal"),
        kind.and_then(|kind| kind.as_enum_number()).unwrap_or(0),
    )
}

/// Who holds a right; groups are told from people.
fn holder(item: &DynamicMessage) -> String {
    let name = match shown_by_name(item, "principal") {
        name if name.is_empty() => "(without a name)".to_owned(),
        name => name,
    };
    let kind = shown_by_name(item, "principal_kind");
    let group = if kind.ends_with("group") {
        "group "
    } else {
        ""
    };
    cut(&format!("{group}{name}"), NAME_BYTES)
}

/// A right appeared or disappeared. `known`: its holder is an administrator by another right as well.
fn turned(
    teller: &Teller<'_>,
    list: &ListSchema,
    item: &Item<'_>,
    turn: Turn,
    known: bool,
) -> ChangeRecord {
    let name = holder(&item.message);
    let control = Control::of(&item.message);
    let (noun, why, verb) = (
        control.noun(),
        why(&item.message),
        teller.verb(list, item, turn),
    );
    let summary = match (control, known) {
        (Control::Full, true) => format!("{noun} {name}: another way {verb} ({why})"),
        _ => format!("{noun} {verb}: {name} ({why})"),
    };
    let action = match turn {
        Turn::Added => Action::Added,
        Turn::Removed => Action::Removed,
    };
    teller.entry(action, noun, &title(list, &item.message), summary)
}

/// A right is in both versions. One that came to give full control makes an administrator.
fn altered(
    teller: &Teller<'_>,
    list: &ListSchema,
    pair: &Pair<'_>,
    before: &HashSet<Principal>,
    after: &HashSet<Principal>,
) -> Option<ChangeRecord> {
    let mut entry = teller.altered(list, pair)?;
    let name = holder(&pair.after.message);
    let why = why(&pair.after.message);
    let (old, new) = (
        Control::of(&pair.before.message),
        Control::of(&pair.after.message),
    );
    let who = principal(&pair.after);
    new.noun().clone_into(&mut entry.noun);
    let changed = match (old, new) {
        (Control::Full, Control::Full) => return Some(entry),
        (_, Control::Full) if !before.contains(&who) => Some((Action::Added, "added")),
        (Control::Full, _) if !after.contains(&who) => Some((Action::Removed, "removed")),
        _ => None,
    };
    if let Some((action, verb)) = changed {
        "administrator".clone_into(&mut entry.noun);
        entry.action = action.into();
        entry.summary = format!(
            "administrator {verb}: {name} ({why}), before: {}, now: {}",
            old.noun(),
            new.noun()
        );
    }
    Some(entry)
}

/// Why someone has a right: by what, along which way, under which conditions.
fn why(item: &DynamicMessage) -> String {
    let mechanism = match shown_by_name(item, "mechanism").as_str() {
        "" => "not known how".to_owned(),
        "uid zero" => "user id 0".to_owned(),
        "admin group" => "administrators' group".to_owned(),
        "root equivalent group" => "group that amounts to root".to_owned(),
        "setuid" => "program that runs as root whoever starts it".to_owned(),
        "service" => "service or task that runs as root".to_owned(),
        "su" => "su without a password".to_owned(),
        "capability" => "program with rights of root".to_owned(),
        "writable file" => "file the system relies on".to_owned(),
        other => other.to_owned(),
    };
    let path = shown_by_name(item, "path");
    let scope = match shown_by_name(item, "scope") {
        everything if everything == "everything" => String::new(),
        limited => limited,
    };
    let conditions = shown_by_name(item, "conditions");
    let mut text = mechanism;
    for (separator, part) in [(": ", path), (", allows ", scope), (", ", conditions)] {
        if !part.is_empty() && part != text {
            text.push_str(separator);
            text.push_str(&part);
        }
    }
    cut(&text, 2 * NAME_BYTES)
}
