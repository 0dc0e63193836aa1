//! Quickstart's agent: this computer, reporting to the collector in the same process, over the same mutual
//! TLS as any other computer.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use freehold_agent::{
    config::Config,
    identity::{self, Identity, JoinError},
    probe::KINDS,
    run,
    state::StateDirectory,
};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::{app::Parts, audit::Actor, enrolment::NewToken, id::MachineId, store::Read as _};

/// How often the first report is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Quickstart's agent.
pub(super) struct OwnAgent {
    parts: Arc<Parts>,
    config: Config,
    shutdown: CancellationToken,
}

impl OwnAgent {
    /// An agent with its state in the collector's data directory.
    pub(super) fn new(parts: Arc<Parts>, shutdown: CancellationToken) -> Self {
        let config = Config::for_directory(parts.data.agent());
        Self {
            parts,
            config,
            shutdown,
        }
    }

    /// Joins if this computer has not joined yet, then reports until told to stop.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        tokio::select! {
            joined = self.join() => joined?,
            () = self.shutdown.cancelled() => return Ok(()),
        }
        let id = self.find_collector()?;
        let announced = self.announce_first_report(id);
        let reporting = run::run(self.config.clone(), self.shutdown.clone());
        let ((), reported) = tokio::join!(announced, reporting);
        reported.context("this computer could not report")
    }

    async fn join(&self) -> anyhow::Result<()> {
        let token = NewToken {
            for_this_computer: true,
            ..NewToken::default()
        };
        let (join_string, _) = self.parts.tokens.create(token, &Actor::collector()).await?;
        match identity::join(&self.config, &join_string, |_| {}).await {
            Ok(_) | Err(JoinError::AlreadyJoined { .. }) => Ok(()),
            Err(error) => Err(error).context("this computer could not join"),
        }
    }

    /// Tells the agent where the collector listens this time, which a free port may have changed. Says
    /// which machine this computer is.
    fn find_collector(&self) -> anyhow::Result<MachineId> {
        let state = StateDirectory::open(&self.config.state_directory)?;
        let identity =
            Identity::load(&state)?.context("this computer did not keep its identity")?;
        let identity = identity.at(vec![self.parts.agents_address.to_string()]);
        identity.save(&state)?;
        let id = identity.machine().and_then(|id| id.parse().ok());
        id.context("this computer's certificate does not name it")
    }

    /// Prints the line that says that this computer's report is stored.
    async fn announce_first_report(&self, id: MachineId) {
        let mut ticks = time::interval(LOOK_AGAIN);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.shutdown.cancelled() => return,
            }
            if self.has_reported(id) {
                println!("Computer reported: {id}");
                return;
            }
        }
    }

    /// Whether it checked in since the collector started and all its sections are stored.
    fn has_reported(&self, id: MachineId) -> bool {
        let parts = &self.parts;
        let seen = parts.presence.of(id);
        let stored = |kind| matches!(parts.store.current(id, kind), Ok(Some(_)));
        seen.is_some_and(|seen| seen.last_seen_at >= parts.started_at.0)
            && KINDS.into_iter().all(stored)
    }
}
