//! `serve` and `quickstart`: the subcommands that run the collector.

use std::{io::IsTerminal as _, path::Path, process::Stdio, time::Duration};

use anyhow::Context as _;
use freehold_agent::{identity, run as agent};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::setup;
use crate::{
    app::App,
    config::{self, Config, Overrides},
    enrolment::NewToken,
    id::MachineId,
};

/// Longest wait for this computer's first report.
const FIRST_REPORT: Duration = Duration::from_secs(60);

/// How often it is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Runs the collector until it is told to stop.
pub(super) async fn serve(overrides: &Overrides) -> anyhow::Result<()> {
    let app = Config::read(overrides)?.build().await?;
    let shutdown = stop_on_signal()?;
    print_addresses(&app);
    app.run(shutdown).await?;
    Ok(())
}

/// Makes a collector if there is none, runs it, and joins this computer to it.
pub(super) async fn quickstart(overrides: &Overrides, browser: bool) -> anyhow::Result<()> {
    let config = Config::quickstart(overrides)?;
    if !setup::is_initialised(&config.data)? {
        let name = "My business";
        setup::create(&config.data, name, &[]).await?;
    }
    let data = config.data.clone();
    let app = config.build().await?;
    let shutdown = stop_on_signal()?;
    print_addresses(&app);
    print_set_up(&app).await?;
    if browser {
        open_browser(&app.dashboard_url());
    }
    let own = tokio::spawn(report_on_this_computer(
        OwnAgent::new(&app, &data),
        shutdown.clone(),
    ));
    let ran = app.run(shutdown.clone()).await;
    shutdown.cancel();
    let reported = own.await.context("this computer's own agent stopped unexpectedly")?;
    ran?;
    reported
}
