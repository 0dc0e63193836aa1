//! Every fact of a section, read off the schema itself, so that none can be forgotten.

mod label;
mod value;

use std::sync::LazyLock;

use freehold_proto::{DESCRIPTOR_SET, v1::section::Kind};
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind as FieldKind, MessageDescriptor,
    ReflectMessage as _, Value,
};

use super::{
    markup::{Markup, grouped},
    text,
};
use crate::clock::UnixMillis;

pub(super) use label::{choice, humanized, section_title};

/// Rows of a list shown on one page.
pub(super) const ROWS: usize = 2_000;

static SCHEMA: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTOR_SET).ok());

/// All that a section says.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Single facts, grouped by subject; the first group has no title.
    pub(super) groups: Vec<Group>,
    /// Lists of items.
    pub(super) lists: Vec<List>,
    /// Facts of a newer agent that this program's schema does not know.
    pub(super) unknown: usize,
}

/// Single facts about one subject.
#[derive(Debug)]
pub(super) struct Group {
    /// Subject; empty for the section itself.
    pub(super) title: String,
    /// The facts.
    pub(super) facts: Vec<Fact>,
}

/// One fact.
#[derive(Debug)]
pub(super) struct Fact {
    /// What it is.
    pub(super) label: String,
    /// Its value.
    pub(super) value: Markup,
}

/// A list of items as a table.
#[derive(Debug)]
pub(super) struct List {
    /// Name of the field: `packages`.
    pub(super) field: String,
    /// What is listed.
    pub(super) title: String,
    /// Items in all.
    pub(super) count: usize,
    /// Position of the first row shown.
    pub(super) first: usize,
    /// Headings.
    pub(super) columns: Vec<String>,
    /// The rows shown.
    pub(super) rows: Vec<Vec<Markup>>,
    /// Headings of columns that no row shown fills.
    pub(super) empty: Vec<String>,
}

impl List {
    /// Position of the first row that is not shown any more, if there is one.
    pub(super) fn next(&self) -> Option<usize> {
        let next = self.first + self.rows.len();
        (next < self.count).then_some(next)
    }

    /// Position before the first row shown, if there is one.
    pub(super) fn previous(&self) -> Option<usize> {
        (self.first > 0).then(|| self.first.saturating_sub(ROWS))
    }

    /// How many items there are.
    pub(super) fn shown_count(&self) -> String {
        grouped(self.count as u64)
    }

    /// Which rows are shown, as a sentence.
    pub(super) fn range(&self) -> Markup {
        let number = |number: usize| Markup::number(number as u64);
        Markup::fill(
            text::section::ROWS_SHOWN,
            &[
                ("first", number(self.first + 1)),
                ("last", number(self.first + self.rows.len())),
                ("count", number(self.count)),
            ],
        )
    }

    /// What is known for none of the rows, as a sentence.
    pub(super) fn empty_columns(&self) -> Markup {
        Markup::fill(
            text::section::EMPTY_COLUMNS,
            &[("columns", Markup::text(&self.empty.join(", ")))],
        )
    }
}

/// The bytes of a section are not what its schema says.
#[derive(Debug, thiserror::Error)]
#[error("the section is not readable")]
pub(super) struct Unreadable;

/// Reads a section off its bytes. `first` is where each list begins to be shown.
pub(super) fn sheet(
    kind: Kind,
    body: &[u8],
    first: usize,
    now: UnixMillis,
) -> Result<Sheet, Unreadable> {
    let descriptor = message_of(kind).ok_or(Unreadable)?;
    let message = DynamicMessage::decode(descriptor, body).map_err(|_| Unreadable)?;
    Ok(sheet_of(&message, first, now))
}

/// Reads the values that move by themselves.
pub(super) fn readings(body: &[u8], now: UnixMillis) -> Result<Sheet, Unreadable> {
    let descriptor = message_named("freehold.v1.Readings").ok_or(Unreadable)?;
    let message = DynamicMessage::decode(descriptor, body).map_err(|_| Unreadable)?;
    Ok(sheet_of(&message, 0, now))
}

fn sheet_of(message: &DynamicMessage, first: usize, now: UnixMillis) -> Sheet {
    let mut sheet = Sheet {
        groups: vec![Group {
            title: String::new(),
            facts: Vec::new(),
        }],
        ..Sheet::default()
    };
    read(message, String::new(), first, now, &mut sheet);
    sheet.groups.retain(|group| !group.facts.is_empty());
    sheet
}

/// The sentence that a newer agent told more than this program knows.
pub(super) fn newer(sheet: &Sheet) -> Option<Markup> {
    let count = text::count(sheet.unknown, "fact", "facts");
    (sheet.unknown > 0).then(|| {
        Markup::fill(
            text::section::NEWER_FACTS,
            &[("count", Markup::text(&count))],
        )
    })
}

fn message_of(kind: Kind) -> Option<MessageDescriptor> {
    message_named(match kind {
        Kind::Unspecified => return None,
        Kind::System => "freehold.v1.System",
        Kind::Hardware => "freehold.v1.Hardware",
        Kind::Software => "freehold.v1.Software",
        Kind::Antivirus => "freehold.v1.Antivirus",
        Kind::Accounts => "freehold.v1.Accounts",
        Kind::Network => "freehold.v1.Network",
        Kind::Services => "freehold.v1.Services",
        Kind::Protection => "freehold.v1.Protection",
    })
}

fn message_named(name: &str) -> Option<MessageDescriptor> {
    SCHEMA.as_ref()?.get_message_by_name(name)
}

