//! Software on systems this agent does not know.

use freehold_proto::v1::{Software, section::Status};

use crate::probe::{Root, section::Diagnostics};

/// Says that the section is not collected here.
#[cfg_attr(test, allow(dead_code))]
pub(crate) fn collect(_root: &Root) -> Software {
    let mut diagnostics = Diagnostics::new();
    diagnostics.note(
        std::env::consts::OS,
        "",
        "this agent cannot list the software of this system",
    );
    Software {
        status: Status::Unsupported.into(),
        diagnostics: diagnostics.finish(),
        ..Software::default()
    }
}
