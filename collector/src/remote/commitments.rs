//! What the log's entries commit to, for whoever wants to compare it with what others were shown.

use freehold_proto::v1;
use tonic::{Request, Response, Status};

use super::{
    Remote,
    computers::unreadable,
    streams::{Stream, streamed},
};
use crate::{audit::Event, store::record::LogAct};

/// Entries told in one message.
const STEP: usize = 16 * 1024;

impl Remote {
    /// Tells every commitment, and the checkpoint over exactly these.
    pub(super) async fn commitments(
        &self,
        request: &Request<v1::ReadCommitmentsRequest>,
    ) -> Result<Response<Stream<v1::ReadCommitmentsResponse>>, Status> {
        let caller = self.caller(request)?;
        let place = self.places.take(caller.reader.name.person)?;
        self.noted(&caller, Event::new(LogAct::OpenedLog)).await?;
        let (journal, sight) = (self.desk.journal.clone(), caller.sight(&self.desk));
        Ok(streamed(place, move |sink| {
            let unread = |error: crate::store::StoreError| unreadable(&error.into());
            let (size, checkpoint) = journal.extent().map_err(unread)?;
            let mut told = 0;
            while told < size {
                sight.viewer()?;
                let most = STEP.min(usize::try_from(size - told).unwrap_or(STEP));
                let commitments = journal.commitments(told, most).map_err(unread)?;
                if commitments.is_empty() {
                    return Err(Status::data_loss(
                        "the log is damaged: ask the owner to run `freehold-collector audit verify`",
                    )
                    .into());
                }
                told += commitments.len() as u64;
                sink.send(v1::ReadCommitmentsResponse {
                    commitments: commitments.concat(),
                    ..v1::ReadCommitmentsResponse::default()
                })?;
            }
            sink.send(v1::ReadCommitmentsResponse {
                commitments: Vec::new(),
                checkpoint,
                verifier: journal.verifier(),
            })
        }))
    }
}
