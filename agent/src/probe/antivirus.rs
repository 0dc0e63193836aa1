//! To be written.

use freehold_proto::v1::Antivirus;

use super::Root;

/// Collects the section.
pub(super) fn collect(_root: &Root) -> Antivirus {
    Antivirus::default()
}
