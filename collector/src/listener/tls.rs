//! TLS over a socket, without any memory for bytes while none are on their way.
//!
//! The usual stream keeps 4 KiB for the next record as long as the connection lives: with thousands of machines
//! that are quiet most of the time, that is much of what the collector takes. The protocol itself is the same
//! library's; only the buffers are ours.

mod pending;

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use pending::Pending;
use rustls::{
    ServerConfig,
    pki_types::CertificateDer,
    server::{Acceptor, ClientHello, UnbufferedServerConnection},
    unbuffered::{
        ConnectionState, EncodeError, EncodeTlsData, EncryptError, InsufficientSizeError,
        UnbufferedStatus, WriteTraffic,
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
};

/// Bytes that are asked of the socket at a time.
const READ: usize = 8 * 1024;

/// Most bytes that are kept before they make sense: a long handshake. Records are shorter.
const UNPROCESSED: usize = 64 * 1024;

/// Most bytes that are encrypted at once; also, how much may wait for a peer that does not read.
const WRITE: usize = 16 * 1024;

/// A connection with its handshake done.
pub(super) struct TlsStream {
    socket: TcpStream,
    tls: UnbufferedServerConnection,
    /// Received, not processed.
    incoming: Pending,
    /// Decrypted, not read.
    plain: Pending,
    /// Encrypted, not sent.
    outgoing: Pending,
    /// The peer has said that it sends no more.
    ended: bool,
}

/// What is to be sent as soon as the connection can.
enum Sending<'a> {
    Nothing,
    Data(&'a [u8]),
    Close,
}

/// Shakes hands, with the configuration that is chosen for what the peer says first.
pub(super) async fn accept(
    mut socket: TcpStream,
    choose: impl FnOnce(&ClientHello<'_>) -> Arc<ServerConfig>,
) -> io::Result<TlsStream> {
    let mut hello = Pending::default();
    let mut acceptor = Acceptor::default();
    let accepted = loop {
        let known = hello.rest().len();
        poll_fn(|cx| receive(&socket, &mut hello, cx)).await?;
        let mut news = &hello.rest()[known..];
        while !news.is_empty() {
            acceptor.read_tls(&mut news)?;
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => break accepted,
            Ok(None) => {}
            Err((error, mut alert)) => {
                let mut bytes = Vec::new();
                alert.write_all(&mut bytes)?;
                socket.write_all(&bytes).await?;
                return Err(invalid(error));
            }
        }
    };
    let config = choose(&accepted.client_hello());
    let mut stream = TlsStream {
        socket,
        tls: UnbufferedServerConnection::new(config).map_err(io::Error::other)?,
        incoming: hello,
        plain: Pending::default(),
        outgoing: Pending::default(),
        ended: false,
    };
    poll_fn(|cx| stream.poll_handshake(cx)).await?;
    Ok(stream)
}

impl TlsStream {
    /// What the peer has identified itself with, its own certificate first.
    pub(super) fn peer_certificates(&self) -> Option<&[CertificateDer<'static>]> {
        self.tls.peer_certificates()
    }

    /// Memory that it holds for bytes on their way.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.incoming.memory() + self.plain.memory() + self.outgoing.memory()
    }

    fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if let Err(error) = self.advance(Sending::Nothing) {
                // The alert that says why; whether it arrives does not matter.
                let _ = self.poll_send(cx)?;
                return Poll::Ready(Err(error));
            }
            ready!(self.poll_send(cx))?;
            if !self.tls.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            if self.ended {
                return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
            }
            ready!(receive(&self.socket, &mut self.incoming, cx))?;
        }
    }

    /// Processes all that was received, and encrypts what is to be sent; answers whether it could.
    fn advance(&mut self, mut sending: Sending<'_>) -> io::Result<bool> {
        loop {
            let Self {
                tls,
                incoming,
                plain,
                outgoing,
                ..
            } = self;
            let UnbufferedStatus { discard, state, .. } =
                tls.process_tls_records(incoming.rest_mut());
            let step = state
                .map_err(invalid)
                .and_then(|state| take_step(state, &mut sending, plain, outgoing));
            let step = match step {
                Ok(step) => step,
                Err(error) => {
                    self.last_words();
                    return Err(error);
                }
            };
            self.incoming.take(discard);
            match step {
                Step::On(more) => self.incoming.take(more),
                Step::Ended => self.ended = true,
                Step::Done(done) => return Ok(done),
            }
        }
    }

    /// What the peer is told when its bytes make no sense.
    fn last_words(&mut self) {
        while let Ok(state) = self.tls.process_tls_records(&mut []).state {
            match state {
                ConnectionState::EncodeTlsData(mut data) => {
                    if encode(&mut data, &mut self.outgoing).is_err() {
                        return;
                    }
                }
                ConnectionState::TransmitTlsData(data) => data.done(),
                _ => return,
            }
        }
    }

    /// Sends what is encrypted.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.outgoing.rest().is_empty() {
            let sent = Pin::new(&mut self.socket).poll_write(cx, self.outgoing.rest());
            match ready!(sent)? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                count => self.outgoing.take(count),
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Takes what has arrived at a socket.
fn receive(
    socket: &TcpStream,
    incoming: &mut Pending,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    if incoming.rest().len() >= UNPROCESSED {
        return Poll::Ready(Err(ErrorKind::InvalidData.into()));
    }
    loop {
        ready!(socket.poll_read_ready(cx))?;
        match incoming.fill(READ, |room| socket.try_read(room)) {
            Ok(0) => return Poll::Ready(Err(ErrorKind::UnexpectedEof.into())),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            received => return Poll::Ready(received.map(drop)),
        }
    }
}

