//! When the signatures of the running machine were made, remembered from the last look, so that their ages need no
//! second one.

use std::{
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use freehold_proto::v1::{antivirus::Product, readings::SignatureAge};

use crate::order;

use super::clamav;
use crate::probe::{Root, section};

/// Products and when their signatures were made, in seconds since 1970.
static MADE: Mutex<Vec<(String, i64)>> = Mutex::new(Vec::new());

/// Keeps what a look found.
pub(super) fn keep(products: &[Product]) {
    let made = products
        .iter()
        .filter_map(|product| Some((product.name.clone(), product.signatures_at?.seconds)));
    let made = made.collect();
    *MADE.lock().unwrap_or_else(PoisonError::into_inner) = made;
}

/// Ages of signatures, ordered by product.
pub(super) fn of(root: &Root) -> Vec<SignatureAge> {
    let mut made: Vec<(String, i64)> = Vec::new();
    if root.is_live() {
        let kept = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        made.extend_from_slice(&kept);
    }
    if !made.iter().any(|(product, _)| product == clamav::NAME)
        && let Some(at) = clamav::signatures_made(root)
    {
        made.push((clamav::NAME.to_owned(), at));
    }
    order::sort(&mut made);
    let now = section::timestamp(SystemTime::now()).seconds;
    let age = |(product, at): (String, i64)| SignatureAge {
        product,
        hours: (now.saturating_sub(at).max(0) / 3600)
            .try_into()
            .unwrap_or(u32::MAX),
    };
    made.into_iter().map(age).collect()
}
