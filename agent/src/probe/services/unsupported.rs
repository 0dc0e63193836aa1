//! Systems for which this section is not written yet.

use freehold_proto::v1::{Services, section::Status};

use crate::probe::{Root, section::Diagnostics};

/// Says that the section is not collected here.
pub(crate) fn collect(_root: &Root) -> Services {
    let mut diagnostics = Diagnostics::new();
    let reason = "this version of the agent cannot read services, listening sockets and databases on this operating system";
    diagnostics.note("freehold-agent", "", reason);
    Services {
        status: Status::Unsupported.into(),
        diagnostics: diagnostics.finish(),
        ..Services::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsupported_system_says_so() {
        let section = collect(&Root::live());
        assert_eq!(section.status(), Status::Unsupported);
        assert_eq!(section.diagnostics.len(), 1);
    }
}
