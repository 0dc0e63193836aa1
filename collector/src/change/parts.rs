//! A section taken apart: each list as the encoded items, everything else as one message.

use std::{borrow::Cow, collections::HashMap};

use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Value};

use super::{
    CompareError,
    compare::{self, Item, Pair},
    schema::Section,
    scope::Scope,
    sight::{PREVIOUS, Sight},
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

/// What was known before the newer version: the previous version, and what it could not see of what those before it
/// held.
#[derive(Debug)]
pub(super) struct Known<'a> {
    /// As if it had been one version.
    pub(super) parts: Parts<'a>,
    /// The version that last told.
    version: usize,
    /// Items of each list that an earlier version told, and which.
    carried: Vec<HashMap<Raw<'a>, usize>>,
}

impl<'a> Known<'a> {
    /// Puts together what versions knew, the previous one first.
    pub(super) fn of(
        section: &Section,
        sight: &Sight,
        previous: Parts<'a>,
        mut earlier: Vec<Parts<'a>>,
    ) -> Result<Self, CompareError> {
        let number = |before: &Vec<Parts<'_>>| PREVIOUS + 1 + before.len();
        let Some(oldest) = earlier.pop() else {
            return Ok(Self::first(previous, PREVIOUS));
        };
        let mut known = Self::first(oldest, number(&earlier));
        while let Some(next) = earlier.pop() {
            known = known.then(section, sight, next, number(&earlier))?;
        }
        known.then(section, sight, previous, PREVIOUS)
    }

    fn first(parts: Parts<'a>, version: usize) -> Self {
        Self {
            carried: vec![HashMap::new(); parts.lists.len()],
            version,
            parts,
        }
    }

    /// The version that last told an item of a list.
    pub(super) fn origin(&self, list: usize, item: &Raw<'_>) -> usize {
        let carried = self.carried.get(list).and_then(|items| items.get(item));
        carried.copied().unwrap_or(self.version)
    }

    /// With the next version.
    fn then(
        self,
        section: &Section,
        sight: &Sight,
        newer: Parts<'a>,
        version: usize,
    ) -> Result<Self, CompareError> {
        let mut rest = newer.rest;
        for (field, value) in self.parts.rest.fields() {
            let scope = Scope::of_field(&field);
            let mut earlier = version + 1..sight.versions();
            if earlier.any(|older| !sight.covers(version, older, scope)) {
                fill_field(&mut rest, &field, value);
            }
        }
        let mut next = Self::first(
            Parts {
                rest,
                lists: Vec::with_capacity(newer.lists.len()),
                diagnostics: newer.diagnostics,
            },
            version,
        );
        for (index, newer) in newer.lists.into_iter().enumerate() {
            let (items, carried) = self.list(section, sight, (index, &newer), version)?;
            next.parts.lists.push(items);
            next.carried.push(carried);
        }
        Ok(next)
    }

    /// A list with the next version's items, and what is carried on.
    fn list(
        &self,
        section: &Section,
        sight: &Sight,
        (index, newer): (usize, &[Raw<'a>]),
        version: usize,
    ) -> Result<(Vec<Raw<'a>>, HashMap<Raw<'a>, usize>), CompareError> {
        let list = &section.lists[index];
        let delta = compare::lists(list, &self.parts.lists[index], newer)
            .map_err(|error| CompareError::encoding(section, &error))?;
        let hidden = |item: &Item<'_>| {
            let origin = self.origin(index, &item.raw);
            let scope = Scope::of_item(list, &item.message);
            (!sight.covers(version, origin, scope)).then_some(origin)
        };
        let mut items = delta.same;
        items.extend(delta.added.into_iter().map(|item| item.raw));
        for Pair { before, after } in delta.paired {
            let mut item = after.message;
            let raw = if hidden(&before).is_some() {
                fill(&mut item, &before.message);
                Cow::Owned(item.encode_to_vec())
            } else {
                after.raw
            };
            items.push(raw);
        }
        let mut carried = HashMap::new();
        for item in delta.removed {
            if let Some(origin) = hidden(&item) {
                carried.insert(item.raw.clone(), origin);
                items.push(item.raw);
            }
        }
        Ok((items, carried))
    }
}

/// Fills what a message does not know from another one.
fn fill(message: &mut DynamicMessage, from: &DynamicMessage) {
    for (field, known) in from.fields() {
        fill_field(message, &field, known);
    }
}

fn fill_field(message: &mut DynamicMessage, field: &FieldDescriptor, known: &Value) {
    if let (Some(inner), Value::Message(known)) = (nested(message, field), known) {
        fill(inner, known);
    } else if is_unknown(message, field) {
        message.set_field(field, known.clone());
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
