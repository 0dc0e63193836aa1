//! Protection against malware.

#[cfg(target_os = "linux")]
mod linux;
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

pub(super) use platform::{collect, signature_ages};
pub(crate) use platform::{files, processes};
#[cfg(windows)]
pub(crate) use windows::protects;
#[cfg(any(windows, test))]
pub(super) use windows::read as read_windows;
