//! To be written.

use freehold_proto::v1::HardwareFingerprint;

use super::Root;

pub(super) fn collect(_root: &Root) -> HardwareFingerprint {
    HardwareFingerprint::default()
}
