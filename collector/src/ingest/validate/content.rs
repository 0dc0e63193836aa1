//! The content of a section against the schema: a walk over the encoded bytes that knows what each field
//! must be, counts items and says where something is wrong.

use std::{collections::BTreeMap, sync::LazyLock};

use freehold_proto::{limits, v1::section::Kind};
use prost::Message as _;
use prost_reflect::{Kind as FieldKind, MessageDescriptor};
use prost_types::Timestamp;

use crate::{
    change::{
        schema::{KINDS, message_of},
        wire::{self, Payload},
    },
    ingest::rejection::Rejection,
};

/// The message whose values are points in time.
const TIMESTAMP: &str = "google.protobuf.Timestamp";

/// Parts of a second.
const NANOS: i32 = 1_000_000_000;

/// What a valid section holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ingest) struct Content {
    /// `section::Status` as a number.
    pub(in crate::ingest) status: u32,
    /// Items in the section's own lists, without diagnostics.
    pub(in crate::ingest) items: u32,
}

/// Checks an encoded section against the schema and its limits.
pub(in crate::ingest) fn content(kind: Kind, body: &[u8]) -> Result<Content, Rejection> {
    let name = kind.as_str_name().to_lowercase();
    let Some(shape) = SHAPES.get(&(kind as i32)) else {
        return Err(Rejection::field(
            "header.kind",
            "no section this collector knows",
        ));
    };
    let mut walk = Walk::default();
    walk.message(shape, body, 0)
        .map_err(|problem| Rejection::field(format!("{name}{}", problem.path), problem.reason))?;
    let status = status(body);
    if status == 0 {
        let reason = "missing; say how much of the section could be read";
        return Err(Rejection::field(format!("{name}.status"), reason));
    }
    Ok(Content {
        status,
        items: walk.own_items,
    })
}

fn status(body: &[u8]) -> u32 {
    let values = wire::fields(body)
        .flatten()
        .filter(|field| field.number == 1);
    values
        .filter_map(|field| match field.payload {
            Payload::Varint(value) => u32::try_from(value).ok(),
            _ => None,
        })
        .last()
        .unwrap_or(0)
}

static SHAPES: LazyLock<BTreeMap<i32, Shape>> = LazyLock::new(|| {
    KINDS
        .into_iter()
        .filter_map(|kind| Some((kind as i32, Shape::of(&message_of(kind)?))))
        .collect()
});

/// A message of the schema, as far as checking needs it.
#[derive(Debug)]
struct Shape {
    fields: Vec<ShapeField>,
}

#[derive(Debug)]
struct ShapeField {
    number: u32,
    name: String,
    is_list: bool,
    expects: Expects,
}

#[derive(Debug)]
enum Expects {
    Varint,
    Fixed64,
    Fixed32,
    Text,
    Bytes,
    Time,
    Message(Shape),
}

impl Shape {
    fn of(message: &MessageDescriptor) -> Self {
        let fields = message.fields().map(|field| ShapeField {
            number: field.number(),
            name: field.name().to_owned(),
            is_list: field.is_list(),
            expects: match field.kind() {
                FieldKind::String => Expects::Text,
                FieldKind::Bytes => Expects::Bytes,
                FieldKind::Message(inner) if inner.full_name() == TIMESTAMP => Expects::Time,
                FieldKind::Message(inner) => Expects::Message(Self::of(&inner)),
                FieldKind::Double | FieldKind::Fixed64 | FieldKind::Sfixed64 => Expects::Fixed64,
                FieldKind::Float | FieldKind::Fixed32 | FieldKind::Sfixed32 => Expects::Fixed32,
                _ => Expects::Varint,
            },
        });
        Self {
            fields: fields.collect(),
        }
    }
}

/// What is wrong, and where, from the inside out.
struct Problem {
    path: String,
    reason: String,
}

impl Problem {
    fn new(reason: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            reason: reason.into(),
        }
    }

    fn inside(mut self, field: &ShapeField, index: usize) -> Self {
        let position = if field.is_list {
            format!("[{index}]")
        } else {
            String::new()
        };
        self.path = format!(".{}{position}{}", field.name, self.path);
        self
    }
}

