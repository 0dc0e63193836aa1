//! Physical and virtual equipment.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", windows))]
mod tables;
#[cfg(any(not(target_os = "linux"), test))]
mod unsupported;
#[cfg(any(windows, test))]
mod windows;

use freehold_proto::v1::Hardware;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "linux")]
pub(super) use linux::{battery_energy, battery_names, firmware_identity, local_volumes};
#[cfg(not(any(target_os = "linux", windows)))]
use unsupported as platform;
#[cfg(windows)]
use windows as platform;
#[cfg(any(windows, test))]
pub(super) use windows::{battery_id, energy_of_battery, percent_of_battery, volume_name};
#[cfg(windows)]
pub(super) use windows::{chassis, firmware_identity};

use super::Root;

/// Collects the section.
pub(super) fn collect(root: &Root) -> Hardware {
    platform::collect(root)
}
