//! A computer of the demo on the network: the agent's own key, identity, chain of check-ins and connection, and content
//! that is made up.

use std::path::Path;

use freehold_agent::{
    identity::{COLLECTOR_NAME, ENROLMENT_NAME, Identity, JoinString, Key},
    report::{Chain, call, call_pinned},
    snapshot::Collected,
    state::StateDirectory,
};
use freehold_proto::{
    limits,
    v1::{
        CheckInRequest, CredentialBundle, EnrolRequest, HardwareFingerprint, Readings,
        RenewRequest, SectionSummary, UploadHeader, UploadRequest,
        enrolment_client::EnrolmentClient, reporting_client::ReportingClient, upload_request::Part,
    },
};
use prost::bytes::Bytes;
use rustls_pki_types::CertificateDer;
use tonic::transport::Channel;

use super::DemoError;
use crate::{clock::UnixMillis, id::MachineId};

/// Life that a certificate has left when it is renewed, in seconds: no step of the year is longer.
const RENEWED_BEFORE: i64 = 16 * 24 * 60 * 60;

/// A computer that has joined.
#[derive(Debug)]
pub(super) struct Reporter {
    state: StateDirectory,
    identity: Identity,
    chain: Chain,
    link: Option<Link>,
    /// What its reports say of itself.
    pub(super) habits: Habits,
}

/// What a computer's reports say of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// Version of its agent.
    pub(super) version: &'static str,
    /// By how much its clock is wrong, in milliseconds.
    pub(super) clock_offset: i64,
    /// It renews its certificate in time.
    pub(super) renews: bool,
}

/// What a computer tells when it joins.
#[derive(Clone, Debug)]
pub(super) struct Introduction {
    pub(super) host: &'static str,
    pub(super) fingerprint: HardwareFingerprint,
}

/// One look at a computer, ready to be reported.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) sections: Vec<Collected>,
    pub(super) readings: Readings,
    /// When it is reported, by the collector's clock.
    pub(super) at: UnixMillis,
    /// How long before that it was taken, in milliseconds.
    pub(super) age: u64,
    /// Reports that were lost before this one.
    pub(super) lost: u32,
}

#[derive(Debug)]
struct Link {
    client: ReportingClient<Channel>,
    collector: Vec<CertificateDer<'static>>,
}

impl Reporter {
    /// Joins the collector; `None` where the computer has to wait to be let in.
    pub(super) async fn join(
        folder: &Path,
        join: &JoinString,
        introduction: &Introduction,
        habits: Habits,
    ) -> Result<Option<Self>, DemoError> {
        let key = Key::generate()?;
        let call = call_pinned(&join.addresses, join.pin, ENROLMENT_NAME).await?;
        let request = EnrolRequest {
            token: join.token.expose().to_vec(),
            csr: key.signing_request()?,
            fingerprint: Some(introduction.fingerprint.clone()),
            host_name: introduction.host.to_owned(),
            agent_version: habits.version.to_owned(),
            proposed_labels: Vec::new(),
        };
        let answer = EnrolmentClient::new(call.channel).enrol(request).await?;
        let Some(bundle) = answer.into_inner().credentials else {
            return Ok(None);
        };
        let identity = Identity::new(key, bundle, &join.addresses)?;
        let state = StateDirectory::open(folder)?;
        // It may have joined before, as somebody else.
        Chain::forget(&state)?;
        identity.save(&state)?;
        Self::new(state, identity, habits).map(Some)
    }

    /// A computer that joined before; `None` when it did not.
    pub(super) fn load(
        folder: &Path,
        address: String,
        habits: Habits,
    ) -> Result<Option<Self>, DemoError> {
        if !folder.exists() {
            return Ok(None);
        }
        let state = StateDirectory::open(folder)?;
        let Some(identity) = Identity::load(&state)? else {
            return Ok(None);
        };
        Self::new(state, identity.at(vec![address]), habits).map(Some)
    }

    fn new(state: StateDirectory, identity: Identity, habits: Habits) -> Result<Self, DemoError> {
        Ok(Self {
            chain: Chain::open(&state)?,
            state,
            identity,
            link: None,
            habits,
        })
    }

    /// Which machine it is.
    pub(super) fn machine(&self) -> Result<MachineId, DemoError> {
        let id = self.identity.machine().and_then(|id| id.parse().ok());
        id.ok_or(DemoError::Nameless)
    }

    /// Checks in, and delivers what the collector lacks.
    pub(super) async fn report(&mut self, look: &Look) -> Result<(), DemoError> {
        self.renew_in_time(look.at).await?;
        let wanted = self.check_in(look).await?;
        let lacking = look.sections.iter().zip(0..);
        let lacking = lacking.filter(|(section, _)| wanted.contains(&section.kind.into()));
        let mut parts = Vec::new();
        for (section, place) in lacking {
            parts.extend(version(section, place, look)?);
        }
        if !parts.is_empty() {
            self.upload(parts).await?;
        }
        Ok(())
    }

    /// Checks in a second time from where the computer was before, as a copy of its disk would.
    pub(super) async fn report_as_a_copy(&mut self, look: &Look) -> Result<(), DemoError> {
        let copy = self.chain.link();
        self.check_in(look).await?;
        let request = CheckInRequest {
            chain: Some(freehold_proto::v1::ChainLink {
                next: vec![0x5a; copy.next.len()],
                ..copy
            }),
            ..self.request(look)
        };
        self.client().await?.check_in(request).await?;
        // The collector follows the copy now; the computer itself is the one that seems to have forked.
        self.check_in(look).await.map(|_| ())
    }

