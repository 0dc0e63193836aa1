//! To be written.

use freehold_proto::v1::Services;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> Services {
    Services::default()
}
