//! Who is at the other end of a connection, as proven by TLS.

mod device;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use thiserror::Error;
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

pub use device::{DeviceId, DeviceName, DevicePeer};

use crate::{
    clock::UnixMillis,
    id::{Digest, MachineId},
};

/// What a machine's name in a certificate begins with; its identifier follows.
pub const MACHINE_URI: &str = "freehold://machine/";

/// The collector's own name in its server certificate.
pub const COLLECTOR_URI: &str = "freehold://collector";

/// A typed peer, attached to every request as an extension by the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// No client certificate: only on the enrolment name.
    Nobody,
    /// A device of somebody who reads, by its certificate: only on the name for access.
    Device(DevicePeer),
    /// A machine, by its certificate.
    Machine(MachinePeer),
}

/// A machine, by its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachinePeer {
    /// The machine named in the certificate.
    pub id: MachineId,
    /// BLAKE3-256 over the certificate's `SubjectPublicKeyInfo`.
    pub public_key: Digest,
    /// The certificate has expired, but recently enough to be renewed. Good for nothing else.
    pub expired: bool,
}

/// Where a connection comes from, attached to every request as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote(pub SocketAddr);

impl Remote {
    /// The address that stands for whoever uses it, for limits: an IPv6 subscriber has a whole /64.
    pub fn subscriber(&self) -> IpAddr {
        match self.0.ip().to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

/// What a machine's certificate says, once its chain was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MachineCertificate {
    id: MachineId,
    public_key: Digest,
    /// When it expires.
    pub(crate) not_after: UnixMillis,
}

/// Why a certificate does not name a machine.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum NotAMachine {
    /// It is not a certificate.
    #[error("the client certificate cannot be read")]
    Unreadable,
    /// It names something else, several things, or nothing.
    #[error("the client certificate does not name one Freehold machine")]
    OtherName,
}

impl MachineCertificate {
    /// Reads a certificate, which must carry exactly one name: a machine's.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, NotAMachine> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| NotAMachine::Unreadable)?;
        let uri = only_uri(&certificate).ok_or(NotAMachine::OtherName)?;
        Ok(Self {
            id: machine_in(uri).ok_or(NotAMachine::OtherName)?,
            public_key: Digest::of(certificate.public_key().raw),
            not_after: not_after(&certificate),
        })
    }

    /// The peer it makes at a given time: a connection may outlive its certificate.
    pub(crate) fn peer(&self, now: UnixMillis) -> MachinePeer {
        MachinePeer {
            id: self.id,
            public_key: self.public_key,
            expired: now > self.not_after,
        }
    }
}

/// The only name a certificate carries, if that is a URI.
fn only_uri<'a>(certificate: &'a X509Certificate<'_>) -> Option<&'a str> {
    let names = certificate.subject_alternative_name().ok()??;
    match names.value.general_names.as_slice() {
        [GeneralName::URI(uri)] => Some(uri),
        _ => None,
    }
}

/// When a certificate expires.
fn not_after(certificate: &X509Certificate<'_>) -> UnixMillis {
    let seconds = certificate.validity().not_after.timestamp();
    UnixMillis(seconds.saturating_mul(1000))
}

/// The name of a machine in its certificate.
pub(crate) fn machine_uri(id: MachineId) -> String {
    format!("{MACHINE_URI}{id}")
}

/// The machine a name stands for. One machine has one spelling.
fn machine_in(uri: &str) -> Option<MachineId> {
    let id: MachineId = uri.strip_prefix(MACHINE_URI)?.parse().ok()?;
    (machine_uri(id) == uri).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_one_spelling() {
        let id = MachineId::random();
        assert_eq!(machine_in(&machine_uri(id)), Some(id));
        let upper = format!("{MACHINE_URI}{}", id.to_string().to_uppercase());
        assert!(upper == machine_uri(id) || machine_in(&upper).is_none());
        for other in [
            format!("freehold://delegate/{id}/{id}/{id}"),
            format!("freehold://owner/{id}"),
            format!("freehold://machine/{id}/"),
            format!("freehold://machine/{{{id}}}"),
            "freehold://collector".to_owned(),
            "freehold://machine/".to_owned(),
            String::new(),
        ] {
            assert_eq!(machine_in(&other), None, "{other}");
        }
    }

    #[test]
    fn a_whole_ipv6_network_is_one_subscriber_and_mapped_addresses_are_ipv4() {
        let subscriber = |text: &str| Remote(text.parse().unwrap()).subscriber();
        assert_eq!(
            subscriber("[2001:db8::1]:1"),
            subscriber("[2001:db8::2:3]:2")
        );
        assert_ne!(
            subscriber("[2001:db8::1]:1"),
            subscriber("[2001:db8:0:1::1]:1")
        );
        assert_eq!(
            subscriber("[::ffff:192.0.2.1]:1"),
            subscriber("192.0.2.1:1")
        );
    }

    #[test]
    fn rubbish_is_not_a_certificate() {
        assert_eq!(
            MachineCertificate::from_der(b"rubbish"),
            Err(NotAMachine::Unreadable)
        );
    }
}
