//! A small stand-in for a collector: real TLS, real gRPC, and a script of mishaps.

pub(crate) mod authority;
mod services;
pub(crate) mod source;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use freehold_proto::v1::{
    CheckInRequest, CredentialBundle, UploadHeader, enrolment_server::EnrolmentServer,
    reporting_server::ReportingServer, section::Kind,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;
use tonic::{Status, service::Routes};

use authority::Authority;
use freehold_agent::identity::{JoinString, Token};

/// What a collector received and how it misbehaves.
#[derive(Default)]
pub(crate) struct Script {
    /// Public keys that enrolled, with their token.
    pub(crate) enrolled: Vec<(Vec<u8>, Vec<u8>)>,
    /// Answers to enrolments that get lost.
    pub(crate) lose_enrolments: u32,
    /// Enrolments that are told to wait.
    pub(crate) waiting: u32,
    /// Check-ins that were received, with their time.
    pub(crate) check_ins: Vec<(Instant, CheckInRequest)>,
    /// Answers to the next check-ins, instead of a good one.
    pub(crate) check_in_errors: VecDeque<Status>,
    /// Every check-in is refused until the certificate was renewed.
    pub(crate) refuse_until_renewed: bool,
    /// No renewal is granted.
    pub(crate) refuse_renewal: bool,
    /// Renewals.
    pub(crate) renewals: u32,
    /// Life of the certificates that are issued.
    pub(crate) certificate_life: Option<Duration>,
    /// Credentials for the next check-in.
    pub(crate) bundle: Option<CredentialBundle>,
    /// Uploaded versions in the order of their arrival, with their time.
    pub(crate) uploads: Vec<(Instant, UploadHeader, Vec<u8>)>,
    /// Uploads that were received but whose acknowledgement gets lost.
    pub(crate) lose_acknowledgements: u32,
    /// Answers to the next uploads, instead of a good one.
    pub(crate) upload_errors: VecDeque<Status>,
    /// Bodies that begin like this are refused for good.
    pub(crate) poison: Option<Vec<u8>>,
    /// How many were.
    pub(crate) poisoned: usize,
    /// Current version of each section.
    pub(crate) current: HashMap<Kind, Vec<u8>>,
    /// Positions that were delivered.
    pub(crate) delivered: Vec<u64>,
}

/// A stand-in for a collector.
pub(crate) struct Collector {
    pub(crate) authority: Arc<Authority>,
    pub(crate) script: Arc<Mutex<Script>>,
    pub(crate) address: String,
    serving: Option<JoinHandle<()>>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        Self::with(Authority::new()).await
    }

    pub(crate) async fn with(authority: Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut collector = Self {
            authority: Arc::new(authority),
            script: Arc::default(),
            address,
            serving: None,
        };
        collector.serve(listener);
        collector
    }

    /// Ends every connection and accepts no more.
    pub(crate) async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _ = serving.await;
        }
    }

    /// Comes back at the same address.
    pub(crate) async fn restart(&mut self) {
        let listener = TcpListener::bind(&self.address).await.unwrap();
        self.serve(listener);
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    pub(crate) fn join_string(&self) -> JoinString {
        JoinString {
            addresses: vec![self.address.clone()],
            pin: self.authority.pin(),
            token: Token::generate(),
        }
    }

    /// Waits until the script satisfies a condition.
    pub(crate) async fn until(&self, what: &str, condition: impl Fn(&Script) -> bool) {
        let end = Instant::now() + Duration::from_secs(15);
        while !condition(&self.script()) {
            assert!(
                Instant::now() < end,
                "never happened: {what}; {:?}",
                self.script().uploads
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn serve(&mut self, listener: TcpListener) {
        let acceptor = TlsAcceptor::from(self.authority.server());
        let service = services::Services {
            authority: self.authority.clone(),
            script: self.script.clone(),
        };
        let routes = Routes::new(ReportingServer::new(service.clone()))
            .add_service(EnrolmentServer::new(service))
            .prepare();
        self.serving = Some(tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, routes) = (acceptor.clone(), routes.clone());
                connections.spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else {
                        return;
                    };
                    let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes))
                        .await;
                });
            }
        }));
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}
