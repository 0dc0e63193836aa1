//! `serve` and `quickstart`: the subcommands that run the collector.

mod own_agent;

use std::{io, io::IsTerminal as _, process::Stdio};

use anyhow::Context as _;
use own_agent::OwnAgent;
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::setup;
use crate::{
    app::Parts,
    audit::Actor,
    config::{self, Config, Overrides},
    data::DataDirectory,
};

/// Name of a business that has not told its name yet.
const UNNAMED: &str = "My business";

/// Runs the collector until it is told to stop.
pub(super) async fn serve(overrides: &Overrides) -> anyhow::Result<()> {
    let app = Config::read(overrides)?.build().await?;
    let shutdown = stop_on_signal()?;
    print_addresses(app.parts());
    // The ports are bound: whoever connects from now on is served.
    tell_service_manager(NotifyState::Ready);
    let stopping = shutdown.clone();
    tokio::spawn(async move {
        stopping.cancelled().await;
        tell_service_manager(NotifyState::Stopping);
    });
    app.run(shutdown).await?;
    Ok(())
}

fn tell_service_manager(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "the service manager was not told");
    }
}

/// Makes a collector if there is none, runs it, and joins this computer to it.
pub(super) async fn quickstart(overrides: &Overrides, browser: bool) -> anyhow::Result<()> {
    let config = Config::quickstart(overrides)?;
    if !DataDirectory::is_initialised(&config.data)? {
        let (_, store) = setup::create(&config.data, UNNAMED, Vec::new()).await?;
        store.close().await;
    }
    let app = config.build().await?;
    let shutdown = stop_on_signal()?;
    let parts = app.parts().clone();
    print_addresses(&parts);
    print_set_up(&parts).await?;
    if browser {
        open_browser(&parts.dashboard_url);
    }
    let own = OwnAgent::new(parts, shutdown.clone());
    let stop = shutdown.clone();
    let own = tokio::spawn(async move {
        let reported = own.run().await;
        // Without this computer there is nothing to try.
        stop.cancel();
        reported
    });
    let ran = app.run(shutdown).await;
    let reported = own
        .await
        .context("this computer's own agent stopped unexpectedly")?;
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

/// A token that is cancelled by Ctrl-C or SIGTERM.
fn stop_on_signal() -> io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        stop.cancel();
    });
    Ok(token)
}

/// Opens the dashboard for whoever sits at this computer's screen; nobody there is fine.
fn open_browser(url: &str) {
    if !io::stdout().is_terminal() || !config::has_display() {
        return;
    }
    let mut command = tokio::process::Command::new("xdg-open");
    command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        tokio::spawn(async move { child.wait().await });
    }
}
