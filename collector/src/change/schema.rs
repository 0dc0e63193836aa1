//! The catalogue joined with the schema: field descriptors instead of names, looked up once.

use std::sync::LazyLock;

use freehold_proto::v1::section::Kind;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind as FieldKind, MessageDescriptor};

use super::catalogue::{DIAGNOSTICS, LISTS, List};

/// The sections of an inventory.
pub(crate) const KINDS: [Kind; 8] = [
    Kind::System,
    Kind::Hardware,
    Kind::Software,
    Kind::Antivirus,
    Kind::Accounts,
    Kind::Network,
    Kind::Services,
    Kind::Protection,
];

/// A section of the inventory.
#[derive(Debug)]
pub(super) struct Section {
    /// Its name as people read it.
    pub(super) name: String,
    /// Its message.
    pub(super) message: MessageDescriptor,
    /// Number of the list of diagnostics.
    pub(super) diagnostics: ListSchema,
    /// Its other lists, in the order of the schema.
    pub(super) lists: Vec<ListSchema>,
}

/// A list of a section.
#[derive(Debug)]
pub(super) struct ListSchema {
    /// What the catalogue says about it.
    pub(super) entry: &'static List,
    /// Number of the list's field in the section.
    pub(super) number: u32,
    /// The message of an item.
    pub(super) item: MessageDescriptor,
    /// Sets of fields that identify an item.
    pub(super) keys: Vec<Vec<FieldDescriptor>>,
    /// Fields of an item in which a difference is told, headline first.
    pub(super) told: Vec<FieldDescriptor>,
}

static SECTIONS: LazyLock<Vec<(Kind, Section)>> = LazyLock::new(|| {
    KINDS
        .into_iter()
        .filter_map(|kind| Some((kind, section(kind, message_of(kind)?))))
        .collect()
});

static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(freehold_proto::DESCRIPTOR_SET).ok());

/// A section's schema. None for [`Kind::Unspecified`].
pub(super) fn section_of(kind: Kind) -> Option<&'static Section> {
    let (_, section) = SECTIONS.iter().find(|(known, _)| *known == kind)?;
    Some(section)
}

/// A section's message. None for [`Kind::Unspecified`].
pub(crate) fn message_of(kind: Kind) -> Option<MessageDescriptor> {
    let name = match kind {
        Kind::Unspecified => return None,
        Kind::System => "System",
        Kind::Hardware => "Hardware",
        Kind::Software => "Software",
        Kind::Antivirus => "Antivirus",
        Kind::Accounts => "Accounts",
        Kind::Network => "Network",
        Kind::Services => "Services",
        Kind::Protection => "Protection",
    };
    message(name)
}

/// A message of the schema by its name in the package.
pub(crate) fn message(name: &str) -> Option<MessageDescriptor> {
    POOL.as_ref()?
        .get_message_by_name(&format!("freehold.v1.{name}"))
}

fn section(kind: Kind, message: MessageDescriptor) -> Section {
    let lists = message.fields().filter_map(|field| {
        let entry = LISTS
            .iter()
            .find(|list| list.kind == kind && list.field == field.name())?;
        list_schema(entry, &field)
    });
    Section {
        name: kind.as_str_name().to_lowercase(),
        lists: lists.collect(),
        diagnostics: message
            .get_field_by_name(DIAGNOSTICS.field)
            .and_then(|field| list_schema(&DIAGNOSTICS, &field))
            .unwrap_or_else(|| no_list(&message)),
        message,
    }
}

/// Stands for a list that the section does not have: no field has number 0.
fn no_list(message: &MessageDescriptor) -> ListSchema {
    ListSchema {
        entry: &DIAGNOSTICS,
        number: 0,
        item: message.clone(),
        keys: Vec::new(),
        told: Vec::new(),
    }
}

fn list_schema(entry: &'static List, field: &FieldDescriptor) -> Option<ListSchema> {
    let FieldKind::Message(item) = field.kind() else {
        return None;
    };
    let resolve = |names: &[&str]| -> Vec<FieldDescriptor> {
        names
            .iter()
            .filter_map(|name| item.get_field_by_name(name))
            .collect()
    };
    let headline: Vec<&str> = entry.headline.iter().map(|(_, name)| *name).collect();
    let mut told = resolve(&headline);
    told.extend(
        item.fields().filter(|field| {
            !headline.contains(&field.name()) && !entry.quiet.contains(&field.name())
        }),
    );
    Some(ListSchema {
        entry,
        number: field.number(),
        keys: entry.keys.iter().map(|set| resolve(set)).collect(),
        told,
        item,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_its_schema() {
        for kind in KINDS {
            let section = section_of(kind).unwrap();
            assert_ne!(section.diagnostics.number, 0, "{}", section.name);
        }
        assert!(section_of(Kind::Unspecified).is_none());
    }
}