/// Reads one message into the last group of the sheet, its lists and subjects into their own.
fn read(
    message: &DynamicMessage,
    subject: String,
    first: usize,
    now: UnixMillis,
    sheet: &mut Sheet,
) {
    sheet.unknown += message.unknown_fields().count();
    let own = if subject.is_empty() {
        0
    } else {
        sheet.groups.push(Group {
            title: subject,
            facts: Vec::new(),
        });
        sheet.groups.len() - 1
    };
    for field in message.descriptor().fields() {
        if is_about_the_section(&field) {
            continue;
        }
        let value = message.get_field(&field);
        match (field.kind(), value.as_ref()) {
            (FieldKind::Message(item), Value::List(items)) => {
                sheet.lists.push(list(&field, &item, items, first, now));
                sheet.unknown += items.iter().map(unknown_in).sum::<usize>();
            }
            (FieldKind::Message(item), Value::Message(inner)) if !value::is_time(&item) => {
                read(inner, label::of(&field), first, now, sheet);
            }
            (_, value) => {
                let fact = Fact {
                    label: label::of(&field),
                    value: value::shown(&field, message.has_field(&field), value, now),
                };
                if let Some(group) = sheet.groups.get_mut(own) {
                    group.facts.push(fact);
                }
            }
        }
    }
}

/// Status and diagnostics of a section are shown beside it, not as facts.
fn is_about_the_section(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), FieldKind::Message(m) if m.full_name() == "freehold.v1.Diagnostic")
        || matches!(field.kind(), FieldKind::Enum(e) if e.full_name() == "freehold.v1.Section.Status")
}

fn unknown_in(item: &Value) -> usize {
    item.as_message()
        .map_or(0, |item| item.unknown_fields().count())
}

fn list(
    field: &FieldDescriptor,
    item: &MessageDescriptor,
    items: &[Value],
    first: usize,
    now: UnixMillis,
) -> List {
    let shown = items.get(first.min(items.len())..).unwrap_or_default();
    let shown = shown.get(..ROWS.min(shown.len())).unwrap_or_default();
    let rows: Vec<&DynamicMessage> = shown.iter().filter_map(Value::as_message).collect();
    let (filled, empty): (Vec<FieldDescriptor>, Vec<FieldDescriptor>) = item
        .fields()
        .partition(|column| rows.iter().any(|row| row.has_field(column)));
    List {
        field: field.name().to_owned(),
        title: label::of(field),
        count: items.len(),
        first: first.min(items.len()),
        columns: filled.iter().map(label::of).collect(),
        rows: rows
            .iter()
            .map(|row| {
                filled
                    .iter()
                    .map(|column| {
                        let value = row.get_field(column);
                        value::shown(column, row.has_field(column), &value, now)
                    })
                    .collect()
            })
            .collect(),
        empty: empty.iter().map(label::of).collect(),
    }
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::{Hardware, Software, System, software::Package};
    use prost::Message as _;

    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    #[test]
    fn every_field_of_every_section_is_shown() {
        for kind in 1..=8 {
            let descriptor = message_of(Kind::try_from(kind).unwrap()).unwrap();
            let fields = count(&descriptor);
            let empty = DynamicMessage::new(descriptor.clone());
            let mut filled = empty.clone();
            for field in descriptor.fields() {
                if let (FieldKind::Message(item), true) = (field.kind(), field.is_list()) {
                    let one = Value::Message(DynamicMessage::new(item));
                    filled.set_field(&field, Value::List(vec![one]));
                }
            }
            let sheet = sheet(
                Kind::try_from(kind).unwrap(),
                &filled.encode_to_vec(),
                0,
                NOW,
            )
            .unwrap();
            let shown: usize = sheet
                .groups
                .iter()
                .map(|group| group.facts.len())
                .sum::<usize>()
                + sheet
                    .lists
                    .iter()
                    .map(|list| list.columns.len() + list.empty.len())
                    .sum::<usize>();
            assert_eq!(shown, fields, "{}", descriptor.full_name());
        }
    }

    fn count(message: &MessageDescriptor) -> usize {
        message
            .fields()
            .filter(|field| !is_about_the_section(field))
            .map(|field| match field.kind() {
                FieldKind::Message(inner) if !value::is_time(&inner) => count(&inner),
                _ => 1,
            })
            .sum()
    }

    #[test]
    fn a_fact_that_is_not_known_is_shown_as_not_known() {
        let body = System::default().encode_to_vec();
        let sheet = sheet(Kind::System, &body, 0, NOW).unwrap();
        assert!(
            sheet.groups[0]
                .facts
                .iter()
                .all(|fact| fact.value == Markup::unknown())
        );
    }

    #[test]
    fn a_long_list_is_cut_and_says_where_it_goes_on() {
        let software = Software {
            packages: vec![Package::default(); ROWS + 5],
            ..Software::default()
        };
        let body = software.encode_to_vec();
        let page = sheet(Kind::Software, &body, 0, NOW).unwrap();
        assert_eq!(
            (page.lists[0].rows.len(), page.lists[0].next()),
            (ROWS, Some(ROWS))
        );
        let page = sheet(Kind::Software, &body, ROWS, NOW).unwrap();
        assert_eq!((page.lists[0].rows.len(), page.lists[0].next()), (5, None));
        assert_eq!(page.lists[0].previous(), Some(0));
        let page = sheet(Kind::Software, &body, usize::MAX, NOW).unwrap();
        assert!(page.lists[0].rows.is_empty());
    }

    #[test]
    fn facts_of_a_newer_agent_are_counted() {
        let mut body = Hardware::default().encode_to_vec();
        // Field 1000, varint 1.
        body.extend([0xc0, 0x3e, 0x01]);
        assert_eq!(sheet(Kind::Hardware, &body, 0, NOW).unwrap().unknown, 1);
    }

    #[test]
    fn damaged_bytes_are_refused() {
        assert!(sheet(Kind::Hardware, &[0xff, 0xff, 0xff], 0, NOW).is_err());
    }
}
