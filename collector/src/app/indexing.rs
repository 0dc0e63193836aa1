//! Reading ahead, at leisure, what programs, people, serial numbers and addresses are found by.

use std::{sync::Arc, time::Duration};

use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use super::Parts;

/// How soon it is looked again for what is missing, and how soon when nothing was.
const AHEAD: Duration = Duration::from_secs(1);
const QUIET: Duration = Duration::from_secs(5);

/// For how many times as long as a piece of the work took everything else goes first.
const REST: u32 = 19;

/// Machines read in one piece: each may have a thousand programs.
const AT_ONCE: usize = 50;

/// How long it is tried again after when the store could not be read.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs until told to stop. Whoever asks before everything is read is told what is missing.
pub(super) async fn run(parts: &Arc<Parts>, shutdown: CancellationToken) {
    loop {
        let inventory = parts.inventory.clone();
        let began = Instant::now();
        let read = tokio::task::spawn_blocking(move || inventory.index_ahead(AT_ONCE));
        let rest = match read.await {
            Ok(Ok(0)) => QUIET.max(began.elapsed() * REST),
            Ok(Ok(_)) => AHEAD.max(began.elapsed() * REST),
            Ok(Err(error)) => {
                tracing::warn!(%error, "computers could not be read for the search");
                PATIENCE
            }
            Err(_) => return,
        };
        let rested = shutdown.run_until_cancelled(time::sleep(rest)).await;
        if rested.is_none() {
            return;
        }
    }
}
