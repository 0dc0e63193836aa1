//! A collector's port, and callers of every kind.

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Bytes;
use axum::{Extension, Router, body::Body, routing::any};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair, SanType};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::ring,
    pki_types::{
        CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime, pem::PemObject,
    },
};
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::sync::CancellationToken;

use crate::{
    access::{People, PersonId},
    authority::{Authority, ENROLMENT_NAME, REPORTING_NAME, RequestedKey},
    clock::Clock,
    events::Events,
    id::MachineId,
    listener::{Limits, Listener, Services},
    machines::{Connections, Machines},
    peer::{DeviceId, DeviceName, Peer, Remote},
    store::{
        Options, Store, StoreError,
        record::{DeviceRecord, MachineRecord, MachineState, PersonRecord, PersonRole},
    },
};

pub(super) const CHECK_IN: &str = "/freehold.v1.Reporting/CheckIn";
pub(super) const RENEW: &str = "/freehold.v1.Reporting/Renew";
/// Never answered.
pub(super) const STALL: &str = "/stall";

/// A collector's port.
pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) authority: Authority,
    pub(super) machines: Machines,
    pub(super) connections: Connections,
    pub(super) clock: Clock,
    pub(super) shutdown: CancellationToken,
    pub(super) serving: Option<JoinHandle<()>>,
    /// Requests to [`STALL`] that someone still works on.
    pub(super) stalled: Arc<AtomicUsize>,
    store: Store,
    directory: tempfile::TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(super) async fn with(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let authority =
            Authority::init(&directory.path().join("authority"), "Example", &clock).unwrap();
        let store = Store::create(&directory.path().join("store"), &Options::default()).unwrap();
        let connections = Connections::default();
        let machines = Machines::load(
            store.clone(),
            authority.revocations(),
            connections.clone(),
            authority.log(),
            Events::default(),
        )
        .unwrap();
        let listener = Listener::bind_with("127.0.0.1:0".parse().unwrap(), limits)
            .await
            .unwrap();
        let address = listener.local_addr();
        let shutdown = CancellationToken::new();
        let stalled = Arc::new(AtomicUsize::new(0));
        let services = Services {
            tls: authority.agent_tls().unwrap(),
            reporting: router("reporting", &stalled),
            enrolment: router("enrolment", &stalled),
            access: router("access", &stalled),
            people: People::new(store.clone(), authority.log()),
            machines: machines.clone(),
            connections: connections.clone(),
            clock: clock.clone(),
        };
        let serving = tokio::spawn(listener.serve(services, shutdown.clone()));
        Self {
            address,
            authority,
            machines,
            connections,
            clock,
            shutdown,
            serving: Some(serving),
            stalled,
            store,
            directory,
        }
    }

    /// A machine in some state, with a certificate.
    pub(super) async fn machine(&self, state: MachineState) -> Machine {
        let id = MachineId::random();
        let key = KeyPair::generate().unwrap();
        let csr = CertificateParams::default()
            .serialize_request(&key)
            .unwrap();
        let issued = self
            .authority
            .issue_machine(id, csr.der(), self.clock.now())
            .unwrap();
        let record = MachineRecord {
            id: id.as_bytes().to_vec(),
            state: state.into(),
            host_name: "front-desk".to_owned(),
            public_key: issued.public_key.as_bytes().to_vec(),
            ..MachineRecord::default()
        };
        self.machines
            .write(move |txn| {
                txn.put_machine(id, &record);
                Ok::<_, StoreError>(((), vec![record]))
            })
            .await
            .unwrap();
        Machine {
            id,
            identity: Identity {
                chain: issued.chain.into_iter().map(CertificateDer::from).collect(),
                key: key.serialize_der(),
            },
        }
    }

    /// An owner's device that may read.
    pub(super) async fn reader(&self) -> Reader {
        let key = KeyPair::generate().unwrap();
        let csr = CertificateParams::default()
            .serialize_request(&key)
            .unwrap();
        let key_of = RequestedKey::from_csr(csr.der()).unwrap();
        let name = DeviceName {
            device: DeviceId::random(),
            person: PersonId([7; 16]),
            grant: None,
        };
        let now = self.clock.now();
        let issued = self.authority.issue_device(&name, &key_of, now).unwrap();
        let person = PersonRecord {
            id: name.person.0.to_vec(),
            role: PersonRole::Owner.into(),
            password: "a hash".to_owned(),
            ..PersonRecord::default()
        };
        let device = DeviceRecord {
            id: name.device.0.to_vec(),
            person: person.id.clone(),
            public_key: issued.public_key.as_bytes().to_vec(),
            ..DeviceRecord::default()
        };
        let written = self.store.write(move |txn| {
            txn.put_person(&name.person.0, &person);
            txn.put_device(&name.device.0, &device);
            Ok::<_, StoreError>(())
        });
        written.await.unwrap();
        Reader {
            device: name.device,
            identity: Identity {
                chain: issued.chain.into_iter().map(CertificateDer::from).collect(),
                key: key.serialize_der(),
            },
        }
    }

    /// Shuts a device out.
    pub(super) async fn end_reader(&self, device: DeviceId) {
        let ended = self.store.write(move |txn| {
            txn.remove_device(&device.0);
            Ok::<_, StoreError>(())
        });
        ended.await.unwrap();
    }

    /// A caller on the reporting name.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            address: self.address,
            name: Some(REPORTING_NAME),
            identity: None,
            version: &rustls::version::TLS13,
        }
    }

    /// A caller with a machine's certificate.
    pub(super) fn calling(&self, machine: &Machine) -> Caller {
        self.caller().showing(machine.identity.clone())
    }

    /// A caller on the enrolment name.
    pub(super) fn stranger(&self) -> Caller {
        self.caller().named(Some(ENROLMENT_NAME))
    }

    /// A certificate of our issuing authority with any name and use: what a mistake could issue.
    pub(super) fn misissued(
        &self,
        uri: &str,
        usage: ExtendedKeyUsagePurpose,
        key: &KeyPair,
    ) -> Identity {
        let dir = self.directory.path().join("authority");
        let issuing_key = KeyPair::from_pem(&read(dir.join("issuing.key"))).unwrap();
        let issuing =
            CertificateDer::from_pem_slice(read(dir.join("issuing.crt")).as_bytes()).unwrap();
        let issuer = Issuer::from_ca_cert_der(&issuing, issuing_key).unwrap();
        let mut identity = leaf_of(&issuer, uri, usage, key);
        identity.chain.push(issuing);
        identity
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A certificate of some issuer.
pub(super) fn leaf_of(
    issuer: &Issuer<'_, KeyPair>,
    uri: &str,
    usage: ExtendedKeyUsagePurpose,
    key: &KeyPair,
) -> Identity {
    let certificate = leaf_params(uri, usage).signed_by(key, issuer).unwrap();
    Identity {
        chain: vec![certificate.der().clone()],
        key: key.serialize_der(),
    }
}

pub(super) fn leaf_params(uri: &str, usage: ExtendedKeyUsagePurpose) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    params.extended_key_usages = vec![usage];
    params
}

