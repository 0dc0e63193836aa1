//! Elsewhere changes are noticed by polling.

use super::{Place, Subject};
use crate::probe::Root;

/// Watches nothing.
#[derive(Debug)]
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn new(_root: &Root) -> Self {
        Self
    }

    pub(crate) fn follow(&mut self, _places: Vec<Place>) {}

    pub(crate) fn follow_processes(&mut self, _processes: &[u32]) {}

    pub(crate) async fn rearm(&mut self) -> Vec<Subject> {
        Vec::new()
    }

    pub(crate) async fn changed(&mut self) -> Vec<Subject> {
        std::future::pending().await
    }
}
