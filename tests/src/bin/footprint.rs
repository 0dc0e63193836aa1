//! What an agent costs the computer it reports on, at rest, after many changes and in a storm of them, and
//! how soon a change is visible. Prints a table.

#![allow(
    clippy::expect_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use freehold_tests::{
    Agent, TestCollector,
    load::{Table, Usage, this_computer},
    process::agent_program,
    sandbox::Sandbox,
};

/// A package whose version counts the changes.
const COUNTER: &str = "freehold-measured";

/// Measures an agent that has nothing to do, and one that has much
#[derive(Debug, Parser)]
struct Options {
    /// The agent's program [default: the one beside this one]
    #[arg(long, value_name = "FILE")]
    agent: Option<PathBuf>,
    /// How long the idle agent is watched
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// How long it is left alone before that, in seconds, once it has reported
    #[arg(long, value_name = "SECONDS", default_value_t = 90)]
    settle: u64,
    /// How many changes are timed
    #[arg(long, default_value_t = 5)]
    changes: usize,
    /// How many changes of a day are made in about a minute and a half
    #[arg(long, default_value_t = 2000)]
    day: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let program = options.agent.clone().unwrap_or_else(agent_program);
    let mut table = Table::new(["what", "measured"]);
    let bytes = fs::metadata(&program).map_or(0, |metadata| metadata.len());
    table.row([
        "agent's program".to_owned(),
        format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
    ]);
    idle(&program, &options, &mut table).await;
    let Some(mut site) = Site::start(&program).await else {
        return ExitCode::FAILURE;
    };
    latency(&mut site, &options, &mut table).await;
    day(&mut site, &options, &mut table).await;
    site.agent.stop().await;
    println!("{}:\n\n{table}", this_computer());
    ExitCode::SUCCESS
}

/// An agent that has reported a computer whose files can be altered.
struct Site {
    collector: TestCollector,
    sandbox: Sandbox,
    agent: Agent,
    id: String,
}

impl Site {
    async fn start(program: &Path) -> Option<Self> {
        let collector = TestCollector::start().await;
        let sandbox = Sandbox::new(collector.scratch())?;
        let mut agent = joined(&collector, program, Some(sandbox.clone())).await;
        agent.run();
        let id = collector.only_machine().await;
        Some(Self {
            collector,
            sandbox,
            agent,
            id,
        })
    }

    fn usage(&mut self) -> Usage {
        Usage::of(self.agent.process().id())
    }
}

async fn joined(collector: &TestCollector, program: &Path, sandbox: Option<Sandbox>) -> Agent {
    let mut agent = Agent::new(collector.scratch()).built_as(program);
    if let Some(sandbox) = sandbox {
        agent = agent.inside(sandbox);
    }
    agent.join(&collector.token(&[]).await).await.expect();
    agent
}

async fn idle(program: &Path, options: &Options, table: &mut Table) {
    let collector = TestCollector::start().await;
    let mut agent = joined(&collector, program, None).await;
    agent.run();
    collector.only_machine().await;
    // The first report is behind it; what it searches at its start may go on.
    tokio::time::sleep(Duration::from_secs(options.settle)).await;
    let before = Usage::of(agent.process().id());
    let label = format!(
        "CPU from the start to {} s after the first report",
        options.settle
    );
    table.row([label, format!("{:.2} s", before.cpu.as_secs_f64())]);
    tokio::time::sleep(Duration::from_secs(options.seconds)).await;
    let after = Usage::of(agent.process().id());
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64() / options.seconds as f64;
    table.row(["idle agent, memory".to_owned(), after.memory()]);
    let label = format!("idle agent, CPU over the next {} s", options.seconds);
    table.row([label, format!("{:.3} %", cpu * 100.0)]);
    agent.stop().await;
}

async fn latency(site: &mut Site, options: &Options, table: &mut Table) {
    let passwd = site.sandbox.path("/etc/passwd");
    let mut longest = Duration::ZERO;
    for change in 0..options.changes {
        let name = format!("measured{change}");
        let mut text = fs::read_to_string(&passwd).expect("the accounts");
        let uid = 60_000 + change;
        writeln!(text, "{name}:x:{uid}:0::/root:/bin/bash").expect("a string takes it");
        fs::write(&passwd, text).expect("written accounts");
        let began = Instant::now();
        let limit = Duration::from_secs(60);
        site.collector
            .shows(&site.id, "the change is visible", limit, |machine| {
                let accounts = machine["sections"]["accounts"]["accounts"].as_array()?;
                let mut accounts = accounts.iter();
                accounts
                    .find(|account| account["name"] == name.as_str())
                    .map(drop)
            })
            .await;
        longest = longest.max(began.elapsed());
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    let label = format!("change until visible, slowest of {}", options.changes);
    table.row([label, format!("{:.2} s", longest.as_secs_f64())]);
}

/// As many changes as a machine sees in a day: packages, and every fiftieth time accounts.
async fn day(site: &mut Site, options: &Options, table: &mut Table) {
    let status = site.sandbox.path("/var/lib/dpkg/status");
    let group = site.sandbox.path("/etc/group");
    let packages = fs::read_to_string(&status).expect("packages");
    let groups = fs::read_to_string(&group).expect("groups");
    let before = site.usage();
    let began = Instant::now();
    for change in 1..=options.day {
        let new = status.with_extension("new");
        fs::write(&new, packages.clone() + &counted(change)).expect("written packages");
        fs::rename(&new, &status).expect("renamed packages");
        if change % 50 == 0 {
            let text = format!("{groups}measured{change}:x:60000:\n");
            fs::write(&group, text).expect("written groups");
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let took = began.elapsed();
    let last = options.day.to_string();
    let limit = Duration::from_secs(120);
    site.collector
        .shows(&site.id, "the last change is visible", limit, |machine| {
            let packages = machine["sections"]["software"]["packages"].as_array()?;
            let mut packages = packages.iter();
            let counter = packages.find(|package| package["name"] == COUNTER)?;
            (counter["version"] == last.as_str()).then_some(())
        })
        .await;
    let visible = began.elapsed().saturating_sub(took);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = site.usage();
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
    let label = format!("memory before {} changes", options.day);
    table.row([label, before.memory()]);
    let label = format!("memory after {} changes", options.day);
    table.row([label, after.memory()]);
    let seconds = took.as_secs_f64();
    let label = format!("CPU while they came in {seconds:.0} s");
    table.row([label, format!("{cpu:.2} s, {:.1} %", cpu / seconds * 100.0)]);
    let label = "the last of them until visible".to_owned();
    table.row([label, format!("{:.1} s", visible.as_secs_f64())]);
}

fn counted(version: usize) -> String {
    format!(
        "\nPackage: {COUNTER}\nStatus: install ok installed\nArchitecture: all\n\
        Maintainer: Nobody <nobody@example.org>\nVersion: {version}\nDescription: measured\n"
    )
}
