//! Whether a machine may make a request: asked for every one.

use thiserror::Error;
use tonic::Status;

use crate::{
    id::Digest,
    peer::MachinePeer,
    store::record::{MachineRecord, MachineState},
};

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
    /// Its certificate is for a key that the registry does not connect with it.
    #[error(
        "this certificate was replaced by a newer one, or made for another computer: join this computer again \
         with a new join string"
    )]
    OtherKey,
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

/// How the holder of a certificate stands with the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// The machine's state.
    state: MachineState,
    /// The certificate is for a key of this machine: a certificate that only looks like the machine's, made
    /// by whoever has the issuing key, is not.
    knows_key: bool,
    /// The key is the newest, and the one before it is still good.
    pub(super) outdates_key: bool,
}

impl Standing {
    /// How the holder of a key stands.
    pub(super) fn of(record: &MachineRecord, key: &Digest) -> Self {
        let is_newest = record.public_key == key.as_bytes();
        Self {
            state: record.state(),
            knows_key: is_newest || record.earlier_key == key.as_bytes(),
            outdates_key: is_newest && !record.earlier_key.is_empty(),
        }
    }
}

pub(super) fn judge(
    standing: Option<Standing>,
    peer: &MachinePeer,
    path: &str,
) -> Result<(), Refusal> {
    let knows_key = standing.is_some_and(|standing| standing.knows_key);
    match standing.map(|standing| standing.state) {
        Some(MachineState::Active) if !knows_key => Err(Refusal::OtherKey),
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
    use crate::id::MachineId;

    const CHECK_IN: &str = "/freehold.v1.Reporting/CheckIn";

    fn peer(expired: bool) -> MachinePeer {
        MachinePeer {
            id: MachineId::random(),
            public_key: Digest::of(b""),
            expired,
        }
    }

    fn standing(state: MachineState) -> Standing {
        Standing {
            state,
            knows_key: true,
            outdates_key: false,
        }
    }

    #[test]
    fn a_certificate_is_good_with_the_key_of_its_machine_only() {
        let (newest, earlier) = (Digest::of(b"newest"), Digest::of(b"earlier"));
        let mut record = MachineRecord {
            state: MachineState::Active.into(),
            public_key: newest.as_bytes().to_vec(),
            earlier_key: earlier.as_bytes().to_vec(),
            ..MachineRecord::default()
        };
        let judged = |record: &MachineRecord, key: &Digest| {
            judge(Some(Standing::of(record, key)), &peer(false), CHECK_IN)
        };
        assert_eq!(judged(&record, &newest), Ok(()));
        assert_eq!(judged(&record, &earlier), Ok(()));
        let foreign = Digest::of(b"foreign");
        assert_eq!(judged(&record, &foreign), Err(Refusal::OtherKey));
        assert!(Standing::of(&record, &newest).outdates_key);
        assert!(!Standing::of(&record, &earlier).outdates_key);
        record.earlier_key.clear();
        assert_eq!(judged(&record, &earlier), Err(Refusal::OtherKey));
        record.public_key.clear();
        assert_eq!(judged(&record, &newest), Err(Refusal::OtherKey));
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
            let state = state.map(standing);
            for path in [CHECK_IN, RENEW_PATH] {
                assert_eq!(judge(state, &valid, path), Err(refusal));
                assert_eq!(judge(state, &expired, path), Err(refusal));
            }
        }
        let active = standing(MachineState::Active);
        assert_eq!(judge(Some(active), &valid, CHECK_IN), Ok(()));
    }

    #[test]
    fn an_expired_certificate_is_good_for_renewal_only() {
        let active = Some(standing(MachineState::Active));
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
