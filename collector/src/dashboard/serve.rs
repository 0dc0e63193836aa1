//! Serving the pages: HTTPS, or plain HTTP to this computer alone.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::{Desk, Site, plain, router};
use crate::peer::Remote;

/// Connections at once.
const CONNECTIONS: usize = 512;

/// How long a TLS handshake, or the head of a request, may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long answers may take to finish when the collector stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why the dashboard cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Plain HTTP beyond this computer.
    #[error(
        "the dashboard cannot be served on {address} without HTTPS: passwords would travel readable. Use a \
         loopback address such as 127.0.0.1, or HTTPS"
    )]
    NotLoopback {
        /// The address.
        address: SocketAddr,
    },
    /// The port's address could not be asked for.
    #[error("the dashboard's port cannot be used")]
    Address(#[source] io::Error),
}

/// The dashboard on its port.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    site: Arc<Site>,
}

impl Server {
    /// Over HTTPS with `tls`, else plain, which is refused on anything but loopback. `names` are the host
    /// names it answers to over HTTPS, beside plain addresses and localhost; `public` says that the
    /// certificate is one that every browser trusts.
    pub fn new(
        listener: TcpListener,
        tls: Option<Arc<ServerConfig>>,
        names: Vec<String>,
        public: bool,
        desk: Desk,
    ) -> Result<Self, ServerError> {
        let address = listener.local_addr().map_err(ServerError::Address)?;
        if tls.is_none() && !address.ip().is_loopback() {
            return Err(ServerError::NotLoopback { address });
        }
        let site = Site {
            https: tls.is_some(),
            port: address.port(),
            names,
            public,
            networked: !address.ip().is_loopback(),
        };
        Ok(Self {
            listener,
            address,
            tls: tls.map(TlsAcceptor::from),
            router: router(desk, site.clone()),
            site: Arc::new(site),
        })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until told to stop.
    pub async fn run(self, shutdown: CancellationToken) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let connections = TaskTracker::new();
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                break;
            };
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, remote)) => {
                    let connection = Connection {
                        tls: self.tls.clone(),
                        router: self.router.clone(),
                        site: Arc::clone(&self.site),
                        remote,
                        shutdown: shutdown.clone(),
                    };
                    connections.spawn(async move {
                        connection.serve(stream).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection to the dashboard could not be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        connections.close();
        let _ = tokio::time::timeout(2 * FAREWELL, connections.wait()).await;
    }
}

struct Connection {
    tls: Option<TlsAcceptor>,
    router: Router,
    site: Arc<Site>,
    remote: SocketAddr,
    shutdown: CancellationToken,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.tls.clone() else {
            return self.http1(stream).await;
        };
        let Some(stream) = plain::send_on(stream, &self.site).await else {
            return;
        };
        match tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                self.http2(stream).await;
            }
            Ok(Ok(stream)) => self.http1(stream).await,
            Ok(Err(error)) => {
                tracing::debug!(remote = %self.remote, %error, "a TLS handshake failed");
            }
            Err(_) => tracing::debug!(remote = %self.remote, "a TLS handshake took too long"),
        }
    }

    async fn http1(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let service = service_fn(|request| answer(&self.router, self.remote, request));
        let mut connection = std::pin::pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .max_buf_size(64 * 1024)
                .serve_connection(TokioIo::new(stream), service)
        );
        tokio::select! {
            ended = connection.as_mut() => note(self.remote, ended),
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                // A live page never ends by itself.
                let _ = tokio::time::timeout(FAREWELL, connection).await;
            }
        }
    }

    async fn http2(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let service = service_fn(|request| answer(&self.router, self.remote, request));
        let mut connection = std::pin::pin!(
            http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(64)
                .max_header_list_size(32 * 1024)
                .keep_alive_interval(Some(Duration::from_secs(30)))
                .serve_connection(TokioIo::new(stream), service)
        );
        tokio::select! {
            ended = connection.as_mut() => note(self.remote, ended),
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                // A live page never ends by itself.
                let _ = tokio::time::timeout(FAREWELL, connection).await;
            }
        }
    }
}

fn answer(
    router: &Router,
    remote: SocketAddr,
    request: hyper::Request<Incoming>,
) -> impl Future<Output = Result<axum::response::Response, std::convert::Infallible>> + use<> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Remote(remote));
    router.clone().oneshot(request)
}

fn note(remote: SocketAddr, ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%remote, %error, "a connection to the dashboard ended early");
    }
}
