//! To be written.

use freehold_proto::v1::Hardware;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> Hardware {
    Hardware::default()
}
