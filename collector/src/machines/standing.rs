//! Whether a machine may make a request: asked for every one.

use thiserror::Error;
use tonic::Status;

use crate::{peer::MachinePeer, store::record::MachineState};

/// The one call that is open to a certificate that expired.
pub const RENEW_PATH: &str = "/freehold.v1.Reporting/Renew";

/// Why a request is refused. Each is a sentence for whoever runs the agent.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// The collector never met it or forgot it.
    #[error(
        "this collector does not know this computer, perhaps because it was restored from a backup: join \
         it again with a new join string"
    )]
    Unknown,
    /// The owner has not decided.
    #[error("this computer waits for the owner's approval")]
    Waiting,
    /// It was put out of service.
    #[error(
        "the owner has put this computer out of service: to report again, it must be joined again"
    )]
    Retired,
    /// It was shut out.
    #[error("the owner has revoked this computer: it can no longer report")]
    Revoked,
    /// Its certificate expired.
    #[error("this computer's certificate has expired: it must be renewed before anything else")]
    Expired,
}

impl Refusal {
    /// As an answer on the wire. `UNAUTHENTICATED` means that a renewal helps.
    pub fn status(self) -> Status {
        match self {
            Self::Expired => Status::unauthenticated(self.to_string()),
            _ => Status::permission_denied(self.to_string()),
        }
    }
}

pub(super) fn judge(
    state: Option<MachineState>,
    peer: &MachinePeer,
    path: &str,
) -> Result<(), Refusal> {
    match state {
        Some(MachineState::Active) if peer.expired && path != RENEW_PATH => Err(Refusal::Expired),
        Some(MachineState::Active) => Ok(()),
        Some(MachineState::Waiting) => Err(Refusal::Waiting),
        Some(MachineState::Retired) => Err(Refusal::Retired),
        Some(MachineState::Revoked) => Err(Refusal::Revoked),
        Some(MachineState::Erased | MachineState::Unspecified) | None => Err(Refusal::Unknown),
    }
}

/// A state, as part of a sentence.
pub(super) fn describe(state: MachineState) -> &'static str {
    match state {
        MachineState::Waiting => "waiting for approval",
        MachineState::Active => "active",
        MachineState::Retired => "retired",
        MachineState::Revoked => "revoked",
        MachineState::Erased => "erased",
        MachineState::Unspecified => "in no known state",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Digest, MachineId};

    const CHECK_IN: &str = "/freehold.v1.Reporting/CheckIn";

    fn peer(expired: bool) -> MachinePeer {
        MachinePeer {
            id: MachineId::random(),
            public_key: Digest::of(b""),
            expired,
        }
    }

    #[test]
    fn only_active_machines_may_do_anything() {
        let (valid, expired) = (peer(false), peer(true));
        for (state, refusal) in [
            (None, Refusal::Unknown),
            (Some(MachineState::Unspecified), Refusal::Unknown),
            (Some(MachineState::Erased), Refusal::Unknown),
            (Some(MachineState::Waiting), Refusal::Waiting),
            (Some(MachineState::Retired), Refusal::Retired),
            (Some(MachineState::Revoked), Refusal::Revoked),
        ] {
            for path in [CHECK_IN, RENEW_PATH] {
                assert_eq!(judge(state, &valid, path), Err(refusal));
                assert_eq!(judge(state, &expired, path), Err(refusal));
            }
        }
        assert_eq!(judge(Some(MachineState::Active), &valid, CHECK_IN), Ok(()));
    }

    #[test]
    fn an_expired_certificate_is_good_for_renewal_only() {
        let active = Some(MachineState::Active);
        assert_eq!(judge(active, &peer(true), RENEW_PATH), Ok(()));
        for path in [
            CHECK_IN,
            "/freehold.v1.Reporting/Upload",
            "/freehold.v1.Reporting/Renew/",
            "//freehold.v1.Reporting/Renew",
            "/freehold.v1.Reporting/renew",
            "/",
            "",
        ] {
            assert_eq!(judge(active, &peer(true), path), Err(Refusal::Expired));
        }
    }
}
