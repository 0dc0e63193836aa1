//! An upload as it arrives: headers and chunks, put together to whole frames within the limits.

use std::time::Duration;

use freehold_proto::{
    limits,
    v1::{UploadHeader, UploadRequest, upload_request::Part},
};
use tokio::time::{self, Instant};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Status, codegen::Bytes};

use super::{
    Limits,
    admission::{Admission, Memory},
    rejection::Rejection,
    validate::{self, Header},
};

/// Versions that are processed together at most.
const BATCH_VERSIONS: usize = 64;

/// Compressed bytes from which a batch is processed without waiting for more.
const BATCH_BYTES: usize = 1024 * 1024;

/// A section version as received: within the limits, its content not looked at yet.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) header: Header,
    pub(super) frame: Bytes,
}

/// Versions to be processed together, in the order they were sent.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) versions: Vec<Received>,
    /// Set aside for the frames.
    pub(super) memory: Memory,
    bytes: usize,
}

/// Reads batches from a stream of messages.
#[derive(Debug)]
pub(super) struct Receiver<'a, S> {
    stream: S,
    admission: &'a Admission,
    limits: &'a Limits,
}

/// Why no more comes from the machine.
#[derive(Debug)]
pub(super) enum Broken {
    /// It broke the rules.
    Rejected(Rejection),
    /// The connection broke.
    Connection(Status),
}

impl From<Rejection> for Broken {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl<'a, S> Receiver<'a, S>
where
    S: Stream<Item = Result<UploadRequest, Status>> + Unpin,
{
    pub(super) fn new(stream: S, admission: &'a Admission, limits: &'a Limits) -> Self {
        Self {
            stream,
            admission,
            limits,
        }
    }

    /// The next batch; an empty one at the end of the stream. What came before the stream broke or broke
    /// the rules comes with the reason.
    pub(super) async fn batch(&mut self) -> (Batch, Result<(), Broken>) {
        let mut batch = Batch::default();
        let outcome = self.fill(&mut batch).await;
        (batch, outcome)
    }

    async fn fill(&mut self, batch: &mut Batch) -> Result<(), Broken> {
        while batch.versions.len() < BATCH_VERSIONS && batch.bytes < BATCH_BYTES {
            match self
                .message(self.limits.silence, "the next section")
                .await?
            {
                None => return Ok(()),
                Some(Part::Header(header)) => self.version(&header, batch).await?,
                Some(Part::Chunk(_)) => {
                    let reason =
                        "sent without a header before it; begin each section with its header";
                    return Err(Rejection::field("chunk", reason).into());
                }
            }
        }
        Ok(())
    }

    /// Reads the chunks of one version.
    async fn version(&mut self, header: &UploadHeader, batch: &mut Batch) -> Result<(), Broken> {
        let header = validate::header(header)?;
        let mut frame = Frame::new(header.compressed_size);
        let needed = header.compressed_size as u64 / self.limits.bytes_a_second.max(1);
        let deadline = Instant::now() + self.limits.silence + Duration::from_secs(needed);
        while !frame.is_whole() {
            let left = deadline.saturating_duration_since(Instant::now());
            let patience = left.min(self.limits.silence);
            let chunk = match self.message(patience, "the rest of a section").await? {
                Some(Part::Chunk(chunk)) => chunk,
                Some(Part::Header(_)) => return Err(frame.unfinished("another header").into()),
                None => return Err(frame.unfinished("the end of the stream").into()),
            };
            frame.check(&chunk)?;
            self.admission.reserve(&mut batch.memory, chunk.len())?;
            frame.push(chunk);
        }
        batch.bytes += header.compressed_size;
        batch.versions.push(Received {
            header,
            frame: frame.into_bytes(),
        });
        Ok(())
    }

    /// The next message; none at the end of the stream.
    async fn message(
        &mut self,
        patience: Duration,
        what: &'static str,
    ) -> Result<Option<Part>, Broken> {
        match time::timeout(patience, self.stream.next()).await {
            Err(_) => Err(Rejection::TooSlow { what }.into()),
            Ok(None) => Ok(None),
            Ok(Some(Err(status))) if status.code() == Code::OutOfRange => {
                let reason = format!(
                    "more than {} bytes; cut it into smaller ones",
                    limits::CHUNK_BYTES
                );
                Err(Rejection::field("chunk", reason).into())
            }
            Ok(Some(Err(status))) if status.code() == Code::Internal => {
                let reason = format!("cannot be decoded ({})", status.message());
                Err(Rejection::field("message", reason).into())
            }
            Ok(Some(Err(status))) => Err(Broken::Connection(status)),
            Ok(Some(Ok(UploadRequest { part: Some(part) }))) => Ok(Some(part)),
            Ok(Some(Ok(UploadRequest { part: None }))) => {
                let reason = "missing; each message is a header or a chunk";
                Err(Rejection::field("part", reason).into())
            }
        }
    }
}

/// A frame that is being put together.
#[derive(Debug)]
struct Frame {
    expected: usize,
    /// The only chunk so far, or all of them put together.
    bytes: Chunks,
}

#[derive(Debug)]
enum Chunks {
    One(Bytes),
    Many(Vec<u8>),
}

impl Frame {
    fn new(expected: usize) -> Self {
        Self {
            expected,
            bytes: Chunks::One(Bytes::new()),
        }
    }

    fn len(&self) -> usize {
        match &self.bytes {
            Chunks::One(bytes) => bytes.len(),
            Chunks::Many(bytes) => bytes.len(),
        }
    }

    fn is_whole(&self) -> bool {
        self.len() == self.expected
    }

    fn check(&self, chunk: &Bytes) -> Result<(), Rejection> {
        if chunk.is_empty() || chunk.len() > limits::CHUNK_BYTES {
            let reason = format!(
                "{} bytes, must be 1 to {}",
                chunk.len(),
                limits::CHUNK_BYTES
            );
            return Err(Rejection::field("chunk", reason));
        }
        if self.len() + chunk.len() > self.expected {
            let reason = format!(
                "more than the {} bytes that header.compressed_size announced",
                self.expected
            );
            return Err(Rejection::field("chunk", reason));
        }
        Ok(())
    }

    fn push(&mut self, chunk: Bytes) {
        match &mut self.bytes {
            Chunks::One(first) if first.is_empty() => *first = chunk,
            Chunks::One(first) => self.bytes = Chunks::Many([&first[..], &chunk].concat()),
            Chunks::Many(bytes) => bytes.extend_from_slice(&chunk),
        }
    }

    fn unfinished(&self, found: &str) -> Rejection {
        let reason = format!("{found} after {} of {} bytes", self.len(), self.expected);
        Rejection::field("chunk", reason)
    }

    fn into_bytes(self) -> Bytes {
        match self.bytes {
            Chunks::One(bytes) => bytes,
            Chunks::Many(bytes) => bytes.into(),
        }
    }
}
