//! Thin wrappers around the operating system. The only place where `unsafe` may stand.

pub mod confine;
#[cfg(any(target_os = "linux", windows))]
pub(crate) mod cpuid;
#[cfg(target_os = "linux")]
pub(crate) mod disk;
pub mod memory;
#[cfg(target_os = "linux")]
pub(crate) mod netlink;
#[cfg(target_os = "linux")]
pub(crate) mod priority;
pub(crate) mod processor;
#[cfg(unix)]
pub(crate) mod readiness;
pub(crate) mod socket;
#[cfg(windows)]
pub(crate) mod windows;
