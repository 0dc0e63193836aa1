//! The parts of a section that a gap may hide or leave in sight.

use freehold_proto::v1::accounts::privilege::Mechanism;
use prost_reflect::{DynamicMessage, FieldDescriptor};

use super::schema::{ListSchema, Section};

/// Field of an item that tells which part of its list it belongs to.
const MECHANISM: &str = "mechanism";

/// A field of a section, or of a list the items of one mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    /// Number of the field in the section.
    field: u32,
    /// Absent: all of it.
    mechanism: Option<i32>,
}

impl Scope {
    /// Where an item belongs.
    pub(super) fn of_item(list: &ListSchema, item: &DynamicMessage) -> Self {
        let mechanism = item.get_field_by_name(MECHANISM);
        Self {
            field: list.number,
            mechanism: mechanism.and_then(|value| value.as_enum_number()),
        }
    }

    /// A field of the section itself.
    pub(super) fn of_field(field: &FieldDescriptor) -> Self {
        Self {
            field: field.number(),
            mechanism: None,
        }
    }

    /// As a diagnostic names it: "privileges", "privileges.SETUID". A mechanism that is not known here may be any.
    /// `None` for a field that this schema does not have.
    pub(super) fn named(section: &Section, name: &str) -> Option<Self> {
        let (field, mechanism) = name.split_once('.').unwrap_or((name, ""));
        Some(Self {
            field: section.message.get_field_by_name(field)?.number(),
            mechanism: Mechanism::from_str_name(mechanism).map(i32::from),
        })
    }

    /// Whether another scope lies in this one.
    pub(super) fn includes(self, other: Self) -> bool {
        self.field == other.field && (self.mechanism.is_none() || self.mechanism == other.mechanism)
    }
}
