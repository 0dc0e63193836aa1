//! To be written.

use freehold_proto::v1::System;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> System {
    System::default()
}
