//! A simulated machine: real keys, real TLS, the real protocol, and whatever it is told to report.

use std::sync::Arc;

use anyhow::Context as _;
use freehold_agent::{
    identity::{JoinString, Token, credentials_digest},
    snapshot::Collected,
};
use freehold_proto::{
    limits,
    v1::{
        ChainLink, CheckInRequest, CheckInResponse, CredentialBundle, EnrolRequest, EnrolResponse,
        HardwareFingerprint, Readings, RenewRequest, SectionSummary, UploadHeader, UploadRequest,
        UploadResponse, enrolment_client::EnrolmentClient, reporting_client::ReportingClient,
        section::Kind, upload_request::Part,
    },
};
use http::Uri;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use tonic::Status;

use crate::wire::{self, ENROLMENT, Http, Identity, Meter, REPORTING, Target, Trust};

/// Largest chunk a real agent sends.
const CHUNK: usize = 64 * 1024;

/// A machine that has joined.
#[derive(Debug)]
pub struct Machine {
    /// Its identifier, from its certificate.
    pub id: String,
    /// Where it reports to.
    pub target: Target,
    /// Its key and certificate.
    pub identity: Identity,
    /// What it trusts.
    pub anchors: Arc<Vec<Vec<u8>>>,
    /// Where it was told the collector is.
    pub addresses: Arc<Vec<String>>,
    /// Bytes of its present connection.
    pub meter: Meter,
    /// Its place in the chain of check-ins.
    pub chain: Chain,
    /// Which collector it believes.
    pub trust: Trust,
    client: Option<ReportingClient<Http>>,
    sequence: u64,
}

/// A machine's place in its chain of check-ins.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    answered: u64,
    last: Vec<u8>,
    next: Option<Vec<u8>>,
}

impl Chain {
    /// The link to send: the same again until it was answered.
    pub fn link(&mut self) -> ChainLink {
        let next = self
            .next
            .get_or_insert_with(|| rand::random::<[u8; 16]>().to_vec());
        ChainLink {
            counter: self.answered + 1,
            previous: self.last.clone(),
            next: next.clone(),
        }
    }

    /// The link was answered.
    pub fn answered(&mut self) {
        if let Some(next) = self.next.take() {
            self.answered += 1;
            self.last = next;
        }
    }
}

/// One version of a section on its way.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its header.
    pub header: UploadHeader,
    /// Its zstd frame.
    pub frame: Vec<u8>,
}

impl Version {
    /// A section as a real agent would send it, `age_ms` after it was collected.
    pub fn of(section: &Collected, sequence: u64, age_ms: u64) -> Self {
        let frame = zstd::bulk::compress(&section.body, 3).expect("compression in memory");
        let header = UploadHeader {
            kind: section.kind.into(),
            digest: section.digest.to_vec(),
            age_ms,
            size: section.body.len() as u64,
            compressed_size: frame.len() as u64,
            sequence,
        };
        Self { header, frame }
    }

    /// Its messages.
    pub fn messages(self) -> Vec<UploadRequest> {
        let header = UploadRequest {
            part: Some(Part::Header(self.header)),
        };
        let chunks = self.frame.chunks(CHUNK).map(|chunk| UploadRequest {
            part: Some(Part::Chunk(chunk.to_vec().into())),
        });
        std::iter::once(header).chain(chunks).collect()
    }
}

/// A key with a signing request for it.
#[derive(Debug)]
pub struct Applicant {
    /// Private key, PKCS #8 DER.
    pub key: Vec<u8>,
    /// PKCS #10 request, DER.
    pub csr: Vec<u8>,
    /// Hash of the public key, for fingerprints that differ from machine to machine.
    pub public_key: [u8; 32],
}

impl Applicant {
    /// A machine with a new key of the right kind.
    pub fn new() -> anyhow::Result<Self> {
        Self::with(
            &KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
            &CertificateParams::default(),
        )
    }

    /// A machine with some key and a request for some certificate.
    pub fn with(key: &KeyPair, request: &CertificateParams) -> anyhow::Result<Self> {
        Ok(Self {
            key: key.serialize_der(),
            csr: request.serialize_request(key)?.der().to_vec(),
            public_key: *blake3::hash(&key.subject_public_key_info()).as_bytes(),
        })
    }

    /// Asks for a certificate.
    pub async fn enrol(
        &self,
        target: Target,
        token: &Token,
        name: &str,
    ) -> Result<EnrolResponse, Status> {
        self.enrol_as(target, token, name, self.fingerprint()).await
    }