/// A walk over an encoded section.
#[derive(Default)]
struct Walk {
    /// List elements seen at any depth.
    elements: usize,
    /// Items of the section's own lists.
    own_items: u32,
}

impl Walk {
    fn message(&mut self, shape: &Shape, bytes: &[u8], depth: u32) -> Result<(), Problem> {
        // Where in its list each field is. Lists are short of fields, not of items.
        let mut positions = vec![0; shape.fields.len()];
        for field in wire::fields(bytes) {
            let field = field.map_err(|error| Problem::new(error.to_string()))?;
            let known = shape
                .fields
                .iter()
                .position(|known| known.number == field.number);
            // What is not known comes from a newer agent and is stored as it is.
            let Some(known) = known else { continue };
            let index = positions[known];
            positions[known] += 1;
            let known = &shape.fields[known];
            self.field(known, field.payload, depth)
                .map_err(|problem| problem.inside(known, index))?;
        }
        Ok(())
    }

    fn field(
        &mut self,
        field: &ShapeField,
        payload: Payload<'_>,
        depth: u32,
    ) -> Result<(), Problem> {
        let packed = match (&field.expects, payload) {
            (Expects::Varint, Payload::Bytes(bytes)) if field.is_list => packed_numbers(bytes)?,
            (Expects::Fixed64, Payload::Bytes(bytes)) if field.is_list => packed_fixed(bytes, 8)?,
            (Expects::Fixed32, Payload::Bytes(bytes)) if field.is_list => packed_fixed(bytes, 4)?,
            (Expects::Varint, Payload::Varint(_))
            | (Expects::Fixed64, Payload::Fixed64)
            | (Expects::Fixed32, Payload::Fixed32)
            | (Expects::Bytes, Payload::Bytes(_)) => 1,
            (Expects::Text, Payload::Bytes(text)) => {
                check_text(text)?;
                1
            }
            (Expects::Time, Payload::Bytes(bytes)) => {
                check_time(bytes)?;
                1
            }
            (Expects::Message(shape), Payload::Bytes(bytes)) => {
                self.message(shape, bytes, depth + 1)?;
                1
            }
            _ => return Err(Problem::new("not of the type the schema gives it")),
        };
        if field.is_list {
            self.count(field, packed, depth)?;
        }
        Ok(())
    }

    fn count(&mut self, field: &ShapeField, elements: usize, depth: u32) -> Result<(), Problem> {
        self.elements += elements;
        if self.elements > limits::SECTION_ITEMS {
            let reason = format!(
                "more than {} items in the section; leave the rest out and say so in a diagnostic",
                limits::SECTION_ITEMS
            );
            return Err(Problem::new(reason));
        }
        if depth == 0 && field.name != "diagnostics" {
            self.own_items += elements as u32;
        }
        Ok(())
    }
}

fn check_text(text: &[u8]) -> Result<(), Problem> {
    if text.len() > limits::STRING_BYTES {
        let reason = format!(
            "{} bytes, at most {}; cut it",
            text.len(),
            limits::STRING_BYTES
        );
        return Err(Problem::new(reason));
    }
    match std::str::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::new("not UTF-8; replace the wrong bytes by U+FFFD")),
    }
}

fn check_time(bytes: &[u8]) -> Result<(), Problem> {
    let is_one = Timestamp::decode(bytes).is_ok_and(|time| {
        limits::TIMES.contains(&time.seconds) && (0..NANOS).contains(&time.nanos)
    });
    if is_one {
        Ok(())
    } else {
        Err(Problem::new("no time of the years 1 to 9999"))
    }
}

fn packed_numbers(mut bytes: &[u8]) -> Result<usize, Problem> {
    let mut count = 0;
    while !bytes.is_empty() {
        bytes = wire::read_varint(bytes)
            .map_err(|error| Problem::new(error.to_string()))?
            .1;
        count += 1;
    }
    Ok(count)
}

fn packed_fixed(bytes: &[u8], width: usize) -> Result<usize, Problem> {
    if bytes.len().is_multiple_of(width) {
        Ok(bytes.len() / width)
    } else {
        Err(Problem::new(
            "a packed list that ends in the middle of a number",
        ))
    }
}
