//! The running agent: one task looks at the machine, another speaks to the collector.
//!
//! The [`observer`] collects sections one at a time and puts what changed into the spool; the
//! [`reporter`] checks in and delivers the spool. They share [`shared::Shared`] and nothing else, so that
//! the machine is observed while the collector cannot be reached.

mod observer;
mod reporter;
mod schedule;
mod shared;
mod source;
pub mod status;

use std::{path::Path, sync::Arc};

use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    identity::{
        HandedError, Identity, IdentityError, JoinError, Progress, discard, resume, take_up,
    },
    report::{Chain, Spool, SpoolError},
    state::{StateDirectory, StateError},
};
use observer::Observer;
use reporter::Reporter;
use shared::Shared;
pub use source::{Machine, Source};
use status::{State, StatusFile};

/// Why the agent does not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It has no collector to report to.
    #[error(
        "this computer has not joined a collector; get a join string from the collector and run 'freehold-agent join JOIN_STRING'"
    )]
    NotJoined,
    /// It was about to join and cannot.
    #[error(transparent)]
    Join(JoinError),
    /// A join string was left for it that it could not take up.
    #[error(transparent)]
    Handed(#[from] HandedError),
    /// Its identity is not usable.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Its own files are not usable.
    #[error(transparent)]
    State(#[from] StateError),
    /// What it has not sent yet is not usable.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

impl RunError {
    /// Whether only a person can help: trying again would end the same way.
    pub fn is_final(&self) -> bool {
        match self {
            Self::NotJoined
            | Self::Handed(
                HandedError::Invalid { .. }
                | HandedError::Given { .. }
                | HandedError::Collector { .. },
            )
            | Self::Join(JoinError::Refused(_) | JoinError::AlreadyJoined { .. })
            | Self::Identity(IdentityError::Damaged(..)) => true,
            Self::Join(JoinError::Identity(error)) => matches!(error, IdentityError::Damaged(..)),
            _ => false,
        }
    }
}

/// Observes this machine and reports to its collector until cancelled. Installs no signal handler and no
/// global state, so that another program can run an agent within itself.
pub async fn run(config: Config, cancel: CancellationToken) -> Result<(), RunError> {
    let source = Arc::new(Machine::new(config.root.clone()));
    Box::pin(run_with(config, source, cancel, || {})).await
}

/// Like [`run`], with another source of sections and a call when the agent is set up.
pub async fn run_with(
    config: Config,
    source: Arc<dyn Source>,
    cancel: CancellationToken,
    ready: impl FnOnce() + Send,
) -> Result<(), RunError> {
    let state = StateDirectory::open(&config.state_directory)?;
    let _lock = state.lock()?;
    let mut status = StatusFile::new(&state);
    let mut ready = Some(ready);
    let identity = establish(&config, &state, &mut status, &mut ready, &cancel).await;
    let Some(identity) = identity.inspect_err(|error| status.stop(error))? else {
        return Ok(());
    };
    let spool = Spool::open(&state, config.spool).inspect_err(|error| status.stop(error))?;
    let shared = Arc::new(Shared::new(spool));
    let chain = Chain::open(&state).inspect_err(|error| status.stop(error))?;
    status.identify(&identity);
    tracing::info!(
        machine = identity.machine(),
        collector = %identity.addresses().join(", "),
        "reporting"
    );
    if let Some(ready) = ready.take() {
        ready();
    }
    let observer = Observer::new(&config, source, shared.clone());
    let reporter = Reporter::new(state, identity, chain, shared, status);
    tokio::select! {
        () = cancel.cancelled() => {}
        () = Box::pin(observe_and_report(observer, reporter)) => {}
    }
    tracing::info!("stopped");
    Ok(())
}

/// The identity of this machine, after joining where it has none yet. `None` when cancelled before.
async fn establish(
    config: &Config,
    state: &StateDirectory,
    status: &mut StatusFile,
    ready: &mut Option<impl FnOnce() + Send>,
    cancel: &CancellationToken,
) -> Result<Option<Identity>, RunError> {
    loop {
        if let Some(identity) = Identity::load(state)? {
            discard_unneeded(&config.join_file);
            return Ok(Some(identity));
        }
        if take_up(&config.join_file, state)? {
            tracing::info!("a join string was left for this computer and is taken up");
        }
        if let Some(ready) = ready.take() {
            ready();
        }
        let joined = tokio::select! {
            () = cancel.cancelled() => return Ok(None),
            joined = Box::pin(finish_joining(config, state, status)) => joined?,
        };
        if !joined {
            return Err(RunError::NotJoined);
        }
    }
}

/// The first report carries every section, so it waits for the first look at all of them.
async fn observe_and_report(mut observer: Observer, reporter: Reporter) {
    observer.look_at_due().await;
    tokio::join!(observer.run(), reporter.run());
}

/// A join string for a computer that has joined is of no use to it, but to whoever finds it.
fn discard_unneeded(path: &Path) {
    match discard(path) {
        Ok(false) => {}
        Ok(true) => tracing::warn!(
            path = %path.display(),
            "this computer has joined already; the join string left for it was removed"
        ),
        Err(error) => tracing::warn!(%error, "a join string is left over"),
    }
}

async fn finish_joining(
    config: &Config,
    state: &StateDirectory,
    status: &mut StatusFile,
) -> Result<bool, RunError> {
    let progress = |progress: Progress| {
        let delay = match progress {
            Progress::Waiting(delay) => {
                status.update(|report| report.state = State::WaitingForApproval);
                tracing::info!(
                    seconds = delay.as_secs(),
                    "waiting for the owner's approval"
                );
                delay
            }
            Progress::Retrying(delay, reason) => {
                tracing::warn!(seconds = delay.as_secs(), reason, "joining is tried again");
                status.update(|report| report.fail(reason));
                delay
            }
        };
        status.update(|report| report.next_attempt_seconds = delay.as_secs());
        status.write();
    };
    let joined = resume(config, state, progress)
        .await
        .map_err(RunError::Join)?;
    if let Some(joined) = &joined {
        tracing::info!(machine = joined.machine, "joined");
        if let Some(fault) = joined.clock {
            tracing::warn!("{fault}");
        }
    }
    Ok(joined.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service manager starts the agent again after any other end.
    #[test]
    fn what_only_a_person_can_mend_is_not_tried_again() {
        let no_join_string = || {
            "nonsense"
                .parse::<crate::identity::JoinString>()
                .unwrap_err()
        };
        let no_address = || crate::identity::check_address("office").unwrap_err();
        for handed in [
            HandedError::Given {
                place: "the registry",
                source: no_join_string(),
            },
            HandedError::Invalid {
                path: "join".into(),
                source: no_join_string(),
            },
            HandedError::Collector {
                source: no_address(),
            },
        ] {
            assert!(RunError::Handed(handed).is_final());
        }
        assert!(RunError::NotJoined.is_final());
        let full = StateError::Write {
            path: "spool".into(),
            source: std::io::ErrorKind::StorageFull.into(),
        };
        assert!(!RunError::State(full).is_final());
    }
}
