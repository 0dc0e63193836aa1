//! Values that change by themselves, quantised so that noise is not worth a message.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod unsupported;

use freehold_proto::v1::Readings;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
use unsupported as platform;

use super::{Root, antivirus};

/// Reads the values that change by themselves.
pub(super) fn collect(root: &Root) -> Readings {
    Readings {
        signature_ages: antivirus::signature_ages(root),
        ..platform::collect(root)
    }
}
