//! An upload from its first message to its acknowledgement.

use std::sync::Arc;

use freehold_proto::v1::{UploadRequest, UploadResponse};
use tokio::task;
use tokio_stream::Stream;
use tonic::Status;

use super::{
    Rejection, Shared,
    notices::Finding,
    process::{self, Known, Processed, Ready, Refused},
    receive::{Batch, Broken, Received, Receiver},
};
use crate::{
    events::Event,
    id::MachineId,
    peer::MachinePeer,
    store::{Read as _, StoreError, WriteError, record::MachineState},
};

/// Receives and stores section versions; answers when all of them are durable.
pub(super) async fn upload<S>(
    shared: Arc<Shared>,
    peer: MachinePeer,
    stream: S,
) -> Result<UploadResponse, Rejection>
where
    S: Stream<Item = Result<UploadRequest, Status>> + Unpin,
{
    let _one_of_few = Slot::take(&shared, peer.id)?;
    let _stream = shared.admission.enter()?;
    let mut receiver = Receiver::new(stream, &shared.admission, &shared.limits);
    loop {
        let (batch, outcome) = receiver.batch().await;
        let is_last = batch.versions.is_empty();
        if !is_last {
            store(&shared, peer.id, batch).await?;
        }
        match outcome {
            Ok(()) if is_last => return Ok(UploadResponse::default()),
            Ok(()) => {}
            Err(Broken::Rejected(rejection)) => return Err(rejection),
            Err(Broken::Connection(status)) => {
                tracing::debug!(machine = %peer.id, %status, "an upload broke off");
                return Err(Rejection::BrokenOff);
            }
        }
    }
}

/// Stores a batch. In a task of its own: once begun it ends, even when the machine hangs up.
async fn store(shared: &Arc<Shared>, id: MachineId, batch: Batch) -> Result<(), Rejection> {
    let shared = shared.clone();
    let stored = task::spawn(async move { shared.store_batch(id, batch).await });
    stored.await.unwrap_or_else(|error| {
        tracing::error!(machine = %id, %error, "storing a report failed");
        Err(Rejection::NotStored)
    })
}

impl Shared {
    async fn store_batch(self: Arc<Self>, id: MachineId, batch: Batch) -> Result<(), Rejection> {
        // Held until the batch is stored, or refused.
        let Batch {
            versions,
            memory: _memory,
            ..
        } = batch;
        let turn = self.presence.with(id, |entry| entry.turn.clone());
        let _alone = turn.lock().await;
        let Processed {
            known,
            ready,
            confirmed,
            refused,
        } = self.clone().process(id, versions).await?;
        let is_news = !ready.is_empty();
        let is_used_up = known.usage.is_used_up(&self.limits);
        let stored = if is_news {
            self.commit(id, ready).await
        } else {
            Ok(())
        };
        self.presence.with(id, |entry| {
            known.usage.keep(&mut entry.record);
            entry.attempted_at = known.attempted_at;
            entry.changed = true;
            if stored.is_ok() {
                entry.current = known.current;
                for (kind, at) in confirmed {
                    entry.confirm(kind as usize, at);
                }
            }
        });
        stored?;
        if is_news {
            self.events.announce(Event::Report(id));
        }
        if is_used_up && self.is_quota_news(id) {
            self.tell(id, Finding::OverQuota).await;
        }
        match refused {
            None => Ok(()),
            Some(Refused::Rejected(rejection)) => Err(rejection),
            Some(Refused::Store(error)) => Err(not_stored(id, &error)),
        }
    }

    async fn process(
        self: Arc<Self>,
        id: MachineId,
        versions: Vec<Received>,
    ) -> Result<Processed, Rejection> {
        let _worker = self.admission.work().await?;
        let now = self.clock.now();
        let known = self.presence.with(id, |entry| Known::of(id, entry, now));
        let shared = self.clone();
        let work = task::spawn_blocking(move || {
            process::process(&shared.store, &shared.limits, known, versions)
        });
        work.await.map_err(|error| not_stored(id, &error))
    }

    async fn commit(&self, id: MachineId, ready: Vec<Ready>) -> Result<(), Rejection> {
        let machines = self.machines.clone();
        let written = self.store.write(move |txn| {
            // A machine that was shut out while its report was on its way reports no more. The registry
            // knows of a revocation before the store does, the store of anything else.
            let state = txn.machine(id)?.map(|machine| machine.state());
            if state != Some(MachineState::Active) || !machines.is_active(id) {
                return Err(CommitError::NotInService);
            }
            for Ready {
                version,
                frame,
                changes,
            } in &ready
            {
                if let Some(digest) = crate::id::Digest::from_slice(&version.digest) {
                    txn.put_body(&digest, frame, version.size)?;
                }
                txn.put_version(id, version)?;
                for change in changes {
                    txn.put_change(id, change)?;
                }
            }
            Ok(())
        });
        written.await.map_err(|error| match error {
            WriteError::Change(CommitError::NotInService) => Rejection::NotInService,
            error => not_stored(id, &error),
        })
    }
}

#[derive(Debug, thiserror::Error)]
enum CommitError {
    #[error("the machine is not in service")]
    NotInService,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn not_stored(id: MachineId, error: &(dyn std::error::Error + 'static)) -> Rejection {
    tracing::error!(machine = %id, error, "a report could not be stored");
    Rejection::NotStored
}

/// One of the few uploads a machine may have under way. Dropping it makes room.
struct Slot<'a> {
    shared: &'a Shared,
    id: MachineId,
}

impl<'a> Slot<'a> {
    fn take(shared: &'a Shared, id: MachineId) -> Result<Self, Rejection> {
        let maximum = shared.limits.uploads_per_machine;
        let is_free = shared.presence.with(id, |entry| {
            let is_free = entry.uploads < maximum;
            entry.uploads += usize::from(is_free);
            is_free
        });
        if is_free {
            Ok(Self { shared, id })
        } else {
            Err(Rejection::TooManyUploads { maximum })
        }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.shared.presence.with(self.id, |entry| {
            entry.uploads = entry.uploads.saturating_sub(1);
        });
    }
}
