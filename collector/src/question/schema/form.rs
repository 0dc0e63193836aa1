//! How the value of a field becomes that of a column.

use std::sync::Arc;

use prost_reflect::{FieldDescriptor, Kind};

/// How a field is written, and what is made of it.
#[derive(Clone, Debug)]
pub(in crate::question) enum Form {
    /// Text; empty is not known.
    Text,
    /// Several texts, as a list in JSON.
    Texts,
    /// A number that is always there.
    Number,
    /// A number that can be absent: not known.
    Perhaps,
    /// One of several names by number; zero is not known.
    Choice(Arc<[(i32, Box<str>)]>),
    /// A time, as RFC 3339.
    Time,
}

impl Form {
    /// That of a field; `None` for messages, and lists of these.
    pub(super) fn of(field: &FieldDescriptor) -> Option<Self> {
        Some(match field.kind() {
            Kind::String if field.is_list() => Self::Texts,
            Kind::String => Self::Text,
            _ if field.is_list() => return None,
            Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
                Self::Time
            }
            Kind::Message(_) => return None,
            Kind::Enum(names) => Self::Choice(
                names
                    .values()
                    .map(|value| (value.number(), value.name().into()))
                    .collect(),
            ),
            _ if field.supports_presence() => Self::Perhaps,
            _ => Self::Number,
        })
    }

    /// It makes whole numbers.
    pub(super) fn is_integer(&self) -> bool {
        matches!(self, Self::Number | Self::Perhaps)
    }
}
