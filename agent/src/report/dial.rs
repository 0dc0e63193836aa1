//! Finding the collector among its addresses.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use rustls::{CertificateError, ClientConfig, OtherError, pki_types::ServerName};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{identity::Untrusted, sys};

const RESOLVE_TIME: Duration = Duration::from_secs(5);
const CONNECT_TIME: Duration = Duration::from_secs(4);
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// A name may stand for many addresses; more than these are not tried.
const ADDRESSES_OF_A_NAME: usize = 4;

/// A proven connection.
pub(crate) struct Dialled {
    /// The encrypted stream.
    pub(crate) stream: TlsStream<TcpStream>,
    /// Which address answered.
    pub(crate) address: String,
}

/// No address led to the collector.
#[derive(Debug)]
pub struct Unreachable {
    /// One for each address, in the order tried.
    pub attempts: Vec<Attempt>,
}

/// An address that did not lead to the collector.
#[derive(Debug)]
pub struct Attempt {
    /// The address.
    pub address: String,
    /// Why.
    pub error: DialError,
}

/// Why an address did not lead to the collector.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name is not known.
    #[error("its name is not known here ({0})")]
    Resolve(#[source] io::Error),
    /// Nothing accepts connections there.
    #[error("nothing accepts connections there ({0})")]
    Connect(#[source] io::Error),
    /// Nothing answered in time.
    #[error("nothing answered in time")]
    Silent,
    /// Somebody else answered.
    #[error(transparent)]
    Untrusted(Untrusted),
    /// The encrypted connection did not come about.
    #[error("the encrypted connection failed ({0})")]
    Tls(#[source] io::Error),
}

impl fmt::Display for Unreachable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the collector could not be reached")?;
        for (number, attempt) in self.attempts.iter().enumerate() {
            let separator = if number == 0 { ": " } else { "; " };
            write!(
                formatter,
                "{separator}at {} {}",
                attempt.address, attempt.error
            )?;
        }
        if self.untrusted().is_none() {
            write!(
                formatter,
                "; check that it is switched on and that no firewall blocks its port"
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Unreachable {}

impl Unreachable {
    /// Somebody else answered at one of the addresses: waiting will not help.
    pub fn untrusted(&self) -> Option<&Untrusted> {
        self.attempts
            .iter()
            .find_map(|attempt| match &attempt.error {
                DialError::Untrusted(untrusted) => Some(untrusted),
                _ => None,
            })
    }
}

/// Tries the addresses in order until one proves to be the collector.
pub(crate) async fn dial(
    addresses: &[String],
    tls: &Arc<ClientConfig>,
    name: &'static str,
) -> Result<Dialled, Unreachable> {
    let mut attempts = Vec::new();
    for address in addresses {
        match dial_one(address, tls, name).await {
            Ok(stream) => {
                return Ok(Dialled {
                    stream,
                    address: address.clone(),
                });
            }
            Err(error) => attempts.push(Attempt {
                address: address.clone(),
                error,
            }),
        }
    }
    Err(Unreachable { attempts })
}

async fn dial_one(
    address: &str,
    tls: &Arc<ClientConfig>,
    name: &'static str,
) -> Result<TlsStream<TcpStream>, DialError> {
    let candidates = timeout(RESOLVE_TIME, lookup_host(address))
        .await
        .map_err(|_| DialError::Silent)?
        .map_err(DialError::Resolve)?;
    let stream = connect(candidates).await?;
    let name =
        ServerName::try_from(name).map_err(|error| DialError::Tls(io::Error::other(error)))?;
    timeout(
        HANDSHAKE_TIME,
        TlsConnector::from(tls.clone()).connect(name, stream),
    )
    .await
    .map_err(|_| DialError::Silent)?
    .map_err(explain)
}

async fn connect(candidates: impl Iterator<Item = SocketAddr>) -> Result<TcpStream, DialError> {
    let mut last = DialError::Resolve(io::ErrorKind::NotFound.into());
    for candidate in candidates.take(ADDRESSES_OF_A_NAME) {
        match timeout(CONNECT_TIME, TcpStream::connect(candidate)).await {
            Ok(Ok(stream)) => {
                sys::socket::watch_peer(&stream);
                return Ok(stream);
            }
            Ok(Err(error)) => last = DialError::Connect(error),
            Err(_) => last = DialError::Silent,
        }
    }
    Err(last)
}

/// Finds the verifier's own verdict in what rustls made of it.
fn explain(error: io::Error) -> DialError {
    let verdict = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        .and_then(|error| match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
                inner.downcast_ref::<Untrusted>()
            }
            _ => None,
        });
    match verdict {
        Some(untrusted) => DialError::Untrusted(untrusted.clone()),
        None => DialError::Tls(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_is_listed_with_its_reason() {
        let attempt = |address: &str, error| Attempt {
            address: address.into(),
            error,
        };
        let unreachable = Unreachable {
            attempts: vec![
                attempt("office:7443", DialError::Silent),
                attempt(
                    "10.0.0.1:7443",
                    DialError::Connect(io::ErrorKind::ConnectionRefused.into()),
                ),
            ],
        };
        assert_eq!(
            unreachable.to_string(),
            "the collector could not be reached: at office:7443 nothing answered in time; \
             at 10.0.0.1:7443 nothing accepts connections there (connection refused); \
             check that it is switched on and that no firewall blocks its port"
        );
    }
}
