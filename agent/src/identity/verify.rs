//! Whether the other end is the owner's collector, also when this machine's clock is wrong.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use super::{Certificate, Validity};

/// Why the other end is not the collector that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is a Freehold collector, but not the one of the join string.
    #[error(
        "another collector answered there (its authority is '{0}'); the join string belongs to a different one, so ask for a new join string"
    )]
    OtherCollector(String),
    /// It is a Freehold collector, but not the one this machine joined.
    #[error(
        "another collector answered there (its authority is '{0}'), not the one this computer joined; check what the address leads to"
    )]
    Stranger(String),
    /// Something opens encrypted connections on the way.
    #[error(
        "issuer '{0}' sits between this computer and the collector and opens its encrypted connections (a web filter, a proxy or an antivirus does that); exempt the collector's address there"
    )]
    Intercepted(String),
    /// It presented something that is not a certificate.
    #[error("what answered there did not present a readable certificate")]
    Unreadable,
}

/// This machine's clock contradicts the certificate of a collector that is otherwise proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockFault {
    /// What the clock says, in seconds since 1970-01-01 UTC.
    pub clock: i64,
    /// When the collector's certificate holds.
    pub collector: Validity,
}

impl fmt::Display for ClockFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = |seconds: i64| {
            time::OffsetDateTime::from_unix_timestamp(seconds)
                .map_or_else(|_| seconds.to_string(), |time| time.date().to_string())
        };
        write!(
            formatter,
            "this computer's clock says {}, but the collector's certificate holds from {} to {}; set the clock",
            date(self.clock),
            date(self.collector.not_before),
            date(self.collector.not_after)
        )
    }
}

/// Which certificates of a collector are believed.
#[derive(Debug)]
enum Trust {
    /// Its root must have this pin. The dates are its own affair: whoever joins has nothing to compare
    /// a clock with, and the pin and the one-time token protect the exchange.
    Pin([u8; 32]),
    /// Its root must be one of these.
    Anchors {
        roots: Arc<RootCertStore>,
        /// When the machine's own certificate holds, issued by the same authority.
        own: Validity,
    },
}

/// Verifies a collector.
#[derive(Debug)]
pub(crate) struct CollectorVerifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
    fault: Mutex<Option<ClockFault>>,
}

impl CollectorVerifier {
    pub(super) fn pinned(pin: [u8; 32], provider: Arc<CryptoProvider>) -> Self {
        Self::new(Trust::Pin(pin), provider)
    }

    pub(super) fn anchored(
        roots: RootCertStore,
        own: Validity,
        provider: Arc<CryptoProvider>,
    ) -> Self {
        let roots = Arc::new(roots);
        Self::new(Trust::Anchors { roots, own }, provider)
    }

    fn new(trust: Trust, provider: Arc<CryptoProvider>) -> Self {
        Self {
            trust,
            provider,
            fault: Mutex::new(None),
        }
    }

    /// How the clock contradicted the last collector that was accepted, if it did.
    pub(crate) fn clock_fault(&self) -> Option<ClockFault> {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn roots(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
    ) -> Result<Arc<RootCertStore>, Error> {
        match &self.trust {
            Trust::Pin(pin) => pinned_root(pin, end_entity, intermediates),
            Trust::Anchors { roots, .. } => Ok(roots.clone()),
        }
    }

    /// A certificate from the future proves that the clock is slow: it was signed by the authority. One
    /// from the past may be a stolen old one; it is believed only where this machine's own certificate
    /// has run out by the same clock, so that the clock, or a year in a drawer, is to blame.
    fn excuses(&self, error: &Error, clock: i64) -> bool {
        let Error::InvalidCertificate(error) = error else {
            return false;
        };
        match error {
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => true,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                match &self.trust {
                    Trust::Pin(_) => true,
                    Trust::Anchors { own, .. } => clock > own.not_after,
                }
            }
            _ => false,
        }
    }
}

impl ServerCertVerifier for CollectorVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let roots = self.roots(end_entity, intermediates)?;
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone())
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        let verify = |time| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, time)
        };
        let clock = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let mut fault = None;
        let verdict = verify(now).or_else(|error| {
            let leaf =
                Certificate::read(end_entity).ok_or_else(|| refusal(Untrusted::Unreadable))?;
            if error == CertificateError::UnknownIssuer.into() {
                return Err(refusal(if leaf.is_collector {
                    Untrusted::Stranger(leaf.issuer)
                } else {
                    Untrusted::Intercepted(leaf.issuer)
                }));
            }
            if !self.excuses(&error, clock) {
                return Err(error);
            }
            fault = Some(ClockFault {
                clock,
                collector: leaf.validity,
            });
            let issued = u64::try_from(leaf.validity.issued()).unwrap_or(0);
            verify(UnixTime::since_unix_epoch(Duration::from_secs(issued)))
        });
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        verdict
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn pinned_root(
    pin: &[u8; 32],
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
) -> Result<Arc<RootCertStore>, Error> {
    let leaf = Certificate::read(end_entity).ok_or_else(|| refusal(Untrusted::Unreadable))?;
    let is_pinned = |der: &&CertificateDer<'_>| {
        Certificate::read(der).is_some_and(|certificate| certificate.pin() == *pin)
    };
    let Some(root) = intermediates.iter().find(is_pinned) else {
        return Err(refusal(if leaf.is_collector {
            Untrusted::OtherCollector(leaf.issuer)
        } else {
            Untrusted::Intercepted(leaf.issuer)
        }));
    };
    let mut roots = RootCertStore::empty();
    roots.add(root.clone().into_owned())?;
    Ok(Arc::new(roots))
}

fn refusal(reason: Untrusted) -> Error {
    CertificateError::Other(OtherError(Arc::new(reason))).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::held::provider;

    const OWN: Validity = Validity {
        not_before: 1_000_000,
        not_after: 2_000_000,
    };

    fn anchored() -> CollectorVerifier {
        CollectorVerifier::anchored(RootCertStore::empty(), OWN, provider())
    }

    #[test]
    fn a_collector_from_the_future_proves_that_the_clock_is_slow() {
        let error = CertificateError::NotValidYet.into();
        assert!(anchored().excuses(&error, 0));
        assert!(anchored().excuses(&error, OWN.not_after + 1));
    }

    #[test]
    fn an_expired_collector_is_believed_only_when_this_machine_has_expired_too() {
        let error = CertificateError::Expired.into();
        assert!(!anchored().excuses(&error, OWN.not_before));
        assert!(!anchored().excuses(&error, OWN.not_after));
        assert!(anchored().excuses(&error, OWN.not_after + 1));
    }

    #[test]
    fn nothing_but_dates_is_ever_excused() {
        for error in [
            CertificateError::UnknownIssuer,
            CertificateError::BadSignature,
            CertificateError::NotValidForName,
            CertificateError::Revoked,
        ] {
            assert!(!anchored().excuses(&error.clone().into(), i64::MAX));
            let pinned = CollectorVerifier::pinned([0; 32], provider());
            assert!(!pinned.excuses(&error.into(), 0));
        }
    }
}
