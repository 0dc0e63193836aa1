//! Adapters, addresses, routes, name servers.

#[cfg(any(target_os = "linux", windows))]
mod hint;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod unsupported;
#[cfg(any(windows, test))]
mod windows;

use freehold_proto::v1::Network;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "linux")]
pub(super) use linux::{adapter_names, permanent_addresses};
#[cfg(not(any(target_os = "linux", windows)))]
use unsupported as platform;
#[cfg(windows)]
use windows as platform;
#[cfg(windows)]
pub(super) use windows::permanent_addresses;

use super::Root;

/// Collects the section.
pub(super) fn collect(root: &Root) -> Network {
    platform::collect(root)
}
