//! A program on loopback that is told things by HTTP, and keeps them.

use std::{
    convert::Infallible,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinHandle};

/// A request it was sent.
#[derive(Clone, Debug)]
pub struct Told {
    /// Method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: String,
}

/// A program that listens.
#[derive(Debug)]
pub struct Receiver {
    port: u16,
    kept: Arc<Mutex<Kept>>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Kept {
    told: Vec<Told>,
    status: StatusCode,
}

impl Receiver {
    /// One on any free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let kept = Arc::new(Mutex::new(Kept {
            told: Vec::new(),
            status: StatusCode::NO_CONTENT,
        }));
        let shared = kept.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = shared.clone();
                let service = service_fn(move |request| keep(request, kept.clone()));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { port, kept, task }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets it answer with this status from now on.
    pub fn answer_with(&self, status: StatusCode) {
        self.kept.lock().expect("no panic").status = status;
    }

    /// What it was told, the oldest first.
    pub fn told(&self) -> Vec<Told> {
        self.kept.lock().expect("no panic").told.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(
    request: Request<Incoming>,
    kept: Arc<Mutex<Kept>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(Collected::to_bytes)
        .unwrap_or_default();
    let mut kept = kept.lock().expect("no panic");
    kept.told.push(Told {
        method: parts.method,
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let mut response = Response::new(Full::default());
    *response.status_mut() = kept.status;
    Ok(response)
}