    /// Asks for a certificate, claiming to be certain hardware.
    pub async fn enrol_as(
        &self,
        target: Target,
        token: &Token,
        name: &str,
        fingerprint: HardwareFingerprint,
    ) -> Result<EnrolResponse, Status> {
        let request = EnrolRequest {
            token: token.expose().to_vec(),
            csr: self.csr.clone(),
            fingerprint: Some(fingerprint),
            host_name: name.to_owned(),
            agent_version: "0.1.0".to_owned(),
            proposed_labels: Vec::new(),
        };
        let mut client = enrolment_client(target).await.map_err(unavailable)?;
        Ok(client.enrol(request).await?.into_inner())
    }

    fn fingerprint(&self) -> HardwareFingerprint {
        HardwareFingerprint {
            firmware: self.public_key.to_vec(),
            adapters: vec![blake3::hash(&self.public_key).as_bytes().to_vec()],
            machine_id: blake3::derive_key("freehold test machine id", &self.public_key).to_vec(),
        }
    }
}

impl Machine {
    /// Joins with a token that lets it in at once.
    pub async fn join(target: Target, join: &JoinString, name: &str) -> anyhow::Result<Self> {
        let applicant = Applicant::new()?;
        let answer = applicant.enrol(target, &join.token, name).await?;
        let bundle = answer
            .credentials
            .context("the machine was put into the waiting list")?;
        Self::from_bundle(target, applicant.key, bundle)
    }

    /// A machine that got its certificate some other way.
    pub fn from_bundle(
        target: Target,
        key: Vec<u8>,
        bundle: CredentialBundle,
    ) -> anyhow::Result<Self> {
        let leaf = bundle
            .certificate_chain
            .first()
            .context("no certificate in the answer")?;
        Ok(Self {
            id: machine_id(leaf).context("no machine in the certificate")?,
            target,
            trust: Trust::roots(&bundle.trust_anchors)?,
            identity: Identity {
                chain: bundle.certificate_chain,
                key,
            },
            anchors: Arc::new(bundle.trust_anchors),
            addresses: Arc::new(bundle.collector_addresses),
            meter: Meter::default(),
            chain: Chain::default(),
            client: None,
            sequence: 0,
        })
    }

    /// A second machine with the same key and state, as a cloned disk makes it.
    #[must_use]
    pub fn cloned(&self) -> Self {
        Self {
            id: self.id.clone(),
            target: self.target,
            identity: self.identity.clone(),
            anchors: self.anchors.clone(),
            addresses: self.addresses.clone(),
            meter: Meter::default(),
            chain: self.chain.clone(),
            trust: self.trust.clone(),
            client: None,
            sequence: self.sequence,
        }
    }

    /// Connects anew.
    pub async fn connect(&mut self) -> anyhow::Result<()> {
        self.meter = Meter::default();
        let stream = wire::connect(
            self.target,
            REPORTING,
            Some(&self.identity),
            &self.trust,
            &self.meter,
        )
        .await?;
        self.client = Some(reporting(Http::over(stream).await?));
        Ok(())
    }

    /// Ends its connection.
    pub fn disconnect(&mut self) {
        self.client = None;
    }

    /// The client of its connection, which it opens when there is none.
    pub async fn client(&mut self) -> Result<ReportingClient<Http>, Status> {
        if self.client.is_none() {
            self.connect().await.map_err(unavailable)?;
        }
        self.client
            .clone()
            .ok_or_else(|| Status::internal("no connection"))
    }

    /// Tells what it has.
    pub async fn check_in(&mut self, sections: &[Collected]) -> Result<CheckInResponse, Status> {
        let summaries = sections.iter().map(|section| summary(section, 0)).collect();
        self.check_in_with(summaries, None).await
    }

    /// Tells what it says it has.
    pub async fn check_in_with(
        &mut self,
        sections: Vec<SectionSummary>,
        readings: Option<Readings>,
    ) -> Result<CheckInResponse, Status> {
        let request = CheckInRequest {
            sections,
            readings,
            chain: Some(self.chain.link()),
            clock_unix_ms: now_ms(),
            agent_version: "0.1.0".to_owned(),
            credentials_digest: credentials_digest(&self.anchors, &self.addresses).to_vec(),
            spool_lost: 0,
        };
        self.send_check_in(request).await
    }

    /// Sends a check-in as it is.
    pub async fn send_check_in(
        &mut self,
        request: CheckInRequest,
    ) -> Result<CheckInResponse, Status> {
        let answer = self.client().await?.check_in(request).await;
        let answer = self.noting_the_end(answer)?.into_inner();
        self.chain.answered();
        Ok(answer)
    }

