//! From an accepted socket to a name and a peer, by TLS alone.

use std::io;

use rustls::pki_types::CertificateDer;
use tokio::net::TcpStream;

use super::tls::{self, TlsStream};
use crate::{
    authority::{AgentTls, ENROLMENT_NAME},
    peer::MachineCertificate,
};

/// A secured stream. Boxed: it is large, and each future it passes through would keep room for it.
pub(super) type Stream = Box<TlsStream>;

/// A connection whose handshake is done.
pub(super) enum Secured {
    /// On the enrolment name, without a client certificate.
    Enrolment(Stream),
    /// On any other name, with a verified machine certificate.
    Reporting(Stream, MachineCertificate),
}

/// Lets the name in the `ClientHello` decide, before anything else, which configuration applies. The
/// request's path never does.
pub(super) async fn secure(socket: TcpStream, tls: &AgentTls) -> io::Result<Secured> {
    socket.set_nodelay(true)?;
    let mut enrolment = false;
    let stream = tls::accept(socket, |hello| {
        enrolment = hello
            .server_name()
            .is_some_and(|name| name.eq_ignore_ascii_case(ENROLMENT_NAME));
        let configuration = if enrolment {
            &tls.enrolment
        } else {
            &tls.reporting
        };
        configuration.clone()
    });
    let stream = Box::new(stream.await?);
    if enrolment {
        return Ok(Secured::Enrolment(stream));
    }
    let leaf = stream.peer_certificates().and_then(<[_]>::first);
    let certificate = machine(leaf)?;
    Ok(Secured::Reporting(stream, certificate))
}

/// The verifier has let the certificate in; a connection without one must not pass all the same.
fn machine(leaf: Option<&CertificateDer<'_>>) -> io::Result<MachineCertificate> {
    let leaf = leaf.ok_or_else(|| io::Error::other("no client certificate"))?;
    MachineCertificate::from_der(leaf).map_err(io::Error::other)
}
