//! Operating system, name and membership.

mod hypervisor;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(any(target_os = "linux", windows)), test))]
mod unsupported;
#[cfg(any(windows, test))]
mod windows;

use freehold_proto::v1::System;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "linux")]
pub(super) use linux::{architecture, installation_id as machine_id};
#[cfg(not(any(target_os = "linux", windows)))]
use unsupported as platform;
#[cfg(windows)]
use windows as platform;

use super::Root;

/// Collects the section.
pub(super) fn collect(root: &Root) -> System {
    let mut system = platform::collect(root);
    system.agent_version = env!("CARGO_PKG_VERSION").into();
    system
}
