//! How long the dashboard's pages take with many machines in the store, over HTTPS with a signed-in
//! session, while machines go on reporting. Prints a table; fails when a page misses the budget.

#![allow(
    clippy::expect_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::{
    process::ExitCode,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use freehold_tests::{
    Browser, Inventory, Machine, TestCollector,
    load::{Table, Times, Usage, allow_many_connections, this_computer, wait_as_asked},
    owner::signed_in,
};
use hyper::body::Bytes;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Longest time that 95 of 100 loads of a page may take, up to so many machines and beyond.
const MANY: usize = 10_000;
const BUDGET: Duration = Duration::from_millis(100);
const BUDGET_OF_MORE: Duration = Duration::from_millis(300);
/// What a page says while computers are still being read for the search.
const STILL: &str = "are still being read";
/// Most bytes of style sheet, script and icon together.
const ASSETS: usize = 60 * 1024;
/// Machines that share a join token.
const USES: usize = 200;
/// Machines that join and report at once.
const WORKERS: usize = 64;
/// Machines that go on reporting changes while pages are loaded.
const LIVELY: usize = 100;

/// Measures how long pages take with many machines in the store
#[derive(Debug, Parser)]
struct Options {
    /// How many machines
    #[arg(long, default_value_t = 10_000)]
    machines: usize,
    /// Packages a machine reports
    #[arg(long, default_value_t = 1000)]
    packages: usize,
    /// How often each page is loaded
    #[arg(long, default_value_t = 200)]
    loads: u32,
    /// Changes reported each second meanwhile
    #[arg(long, default_value_t = 5)]
    changes: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    allow_many_connections();
    match run(&Options::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("pages: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> anyhow::Result<bool> {
    let mut collector = TestCollector::start().await;
    let began = Instant::now();
    let lively = fill(&collector, options).await?;
    eprintln!("filled in {:.0} s", began.elapsed().as_secs_f64());
    let then = OffsetDateTime::now_utc()
        .replace_nanosecond(0)?
        .format(&Rfc3339)?;
    let browser = signed_in(&collector).await;
    collector.stop().await;
    let restart = collector.resume().await;
    let first = first_load(&browser).await?;
    let machine = lively.first().context("no machine")?.0.id.clone();
    let reporting = tokio::spawn(report_on(lively, options.changes));
    let mut table = Table::new([
        "page",
        "first byte p50",
        "p95",
        "p99",
        "last byte p50",
        "p95",
        "p99",
        "collector's CPU",
        "bytes",
        "if compressed",
    ]);
    let budget = if options.machines <= MANY {
        BUDGET
    } else {
        BUDGET_OF_MORE
    };
    let mut kept = true;
    let process = collector.process().id();
    let early = pages(&machine).into_iter().chain(past(&machine, &then));
    for (name, path) in early {
        let measured = Measured::of(&browser, process, &path, options.loads).await?;
        kept &= measured.last.at_most(95.0, budget);
        eprintln!("{name}: {} at p95", measured.last.percentile(95.0));
        table.row(measured.row(name)?);
    }
    for (name, path) in when_all_is_read(&browser).await? {
        let measured = Measured::of(&browser, process, &path, options.loads).await?;
        kept &= measured.last.at_most(95.0, budget);
        eprintln!("{name}: {} at p95", measured.last.percentile(95.0));
        table.row(measured.row(name)?);
    }
    reporting.abort();
    let assets = assets(&browser).await?;
    println!(
        "{} machines with {} packages each, {} changes reported a second, each page loaded {} times over a \
         kept HTTPS connection, on the same {}:\n",
        options.machines,
        options.packages,
        options.changes,
        options.loads,
        this_computer()
    );
    println!("{table}");
    println!(
        "Restart to serving: {:.2} s, the first page after it: {:.2} s. Style sheet, script and icon: {assets} bytes \
         as sent, loaded once. Collector's memory with everything read: {}.",
        restart.as_secs_f64(),
        first.as_secs_f64(),
        Usage::of(collector.process().id()).memory()
    );
    if !kept {
        eprintln!("pages: a page took longer than {budget:?} (p95 of the last byte)");
    }
    ensure!(
        assets <= ASSETS,
        "style sheet, script and icon are {assets} bytes, of {ASSETS} at most"
    );
    Ok(kept)
}

/// Lets machines join and report; answers with some that are still connected.
async fn fill(
    collector: &TestCollector,
    options: &Options,
) -> anyhow::Result<Vec<(Machine, Inventory)>> {
    let uses = USES.to_string();
    let lively = Arc::new(Mutex::new(Vec::new()));
    let mut tokens = Vec::new();
    for _ in 0..options.machines.div_ceil(USES) {
        let options = ["--uses", &uses, "--approve-in-advance"];
        tokens.push(collector.token(&options).await);
    }
    let workers = (0..WORKERS).map(|worker| {
        let (tokens, lively) = (tokens.clone(), lively.clone());
        let (target, machines, packages) = (collector.target(), options.machines, options.packages);
        tokio::spawn(async move {
            for index in (worker..machines).step_by(WORKERS) {
                let mut inventory = Inventory::new(index as u64);
                inventory.packages = packages;
                let seen_from = target.seen_from(u32::try_from(index)?);
                let token = &tokens[index / USES];
                let mut machine = Machine::join(seen_from, token, &inventory.host_name).await?;
                report(&mut machine, &inventory).await?;
                if index < LIVELY {
                    let mut lively = lively.lock().expect("no worker panicked");
                    lively.push((machine, inventory));
                }
            }
            anyhow::Ok(())
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    let mut lively = lively.lock().expect("no worker panicked");
    Ok(std::mem::take(&mut *lively))
}

async fn report(machine: &mut Machine, inventory: &Inventory) -> anyhow::Result<()> {
    let sections = inventory.sections();
    while let Err(refusal) = machine.report(&sections).await {
        wait_as_asked(refusal).await?;
    }
    Ok(())
}

/// Goes on reporting changes until it is stopped.
async fn report_on(mut lively: Vec<(Machine, Inventory)>, a_second: u32) -> anyhow::Result<()> {
    let mut beat = tokio::time::interval(Duration::from_secs(1) / a_second.max(1));
    loop {
        for (machine, inventory) in &mut lively {
            beat.tick().await;
            inventory.upgrade_a_package();
            if report(machine, inventory).await.is_err() {
                // The collector was restarted since.
                machine.disconnect();
            }
        }
    }
}

async fn first_load(browser: &Browser) -> anyhow::Result<Duration> {
    let visit = browser.connect().await?.visit("/").await?;
    ensure!(visit.status.is_success(), "the overview: {}", visit.status);
    Ok(visit.last_byte)
}

fn pages(machine: &str) -> Vec<(&'static str, String)> {
    let computer = format!("/computers/{machine}");
    [
        ("overview", "/"),
        ("findings", "/findings"),
        ("findings, unknown", "/findings?show=unknown"),
        ("computers", "/computers"),
        ("computers, page 26", "/computers?page=25"),
        ("computers, by status", "/computers?sort=-status"),
        ("computers, by last heard", "/computers?sort=seen"),
        ("computers, by system", "/computers?sort=system"),
        ("computers, one searched", "/computers?q=pc-00042"),
        ("computers, nothing found", "/computers?q=no-such-thing"),
        ("computers, unprotected", "/computers?show=unprotected"),
        ("changes", "/changes"),
        ("software", "/software"),
        ("software, searched", "/software?q=lib"),
        ("administrators", "/administrators"),
        ("search", "/search?q=pc-00042"),
        ("questions", "/questions"),
        ("add a computer", "/add"),
        ("settings", "/settings"),
        ("change the password", "/settings/password"),
        ("sign in", "/sign-in"),
    ]
    .map(|(name, path)| (name, path.to_owned()))
    .into_iter()
    .chain([
        ("a computer", computer.clone()),
        ("its software", format!("{computer}/sections/software")),
        ("its changes", format!("{computer}/changes")),
        ("renaming it", format!("{computer}/rename")),
    ])
    .collect()
}

/// What was true at a moment, and what is different since.
fn past(machine: &str, then: &str) -> Vec<(&'static str, String)> {
    [
        ("difference", "/difference?from="),
        ("computers, then", "/computers?at="),
        ("software, then", "/software?at="),
        ("administrators, then", "/administrators?at="),
    ]
    .map(|(name, path)| (name, format!("{path}{then}")))
    .into_iter()
    .chain([(
        "a computer, then",
        format!("/computers/{machine}?at={then}"),
    )])
    .collect()
}

/// What is found by name, when every computer has been read for it.
async fn when_all_is_read(browser: &Browser) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut connection = browser.connect().await?;
    loop {
        let page = connection.visit("/search?q=pc-00042").await?.body;
        if !String::from_utf8_lossy(&page).contains(STILL) {
            break;
        }
    }
    let software = connection.visit("/software").await?.body;
    let software = String::from_utf8_lossy(&software).into_owned();
    let mut links = software.split('"');
    let program = links.find(|it| it.starts_with("/software?name="));
    let program = program.context("no program is shown")?;
    Ok(vec![
        ("software, all read", "/software".to_owned()),
        ("a program, all read", program.replace("&amp;", "&")),
        ("search, all read", "/search?q=pc-00042".to_owned()),
        ("search for a number", "/search?q=00:1a:2b".to_owned()),
        ("search for a program", "/search?q=libgtk".to_owned()),
    ])
}

/// A page that was loaded often.
struct Measured {
    first: Times,
    last: Times,
    /// Of each load; what reports cost meanwhile is in it.
    cpu: Duration,
    body: Bytes,
}

impl Measured {
    async fn of(browser: &Browser, process: u32, path: &str, loads: u32) -> anyhow::Result<Self> {
        let mut connection = browser.connect().await?;
        let (mut first, mut last) = (Times::default(), Times::default());
        let mut body = Bytes::new();
        let before = Usage::of(process).cpu;
        for _ in 0..loads {
            let visit = connection.visit(path).await?;
            ensure!(visit.status.is_success(), "{path}: {}", visit.status);
            first.add(visit.first_byte);
            last.add(visit.last_byte);
            body = visit.body;
        }
        let cpu = Usage::of(process).cpu.saturating_sub(before) / loads.max(1);
        Ok(Self {
            first,
            last,
            cpu,
            body,
        })
    }

    fn row(&self, name: &str) -> anyhow::Result<[String; 10]> {
        let compressed = zstd::bulk::compress(&self.body, 3)?.len();
        Ok([
            name.to_owned(),
            self.first.percentile(50.0),
            self.first.percentile(95.0),
            self.first.percentile(99.0),
            self.last.percentile(50.0),
            self.last.percentile(95.0),
            self.last.percentile(99.0),
            format!("{:.1} ms", self.cpu.as_secs_f64() * 1000.0),
            self.body.len().to_string(),
            compressed.to_string(),
        ])
    }
}

/// Bytes of style sheet, script and icon as they are sent.
async fn assets(browser: &Browser) -> anyhow::Result<usize> {
    let mut connection = browser.connect().await?;
    let page = connection.visit("/sign-in").await?;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    let mut sum = 0;
    for path in text.split('"').filter(|it| it.starts_with("/assets/")) {
        sum += connection.visit(path).await?.body.len();
    }
    Ok(sum)
}
