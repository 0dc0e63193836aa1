//! Protection on systems this agent does not know.

use freehold_proto::v1::{Protection, section::Status, toggle::State};

use crate::probe::{Root, section::Diagnostics};

/// Says that the section is not collected here.
#[cfg_attr(test, allow(dead_code))]
pub(crate) fn collect(_root: &Root) -> Protection {
    let mut diagnostics = Diagnostics::new();
    diagnostics.note(
        std::env::consts::OS,
        "",
        "this agent cannot read encryption, firewall, updates and backup on this system",
    );
    Protection {
        status: Status::Unsupported.into(),
        diagnostics: diagnostics.finish(),
        secure_boot: State::Unknown.into(),
        screen_lock: State::Unknown.into(),
        remote_desktop: State::Unknown.into(),
        ..Protection::default()
    }
}
