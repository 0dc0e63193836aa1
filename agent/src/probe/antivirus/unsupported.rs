//! Antivirus products on systems this agent does not know.

use freehold_proto::v1::{Antivirus, readings::SignatureAge, section::Status};

use crate::probe::{Root, section::Diagnostics};

/// Says that the section is not collected here.
#[cfg_attr(test, allow(dead_code))]
pub(crate) fn collect(_root: &Root) -> Antivirus {
    let mut diagnostics = Diagnostics::new();
    diagnostics.note(
        std::env::consts::OS,
        "",
        "this agent cannot look for antivirus products on this system",
    );
    Antivirus {
        status: Status::Unsupported.into(),
        diagnostics: diagnostics.finish(),
        ..Antivirus::default()
    }
}

/// None is known.
#[cfg_attr(any(test, windows), allow(dead_code))]
pub(crate) fn signature_ages(_root: &Root) -> Vec<SignatureAge> {
    Vec::new()
}

/// Nothing is watched here.
#[cfg_attr(test, allow(dead_code))]
pub(crate) fn files() -> Vec<&'static str> {
    Vec::new()
}

/// Nothing is watched here.
#[cfg_attr(test, allow(dead_code))]
pub(crate) fn processes(_root: &Root) -> Vec<u32> {
    Vec::new()
}
