//! What an agent costs the computer it reports on, and how soon a change is visible. Prints a table.

#![allow(
    clippy::expect_used,
    reason = "a measurement that cannot go on has failed"
)]

use std::{
    fmt::Write as _,
    fs,
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

/// Measures an agent that has nothing to do, and how soon a change reaches the collector
#[derive(Debug, Parser)]
struct Options {
    /// How long the idle agent is watched
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// How many changes are made
    #[arg(long, default_value_t = 5)]
    changes: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let collector = TestCollector::start().await;
    let mut table = Table::new(["what", "measured"]);
    let size = fs::metadata(agent_program()).map_or(0, |metadata| metadata.len());
    table.row([
        "agent's program".to_owned(),
        format!("{:.1} MiB", size as f64 / f64::from(1 << 20)),
    ]);
    idle(&collector, &options, &mut table).await;
    let collector = TestCollector::start().await;
    changes(&collector, &options, &mut table).await;
    println!("{}:\n\n{table}", this_computer());
    ExitCode::SUCCESS
}

async fn idle(collector: &TestCollector, options: &Options, table: &mut Table) {
    let mut agent = collector.agent().await;
    collector.only_machine().await;
    // The first report is behind it.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = Usage::of(agent.process().id());
    tokio::time::sleep(Duration::from_secs(options.seconds)).await;
    let after = Usage::of(agent.process().id());
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64() / options.seconds as f64;
    table.row(["idle agent, memory".to_owned(), after.memory()]);
    let label = format!("idle agent, CPU over {} s", options.seconds);
    table.row([label, format!("{:.3} %", cpu * 100.0)]);
    agent.stop().await;
}

async fn changes(collector: &TestCollector, options: &Options, table: &mut Table) {
    let Some(sandbox) = Sandbox::new(collector.scratch()) else {
        return;
    };
    let passwd = sandbox.path("/etc/passwd");
    let mut agent = Agent::new(collector.scratch()).inside(sandbox);
    agent.join(&collector.token(&[]).await).await.expect();
    agent.run();
    let id = collector.only_machine().await;
    let mut longest = Duration::ZERO;
    for change in 0..options.changes {
        let name = format!("measured{change}");
        let mut text = fs::read_to_string(&passwd).expect("the accounts");
        let uid = 60_000 + change;
        writeln!(text, "{name}:x:{uid}:0::/root:/bin/bash").expect("a string takes it");
        fs::write(&passwd, text).expect("written accounts");
        let began = Instant::now();
        collector
            .shows(
                &id,
                "the change is visible",
                Duration::from_secs(60),
                |machine| {
                    let accounts = machine["sections"]["accounts"]["accounts"].as_array()?;
                    accounts
                        .iter()
                        .find(|account| account["name"] == name.as_str())
                        .map(drop)
                },
            )
            .await;
        longest = longest.max(began.elapsed());
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    let label = format!("change until visible, slowest of {}", options.changes);
    table.row([label, format!("{:.2} s", longest.as_secs_f64())]);
    agent.stop().await;
}
