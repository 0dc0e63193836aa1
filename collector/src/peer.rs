//! Who is at the other end of a connection, as proven by TLS.

use std::net::SocketAddr;

use crate::id::{Digest, MachineId};

/// A typed peer, attached to every request as an extension by the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// No client certificate: only on the enrolment name.
    Nobody,
    /// A machine, by its certificate.
    Machine(MachinePeer),
}

/// A machine, by its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MachinePeer {
    /// The machine named in the certificate.
    pub id: MachineId,
    /// BLAKE3-256 over the certificate's SubjectPublicKeyInfo.
    pub public_key: Digest,
    /// The certificate has expired, but recently enough to be renewed. Good for nothing else.
    pub expired: bool,
}

/// Where a connection comes from, attached to every request as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote(pub SocketAddr);