pub(super) struct Machine {
    pub(super) id: MachineId,
    pub(super) identity: Identity,
}

pub(super) struct Reader {
    pub(super) device: DeviceId,
    pub(super) identity: Identity,
}

#[derive(Clone)]
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: Vec<u8>,
}

/// A request that someone works on.
struct Working(Arc<AtomicUsize>);

impl Working {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count.clone())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Answers with the world it belongs to and the peer it sees.
fn router(world: &'static str, stalled: &Arc<AtomicUsize>) -> Router {
    let stalled = stalled.clone();
    let stall = move || {
        let working = Working::new(&stalled);
        async move {
            std::future::pending::<()>().await;
            drop(working);
        }
    };
    let answer = move |Extension(peer): Extension<Peer>, Extension(remote): Extension<Remote>| async move {
        assert!(remote.0.ip().is_loopback());
        format!("{world} {peer:?}")
    };
    Router::new().route(STALL, any(stall)).fallback(answer)
}

/// Someone who dials the port.
#[derive(Clone)]
pub(super) struct Caller {
    address: SocketAddr,
    name: Option<&'static str>,
    identity: Option<Identity>,
    version: &'static rustls::SupportedProtocolVersion,
}

impl Caller {
    pub(super) fn named(mut self, name: Option<&'static str>) -> Self {
        self.name = name;
        self
    }

