//! What reading by permission costs, through the real programs: how soon a supplier who is shut out sees nothing, and
//! what memory the collector takes while a technician takes everything along. Prints a table; fails when a limit is
//! missed.

#![allow(
    clippy::expect_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::{
    process::{ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use clap::Parser;
use freehold_tests::{
    Inventory, Machine, Technician, TestCollector,
    load::{Table, Usage, allow_many_connections, this_computer, wait_as_asked},
};
use tokio::io::AsyncReadExt as _;

/// How soon an open stream and an open page end after the access did.
const REVOKED: Duration = Duration::from_secs(1);
/// Memory the collector may take beyond what it holds, while everything is streamed to a technician.
const EXTRA: u64 = 64 << 20;
/// How long everything may take to be read ahead after a start.
const READ_AHEAD: Duration = Duration::from_secs(1200);
/// Machines that share a join token.
const USES: usize = 200;
/// Machines that join and report at once.
const WORKERS: usize = 64;

/// Measures what reading by permission costs
#[derive(Debug, Parser)]
struct Options {
    /// How many machines
    #[arg(long, default_value_t = 10_000)]
    machines: usize,
    /// Packages a machine reports
    #[arg(long, default_value_t = 1000)]
    packages: usize,
    /// How often a supplier is shut out in the middle
    #[arg(long, default_value_t = 5)]
    rounds: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    allow_many_connections();
    match run(&Options::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("reads: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> anyhow::Result<bool> {
    let mut collector = TestCollector::start().await;
    let began = Instant::now();
    fill(&collector, options).await?;
    eprintln!("filled in {:.0} s", began.elapsed().as_secs_f64());
    let (mut stream, mut page) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..options.rounds {
        let technician = Technician::of(&collector, &[], &["--may-export"]).await;
        let (streamed, shown) = shut_out(&collector, &technician).await?;
        stream = stream.max(streamed);
        page = page.max(shown);
    }
    // As after a start: what was freed and kept for later would hide what is taken.
    collector.stop().await;
    collector.resume().await;
    let technician = Technician::of(&collector, &[], &["--may-export"]).await;
    let taken = take_along(&mut collector, &technician, options.machines).await?;
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let mut table = Table::new(["what", "measured", "limit"]);
    table.row([
        format!(
            "open stream after `grant revoke`, worst of {}",
            options.rounds
        ),
        seconds(stream),
        seconds(REVOKED),
    ]);
    table.row([
        format!(
            "open page after `grant revoke`, worst of {}",
            options.rounds
        ),
        seconds(page),
        seconds(REVOKED),
    ]);
    table.row([
        format!(
            "memory beyond rest while {} computers are exported",
            options.machines
        ),
        mib(taken.extra),
        mib(EXTRA),
    ]);
    table.row([
        "the same export: time, bytes of JSON".to_owned(),
        format!("{}, {}", seconds(taken.took), mib(taken.bytes)),
        String::new(),
    ]);
    println!(
        "{} machines with {} packages each, on the same {}:\n\n{table}",
        options.machines,
        options.packages,
        this_computer()
    );
    Ok(stream <= REVOKED && page <= REVOKED && taken.extra <= EXTRA)
}

/// Lets machines join and report.
async fn fill(collector: &TestCollector, options: &Options) -> anyhow::Result<()> {
    let uses = USES.to_string();
    let mut tokens = Vec::new();
    for _ in 0..options.machines.div_ceil(USES) {
        let options = ["--uses", &uses, "--approve-in-advance"];
        tokens.push(collector.token(&options).await);
    }
    let workers = (0..WORKERS).map(|worker| {
        let (tokens, target) = (tokens.clone(), collector.target());
        let (machines, packages) = (options.machines, options.packages);
        tokio::spawn(async move {
            for index in (worker..machines).step_by(WORKERS) {
                let mut inventory = Inventory::new(index as u64);
                inventory.packages = packages;
                let seen_from = target.seen_from(u32::try_from(index)?);
                let token = &tokens[index / USES];
                let mut machine = Machine::join(seen_from, token, &inventory.host_name).await?;
                while let Err(refusal) = machine.report(&inventory.sections()).await {
                    wait_as_asked(refusal).await?;
                }
            }
            anyhow::Ok(())
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    Ok(())
}

/// How long an open stream and an open page go on after the owner has shut the supplier out.
async fn shut_out(
    collector: &TestCollector,
    technician: &Technician,
) -> anyhow::Result<(Duration, Duration)> {
    let mut command = technician.reader.command(&["export"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut export = command.kill_on_drop(true).spawn()?;
    let mut output = export.stdout.take().expect("its output");
    let mut page = technician.browser.clone();
    let page = tokio::spawn(async move {
        page.visit("/events").await;
        Instant::now()
    });
    output.read_exact(&mut [0; 1]).await?;
    let reading = tokio::spawn(async move {
        let mut piece = vec![0; 1 << 16];
        while output.read(&mut piece).await.is_ok_and(|bytes| bytes > 0) {}
        Instant::now()
    });
    tokio::time::sleep(Duration::from_millis(600)).await;
    ensure!(!page.is_finished(), "the page was not open");
    ensure!(!reading.is_finished(), "the stream ended by itself");
    let revoke = collector.run(&["grant", "revoke", &technician.grant]).await;
    // The command is done when the answer is there: the grant has ended a moment before.
    let revoked = Instant::now();
    revoke.expect();
    let status = export.wait().await?;
    ensure!(!status.success(), "the stream was complete");
    let since = |at: Instant| at.saturating_duration_since(revoked);
    Ok((since(reading.await?), since(page.await?)))
}

/// What an export took.
struct Taken {
    extra: u64,
    took: Duration,
    bytes: u64,
}

/// Exports everything, and watches the collector's memory meanwhile.
async fn take_along(
    collector: &mut TestCollector,
    technician: &Technician,
    machines: usize,
) -> anyhow::Result<Taken> {
    let process = collector.process().id();
    at_rest(technician).await?;
    let (before, done) = (
        Usage::of(process).resident,
        Arc::new(AtomicBool::new(false)),
    );
    let most = Arc::new(AtomicU64::new(0));
    let watching = tokio::spawn({
        let (done, most) = (done.clone(), most.clone());
        async move {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(Usage::of(process).resident, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    });
    let began = Instant::now();
    let (bytes, said) = exported(technician).await?;
    let took = began.elapsed();
    done.store(true, Ordering::Relaxed);
    watching.await?;
    ensure!(
        said.contains(&format!("{machines} computers")),
        "not everything was exported: {said}"
    );
    Ok(Taken {
        extra: most.load(Ordering::Relaxed).saturating_sub(before),
        took,
        bytes,
    })
}

/// Waits until the collector does nothing by itself any more that takes memory: what lists, findings and searches keep
/// for everybody is made after a start.
async fn at_rest(technician: &Technician) -> anyhow::Result<()> {
    technician.reader.run(&["computers"]).await.expect();
    let began = Instant::now();
    for asked in [&["findings"][..], &["search", "nothing like this"]] {
        while technician.reader.json(asked).await["unknown"] != serde_json::json!([]) {
            ensure!(
                began.elapsed() < READ_AHEAD,
                "the collector did not come to rest"
            );
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    Ok(())
}

/// Exports everything to nowhere; answers with how many bytes that were, and what was said.
async fn exported(technician: &Technician) -> anyhow::Result<(u64, String)> {
    let mut command = technician.reader.command(&["export"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut export = command.kill_on_drop(true).spawn()?;
    let mut output = export.stdout.take().expect("its output");
    let (mut bytes, mut piece) = (0, vec![0; 1 << 16]);
    loop {
        match output.read(&mut piece).await? {
            0 => break,
            read => bytes += read as u64,
        }
    }
    let ended = export.wait_with_output().await?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    ensure!(ended.status.success(), "the export failed: {said}");
    Ok((bytes, said))
}
