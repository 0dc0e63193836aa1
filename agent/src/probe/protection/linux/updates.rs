//! Updates of the operating system: what installs them, and what is known to be missing.

mod apt;
mod rpm;
mod security;

use std::time::SystemTime;

use freehold_proto::v1::{protection::Updates, toggle::State};
use prost_types::Timestamp;

use crate::probe::{Root, section, section::Diagnostics};

use super::Scene;

/// Timers and services that install updates.
pub(super) const UNITS: [&str; 8] = [
    APT_TIMER,
    "dnf-automatic.timer",
    "dnf-automatic-install.timer",
    "dnf5-automatic.timer",
    "yum-cron.service",
    "transactional-update.timer",
    "rpm-ostreed-automatic.timer",
    "os-update.timer",
];

const APT_TIMER: &str = "apt-daily-upgrade.timer";

const MISSING: &str = "whether updates are installed by themselves is";

/// What is known about updates.
pub(super) fn read(scene: &Scene<'_>, diagnostics: &mut Diagnostics) -> Updates {
    if let Some(updates) = apt::read(scene, diagnostics) {
        return updates;
    }
    if let Some(updates) = rpm::read(scene, diagnostics) {
        return updates;
    }
    let reason = format_args!(
        "no program that this agent knows installs updates here, so {MISSING} missing"
    );
    diagnostics.note("updates", "", reason);
    Updates {
        automatic: State::Unknown.into(),
        ..Updates::default()
    }
}

/// When a file was last written to; `None` when it is not there.
fn written(root: &Root, path: &str) -> Option<Timestamp> {
    let modified: SystemTime = root.metadata(path).ok()?.modified().ok()?;
    Some(section::timestamp(modified))
}