    pub(super) fn showing(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    pub(super) fn speaking(mut self, version: &'static rustls::SupportedProtocolVersion) -> Self {
        self.version = version;
        self
    }

    pub(super) fn configuration(&self) -> ClientConfig {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[self.version])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone));
        let mut configuration = match &self.identity {
            Some(identity) => builder
                .with_client_auth_cert(
                    identity.chain.clone(),
                    PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.clone())),
                )
                .unwrap(),
            None => builder.with_no_client_auth(),
        };
        configuration.alpn_protocols = vec![b"h2".to_vec()];
        configuration.enable_sni = self.name.is_some();
        configuration
    }

    pub(super) async fn dial(
        &self,
        configuration: Arc<ClientConfig>,
    ) -> io::Result<TlsStream<TcpStream>> {
        let socket = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(self.name.unwrap_or("unused")).unwrap();
        TlsConnector::from(configuration)
            .connect(name, socket)
            .await
    }

    pub(super) async fn connect(&self) -> Result<Line, Refused> {
        let stream = self.dial(Arc::new(self.configuration())).await?;
        let (requests, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await?;
        let driver = tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Line { requests, driver })
    }

    pub(super) async fn call(&self, path: &str) -> Result<Answer, Refused> {
        self.connect().await?.call(path).await
    }
}

/// No answer was to be had.
#[derive(Debug)]
pub(super) struct Refused;

impl From<io::Error> for Refused {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl From<hyper::Error> for Refused {
    fn from(_: hyper::Error) -> Self {
        Self
    }
}

/// An open connection.
pub(super) struct Line {
    pub(super) requests: SendRequest<Body>,
    pub(super) driver: JoinHandle<()>,
}

impl Line {
    pub(super) async fn call(&mut self, path: &str) -> Result<Answer, Refused> {
        self.send(request(path, Body::empty())).await
    }

    pub(super) async fn send(&mut self, request: Request<Body>) -> Result<Answer, Refused> {
        self.requests.ready().await?;
        let answer = self.requests.send_request(request);
        let answer = tokio::time::timeout(Duration::from_secs(20), answer);
        Answer::read(answer.await.expect("an answer in time")?).await
    }

    /// Starts a request whose answer nobody waits for yet.
    pub(super) fn start(
        &mut self,
        path: &str,
    ) -> impl Future<Output = hyper::Result<Response<hyper::body::Incoming>>> + Send + use<> {
        self.requests.send_request(request(path, Body::empty()))
    }
}

pub(super) fn request(path: &str, body: Body) -> Request<Body> {
    Request::post(format!("https://{REPORTING_NAME}{path}"))
        .body(body)
        .unwrap()
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    /// Body of a plain answer.
    pub(super) text: String,
    /// gRPC status; 0 when there is none.
    pub(super) code: i32,
    pub(super) message: String,
    pub(super) retry_after: Option<String>,
}

impl Answer {
    async fn read(response: Response<hyper::body::Incoming>) -> Result<Self, Refused> {
        let status = tonic::Status::from_header_map(response.headers());
        let retry_after = response.headers().get("retry-after-ms").cloned();
        let body: Bytes = response.into_body().collect().await?.to_bytes();
        Ok(Self {
            text: String::from_utf8_lossy(&body).into_owned(),
            code: status.as_ref().map_or(0, |status| status.code().into()),
            message: status
                .map(|status| status.message().to_owned())
                .unwrap_or_default(),
            retry_after: retry_after.map(|value| value.to_str().unwrap().to_owned()),
        })
    }

    pub(super) fn is(&self, code: tonic::Code) -> bool {
        self.code == i32::from(code)
    }
}

/// A body that is never finished.
pub(super) fn endless() -> Body {
    Body::from_stream(tokio_stream::pending::<io::Result<Bytes>>())
}

/// A body of some length.
pub(super) fn long(bytes: usize) -> Body {
    Body::new(Full::new(Bytes::from(vec![0; bytes])))
}

/// Callers are tested here, not the collector's certificate.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
