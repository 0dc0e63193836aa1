//! What changed between two versions of a section, as sentences in the section's own terms.
//!
//! Works on the encoded bytes by reflection over the schema: `catalogue.rs` says what each list holds, so
//! that a new list needs one entry there and no code. Lists are compared byte by byte first; only items
//! that differ are decoded. Fields that this schema does not know never make a difference.

mod catalogue;
mod compare;
mod difference;
mod fold;
mod item;
mod parts;
mod privilege;
mod reading;
pub(crate) mod schema;
mod scope;
mod sentence;
mod sight;
mod socket;
pub(crate) mod wire;
mod words;

#[cfg(test)]
mod tests;

use freehold_proto::v1::section::Kind;
use thiserror::Error;

pub use fold::{REPORT_ENTRIES, fold};
pub use reading::Reading;

use self::{
    catalogue::Form,
    parts::{Known, Parts},
    schema::{ListSchema, Section, section_of},
    scope::Scope,
    sentence::{Teller, Turn},
    sight::{NOW, PREVIOUS, Sight},
    words::counted,
};
use crate::{
    clock::UnixMillis,
    store::record::{Action, ChangeRecord, FieldChange},
};

/// Why two versions could not be compared.
#[derive(Debug, Error)]
pub enum CompareError {
    /// There is no such section.
    #[error("section number {0} is not known to this collector; update it")]
    Kind(i32),
    /// One of the versions is not a message of the section.
    #[error("a version of section {section} cannot be decoded: {reason}")]
    Encoding {
        /// The section.
        section: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl CompareError {
    fn encoding(section: &Section, reason: &dyn std::error::Error) -> Self {
        Self::Encoding {
            section: section.name.clone(),
            reason: reason.to_string(),
        }
    }
}

/// What a newer version is compared with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Baseline<'a> {
    /// The version before it; none when it is the first.
    pub previous: Option<&'a [u8]>,
    /// When the previous version could not read all that the newer one read: those before it, newest first, back to
    /// one that could.
    pub earlier: &'a [Vec<u8>],
}

/// How well a section could be read, from its encoded bytes.
pub fn reading(kind: Kind, body: &[u8]) -> Result<Reading, CompareError> {
    let section = section_of(kind).ok_or(CompareError::Kind(kind.into()))?;
    Ok(Reading::of(section, body))
}

/// What changed between two versions, at most [`REPORT_ENTRIES`] entries. The first version yields one.
pub fn between(
    kind: Kind,
    old: Option<&[u8]>,
    new: &[u8],
    at: UnixMillis,
) -> Result<Vec<ChangeRecord>, CompareError> {
    let baseline = Baseline {
        previous: old,
        earlier: &[],
    };
    since(kind, baseline, new, at)
}

/// Like [`between`], knowing what could be read before the previous version.
///
/// An item is not "removed" while the newer version has a gap that may hide it, and a value that is no longer known
/// there is not "altered": the entry about the reading says what failed. With what was known before the failure the
/// section is compared afterwards. Items that no earlier version would have shown are "now visible".
pub fn since(
    kind: Kind,
    baseline: Baseline<'_>,
    new: &[u8],
    at: UnixMillis,
) -> Result<Vec<ChangeRecord>, CompareError> {
    let section = section_of(kind).ok_or(CompareError::Kind(kind.into()))?;
    let newer = parts::split(section, new)?;
    let earlier = baseline.previous.into_iter();
    let earlier = earlier.chain(baseline.earlier.iter().map(Vec::as_slice));
    let mut readings = vec![Reading::of(section, new)];
    readings.extend(earlier.clone().map(|body| Reading::of(section, body)));
    let teller = Teller {
        section,
        kind: kind as u32,
        at,
        sight: Sight::new(readings),
    };
    let mut earlier = earlier
        .map(|body| parts::split(section, body))
        .collect::<Result<Vec<_>, _>>()?;
    if earlier.is_empty() {
        return Ok(vec![first(&teller, &newer, "reported for the first time")]);
    }
    if teller.sight.is_first_light() {
        let event = "could be read for the first time";
        return Ok(vec![first(&teller, &newer, event)]);
    }
    let previous = earlier.remove(0);
    let known = Known::of(section, &teller.sight, previous, earlier)?;
    Ok(fold(compared(&teller, &known, &newer)?, REPORT_ENTRIES))
}

fn compared(
    teller: &Teller<'_>,
    known: &Known<'_>,
    newer: &Parts<'_>,
) -> Result<Vec<ChangeRecord>, CompareError> {
    let section = teller.section;
    let older = &known.parts;
    let mut missing = 0;
    let mut entries = teller.scalars(&older.rest, &newer.rest);
    for (index, list) in section.lists.iter().enumerate() {
        let (older, newer) = (&older.lists[index], &newer.lists[index]);
        let mut delta = compare::lists(list, older, newer)
            .map_err(|error| CompareError::encoding(section, &error))?;
        let (removed, hidden): (_, Vec<_>) = delta.removed.into_iter().partition(|item| {
            let scope = Scope::of_item(list, &item.message);
            let origin = known.origin(index, &item.raw);
            teller.sight.covers(NOW, origin, scope)
        });
        delta.removed = removed;
        missing += hidden.len();
        match list.entry.form {
            Form::Privilege => {
                let both = (older.as_slice(), newer.as_slice());
                entries.extend(privilege::entries(teller, list, both, &hidden, &delta));
            }
            Form::Plain | Form::Diagnostic | Form::Socket => {
                entries.extend(told(teller, list, &delta));
            }
        }
        entries.extend(uncompared(teller, list, &delta));
    }
    let mut about_reading = about_reading(teller, older, newer)?;
    if let (1.., Some(entry)) = (missing, about_reading.first_mut()) {
        let items = counted(missing, "item", "items");
        entry.summary = format!(
            "{}; {items} missing from it may still be there",
            entry.summary
        );
    }
    about_reading.extend(entries);
    Ok(about_reading)
}

/// What became better or worse to read.
fn about_reading(
    teller: &Teller<'_>,
    older: &Parts<'_>,
    newer: &Parts<'_>,
) -> Result<Vec<ChangeRecord>, CompareError> {
    let (before, now) = (teller.sight.of(PREVIOUS), teller.sight.of(NOW));
    if before.status() != now.status() {
        return Ok(vec![status(teller, before, now)]);
    }
    let list = &teller.section.diagnostics;
    let delta = compare::lists(list, &older.diagnostics, &newer.diagnostics)
        .map_err(|error| CompareError::encoding(teller.section, &error))?;
    Ok(told(teller, list, &delta))
}

fn told(teller: &Teller<'_>, list: &ListSchema, delta: &compare::Delta<'_>) -> Vec<ChangeRecord> {
    let added = delta
        .added
        .iter()
        .map(|item| teller.turned(list, item, Turn::Added));
    let altered = delta
        .paired
        .iter()
        .filter_map(|pair| teller.altered(list, pair));
    let removed = delta
        .removed
        .iter()
        .map(|item| teller.turned(list, item, Turn::Removed));
    added.chain(altered).chain(removed).collect()
}

fn uncompared(
    teller: &Teller<'_>,
    list: &ListSchema,
    delta: &compare::Delta<'_>,
) -> Option<ChangeRecord> {
    let count = delta.uncompared;
    (count > 0).then(|| {
        let plural = list.entry.plural;
        let summary = format!("{count} more {plural} differ; too many to compare one by one");
        let mut entry = teller.entry(Action::Altered, list.entry.noun, "", summary);
        entry.folded = u32::try_from(count - 1).unwrap_or(u32::MAX);
        entry
    })
}

/// The only entry of a section of which nothing was known before.
fn first(teller: &Teller<'_>, newer: &Parts<'_>, event: &str) -> ChangeRecord {
    let (name, now) = (&teller.section.name, teller.sight.of(NOW));
    let lists = teller.section.lists.iter().zip(&newer.lists);
    let counts = lists
        .filter(|(_, items)| !items.is_empty())
        .map(|(list, items)| match list.entry.form {
            Form::Privilege => {
                counted(items.len(), "administrative right", "administrative rights")
            }
            _ => counted(items.len(), list.entry.noun, list.entry.plural),
        });
    let counts: Vec<String> = counts.collect();
    let mut summary = match counts.join(", ").as_str() {
        "" => format!("{name} {event}"),
        counts => format!("{name} {event}: {counts}"),
    };
    if !now.is_complete() {
        summary = format!("{summary}; {}", how_read(now));
    }
    teller.entry(Action::FirstReport, "section", name, summary)
}

fn how_read(now: &Reading) -> String {
    let how = if now.is_dark() {
        "not readable"
    } else {
        "not readable completely"
    };
    match now.reason().as_str() {
        "" => how.to_owned(),
        reason => format!("{how}: {reason}"),
    }
}

/// The entry that says that a section reads better or worse than before.
fn status(teller: &Teller<'_>, before: &Reading, now: &Reading) -> ChangeRecord {
    let name = &teller.section.name;
    let event = match (before.is_dark(), now.is_dark(), now.is_complete()) {
        (true, true, _) => "still cannot be read",
        (false, true, _) => "can no longer be read",
        (_, false, true) => "can now be read completely",
        (true, false, false) => "can now be read, but not completely",
        (false, false, false) => "can no longer be read completely",
    };
    let summary = match now.reason().as_str() {
        reason if !reason.is_empty() && !now.is_complete() => format!("{name} {event}: {reason}"),
        _ => format!("{name} {event}"),
    };
    let mut entry = teller.entry(Action::Altered, "reading", name, summary);
    entry.fields.push(FieldChange {
        name: "status".to_owned(),
        before: before.status_words(),
        after: now.status_words(),
    });
    entry
}
