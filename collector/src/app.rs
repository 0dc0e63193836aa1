//! The collector as a whole: [`Config`] says what is wanted, [`Config::build`] opens and binds everything,
//! [`App::run`] runs it until it is told to stop.

mod error;
mod indexing;
mod keys;
mod pages;
mod parts;
mod reading;
mod restored;
mod upkeep;

use std::sync::Arc;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use error::{BuildError, RunError};
pub use parts::Parts;

use crate::{
    authority::Authority,
    clock::Clock,
    config::Config,
    control::{self, Console},
    dashboard,
    data::{DataDirectory, DemoState},
    demo,
    enrolment::Enrolment,
    ingest::{Ingest, Limits, Rate},
    listener::{Listener, Services},
    remote::Remote,
    store::{self, Read as _, Store},
};

/// How often a computer of a demo renews its certificate in the year, at most.
const RENEWALS_IN_A_YEAR: u32 = 100;

/// A collector that has everything open and bound.
pub struct App {
    config: Config,
    parts: Arc<Parts>,
    agents: Listener,
    dashboard: dashboard::Server,
    control: control::Socket,
}

impl Config {
    /// Opens the data directory and binds the ports.
    pub async fn build(self) -> Result<App, BuildError> {
        self.build_with(Clock::system()).await
    }

    /// The same with another clock.
    pub async fn build_with(self, clock: Clock) -> Result<App, BuildError> {
        let data = DataDirectory::open(&self.data)?;
        refuse_mixing(&self)?;
        let options = store::Options {
            backups: Some(data.backups()),
            retention: self.retention,
            ..store::Options::default()
        };
        let store = Store::open(&data.store(), &options)?;
        let authority = Authority::load(&data.authority(), &clock)?;
        let agents = Listener::bind(self.listen).await?;
        let dashboard = pages::bind(self.dashboard_listen)?;
        let control = control::Socket::bind(data.path())?;
        // The store says so too: a backup of a demo stays one wherever it is restored.
        let settings = store.settings()?.unwrap_or_default();
        if settings.demo != self.demo {
            return Err(mixed(&self, settings.demo));
        }
        let parts = Parts::assemble(
            &self,
            parts::Opened {
                data,
                clock,
                store,
                authority,
            },
            agents.local_addr(),
            dashboard.address,
        )?;
        if let Err(error) = parts.machines.settle_revocations().await {
            tracing::warn!(%error, "the store could not be told of revocations; the list holds");
        }
        restored::settle(&parts).await?;
        keys::settle(&parts).await?;
        let dashboard = pages::server(dashboard, &self.dashboard_tls, &parts)?;
        Ok(App {
            config: self,
            parts: Arc::new(parts),
            agents,
            dashboard,
            control,
        })
    }
}

impl App {
    /// What its parts share.
    pub fn parts(&self) -> &Arc<Parts> {
        &self.parts
    }

    /// Runs until told to stop, then makes everything durable and closes the store.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), RunError> {
        let parts = self.parts.clone();
        let mut tasks = JoinSet::new();
        let agents = serve_agents(
            self.agents,
            parts.clone(),
            Limits::default(),
            shutdown.clone(),
        );
        tasks.spawn(agents);
        tasks.spawn(serve_dashboard(self.dashboard, shutdown.clone()));
        tasks.spawn(serve_console(self.control, parts.clone(), shutdown.clone()));
        tasks.spawn(upkeep::watch_store(parts.clone(), shutdown.clone()));
        tasks.spawn(upkeep::run(self.config, parts.clone(), shutdown.clone()));
        let mut outcome = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let ended = ended.unwrap_or_else(|panic| Err(RunError::of("a part", panic)));
            // Whatever ends first takes the others along: a collector that only half runs would mislead.
            shutdown.cancel();
            outcome = outcome.and(ended);
        }
        close(&parts).await;
        outcome
    }

    /// Takes reports and nothing else, until told to stop: for a demo's year, which passes while nobody looks.
    pub(crate) async fn take_reports(self, shutdown: CancellationToken) -> Result<(), RunError> {
        let parts = self.parts.clone();
        let unhurried = Limits::default();
        let limits = Limits {
            // Certificates of a whole year are renewed within seconds.
            renewals: Rate {
                at_once: RENEWALS_IN_A_YEAR,
                ..unhurried.renewals
            },
            versions_a_day: demo::VERSIONS_A_DAY,
            ..unhurried
        };
        let outcome = serve_agents(self.agents, parts.clone(), limits, shutdown).await;
        if let Err(error) = parts.witness.testify(&parts.log, &parts.store) {
            tracing::warn!(%error, "the log's checkpoint could not be kept");
        }
        close(&parts).await;
        outcome
    }
}

/// Makes everything durable and closes the store.
async fn close(parts: &Parts) {
    // `upkeep` has told why if this fails. What is lost is a minute of "last seen", nothing acknowledged.
    let _ = parts.presence.flush().await;
    // Nor is this needed: without it more is looked at again after the next start.
    let _ = parts.board.close().await;
    parts.store.clone().close().await;
}

/// Refuses a real collector where a demo is wanted, and the other way round, before anything is opened.
fn refuse_mixing(config: &Config) -> Result<(), BuildError> {
    let state = DataDirectory::demo_state(&config.data)?;
    let is_demo = matches!(state, DemoState::Unfinished | DemoState::Made(_));
    if is_demo == config.demo {
        Ok(())
    } else {
        Err(mixed(config, is_demo))
    }
}

fn mixed(config: &Config, is_demo: bool) -> BuildError {
    let data = config.data.clone();
    if is_demo {
        BuildError::IsDemo(data)
    } else {
        BuildError::IsReal(data)
    }
}

async fn serve_agents(
    agents: Listener,
    parts: Arc<Parts>,
    limits: Limits,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let failed = |error| RunError::of("the agents' port", error);
    let enrolment = Enrolment::new(
        parts.store.clone(),
        parts.machines.clone(),
        parts.people.clone(),
        parts.authority.clone(),
        parts.addresses.clone(),
        parts.clock.clone(),
    );
    let ingest = Ingest::new(
        parts.store.clone(),
        parts.machines.clone(),
        parts.authority.clone(),
        parts.presence.clone(),
        parts.clock.clone(),
        parts.events.clone(),
        limits,
    );
    let ingest = ingest.map_err(|error| RunError::of("the reporting service", error))?;
    ingest.tell_credentials(parts.authority.trust_anchors(), parts.addresses.clone());
    let services = Services {
        tls: parts.authority.agent_tls().map_err(failed)?,
        reporting: ingest.router(),
        enrolment: enrolment.into_router(),
        access: Remote::new(parts.remote_desk()).into_router(),
        people: parts.people.clone(),
        machines: parts.machines.clone(),
        connections: parts.connections.clone(),
        clock: parts.clock.clone(),
    };
    agents.serve(services, shutdown).await;
    Ok(())
}

async fn serve_dashboard(
    server: dashboard::Server,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    server.run(shutdown).await;
    Ok(())
}

async fn serve_console(
    socket: control::Socket,
    parts: Arc<Parts>,
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    tonic::transport::Server::builder()
        .add_service(Console::service(parts))
        .serve_with_incoming_shutdown(socket.into_incoming(), shutdown.cancelled_owned())
        .await
        .map_err(|error| RunError::of("the control socket", error))
}
