//! To be written.

use freehold_proto::v1::Accounts;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> Accounts {
    Accounts::default()
}
