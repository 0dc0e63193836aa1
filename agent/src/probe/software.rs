//! Installed software.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", windows))]
mod list;
#[cfg(any(not(target_os = "linux"), test))]
mod unsupported;
#[cfg(any(windows, test))]
mod windows;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(any(target_os = "linux", windows)))]
use unsupported as platform;
#[cfg(windows)]
use windows as platform;

pub(super) use platform::collect;
#[cfg(target_os = "linux")]
pub(super) use platform::{Installed, has_database, versions};
#[cfg(target_os = "linux")]
pub(crate) use platform::{RPM_FILES, rpm_folders};