    /// Sends what is no report. The collector refuses it, which is what is wanted.
    pub(super) async fn send_garbage(&mut self, look: &Look) -> Result<(), DemoError> {
        let Some(section) = look.sections.first() else {
            return Ok(());
        };
        let mut parts = version(section, look.sections.len() as u64, look)?;
        for part in &mut parts {
            match &mut part.part {
                // What it has already the collector does not look at again.
                Some(Part::Header(header)) => header.digest.reverse(),
                Some(Part::Chunk(chunk)) => *chunk = Bytes::from(vec![0x21; chunk.len()]),
                None => {}
            }
        }
        self.upload_in_vain(parts).await
    }

    /// Sends looks that followed each other quickly. The collector refuses the last ones, which is what is wanted.
    pub(super) async fn send_all(&mut self, looks: &[Look]) -> Result<(), DemoError> {
        let mut parts = Vec::new();
        for look in looks {
            for (section, place) in look.sections.iter().zip(0..) {
                parts.extend(version(section, place, look)?);
            }
        }
        self.upload_in_vain(parts).await
    }

    /// Sends what is refused, at least in part.
    async fn upload_in_vain(&mut self, parts: Vec<UploadRequest>) -> Result<(), DemoError> {
        match self.upload(parts).await {
            Err(DemoError::Answer(_)) => Ok(()),
            other => other,
        }
    }

    async fn check_in(&mut self, look: &Look) -> Result<Vec<i32>, DemoError> {
        let request = self.request(look);
        let answer = self.client().await?.check_in(request).await?.into_inner();
        self.chain.answered()?;
        if let Some(bundle) = answer.credentials {
            self.take(bundle)?;
        }
        Ok(answer.wanted)
    }

    fn request(&self, look: &Look) -> CheckInRequest {
        let summary = |section: &Collected| SectionSummary {
            kind: section.kind.into(),
            digest: section.digest[..limits::SUMMARY_DIGEST_BYTES].to_vec(),
            age_ms: look.age,
        };
        CheckInRequest {
            sections: look.sections.iter().map(summary).collect(),
            readings: Some(look.readings.clone()),
            chain: Some(self.chain.link()),
            clock_unix_ms: look.at.0.saturating_add(self.habits.clock_offset),
            agent_version: self.habits.version.to_owned(),
            credentials_digest: self.identity.credentials_digest().to_vec(),
            spool_lost: look.lost,
        }
    }

    async fn upload(&mut self, parts: Vec<UploadRequest>) -> Result<(), DemoError> {
        let parts = tokio_stream::iter(parts);
        self.client().await?.upload(parts).await?;
        Ok(())
    }

    /// Renews the certificate before the next step of the year could find it ended. One that has ended is renewed in
    /// any case: without it nothing could be reported.
    async fn renew_in_time(&mut self, now: UnixMillis) -> Result<(), DemoError> {
        let left = self.identity.certificate().validity.not_after - now.0 / 1000;
        let is_due = self.habits.renews && left < RENEWED_BEFORE;
        if is_due || left < 60 {
            self.renew().await?;
        }
        Ok(())
    }

    /// Replaces the certificate.
    pub(super) async fn renew(&mut self) -> Result<(), DemoError> {
        let csr = self.identity.signing_request()?;
        let answer = self.client().await?.renew(RenewRequest { csr }).await?;
        let bundle = answer.into_inner().credentials;
        self.take(bundle.ok_or(DemoError::Nameless)?)?;
        self.link = None;
        Ok(())
    }

    fn take(&mut self, bundle: CredentialBundle) -> Result<(), DemoError> {
        let collector = self.link.as_ref().map(|link| link.collector.as_slice());
        let addresses = self.identity.addresses().to_vec();
        let next = self.identity.with(bundle, collector.unwrap_or_default())?;
        // It lives in the collector's own computer: where that is reached never changes but with a start.
        self.identity = next.at(addresses);
        Ok(self.identity.save(&self.state)?)
    }

    async fn client(&mut self) -> Result<&mut ReportingClient<Channel>, DemoError> {
        let link = if let Some(link) = self.link.take() {
            link
        } else {
            let call = call(&self.identity, COLLECTOR_NAME).await?;
            Link {
                client: ReportingClient::new(call.channel),
                collector: call.collector,
            }
        };
        Ok(&mut self.link.insert(link).client)
    }

    /// Ends its connection.
    pub(super) fn hang_up(&mut self) {
        self.link = None;
    }
}

/// A section as a spool delivers it: its header, then its content. Positions grow with time.
fn version(section: &Collected, place: u64, look: &Look) -> Result<Vec<UploadRequest>, DemoError> {
    let frame = zstd::bulk::compress(&section.body, 3).map_err(DemoError::Compression)?;
    let header = UploadHeader {
        kind: section.kind.into(),
        digest: section.digest.to_vec(),
        age_ms: look.age,
        size: section.body.len() as u64,
        compressed_size: frame.len() as u64,
        sequence: u64::try_from(look.at.0).unwrap_or(0) + place,
    };
    let parts = [Part::Header(header), Part::Chunk(frame.into())];
    Ok(parts.map(|part| UploadRequest { part: Some(part) }).into())
}
