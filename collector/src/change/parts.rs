//! A section taken apart: each list as the encoded items, everything else as one message.

use std::borrow::Cow;

use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};

use super::{
    CompareError,
    compare::{self, Pair},
    schema::{ListSchema, Section},
    wire::{self, Payload},
    words::is_unknown,
};

/// An encoded item of a list.
pub(super) type Raw<'a> = Cow<'a, [u8]>;

/// A section taken apart.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// Fields and nested messages, without the lists.
    pub(super) rest: DynamicMessage,
    /// The items of each list, in the order of [`Section::lists`].
    pub(super) lists: Vec<Vec<Raw<'a>>>,
    /// The diagnostics.
    pub(super) diagnostics: Vec<Raw<'a>>,
}

/// Takes an encoded section apart.
pub(super) fn split<'a>(section: &Section, body: &'a [u8]) -> Result<Parts<'a>, CompareError> {
    let mut rest = Vec::new();
    let mut lists = vec![Vec::new(); section.lists.len()];
    let mut diagnostics = Vec::new();
    for field in wire::fields(body) {
        let field = field.map_err(|error| CompareError::encoding(section, &error))?;
        let list = section
            .lists
            .iter()
            .position(|list| list.number == field.number);
        match (list, field.payload) {
            (Some(index), Payload::Bytes(item)) => lists[index].push(Cow::Borrowed(item)),
            (None, Payload::Bytes(item)) if field.number == section.diagnostics.number => {
                diagnostics.push(Cow::Borrowed(item));
            }
            _ => rest.extend_from_slice(field.whole),
        }
    }
    let rest = DynamicMessage::decode(section.message.clone(), rest.as_slice())
        .map_err(|error| CompareError::encoding(section, &error))?;
    Ok(Parts {
        rest,
        lists,
        diagnostics,
    })
}

/// The older version with everything an even earlier one knew and it could not read itself.
pub(super) fn merge<'a>(
    section: &Section,
    older: Parts<'a>,
    earlier: Parts<'a>,
) -> Result<Parts<'a>, CompareError> {
    let mut rest = older.rest;
    fill(&mut rest, &earlier.rest);
    let mut lists = Vec::with_capacity(older.lists.len());
    for ((list, older), earlier) in section.lists.iter().zip(older.lists).zip(earlier.lists) {
        lists.push(merge_list(section, list, &older, &earlier)?);
    }
    Ok(Parts {
        rest,
        lists,
        diagnostics: older.diagnostics,
    })
}

fn merge_list<'a>(
    section: &Section,
    list: &ListSchema,
    older: &[Raw<'a>],
    earlier: &[Raw<'a>],
) -> Result<Vec<Raw<'a>>, CompareError> {
    let delta = compare::lists(list, earlier, older)
        .map_err(|error| CompareError::encoding(section, &error))?;
    let mut merged = delta.same;
    merged.extend(delta.added.into_iter().map(|item| item.raw));
    merged.extend(delta.removed.into_iter().map(|item| item.raw));
    for Pair { before, after } in delta.paired {
        let mut item = after.message;
        fill(&mut item, &before.message);
        merged.push(Cow::Owned(item.encode_to_vec()));
    }
    Ok(merged)
}

/// Fills what a message does not know from another one.
fn fill(message: &mut DynamicMessage, from: &DynamicMessage) {
    for (field, known) in from.fields() {
        if let (Some(inner), Value::Message(known)) = (nested(message, &field), known) {
            fill(inner, known);
        } else if is_unknown(message, &field) {
            message.set_field(&field, known.clone());
        }
    }
}

fn nested<'a>(
    message: &'a mut DynamicMessage,
    field: &FieldDescriptor,
) -> Option<&'a mut DynamicMessage> {
    if !message.has_field(field) {
        return None;
    }
    message.get_field_mut(field).as_message_mut()
}
