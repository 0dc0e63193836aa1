//! What is remembered from the last look: when signatures were made, so that their ages need no second one.

use std::{
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use freehold_proto::v1::{antivirus::Product, readings::SignatureAge};

#[cfg(windows)]
use crate::probe::Root;
use crate::probe::section;

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

/// Ages of signatures, for the readings.
#[cfg(windows)]
pub(crate) fn signature_ages(_root: &Root) -> Vec<SignatureAge> {
    ages(section::timestamp(SystemTime::now()).seconds)
}

fn ages(now: i64) -> Vec<SignatureAge> {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    made.sort();
    let age = |(product, at): (String, i64)| SignatureAge {
        product,
        hours: (now.saturating_sub(at).max(0) / 3600)
            .try_into()
            .unwrap_or(u32::MAX),
    };
    made.into_iter().map(age).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_whole_hours_and_never_negative() {
        let made = |name: &str, at| Product {
            name: name.into(),
            signatures_at: Some(section::seconds(at)),
            ..Product::default()
        };
        keep(&[
            made("B", 1_000_000),
            made("A", 1_010_000),
            Product::default(),
        ]);
        let now = section::timestamp(SystemTime::UNIX_EPOCH).seconds + 1_007_300;
        let ages: Vec<_> = ages(now)
            .into_iter()
            .map(|age| (age.product, age.hours))
            .collect();
        assert_eq!(ages, [("A".to_owned(), 0), ("B".to_owned(), 2)]);
    }
}
