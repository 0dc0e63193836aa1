//! What a running collector does by itself: backups, forgetting, writing behind.

use std::{sync::Arc, time::Duration};

use freehold_agent::{memory, probe};
use freehold_proto::v1::{System, section::Kind};
use prost::Message as _;
use tokio::{sync::broadcast::error::RecvError, time};
use tokio_util::sync::CancellationToken;

use super::{Parts, RunError};
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

/// How soon after a report what lists say of it is read ahead, at the earliest.
const AHEAD: Duration = Duration::from_secs(1);

/// For how many times as long as it took it is left alone: reports are more urgent.
const REST: u32 = 19;

/// Machines that are read ahead at once. A collector that is told to stop waits for these.
const AT_ONCE: usize = 500;

/// Machines read for the search at once: each takes a thousand programs.
const INDEXED: usize = 50;

/// How often it is felt whether something moved that nobody reported: silence, a disk that fills.
const FEELING: Duration = Duration::from_secs(60);

/// Machines that are looked at at once.
const LOOKED_AT: usize = 200;

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
        read_ahead(&parts, shutdown.clone()),
        look(&parts, shutdown.clone()),
        index(&parts, shutdown.clone()),
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

/// Reads ahead what lists will show, from the start on: nobody has to wait for it who opens a page. Whoever does
/// before it was read waits for that part alone.
async fn read_ahead(parts: &Parts, shutdown: CancellationToken) {
    let mut events = parts.events.listen();
    let mut is_starting = true;
    loop {
        let inventory = parts.inventory.clone();
        let began = time::Instant::now();
        let read = tokio::task::spawn_blocking(move || inventory.read_ahead(AT_ONCE));
        let (is_more, rest) = match read.await {
            Ok(Ok(AT_ONCE)) if is_starting => (true, Duration::ZERO),
            Ok(Ok(machines)) => (machines == AT_ONCE, AHEAD.max(began.elapsed() * REST)),
            Ok(Err(error)) => {
                tracing::warn!(%error, "what lists show could not be read ahead");
                (false, AHEAD * 60)
            }
            Err(_) => return,
        };
        let rested = shutdown.run_until_cancelled(time::sleep(rest)).await;
        if rested.is_none() {
            return;
        }
        if is_more {
            continue;
        }
        is_starting = false;
        let next = shutdown.run_until_cancelled(events.recv()).await;
        if matches!(next, None | Some(Err(RecvError::Closed))) {
            return;
        }
        // Whatever else happened is covered by the next reading.
        events = events.resubscribe();
    }
}

/// Reads ahead, at leisure, what programs, people and numbers are found by.
async fn index(parts: &Parts, shutdown: CancellationToken) {
    loop {
        let inventory = parts.inventory.clone();
        let began = time::Instant::now();
        let read = tokio::task::spawn_blocking(move || inventory.index_ahead(INDEXED));
        let rest = match read.await {
            Ok(Ok(0)) => (AHEAD * 5).max(began.elapsed() * REST),
            Ok(Ok(_)) => AHEAD.max(began.elapsed() * REST),
            Ok(Err(error)) => {
                tracing::warn!(%error, "computers could not be read for the search");
                AHEAD * 60
            }
            Err(_) => return,
        };
        let rested = shutdown.run_until_cancelled(time::sleep(rest)).await;
        if rested.is_none() {
            return;
        }
    }
}

/// Looks at machines that reported or on which something moved, and makes durable what is found.
async fn look(parts: &Parts, shutdown: CancellationToken) {
    let home = tokio::task::spawn_blocking(own_machine_id).await;
    parts.board.at_home(&home.unwrap_or_default());
    let mut events = parts.events.listen();
    let mut felt = time::Instant::now();
    let mut is_starting = true;
    loop {
        let is_due = felt.elapsed() >= FEELING;
        if is_due {
            felt = time::Instant::now();
        }
        let inventory = parts.inventory.clone();
        let began = time::Instant::now();
        let looked = tokio::task::spawn_blocking(move || {
            if is_due {
                inventory.feel();
            }
            inventory.look_again(LOOKED_AT)
        });
        let (is_more, rest) = match looked.await {
            // Nobody has looked at any of them yet: what was found before is shown, but nothing newer.
            Ok(Ok(LOOKED_AT)) if is_starting => (true, began.elapsed()),
            Ok(Ok(machines)) => (machines == LOOKED_AT, AHEAD.max(began.elapsed() * REST)),
            Ok(Err(error)) => {
                tracing::warn!(%error, "computers could not be looked at");
                (false, AHEAD * 60)
            }
            Err(_) => return,
        };
        if let Err(error) = parts.inventory.write_findings().await {
            tracing::warn!(%error, "findings are not durable yet");
        }
        if shutdown
            .run_until_cancelled(time::sleep(rest))
            .await
            .is_none()
        {
            return;
        }
        if is_more {
            continue;
        }
        is_starting = false;
        let next = time::timeout(FEELING.saturating_sub(felt.elapsed()), events.recv());
        match shutdown.run_until_cancelled(next).await {
            None | Some(Ok(Err(RecvError::Closed))) => return,
            Some(_) => events = events.resubscribe(),
        }
    }
}

/// What the operating system of this computer calls its installation; empty when that cannot be read.
fn own_machine_id() -> String {
    let system = probe::collect(Kind::System, &probe::Root::live());
    system
        .and_then(|collected| System::decode(collected.body.as_slice()).ok())
        .map(|system| system.machine_id)
        .unwrap_or_default()
}
