//! The services of the stand-in.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use freehold_proto::v1::{
    CheckInRequest, CheckInResponse, CredentialBundle, EnrolRequest, EnrolResponse, RenewRequest,
    RenewResponse, UploadHeader, UploadRequest, UploadResponse, enrolment_server::Enrolment,
    reporting_server::Reporting, upload_request::Part,
};
use tonic::{Request, Response, Status, Streaming};

use super::{Script, authority::Authority};

const LIFE: Duration = Duration::from_secs(30 * 86_400);

#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) authority: Arc<Authority>,
    pub(crate) script: Arc<Mutex<Script>>,
}

impl Services {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    fn credentials(&self, csr: &[u8]) -> (CredentialBundle, Vec<u8>) {
        let life = self.script().certificate_life.unwrap_or(LIFE);
        let (certificate_chain, public_key) = self.authority.issue(csr, life);
        let bundle = CredentialBundle {
            certificate_chain,
            trust_anchors: vec![self.authority.root()],
            collector_addresses: vec![],
        };
        (bundle, public_key)
    }
}

#[tonic::async_trait]
impl Enrolment for Services {
    async fn enrol(
        &self,
        request: Request<EnrolRequest>,
    ) -> Result<Response<EnrolResponse>, Status> {
        let request = request.into_inner();
        let (bundle, public_key) = self.credentials(&request.csr);
        let mut script = self.script();
        let used = script
            .enrolled
            .iter()
            .any(|(token, key)| *token == request.token && *key != public_key);
        if used {
            return Err(Status::unauthenticated("the token is used up"));
        }
        script.enrolled.push((request.token, public_key));
        if script.lose_enrolments > 0 {
            script.lose_enrolments -= 1;
            return Err(Status::unavailable("the answer got lost"));
        }
        if script.waiting > 0 {
            script.waiting -= 1;
            return Ok(Response::new(EnrolResponse {
                credentials: None,
                retry_after_seconds: 1,
            }));
        }
        Ok(Response::new(EnrolResponse {
            credentials: Some(bundle),
            retry_after_seconds: 0,
        }))
    }
}

#[tonic::async_trait]
impl Reporting for Services {
    async fn check_in(
        &self,
        request: Request<CheckInRequest>,
    ) -> Result<Response<CheckInResponse>, Status> {
        let request = request.into_inner();
        let mut script = self.script();
        script.check_ins.push((Instant::now(), request.clone()));
        if script.refuse_until_renewed && script.renewals == 0 {
            return Err(Status::permission_denied("the certificate has expired"));
        }
        if let Some(error) = script.check_in_errors.pop_front() {
            return Err(error);
        }
        let lacks = |summary: &&freehold_proto::v1::SectionSummary| {
            let current = script.current.get(&summary.kind());
            current.is_none_or(|current| !current.starts_with(&summary.digest))
        };
        let wanted = request
            .sections
            .iter()
            .filter(lacks)
            .map(|summary| summary.kind)
            .collect();
        Ok(Response::new(CheckInResponse {
            wanted,
            next_check_in_seconds: 1,
            credentials: script.bundle.take(),
        }))
    }

    async fn upload(
        &self,
        request: Request<Streaming<UploadRequest>>,
    ) -> Result<Response<UploadResponse>, Status> {
        let mut stream = request.into_inner();
        let mut received: Vec<(UploadHeader, Vec<u8>)> = Vec::new();
        while let Some(part) = stream.message().await? {
            match part.part.unwrap() {
                Part::Header(header) => received.push((header, Vec::new())),
                Part::Chunk(chunk) => received.last_mut().unwrap().1.extend(chunk),
            }
        }
        let mut script = self.script();
        if let Some(error) = script.upload_errors.pop_front() {
            return Err(error);
        }
        for (header, frame) in received {
            assert_eq!(header.compressed_size, frame.len() as u64);
            let body = zstd::bulk::decompress(&frame, header.size as usize).unwrap();
            assert_eq!(header.digest, blake3::hash(&body).as_bytes());
            let poison = script.poison.as_ref();
            if poison.is_some_and(|poison| body.starts_with(poison)) {
                script.poisoned += 1;
                return Err(Status::invalid_argument("header.digest: not liked"));
            }
            script.current.insert(header.kind(), header.digest.clone());
            script.delivered.push(header.sequence);
            script.uploads.push((Instant::now(), header, body));
        }
        if script.lose_acknowledgements > 0 {
            script.lose_acknowledgements -= 1;
            return Err(Status::unavailable("the acknowledgement got lost"));
        }
        Ok(Response::new(UploadResponse {
            retry_after_seconds: 0,
        }))
    }

    async fn renew(
        &self,
        request: Request<RenewRequest>,
    ) -> Result<Response<RenewResponse>, Status> {
        if self.script().refuse_renewal {
            return Err(Status::permission_denied("revoked"));
        }
        let (bundle, _) = self.credentials(&request.into_inner().csr);
        self.script().renewals += 1;
        Ok(Response::new(RenewResponse {
            credentials: Some(bundle),
        }))
    }
}
