//! `serve` and `quickstart`: the subcommands that run the collector.

mod own_agent;

use std::sync::Arc;

use anyhow::Context as _;
use freehold_agent::service;
use own_agent::OwnAgent;
use tokio_util::sync::CancellationToken;

use super::{
    browser,
    setup::{self, Making},
};
use crate::{
    app::{App, Parts},
    audit::Actor,
    clock::Clock,
    config::{Config, Overrides},
    data::DataDirectory,
};

/// Name of a business that has not told its name yet.
const UNNAMED: &str = "My business";

/// Runs the collector until it is told to stop.
pub(super) async fn serve(overrides: &Overrides) -> anyhow::Result<()> {
    let app = Config::read(overrides)?.build().await?;
    let shutdown = stop_on_request()?;
    print_addresses(app.parts());
    // The ports are bound: whoever connects from now on is served.
    service::ready();
    let stopping = shutdown.clone();
    tokio::spawn(async move {
        stopping.cancelled().await;
        service::stopping();
    });
    app.run(shutdown).await?;
    Ok(())
}

/// Makes a collector if there is none, runs it, and joins this computer to it.
pub(super) async fn quickstart(overrides: &Overrides, browser: bool) -> anyhow::Result<()> {
    let config = Config::quickstart(overrides)?;
    if !DataDirectory::is_initialised(&config.data)? {
        let (_, store, kit) = setup::create(Making {
            path: &config.data,
            name: UNNAMED,
            addresses: Vec::new(),
            clock: &Clock::system(),
            demo: false,
        })
        .await?;
        store.close().await;
        print!("{}", *kit);
    }
    run_with(config.build().await?, browser, |parts, shutdown| async {
        OwnAgent::new(parts, shutdown).run().await
    })
    .await
}

/// Runs a collector together with what reports to it from within the same process, and says where it is.
pub(super) async fn run_with<F>(
    app: App,
    browser: bool,
    reporting: impl FnOnce(Arc<Parts>, CancellationToken) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let shutdown = stop_on_request()?;
    let parts = app.parts().clone();
    print_addresses(&parts);
    print_set_up(&parts).await?;
    if browser {
        browser::open(&parts.dashboard_url);
    }
    let (reporting, stop) = (reporting(parts, shutdown.clone()), shutdown.clone());
    let reporting = tokio::spawn(async move {
        let reported = reporting.await;
        // Without what reports there is nothing to try.
        stop.cancel();
        reported
    });
    let ran = app.run(shutdown).await;
    let reported = reporting
        .await
        .context("what reports in this process stopped unexpectedly")?;
    ran?;
    reported
}

fn print_addresses(parts: &Parts) {
    println!("Dashboard: {}", parts.dashboard_url);
    println!("Agents: {}", parts.agents_address);
}

/// The line a new owner needs. A code that was made earlier cannot be shown again: only its hash is kept.
async fn print_set_up(parts: &Parts) -> anyhow::Result<()> {
    if parts.people.set_up()? {
        println!("The owner's password is set. Forgotten? Run `freehold-collector owner reset`.");
    } else {
        let (code, _) = parts.people.issue_code(&Actor::collector()).await?;
        println!("Set-up code: {}", code.expose().as_str());
    }
    Ok(())
}

/// A token that is cancelled by Ctrl-C, a signal or the service manager, from now on.
fn stop_on_request() -> anyhow::Result<CancellationToken> {
    let token = CancellationToken::new();
    let stop = token.clone();
    let requested = service::stop_requested().context("signals cannot be received")?;
    tokio::spawn(async move {
        requested.await;
        tracing::info!("stopping");
        stop.cancel();
    });
    Ok(token)
}
