//! What a running collector does by itself: backups, forgetting, writing behind.

use std::{sync::Arc, time::Duration};

use freehold_agent::memory;
use tokio::{sync::broadcast::error::RecvError, time};
use tokio_util::sync::CancellationToken;

use super::{Parts, RunError, indexing, reading};
use crate::{
    config::Config,
    store::{
        Thoroughness,
        backup::{Contents, Schedule},
    },
};

/// How often old records are looked for.
const FORGETTING: Duration = Duration::from_secs(60 * 60);

/// How often failed attempts to sign in are written into the log.
const COUNTING: Duration = Duration::from_secs(60);

/// How often memory is given back while reports are coming in, and how long after the last.
const TRIMMING: Duration = Duration::from_secs(10);

/// How often all section bodies are verified, besides whenever one is read.
const VERIFYING: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Runs until told to stop.
pub(super) async fn run(
    config: Config,
    parts: Arc<Parts>,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let schedule = Schedule {
        folder: parts.data.backups(),
        every: config.backups.every,
        keep: config.backups.keep,
        contents: contents(&parts),
    };
    tokio::join!(
        schedule.run(
            parts.store.clone(),
            parts.clock.clone(),
            parts.backups.clone(),
            shutdown.clone(),
        ),
        parts.presence.write_behind(shutdown.clone()),
        parts
            .witness
            .follow(parts.log.clone(), parts.store.clone(), shutdown.clone()),
        note_failures(&parts, shutdown.clone()),
        forget(&parts, shutdown.clone()),
        verify(&parts, shutdown.clone()),
        trim(&parts, shutdown.clone()),
        reading::run(&parts, shutdown.clone()),
        parts.alerts.run(shutdown.clone()),
        indexing::run(&parts, shutdown.clone()),
    );
    Ok(())
}

/// Writes failed attempts to sign in into the log, once for many.
async fn note_failures(parts: &Parts, shutdown: CancellationToken) {
    let mut going = true;
    while going {
        going = shutdown
            .run_until_cancelled(time::sleep(COUNTING))
            .await
            .is_some();
        if let Err(error) = parts.people.note_failures().await {
            tracing::warn!(%error, "failed attempts to sign in could not be written into the log");
        }
    }
}

/// Ends when nothing can be stored any more: whoever supervises the collector then starts it again.
pub(super) async fn watch_store(
    parts: Arc<Parts>,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    tokio::select! {
        () = shutdown.cancelled() => Ok(()),
        () = parts.store.failed() => Err(RunError::store_failed()),
    }
}

/// What every backup holds, and for whom.
pub(super) fn contents(parts: &Parts) -> Contents {
    Contents {
        beside: vec!["authority".to_owned()],
        recipient: parts.authority.backup_recipient(),
    }
}

/// Forgets what is older than the retention and gives its space back.
async fn forget(parts: &Parts, shutdown: CancellationToken) {
    while shutdown
        .run_until_cancelled(time::sleep(FORGETTING))
        .await
        .is_some()
    {
        match parts.store.forget_old(parts.clock.now()).await {
            Ok(forgotten) if forgotten.versions + forgotten.changes > 0 => {
                let (versions, changes) = (forgotten.versions, forgotten.changes);
                tracing::info!(versions, changes, "forgot what is older than the retention");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "old records could not be forgotten"),
        }
        if let Err(error) = parts.store.reclaim(Thoroughness::Economical).await {
            tracing::warn!(%error, "space of forgotten records could not be reclaimed");
        }
    }
}

/// Looks for damage before somebody needs what is damaged.
async fn verify(parts: &Parts, shutdown: CancellationToken) {
    while shutdown
        .run_until_cancelled(time::sleep(VERIFYING))
        .await
        .is_some()
    {
        let store = parts.store.clone();
        let checked = tokio::task::spawn_blocking(move || store.check_bodies()).await;
        if let Ok(Err(error)) = checked {
            tracing::error!(%error, "the store is damaged: restore a backup");
        }
    }
}

/// Gives freed memory back to the system. When thousands of machines report at once, what that took for a
/// moment would be held for good.
async fn trim(parts: &Parts, shutdown: CancellationToken) {
    let mut events = parts.events.listen();
    loop {
        let next = shutdown.run_until_cancelled(events.recv()).await;
        if matches!(next, None | Some(Err(RecvError::Closed))) {
            return;
        }
        if shutdown
            .run_until_cancelled(time::sleep(TRIMMING))
            .await
            .is_none()
        {
            return;
        }
        // What happened meanwhile is covered by this time.
        events = events.resubscribe();
        let _ = tokio::task::spawn_blocking(memory::trim).await;
    }
}
