//! A section as JSON, item by item: a list of ten thousand packages is never held in memory as JSON, nor as messages
//! with a name for every field.

use std::cell::RefCell;

use freehold_proto::v1::section::Kind;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, SerializeOptions};
use serde::ser::{Error as _, Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::{Map, Value};

use super::json::{JsonError, descriptor, section_name};

const OPTIONS: SerializeOptions = SerializeOptions::new()
    .use_proto_field_name(true)
    .stringify_64_bit_integers(false)
    .skip_default_fields(false);

/// A section about to be written.
pub(super) struct View<'a> {
    body: &'a [u8],
    collected_at: String,
    /// All fields, in their order; lists of messages are empty.
    fields: Map<String, Value>,
    lists: Vec<FieldDescriptor>,
    /// What made writing fail, when it was the bytes.
    damage: RefCell<Option<prost::DecodeError>>,
}

impl<'a> View<'a> {
    /// Reads all of a section but the items of its lists.
    pub(super) fn of(kind: Kind, body: &'a [u8], collected_at: String) -> Result<Self, JsonError> {
        let section = section_name(kind);
        let descriptor = descriptor(kind).ok_or(JsonError::UnknownSection(kind))?;
        let is_list = |field: &FieldDescriptor| field.is_list() && item(field).is_some();
        let lists: Vec<_> = descriptor.fields().filter(is_list).collect();
        let damaged = |source| JsonError::Damaged { section, source };
        let rest = without(body, &lists).map_err(damaged)?;
        let message = DynamicMessage::decode(descriptor, rest.as_slice()).map_err(damaged)?;
        let value = message
            .serialize_with_options(serde_json::value::Serializer, &OPTIONS)
            .map_err(|source| JsonError::OutOfRange { section, source })?;
        let fields = match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Ok(Self {
            body,
            collected_at,
            fields,
            lists,
            damage: RefCell::new(None),
        })
    }

    /// Whether writing failed because of the bytes.
    pub(super) fn is_damaged(&self) -> bool {
        self.damage.borrow().is_some()
    }

    /// Why writing failed.
    pub(super) fn failure(&self, section: &'static str, source: serde_json::Error) -> JsonError {
        match self.damage.take() {
            Some(source) => JsonError::Damaged { section, source },
            None => JsonError::OutOfRange { section, source },
        }
    }
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len() + 1))?;
        for (name, value) in &self.fields {
            match self.lists.iter().find(|list| list.name() == name) {
                Some(list) => map.serialize_entry(name, &Items { view: self, list })?,
                None => map.serialize_entry(name, value)?,
            }
            if name == "status" {
                map.serialize_entry("collected_at", &self.collected_at)?;
            }
        }
        map.end()
    }
}

/// The items of a list.
struct Items<'a> {
    view: &'a View<'a>,
    list: &'a FieldDescriptor,
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let descriptor = item(self.list).ok_or_else(|| S::Error::custom("no list"))?;
        let mut list = serializer.serialize_seq(None)?;
        let mut rest = self.view.body;
        let damaged = |error: prost::DecodeError| {
            let reason = S::Error::custom(&error);
            self.view.damage.replace(Some(error));
            reason
        };
        while let Some(field) = Field::next(&mut rest).map_err(damaged)? {
            if field.number != self.list.number() {
                continue;
            }
            let message = DynamicMessage::decode(descriptor.clone(), field.content);
            let value = message.map_err(damaged)?;
            // By way of a value, so that the program holds this code once and not for every kind of output.
            let value = value.serialize_with_options(serde_json::value::Serializer, &OPTIONS);
            let mut value = value.map_err(S::Error::custom)?;
            shorten(&mut value);
            list.serialize_element(&value)?;
        }
        list.end()
    }
}

/// Of what a diagnostic hides only what it says: most hide nothing, and a person reads them.
pub(super) fn shorten(item: &mut Value) {
    let Some(Value::Object(gap)) = item.get_mut("gap") else {
        return;
    };
    gap.retain(|_, value| match value {
        Value::Array(items) => !items.is_empty(),
        value => *value != Value::Bool(false),
    });
}

/// What a list of messages is made of.
fn item(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    field.kind().as_message().cloned()
}

/// A field as it is encoded.
struct Field<'a> {
    number: u32,
    /// With its number and length.
    whole: &'a [u8],
    /// Of what has a length.
    content: &'a [u8],
}

impl<'a> Field<'a> {
    /// Takes the next one; `None` at the end.
    fn next(rest: &mut &'a [u8]) -> Result<Option<Self>, prost::DecodeError> {
        let start = *rest;
        if start.is_empty() {
            return Ok(None);
        }
        let (number, kind) = decode_key(rest)?;
        let content = if kind == WireType::LengthDelimited {
            let mut content = *rest;
            let length = decode_varint(&mut content)?;
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            content.get(..length).unwrap_or_default()
        } else {
            &[]
        };
        skip_field(kind, number, rest, DecodeContext::default())?;
        let whole = &start[..start.len() - rest.len()];
        Ok(Some(Self {
            number,
            whole,
            content,
        }))
    }
}

/// A section without the items of some lists.
fn without(body: &[u8], lists: &[FieldDescriptor]) -> Result<Vec<u8>, prost::DecodeError> {
    let mut kept = Vec::new();
    let mut rest = body;
    while let Some(field) = Field::next(&mut rest)? {
        if !lists.iter().any(|list| list.number() == field.number) {
            kept.extend_from_slice(field.whole);
        }
    }
    Ok(kept)
}
