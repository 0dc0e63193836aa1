//! To be written.

use freehold_proto::v1::Readings;

use super::Root;

/// Reads the values that change by themselves.
pub(super) fn collect(_root: &Root) -> Readings {
    Readings::default()
}
