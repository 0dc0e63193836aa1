//! One connection to the collector and what is said over it.

use std::{collections::VecDeque, time::Duration};

use freehold_proto::{
    limits,
    v1::{
        CheckInRequest, CheckInResponse, CredentialBundle, RenewRequest, UploadHeader,
        UploadRequest, reporting_client::ReportingClient, upload_request::Part,
    },
};
use hyper_util::rt::TokioIo;
use prost::bytes::Bytes;
use rustls::pki_types::CertificateDer;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::client::TlsStream;
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};

use super::{
    Failure, Version,
    dial::Dialled,
    failure::{LONGEST_DELAY, MESSAGE_CHARACTERS},
};
use crate::{
    clock::{Boots, Moment},
    identity::{COLLECTOR_NAME, shown},
};

/// How long a call without a body of note may take.
pub(crate) const RPC_TIME: Duration = Duration::from_secs(20);
/// How long an upload may take: a slow line moves a batch within it.
const UPLOAD_TIME: Duration = Duration::from_secs(5 * 60);
/// Answers are small; the default windows would let a peer fill megabytes.
const WINDOW_BYTES: u32 = 64 * 1024;
const ANSWER_BYTES: usize = 256 * 1024;
const HEADER_LIST_BYTES: u32 = 16 * 1024;

/// A connection to the collector.
pub(crate) struct Link {
    client: ReportingClient<Channel>,
    /// The chain the collector proved itself with.
    pub(crate) collector: Vec<CertificateDer<'static>>,
    /// Which of its addresses answered.
    pub(crate) address: String,
}

impl Link {
    /// Speaks HTTP/2 over a proven connection.
    pub(crate) async fn open(dialled: Dialled) -> Result<Self, Failure> {
        let (_, session) = dialled.stream.get_ref();
        let collector = session.peer_certificates().unwrap_or_default().to_vec();
        let channel = open_channel(dialled.stream, COLLECTOR_NAME).await?;
        Ok(Self {
            client: ReportingClient::new(channel).max_decoding_message_size(ANSWER_BYTES),
            collector,
            address: dialled.address,
        })
    }

    pub(crate) async fn check_in(
        &mut self,
        request: CheckInRequest,
    ) -> Result<CheckInResponse, Failure> {
        within(RPC_TIME, self.client.check_in(request)).await
    }

    /// Delivers versions in order. Returns how long to wait before the next delivery.
    pub(crate) async fn upload(
        &mut self,
        versions: Vec<Version>,
        boots: Boots,
    ) -> Result<Duration, Failure> {
        let parts = tokio_stream::iter(Parts::new(versions, boots));
        let answer = within(UPLOAD_TIME, self.client.upload(parts)).await?;
        let delay = Duration::from_secs(answer.retry_after_seconds.into());
        Ok(delay.min(LONGEST_DELAY))
    }

    pub(crate) async fn renew(&mut self, csr: Vec<u8>) -> Result<CredentialBundle, Failure> {
        let answer = within(RPC_TIME, self.client.renew(RenewRequest { csr })).await?;
        answer
            .credentials
            .ok_or_else(|| Failure::Rejected("missing field 'credentials'".to_owned()))
    }
}

async fn within<T>(
    time: Duration,
    call: impl Future<Output = Result<tonic::Response<T>, Status>>,
) -> Result<T, Failure> {
    match timeout(time, call).await {
        Ok(answer) => Ok(answer?.into_inner()),
        Err(_) => Err(Failure::Lost("no answer came in time".to_owned())),
    }
}

/// Speaks HTTP/2 over an open stream, with small windows. When the stream ends, so does the channel.
pub(crate) async fn open_channel(
    stream: TlsStream<TcpStream>,
    name: &'static str,
) -> Result<Channel, Failure> {
    let lost = |error: tonic::transport::Error| Failure::Lost(chain_of(&error));
    let origin = http::Uri::builder()
        .scheme("https")
        .authority(name)
        .path_and_query("/")
        .build()
        .map_err(|error| Failure::Lost(error.to_string()))?;
    let mut stream = Some(TokioIo::new(stream));
    let once = tower::service_fn(move |_: http::Uri| {
        let stream = stream
            .take()
            .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotConnected));
        std::future::ready(stream)
    });
    let endpoint = Endpoint::from_static("http://collector.freehold")
        .origin(origin)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_max_header_list_size(HEADER_LIST_BYTES)
        .buffer_size(4);
    timeout(RPC_TIME, endpoint.connect_with_connector(once))
        .await
        .map_err(|_| Failure::Lost("no answer came in time".to_owned()))?
        .map_err(lost)
}

fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    shown(&text, MESSAGE_CHARACTERS)
}

/// The pieces of an upload. Ages are computed as each header leaves.
struct Parts {
    waiting: VecDeque<Version>,
    rest: Bytes,
    boots: Boots,
}

impl Parts {
    fn new(versions: Vec<Version>, boots: Boots) -> Self {
        Self {
            waiting: versions.into(),
            rest: Bytes::new(),
            boots,
        }
    }
}

impl Iterator for Parts {
    type Item = UploadRequest;

    fn next(&mut self) -> Option<UploadRequest> {
        if !self.rest.is_empty() {
            let length = self.rest.len().min(limits::CHUNK_BYTES);
            let part = Some(Part::Chunk(self.rest.split_to(length)));
            return Some(UploadRequest { part });
        }
        let version = self.waiting.pop_front()?;
        let age = self.boots.age(&version.collected, &Moment::now());
        let header = UploadHeader {
            kind: version.kind.into(),
            digest: version.digest.to_vec(),
            age_ms: age.min(limits::AGE).as_millis() as u64,
            size: version.size,
            compressed_size: version.frame.len() as u64,
            sequence: version.sequence,
        };
        self.rest = Bytes::from(version.frame);
        let part = Some(Part::Header(header));
        Some(UploadRequest { part })
    }
}

#[cfg(test)]
mod tests {
    use freehold_proto::v1::section::Kind;

    use super::*;

    #[test]
    fn a_long_frame_is_cut_into_chunks_of_the_allowed_length() {
        let version = Version {
            sequence: 5,
            kind: Kind::Software,
            digest: [1; 32],
            collected: Moment::now(),
            size: 9,
            frame: vec![7; limits::CHUNK_BYTES * 2 + 1],
        };
        let parts: Vec<_> = Parts::new(vec![version.clone(), version], Boots::default())
            .map(|request| match request.part {
                Some(Part::Header(header)) => format!("header {}", header.sequence),
                Some(Part::Chunk(chunk)) => format!("chunk {}", chunk.len()),
                None => "nothing".to_owned(),
            })
            .collect();
        let one = ["header 5", "chunk 1048576", "chunk 1048576", "chunk 1"];
        assert_eq!(parts, [one, one].concat());
    }
}
