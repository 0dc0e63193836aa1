//! Which items of a list were added, removed or altered.

use std::collections::{HashMap, VecDeque};

use prost::DecodeError;
use prost_reflect::{DynamicMessage, FieldDescriptor};

use super::{
    parts::Raw,
    schema::ListSchema,
    words::{is_unknown, shown_field},
};

/// Most items that are compared in detail. A machine has no reason to change more at once.
const COMPARED_ITEMS: usize = 20_000;

/// An item that is not the same in both versions.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// As encoded.
    pub(super) raw: Raw<'a>,
    /// Decoded.
    pub(super) message: DynamicMessage,
}

/// The same thing in both versions, encoded differently.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    /// In the older version.
    pub(super) before: Item<'a>,
    /// In the newer version.
    pub(super) after: Item<'a>,
}

/// What differs between two lists.
#[derive(Debug, Default)]
pub(super) struct Delta<'a> {
    /// Only in the newer list, in its order.
    pub(super) added: Vec<Item<'a>>,
    /// Only in the older list, in its order.
    pub(super) removed: Vec<Item<'a>>,
    /// In both, in the order of the newer list.
    pub(super) paired: Vec<Pair<'a>>,
    /// Byte for byte in both.
    pub(super) same: Vec<Raw<'a>>,
    /// Items beyond [`COMPARED_ITEMS`], which were only counted.
    pub(super) uncompared: usize,
}

/// Compares two lists. Only items that are not byte for byte in both are decoded.
pub(super) fn lists<'a>(
    list: &ListSchema,
    older: &[Raw<'a>],
    newer: &[Raw<'a>],
) -> Result<Delta<'a>, DecodeError> {
    let (same, gone, come) = cancel(older, newer);
    let excess =
        gone.len().saturating_sub(COMPARED_ITEMS) + come.len().saturating_sub(COMPARED_ITEMS);
    let decode = |raws: Vec<Raw<'a>>| -> Result<Vec<Item<'a>>, DecodeError> {
        let kept = raws.into_iter().take(COMPARED_ITEMS);
        kept.map(|raw| {
            let message = DynamicMessage::decode(list.item.clone(), &*raw)?;
            Ok(Item { raw, message })
        })
        .collect()
    };
    let (removed, added, paired) = pair(list, decode(gone)?, decode(come)?);
    Ok(Delta {
        added,
        removed,
        paired,
        same,
        uncompared: excess,
    })
}

/// Items in both lists; only in the older; only in the newer. An item that is there twice counts twice.
fn cancel<'a>(older: &[Raw<'a>], newer: &[Raw<'a>]) -> (Vec<Raw<'a>>, Vec<Raw<'a>>, Vec<Raw<'a>>) {
    let mut counts: HashMap<&[u8], usize> = HashMap::with_capacity(older.len());
    for item in older {
        *counts.entry(item).or_default() += 1;
    }
    let (mut same, mut come) = (Vec::new(), Vec::new());
    for item in newer {
        match counts.get_mut(&**item) {
            Some(count) if *count > 0 => {
                *count -= 1;
                same.push(item.clone());
            }
            _ => come.push(item.clone()),
        }
    }
    let gone = older.iter().filter(|item| match counts.get_mut(&***item) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    });
    let gone = gone.cloned().collect();
    (same, gone, come)
}

type Slots<'a> = Vec<Option<Item<'a>>>;

fn pair<'a>(
    list: &ListSchema,
    removed: Vec<Item<'a>>,
    added: Vec<Item<'a>>,
) -> (Vec<Item<'a>>, Vec<Item<'a>>, Vec<Pair<'a>>) {
    let mut removed: Slots = removed.into_iter().map(Some).collect();
    let mut added: Slots = added.into_iter().map(Some).collect();
    let mut paired = Vec::new();
    for keys in &list.keys {
        pair_by(keys, &mut removed, &mut added, &mut paired);
    }
    paired.sort_by_key(|(position, _)| *position);
    (
        removed.into_iter().flatten().collect(),
        added.into_iter().flatten().collect(),
        paired.into_iter().map(|(_, pair)| pair).collect(),
    )
}

/// Pairs items with equal keys, in order where several have the same.
fn pair_by<'a>(
    keys: &[FieldDescriptor],
    removed: &mut Slots<'a>,
    added: &mut Slots<'a>,
    paired: &mut Vec<(usize, Pair<'a>)>,
) {
    let mut waiting: HashMap<Vec<String>, VecDeque<usize>> = HashMap::new();
    for (index, item) in removed.iter().enumerate() {
        if let Some(key) = item.as_ref().and_then(|item| key_of(keys, &item.message)) {
            waiting.entry(key).or_default().push_back(index);
        }
    }
    for (position, slot) in added.iter_mut().enumerate() {
        let Some(key) = slot.as_ref().and_then(|item| key_of(keys, &item.message)) else {
            continue;
        };
        let before = waiting
            .get_mut(&key)
            .and_then(VecDeque::pop_front)
            .and_then(|index| removed[index].take());
        let Some(before) = before else { continue };
        if let Some(after) = slot.take() {
            paired.push((position, Pair { before, after }));
        }
    }
}

/// The values that identify an item; none when it does not know the first of them.
fn key_of(keys: &[FieldDescriptor], item: &DynamicMessage) -> Option<Vec<String>> {
    if keys.first().is_none_or(|first| is_unknown(item, first)) {
        return None;
    }
    Some(keys.iter().map(|field| shown_field(item, field)).collect())
}
