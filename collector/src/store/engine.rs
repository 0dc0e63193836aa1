//! What is committed, for reading: the records and the packs.

use std::{
    ops::Range,
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    error::StoreError,
    packs::{Location, Packs},
    place::Place,
    records::Records,
    source::{Entries, Order, Source},
};
use crate::id::Digest;

/// The committed store. Clones share it.
#[derive(Clone)]
pub(super) struct Engine(Arc<Inner>);

struct Inner {
    /// `None` once the store is closed.
    records: RwLock<Option<Records>>,
    packs: Packs,
}

impl Engine {
    pub(super) fn new(records: Records, packs: Packs) -> Self {
        Self(Arc::new(Inner {
            records: RwLock::new(Some(records)),
            packs,
        }))
    }

    pub(super) fn packs(&self) -> &Packs {
        &self.0.packs
    }

    pub(super) fn place(&self) -> &Place {
        self.packs().place()
    }

    pub(super) fn records(&self) -> Result<Records, StoreError> {
        self.0
            .records
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(StoreError::Closed)
    }

    /// Takes the records away: the store is closed.
    pub(super) fn take(&self) -> Option<Records> {
        self.0
            .records
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Source for Engine {
    fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.records()?.value(key)
    }

    fn entries(&self, range: Range<Vec<u8>>, order: Order) -> Entries<'_> {
        match self.records() {
            Ok(records) => records.entries(range, order),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }

    fn body_at(&self, digest: &Digest, location: Location) -> Result<Vec<u8>, StoreError> {
        self.packs().read(digest, location)
    }
}
