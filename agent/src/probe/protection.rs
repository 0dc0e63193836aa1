//! Encryption, firewall, updates, backup: not collected by this version.

use freehold_proto::v1::{Protection, section::Status, toggle::State};

use super::{Root, section::Diagnostics};

/// Says that the section is not collected.
pub(super) fn collect(_root: &Root) -> Protection {
    let mut diagnostics = Diagnostics::new();
    let reason =
        "this version of the agent does not collect encryption, firewall, updates and backup";
    diagnostics.note("freehold-agent", "", reason);
    Protection {
        status: Status::Unsupported.into(),
        diagnostics: diagnostics.finish(),
        secure_boot: State::Unknown.into(),
        screen_lock: State::Unknown.into(),
        remote_desktop: State::Unknown.into(),
        ..Protection::default()
    }
}
