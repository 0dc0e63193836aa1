//! Elsewhere changes are noticed by polling.

use freehold_proto::v1::section::Kind;

use crate::probe::Root;

/// Watches nothing.
#[derive(Debug)]
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn new(_root: &Root) -> Self {
        Self
    }

    pub(crate) fn rearm(&mut self) -> Vec<Kind> {
        Vec::new()
    }

    pub(crate) async fn changed(&mut self) -> Vec<Kind> {
        std::future::pending().await
    }
}
