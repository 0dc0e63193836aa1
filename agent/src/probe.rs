//! Probes: each reads one subject of the inventory from a [`Root`] and answers with a section message.
//!
//! A probe never fails as a whole and never hides a failure: what it could not read becomes a diagnostic
//! in its section, and the section's status says so.

mod accounts;
pub(crate) mod antivirus;
mod deadline;
mod fingerprint;
#[cfg(test)]
pub(crate) mod fixture;
mod hardware;
mod network;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod program;
mod protection;
mod readings;
mod recorded;
pub mod root;
pub(crate) mod section;
mod services;
mod software;
#[cfg(target_os = "linux")]
mod sysfs;
mod system;
#[cfg(unix)]
mod trace;
#[cfg(target_os = "linux")]
mod units;
#[cfg(any(windows, test))]
mod windows;

use freehold_proto::{
    limits::SECTION_BYTES,
    v1::{HardwareFingerprint, Readings, section::Kind},
};
use prost::Message as _;

pub(crate) use deadline::Work;
pub use deadline::collect_within;
pub use recorded::{RecordError, record};
pub use root::Root;
#[cfg(target_os = "linux")]
pub(crate) use software::{RPM_FILES, rpm_folders};

use crate::{snapshot::Collected, sys::processor::of_this_thread};

/// The sections this agent collects, in the order of the schema.
pub const KINDS: [Kind; 8] = [
    Kind::System,
    Kind::Hardware,
    Kind::Software,
    Kind::Antivirus,
    Kind::Accounts,
    Kind::Network,
    Kind::Services,
    Kind::Protection,
];

/// Collects one section. `Kind::Unspecified` yields none.
pub fn collect(kind: Kind, root: &Root) -> Option<Collected> {
    let before = of_this_thread();
    let body = match kind {
        Kind::Unspecified => return None,
        Kind::System => system::collect(root).encode_to_vec(),
        Kind::Hardware => hardware::collect(root).encode_to_vec(),
        Kind::Software => software::collect(root).encode_to_vec(),
        Kind::Antivirus => antivirus::collect(root).encode_to_vec(),
        Kind::Accounts => accounts::collect(root).encode_to_vec(),
        Kind::Network => network::collect(root).encode_to_vec(),
        Kind::Services => services::collect(root).encode_to_vec(),
        Kind::Protection => protection::collect(root).encode_to_vec(),
    };
    let took = of_this_thread().saturating_sub(before);
    let (section, bytes) = (kind.as_str_name(), body.len());
    tracing::debug!(section, bytes, cpu_us = took.as_micros(), "collected");
    if body.len() as u64 > SECTION_BYTES {
        // The collector would refuse it, and all that waits behind it.
        let reason = format!(
            "it would be {} bytes long, more than a section may be, so the whole section is missing",
            body.len()
        );
        return deadline::silent(kind, reason);
    }
    Some(Collected::now(kind, body))
}

/// Reads the values that change by themselves.
pub fn readings(root: &Root) -> Readings {
    readings::collect(root)
}

/// What identifies this hardware across a reinstallation.
pub fn fingerprint(root: &Root) -> HardwareFingerprint {
    fingerprint::collect(root)
}
