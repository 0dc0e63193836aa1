//! What the commands do.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal as _, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use freehold_proto::v1::section::Kind;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::{
    filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};
use zeroize::Zeroizing;

use super::Format;
use crate::{
    config::{self, Config},
    identity::{self, JoinString, Progress},
    probe::{self, Root},
    run::{self, Machine, status::Report},
    service,
    snapshot::{text::snapshot_text, write_snapshot},
    state::{OWNER, StateDirectory},
};

/// Longest join string read from standard input.
const JOIN_STRING_BYTES: u64 = 16 * 1024;
/// Longest time a section of a snapshot may take.
const SECTION_TIME: Duration = Duration::from_secs(60);
/// How long a running probe may hold up the end.
const STOP_TIME: Duration = Duration::from_secs(2);

pub(super) fn join(text: String, config: Option<&Path>) -> Result<()> {
    let text = Zeroizing::new(text);
    let join_string: JoinString = if *text == "-" {
        read_join_string()?.parse()?
    } else {
        text.parse()?
    };
    let config = Config::load(config)?;
    let runtime = runtime()?;
    let joined = runtime.block_on(identity::join(&config, &join_string, tell))?;
    let mut out = io::stdout().lock();
    writeln!(out, "Joined the collector at {}.", joined.address)?;
    if let Some(machine) = joined.machine {
        writeln!(out, "This computer is {machine} there.")?;
    }
    if let Some(fault) = joined.clock {
        writeln!(out, "Warning: {fault}.")?;
    }
    writeln!(
        out,
        "Start reporting with 'freehold-agent run' or as a service."
    )?;
    Ok(())
}

fn read_join_string() -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .lock()
        .take(JOIN_STRING_BYTES)
        .read_to_string(&mut text)
        .context("the join string cannot be read from standard input")?;
    Ok(text)
}

fn tell(progress: Progress) {
    match progress {
        Progress::Waiting(delay) => eprintln!(
            "This computer waits for the owner to let it in; asking again in {} s. You may stop here: 'freehold-agent run' goes on asking.",
            delay.as_secs()
        ),
        Progress::Retrying(delay, reason) => {
            eprintln!("{reason}; trying again in {} s.", delay.as_secs());
        }
    }
}

pub(super) fn run(config: Option<&Path>) -> Result<()> {
    log_to_stderr();
    let config = Config::load(config)?;
    service::step_back();
    let runtime = runtime()?;
    let outcome = runtime.block_on(async {
        let cancel = CancellationToken::new();
        let source = Arc::new(Machine::new(config.root.clone()));
        let agent = run::run_with(config, source, cancel.clone(), service::ready);
        tokio::pin!(agent);
        let stop = service::stop_requested().context("signals cannot be received")?;
        tokio::select! {
            outcome = &mut agent => return outcome.map_err(anyhow::Error::from),
            () = stop => {}
            () = service::watchdog() => {}
        }
        service::stopping();
        cancel.cancel();
        Ok(agent.await?)
    });
    runtime.shutdown_timeout(STOP_TIME);
    outcome
}

pub(super) fn snapshot(sections: &[Kind], root: Option<PathBuf>, format: Format) -> Result<()> {
    let root = match root {
        Some(path) if path.is_dir() => Root::at(path),
        Some(path) => bail!(
            "{} is not a directory; name one that holds a root file system",
            path.display()
        ),
        None => Root::live(),
    };
    let collected: Vec<_> = chosen(sections)
        .filter_map(|kind| probe::collect_within(kind, &root, SECTION_TIME))
        .collect();
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        Format::Text => out.write_all(snapshot_text(&collected)?.as_bytes())?,
        Format::Json => {
            write_snapshot(&collected, &mut out)?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// All sections unless some were named.
fn chosen(sections: &[Kind]) -> impl Iterator<Item = Kind> {
    let kinds = probe::KINDS.into_iter();
    kinds.filter(|kind| sections.is_empty() || sections.contains(kind))
}

pub(super) fn record(sections: &[Kind], path: &Path) -> Result<()> {
    let kinds: Vec<_> = chosen(sections).collect();
    let text = probe::record(&kinds)?;
    File::create_new(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| {
            format!(
                "the recording cannot be written to {}; name a new file in a folder that you may write to",
                path.display()
            )
        })?;
    println!(
        "Recorded into {}. Names, addresses and serial numbers were taken out as far as they are known to be such: read it before you give it to anybody.",
        path.display()
    );
    Ok(())
}

/// How long an agent that was told to stop may take: five seconds, and what its probes wait for.
const ENDING: Duration = Duration::from_secs(30);

/// What an uninstallation that shall leave nothing calls. It may have told the agent to stop without waiting for it.
pub(super) fn forget(config: Option<&Path>) -> Result<()> {
    let config = Config::load(config)?;
    if config.state_directory.is_dir() {
        let state = StateDirectory::open(&config.state_directory)?;
        // One that does not end is what erasing says then.
        state.wait_until_unlocked(ENDING)?;
        state.erase()?;
    }
    Ok(())
}

pub(super) fn status(json: bool, config: Option<&Path>) -> Result<()> {
    let config = Config::load(config)?;
    let path = &config.state_directory;
    let state = StateDirectory::existing(path);
    let report = Report::load(&state).with_context(|| {
        format!(
            "the agent's status in {} cannot be read; try as {OWNER}",
            path.display()
        )
    })?;
    let Some(report) = report else {
        bail!(
            "no agent has run with {} yet; join a collector with 'freehold-agent join JOIN_STRING', then start it",
            path.display()
        );
    };
    let is_running = state.is_locked()?;
    let mut out = io::stdout().lock();
    if json {
        let mut value = serde_json::to_value(&report)?;
        value["running"] = is_running.into();
        serde_json::to_writer_pretty(&mut out, &value)?;
        writeln!(out)?;
    } else {
        writeln!(out, "{}", report.explain(is_running))?;
    }
    Ok(())
}

/// One thread runs everything but the probes; theirs end as soon as they are idle.
fn runtime() -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        // Each section may hang, and the others must go on.
        .max_blocking_threads(16)
        .thread_keep_alive(Duration::from_millis(500))
        .thread_stack_size(1024 * 1024)
        .build()
        .context("the agent cannot start its runtime")
}

/// What is logged is chosen by `FREEHOLD_LOG`, as in `FREEHOLD_LOG=debug` or
/// `FREEHOLD_LOG=info,freehold_agent::run=debug`.
fn log_to_stderr() {
    let targets = config::log_filter().and_then(|filter| filter.parse::<Targets>().ok());
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(targets.unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO)))
        .with(lines)
        .with(service::log())
        .init();
}
