//! Physical and virtual equipment.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod unsupported;

use freehold_proto::v1::Hardware;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "linux")]
pub(super) use linux::{battery_energy, battery_names, firmware_identity, local_volumes};
#[cfg(not(target_os = "linux"))]
use unsupported as platform;

use super::Root;

/// Collects the section.
pub(super) fn collect(root: &Root) -> Hardware {
    platform::collect(root)
}
