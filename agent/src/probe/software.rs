//! To be written.

use freehold_proto::v1::Software;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> Software {
    Software::default()
}
