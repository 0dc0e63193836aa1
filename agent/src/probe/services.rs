//! Services, listening sockets, databases, roles: not collected by this version.

use freehold_proto::v1::{Services, section::Status};

use super::{Root, section::Diagnostics};

/// Says that the section is not collected.
pub(super) fn collect(_root: &Root) -> Services {
    let mut diagnostics = Diagnostics::new();
    let reason =
        "this version of the agent does not collect services, listening sockets and databases";
    diagnostics.note("freehold-agent", "", reason);
    Services {
        status: Status::Unsupported.into(),
        diagnostics: diagnostics.finish(),
        ..Services::default()
    }
}
