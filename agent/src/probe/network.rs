//! To be written.

use freehold_proto::v1::Network;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> Network {
    Network::default()
}
