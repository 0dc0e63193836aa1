//! To be written.

use freehold_proto::v1::Protection;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> Protection {
    Protection::default()
}
