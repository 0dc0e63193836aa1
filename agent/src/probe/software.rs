//! Installed software.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod unsupported;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
use unsupported as platform;

pub(super) use platform::collect;
#[cfg(target_os = "linux")]
pub(super) use platform::{Installed, has_database, versions};
