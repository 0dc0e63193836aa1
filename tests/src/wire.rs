//! TLS connections to a collector, good ones and bad ones, with every byte counted.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use anyhow::Context as _;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpSocket, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::body::Body;

/// The name machines report to.
pub const REPORTING: &str = "collector.freehold";
/// The name machines join at.
pub const ENROLMENT: &str = "enrol.freehold";

/// Where a client connects to, and from which of this computer's loopback addresses.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The collector.
    pub to: SocketAddr,
    /// The client. Different addresses in 127.0.0.0/8 stand for different computers.
    pub from: Ipv4Addr,
}

impl Target {
    /// The collector at an address, from 127.0.0.1.
    pub fn new(to: SocketAddr) -> Self {
        Self {
            to,
            from: Ipv4Addr::LOCALHOST,
        }
    }

    /// The same collector, seen from the `index`-th computer.
    #[must_use]
    pub fn seen_from(self, index: u32) -> Self {
        let [_, a, b, c] = (index + 2).to_be_bytes();
        Self {
            from: Ipv4Addr::new(127, 1 + a, b, c),
            ..self
        }
    }
}

/// A private key with its certificate chain, leaf first.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Certificates, DER.
    pub chain: Vec<Vec<u8>>,
    /// Private key, PKCS #8 DER.
    pub key: Vec<u8>,
}

/// What the client makes of the collector's certificate.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Accepts any: for tests that are about the other side.
    Anything,
    /// Accepts what these roots vouch for.
    Roots(Arc<WebPkiServerVerifier>),
}

impl Trust {
    /// Accepts what some root certificates, DER, vouch for.
    pub fn roots(certificates: &[Vec<u8>]) -> anyhow::Result<Self> {
        let mut store = RootCertStore::empty();
        for certificate in certificates {
            store.add(CertificateDer::from(certificate.clone()))?;
        }
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider()).build()?;
        Ok(Self::Roots(verifier))
    }
}

/// Bytes that went through a layer.
#[derive(Debug, Default)]
pub struct Bytes {
    /// Towards the collector.
    pub sent: AtomicU64,
    /// From the collector.
    pub received: AtomicU64,
}

impl Bytes {
    /// Both ways together.
    pub fn total(&self) -> u64 {
        self.sent.load(Ordering::Relaxed) + self.received.load(Ordering::Relaxed)
    }
}

/// Bytes of one connection.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    /// Inside TLS: HTTP/2 frames.
    pub application: Arc<Bytes>,
    /// On the wire: TLS records, handshake included; TCP and IP headers excluded.
    pub wire: Arc<Bytes>,
}

/// A TLS connection that counts.
pub type Stream = Counted<TlsStream<Counted<TcpStream>>>;

/// Connects, presents itself, and shakes hands.
pub async fn connect(
    target: Target,
    name: &str,
    identity: Option<&Identity>,
    trust: &Trust,
    meter: &Meter,
) -> anyhow::Result<Stream> {
    let config = client_config(identity, trust, &[b"h2"])?;
    tls(target, name, config, meter).await
}

/// Settings of a TLS 1.3 client.
pub fn client_config(
    identity: Option<&Identity>,
    trust: &Trust,
    protocols: &[&[u8]],
) -> anyhow::Result<ClientConfig> {
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Anything => Arc::new(Gullible),
        Trust::Roots(verifier) => verifier.clone(),
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = identity
                .chain
                .iter()
                .cloned()
                .map(CertificateDer::from)
                .collect();
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone()));
            builder.with_client_auth_cert(chain, key)?
        }
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Opens a TLS connection with some settings.
pub async fn tls(
    target: Target,
    name: &str,
    config: ClientConfig,
    meter: &Meter,
) -> anyhow::Result<Stream> {
    let tcp = tcp(target).await.context("the TCP connection failed")?;
    let tcp = Counted {
        inner: tcp,
        bytes: meter.wire.clone(),
    };
    let name = ServerName::try_from(name.to_owned())?;
    let tls = TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .context("the TLS handshake failed")?;
    Ok(Counted {
        inner: tls,
        bytes: meter.application.clone(),
    })
}

/// Opens a TCP connection from the target's client address.
pub async fn tcp(target: Target) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if target.from != Ipv4Addr::LOCALHOST {
        socket.bind(SocketAddr::new(IpAddr::V4(target.from), 0))?;
    }
    let stream = socket.connect(target.to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// An HTTP/2 connection, as the generated clients want it.
#[derive(Clone, Debug)]
pub struct Http {
    sender: http2::SendRequest<Body>,
}

impl Http {
    /// Speaks HTTP/2 over a connection. Small windows: thousands of these live in one process.
    pub async fn over(stream: Stream) -> anyhow::Result<Self> {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(64 * 1024)
            .initial_connection_window_size(64 * 1024)
            .max_send_buf_size(16 * 1024)
            .handshake(TokioIo::new(stream))
            .await?;
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// The connection has ended.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

impl tower::Service<http::Request<Body>> for Http {
    type Response = http::Response<hyper::body::Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(self.sender.send_request(request))
    }
}

/// Passes bytes through and counts them.
#[derive(Debug)]
pub struct Counted<S> {
    inner: S,
    bytes: Arc<Bytes>,
}

impl<S> Counted<S> {
    /// The layer below.
    pub fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.inner).poll_read(context, buffer);
        let read = buffer.filled().len() - before;
        self.bytes
            .received
            .fetch_add(read as u64, Ordering::Relaxed);
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = result {
            self.bytes.sent.fetch_add(written as u64, Ordering::Relaxed);
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER
        .get_or_init(|| Arc::new(rustls::crypto::ring::default_provider()))
        .clone()
}

/// Believes any certificate.
#[derive(Debug)]
struct Gullible;

impl ServerCertVerifier for Gullible {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
