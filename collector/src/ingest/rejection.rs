//! Why a request is refused, in sentences for whoever runs the agent.

use std::time::Duration;

use thiserror::Error;
use tonic::{Code, Status};

/// Metadata that says how long an agent shall wait at least.
const RETRY_AFTER: &str = "retry-after-ms";

/// Why a request is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Rejection {
    /// No machine certificate stands behind the request.
    #[error("only a computer with a certificate of this collector may report: join it first")]
    NotAMachine,
    /// The certificate has expired.
    #[error("this computer's certificate has expired: renew it before anything else")]
    Expired,
    /// The machine was revoked or retired while the report was on its way.
    #[error("this computer is not in service: ask the owner of the collector")]
    NotInService,
    /// A field breaks the rules.
    #[error("{field}: {reason}")]
    Field {
        /// Where it is, such as `sections[2].digest`.
        field: String,
        /// What is wrong with it and what is right.
        reason: String,
    },
    /// The stream stopped moving.
    #[error("{what} did not arrive in time: send it again over a better connection")]
    TooSlow {
        /// What was awaited.
        what: &'static str,
    },
    /// The connection broke.
    #[error("the upload broke off: send what is not acknowledged again")]
    BrokenOff,
    /// The machine has used up what it may send.
    #[error(
        "{quota}: this computer has used up what it may report in a day; keep the rest and send it later"
    )]
    OverQuota {
        /// What is used up.
        quota: &'static str,
        /// When there is room again.
        retry_after: Duration,
    },
    /// The machine sends on too many streams at once.
    #[error("uploads: at most {maximum} at once from one computer; wait until one has ended")]
    TooManyUploads {
        /// Streams it may have.
        maximum: usize,
    },
    /// The machine calls far more often than it was asked to.
    #[error("{calls}: far more often than this computer was asked to; wait as long as told")]
    TooOften {
        /// What it does too often.
        calls: &'static str,
        /// When the next is admitted.
        retry_after: Duration,
    },
    /// The collector has as much work as it takes on.
    #[error("the collector is busy; wait and send it again")]
    Busy {
        /// When there will be room.
        retry_after: Duration,
    },
    /// The collector cannot store anything at the moment.
    #[error(
        "the collector cannot store reports at the moment; keep them and send them again later"
    )]
    NotStored,
}

impl Rejection {
    /// A field that breaks the rules.
    pub(super) fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Field {
            field: field.into(),
            reason: reason.into(),
        }
    }

    /// As the answer to the agent.
    pub fn status(&self) -> Status {
        let mut status = Status::new(self.code(), self.to_string());
        if let Some(delay) = self.retry_after() {
            let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            status.metadata_mut().insert(RETRY_AFTER, millis.into());
        }
        status
    }

    fn code(&self) -> Code {
        match self {
            Self::NotAMachine => Code::Unauthenticated,
            Self::Expired | Self::NotInService => Code::PermissionDenied,
            Self::Field { .. } => Code::InvalidArgument,
            Self::TooSlow { .. } => Code::DeadlineExceeded,
            Self::OverQuota { .. }
            | Self::TooManyUploads { .. }
            | Self::TooOften { .. }
            | Self::Busy { .. } => Code::ResourceExhausted,
            Self::BrokenOff | Self::NotStored => Code::Unavailable,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::OverQuota { retry_after, .. }
            | Self::TooOften { retry_after, .. }
            | Self::Busy { retry_after } => Some(*retry_after),
            Self::TooManyUploads { .. } => Some(Duration::from_secs(5)),
            Self::NotStored => Some(Duration::from_secs(30)),
            _ => None,
        }
    }
}

impl From<Rejection> for Status {
    fn from(rejection: Rejection) -> Self {
        rejection.status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_shall_wait_is_told_how_long() {
        let busy = Rejection::Busy {
            retry_after: Duration::from_millis(1500),
        };
        let status = busy.status();
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert_eq!(status.metadata().get(RETRY_AFTER).unwrap(), "1500");
        assert!(
            Rejection::NotStored
                .status()
                .metadata()
                .get(RETRY_AFTER)
                .is_some()
        );
    }

    #[test]
    fn a_wrong_field_is_named() {
        let status = Rejection::field("header.digest", "31 bytes instead of 32").status();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "header.digest: 31 bytes instead of 32");
    }
}