/// How far processing came.
enum Step {
    /// There may be more; so many further bytes were processed.
    On(usize),
    /// The peer sends no more.
    Ended,
    /// All was processed; whether what was to be sent was encrypted.
    Done(bool),
}

fn take_step<Data>(
    state: ConnectionState<'_, '_, Data>,
    sending: &mut Sending<'_>,
    plain: &mut Pending,
    outgoing: &mut Pending,
) -> io::Result<Step> {
    match state {
        ConnectionState::ReadTraffic(mut traffic) => {
            let mut discard = 0;
            while let Some(record) = traffic.next_record() {
                let record = record.map_err(invalid)?;
                discard += record.discard;
                plain.push(record.payload);
            }
            Ok(Step::On(discard))
        }
        ConnectionState::EncodeTlsData(mut data) => {
            encode(&mut data, outgoing).map(|()| Step::On(0))
        }
        ConnectionState::TransmitTlsData(data) => {
            data.done();
            Ok(Step::On(0))
        }
        ConnectionState::WriteTraffic(mut traffic) => {
            encrypt(&mut traffic, sending, outgoing).map(|()| Step::Done(true))
        }
        ConnectionState::PeerClosed => Ok(Step::Ended),
        ConnectionState::Closed => Ok(Step::Done(!matches!(sending, Sending::Data(_)))),
        ConnectionState::BlockedHandshake => Ok(Step::Done(matches!(sending, Sending::Nothing))),
        _ => Err(io::Error::other("TLS is in a state that was not asked for")),
    }
}

fn encode<Data>(data: &mut EncodeTlsData<'_, Data>, outgoing: &mut Pending) -> io::Result<()> {
    outgoing.grow(|room| match data.encode(room) {
        Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) => {
            Ok(Err(required_size))
        }
        encoded => Ok(Ok(encoded.map_err(io::Error::other)?)),
    })
}

fn encrypt<Data>(
    traffic: &mut WriteTraffic<'_, Data>,
    send: &mut Sending<'_>,
    outgoing: &mut Pending,
) -> io::Result<()> {
    outgoing.grow(|room| {
        let encrypted = match send {
            Sending::Nothing => return Ok(Ok(0)),
            Sending::Data(bytes) => traffic.encrypt(bytes, room),
            Sending::Close => traffic.queue_close_notify(room),
        };
        match encrypted {
            Err(EncryptError::InsufficientSize(InsufficientSizeError { required_size })) => {
                Ok(Err(required_size))
            }
            encrypted => Ok(Ok(encrypted.map_err(io::Error::other)?)),
        }
    })
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let count = self.plain.rest().len().min(out.remaining());
            if count > 0 {
                out.put_slice(&self.plain.rest()[..count]);
                self.plain.take(count);
                return Poll::Ready(Ok(()));
            }
            if self.ended || out.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let advanced = self.advance(Sending::Nothing);
            // What answers the peer's own TLS messages; it need not be sent before something is read.
            let _ = self.poll_send(cx)?;
            advanced?;
            if self.plain.rest().is_empty() && !self.ended {
                let Self {
                    socket, incoming, ..
                } = &mut *self;
                ready!(receive(socket, incoming, cx))?;
            }
        }
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.outgoing.rest().len() >= WRITE {
            ready!(self.poll_send(cx))?;
        }
        let piece = &bytes[..bytes.len().min(WRITE)];
        if !piece.is_empty() && !self.advance(Sending::Data(piece))? {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        // Sent now as far as it goes, else by the next write or flush.
        let _ = self.poll_send(cx)?;
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.advance(Sending::Close)?;
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