    /// Delivers sections collected just now.
    pub async fn upload(&mut self, sections: &[Collected]) -> Result<UploadResponse, Status> {
        let versions = sections
            .iter()
            .map(|section| self.version(section, 0))
            .collect();
        self.upload_versions(versions).await
    }

    /// A version with the next position in the machine's series.
    pub fn version(&mut self, section: &Collected, age_ms: u64) -> Version {
        self.sequence += 1;
        Version::of(section, self.sequence, age_ms)
    }

    /// Delivers versions as they are.
    pub async fn upload_versions(
        &mut self,
        versions: Vec<Version>,
    ) -> Result<UploadResponse, Status> {
        self.upload_messages(versions.into_iter().flat_map(Version::messages).collect())
            .await
    }

    /// Sends the messages of an upload as they are.
    pub async fn upload_messages(
        &mut self,
        messages: Vec<UploadRequest>,
    ) -> Result<UploadResponse, Status> {
        let answer = self
            .client()
            .await?
            .upload(tokio_stream::iter(messages))
            .await;
        Ok(self.noting_the_end(answer)?.into_inner())
    }

    /// Checks in and delivers what the collector lacks; answers with how many sections that were.
    pub async fn report(&mut self, sections: &[Collected]) -> Result<usize, Status> {
        let wanted = self.check_in(sections).await?.wanted;
        let lacking = |section: &&Collected| wanted.contains(&section.kind.into());
        let missing: Vec<_> = sections.iter().filter(lacking).cloned().collect();
        if !missing.is_empty() {
            self.upload(&missing).await?;
        }
        Ok(missing.len())
    }

    /// Replaces its certificate with one for a new key.
    pub async fn renew(&mut self) -> Result<(), Status> {
        let applicant = Applicant::new().map_err(unavailable)?;
        self.renew_as(applicant).await
    }

    /// Replaces its certificate with one for the key it has, as agents do.
    pub async fn renew_keeping_its_key(&mut self) -> Result<(), Status> {
        let key = KeyPair::try_from(self.identity.key.clone());
        let key = key.map_err(|error| Status::internal(error.to_string()))?;
        let applicant = Applicant::with(&key, &CertificateParams::default());
        self.renew_as(applicant.map_err(unavailable)?).await
    }

    async fn renew_as(&mut self, applicant: Applicant) -> Result<(), Status> {
        let request = RenewRequest {
            csr: applicant.csr.clone(),
        };
        let answer = self.client().await?.renew(request).await;
        let bundle = self.noting_the_end(answer)?.into_inner().credentials;
        let bundle = bundle.ok_or_else(|| Status::internal("no credentials in the answer"))?;
        self.identity = Identity {
            chain: bundle.certificate_chain,
            key: applicant.key,
        };
        self.client = None;
        Ok(())
    }

    /// Forgets a connection that has ended, so that the next call opens another.
    fn noting_the_end<T>(&mut self, answer: Result<T, Status>) -> Result<T, Status> {
        if answer.is_err() {
            self.client = None;
        }
        answer
    }
}

/// A client for the reporting service over a connection.
pub fn reporting(http: Http) -> ReportingClient<Http> {
    ReportingClient::with_origin(http, Uri::from_static("https://collector.freehold"))
}

/// A client for the enrolment service over a connection of its own.
pub async fn enrolment_client(target: Target) -> anyhow::Result<EnrolmentClient<Http>> {
    let stream =
        wire::connect(target, ENROLMENT, None, &Trust::Anything, &Meter::default()).await?;
    let origin = Uri::from_static("https://enrol.freehold");
    Ok(EnrolmentClient::with_origin(
        Http::over(stream).await?,
        origin,
    ))
}

/// A section's entry in a check-in.
pub fn summary(section: &Collected, age_ms: u64) -> SectionSummary {
    SectionSummary {
        kind: section.kind.into(),
        digest: section.digest[..limits::SUMMARY_DIGEST_BYTES].to_vec(),
        age_ms,
    }
}

/// A section with some bytes in it.
pub fn section(kind: Kind, message: &impl prost::Message) -> Collected {
    Collected::now(kind, message.encode_to_vec())
}

/// Now, by this computer's clock.
pub fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as i64)
}

/// The machine named in a certificate.
fn machine_id(certificate: &[u8]) -> Option<String> {
    let name = b"freehold://machine/";
    let at = certificate
        .windows(name.len())
        .position(|window| window == name)?
        + name.len();
    String::from_utf8(certificate.get(at..at + 36)?.to_vec()).ok()
}

#[allow(clippy::needless_pass_by_value, reason = "used with map_err")]
fn unavailable(error: anyhow::Error) -> Status {
    Status::unavailable(format!("{error:#}"))
}
