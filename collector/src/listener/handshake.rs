//! From an accepted socket to a name and a peer, by TLS alone.

use std::io;

use tokio::net::TcpStream;

use super::tls::{self, TlsStream};
use crate::{
    authority::{ACCESS_NAME, AgentTls, ENROLMENT_NAME},
    peer::{DevicePeer, MachineCertificate},
};

/// A secured stream. Boxed: it is large, and each future it passes through would keep room for it.
pub(super) type Stream = Box<TlsStream>;

/// A connection whose handshake is done.
pub(super) enum Secured {
    /// On the enrolment name, without a client certificate.
    Enrolment(Stream),
    /// On the name for access, with the verified certificate of a person's device.
    Access(Stream, DevicePeer),
    /// On any other name, with a verified machine certificate.
    Reporting(Stream, MachineCertificate),
}

/// Which world a connection belongs to.
#[derive(Clone, Copy)]
enum World {
    Enrolment,
    Access,
    Reporting,
}

impl World {
    /// By the name in the `ClientHello`, before anything else. The request's path never decides.
    fn of(name: Option<&str>) -> Self {
        match name {
            Some(name) if name.eq_ignore_ascii_case(ENROLMENT_NAME) => Self::Enrolment,
            Some(name) if name.eq_ignore_ascii_case(ACCESS_NAME) => Self::Access,
            _ => Self::Reporting,
        }
    }
}

/// Shakes hands by the configuration of the name that was dialled.
pub(super) async fn secure(socket: TcpStream, tls: &AgentTls) -> io::Result<Secured> {
    socket.set_nodelay(true)?;
    let mut world = World::Reporting;
    let stream = tls::accept(socket, |hello| {
        world = World::of(hello.server_name());
        match world {
            World::Enrolment => tls.enrolment.clone(),
            World::Access => tls.access.clone(),
            World::Reporting => tls.reporting.clone(),
        }
    });
    let stream = Box::new(stream.await?);
    // The verifier has let the certificate in; a connection without one must not pass all the same.
    let leaf = || {
        let leaf = stream.peer_certificates().and_then(<[_]>::first);
        leaf.ok_or_else(|| io::Error::other("no client certificate"))
    };
    match world {
        World::Enrolment => Ok(Secured::Enrolment(stream)),
        World::Access => {
            let peer = DevicePeer::from_der(leaf()?).map_err(io::Error::other)?;
            Ok(Secured::Access(stream, peer))
        }
        World::Reporting => {
            let certificate = MachineCertificate::from_der(leaf()?).map_err(io::Error::other)?;
            Ok(Secured::Reporting(stream, certificate))
        }
    }
}
