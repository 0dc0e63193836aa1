//! Why a call to the collector brought nothing, and what that means for the next one.

use std::{fmt, time::Duration};

use tonic::{Code, Status};

use super::Unreachable;
use crate::identity::shown;

pub(super) const MESSAGE_CHARACTERS: usize = 300;
/// However long a collector asks to be left alone, it is asked again after a day.
pub(super) const LONGEST_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a call to the collector brought nothing.
#[derive(Debug)]
pub enum Failure {
    /// No address led to it.
    Unreachable(Unreachable),
    /// The connection broke or nothing came back in time.
    Lost(String),
    /// It asks to be left alone for a while.
    Busy {
        /// For how long at least.
        after: Duration,
        /// In its words.
        message: String,
    },
    /// It does not accept this machine.
    Refused(String),
    /// It does not accept this request.
    Rejected(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) => error.fmt(formatter),
            Self::Lost(what) => write!(formatter, "the connection to the collector broke: {what}"),
            Self::Busy { message, .. } => write!(formatter, "the collector is busy: {message}"),
            Self::Refused(message) => {
                write!(
                    formatter,
                    "the collector no longer accepts this computer: {message}"
                )
            }
            Self::Rejected(message) => {
                write!(
                    formatter,
                    "the collector did not accept what was sent: {message}"
                )
            }
        }
    }
}

impl std::error::Error for Failure {}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let message = shown(status.message(), MESSAGE_CHARACTERS);
        if let Some(alert) = refusing_alert(&status) {
            return Self::Refused(format!("it rejects the certificate ({alert})"));
        }
        match (status.code(), retry_after(&status)) {
            (Code::PermissionDenied | Code::Unauthenticated, _) => Self::Refused(message),
            (_, Some(after)) => Self::Busy { after, message },
            (Code::ResourceExhausted, None) => Self::Busy {
                after: Duration::ZERO,
                message,
            },
            (Code::InvalidArgument | Code::OutOfRange, None) => Self::Rejected(message),
            _ => Self::Lost(message),
        }
    }
}

impl Failure {
    /// How long the collector asked to be left alone.
    pub(crate) fn floor(&self) -> Duration {
        match self {
            Self::Busy { after, .. } => *after,
            _ => Duration::ZERO,
        }
    }

    /// Whether the connection is of no more use.
    pub(crate) fn breaks_connection(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Lost(_) | Self::Refused(_)
        )
    }
}

/// With TLS 1.3 a client learns only from the first call that its certificate was rejected.
fn refusing_alert(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    use rustls::AlertDescription as Alert;
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner.or_else(|| error.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::AlertReceived(
                alert @ (Alert::BadCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied),
            )) => return Some(format!("{alert:?}")),
            _ => next = error.source(),
        }
    }
    None
}

/// What the collector asks for, in the metadata of an error.
fn retry_after(status: &Status) -> Option<Duration> {
    let milliseconds = status.metadata().get("retry-after-ms")?.to_str().ok()?;
    let after = Duration::from_millis(milliseconds.parse().ok()?);
    Some(after.min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use tonic::metadata::MetadataValue;

    use super::*;

    #[test]
    fn a_delay_asked_for_is_obeyed_but_not_forever() {
        let mut status = Status::unavailable("starting");
        let mut ask = |text: &'static str| {
            let value = MetadataValue::from_static(text);
            status.metadata_mut().insert("retry-after-ms", value);
            Failure::from(status.clone()).floor()
        };
        assert_eq!(ask("1500"), Duration::from_millis(1500));
        assert_eq!(ask("99999999999999"), LONGEST_DELAY);
        assert_eq!(ask("soon"), Duration::ZERO);
    }

    #[test]
    fn a_refusal_is_told_from_trouble_on_the_way() {
        let failure = |status: Status| Failure::from(status);
        assert!(matches!(
            failure(Status::permission_denied("x")),
            Failure::Refused(_)
        ));
        assert!(matches!(
            failure(Status::invalid_argument("x")),
            Failure::Rejected(_)
        ));
        assert!(matches!(
            failure(Status::unavailable("x")),
            Failure::Lost(_)
        ));
        assert!(matches!(
            failure(Status::resource_exhausted("x")),
            Failure::Busy { .. }
        ));
    }

    #[test]
    fn a_rejected_certificate_is_a_refusal_and_not_a_broken_line() {
        let status = |alert| {
            let alert = rustls::Error::AlertReceived(alert);
            Status::from_error(Box::new(std::io::Error::other(alert)))
        };
        let expired = status(rustls::AlertDescription::CertificateExpired);
        assert!(matches!(Failure::from(expired), Failure::Refused(_)));
        let internal = status(rustls::AlertDescription::InternalError);
        assert!(matches!(Failure::from(internal), Failure::Lost(_)));
    }
}
