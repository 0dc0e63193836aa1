//! Noticing at once that something worth reporting changed.
//!
//! [`places`] says which files and folders concern which subject; the platform's [`Watch`] learns from
//! the kernel when they change. What has no notification is polled.

#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "nothing is watched there")
)]
mod administrators;
#[cfg(target_os = "linux")]
mod linux;
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "nothing is watched there")
)]
mod places;
#[cfg(not(any(target_os = "linux", windows)))]
mod unsupported;
#[cfg(windows)]
mod windows;

use freehold_proto::v1::section::Kind;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(any(target_os = "linux", windows)))]
use unsupported as platform;
#[cfg(windows)]
use windows as platform;

pub(crate) use administrators::places as places_of_administrators;
pub(crate) use places::Place;
pub(crate) use platform::Watch;

/// What a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// A section.
    Section(Kind),
    /// The values that change by themselves.
    Readings,
}
