//! Ends a collector and an agent with SIGKILL at random moments under load, again and again, and proves
//! each time that the store opens and that everything acknowledged is there. Prints a table.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use freehold_agent::{identity::JoinString, snapshot::Collected};
use freehold_proto::v1::{
    Software,
    section::{Kind, Status},
    software::{Package, package},
};
use freehold_tests::{
    Agent, Machine, TestCollector, eventually,
    load::{Table, this_computer},
    machine::section,
    process::{Answer, Process, agent_program},
    wire::Target,
};
use rand::RngExt as _;
use serde_json::Value;
use tokio::{process::Command, task::JoinSet};

/// The package whose version counts what a machine sent.
const COUNTER: &str = "counter";
/// Versions a machine sends in its life: less than a machine may in a day.
const VERSIONS: u32 = 20;
/// Machines that may join in a round: more than do.
const USES: &str = "5000";

/// Kills a collector and an agent at random moments and proves that nothing acknowledged is lost
#[derive(Debug, Parser)]
struct Options {
    /// How many times the collector is killed
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// How many machines report at once
    #[arg(long, default_value_t = 6)]
    machines: usize,
    /// Longest time between a start and its kill, in milliseconds
    #[arg(long, default_value_t = 1500)]
    longest: u64,
}

/// What a machine was told is durable: the number of its last version, 0 when only its joining is.
type Acknowledged = BTreeMap<String, u32>;

#[derive(Default)]
struct Tally {
    acknowledged: Acknowledged,
    agent_kills: usize,
    slowest_start: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crash: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut collector = TestCollector::start().await;
    let mut agent = collector.agent().await;
    let mut tally = Tally::default();
    for round in 1..=options.rounds {
        let reported = one_round(&mut collector, &mut agent, options, &mut tally).await?;
        verify(&collector, &reported)
            .await
            .with_context(|| format!("after kill {round}"))?;
        tally.acknowledged.extend(reported);
        eprintln!(
            "kill {round} of {}: {} machines",
            options.rounds,
            tally.acknowledged.len()
        );
    }
    verify(&collector, &tally.acknowledged)
        .await
        .context("at the end")?;
    the_agent_reports_the_truth(&collector, &mut agent).await?;
    let versions: u32 = tally.acknowledged.values().sum();
    let mut table = Table::new([
        "kills of the collector",
        "kills of the agent",
        "machines joined",
        "versions acknowledged",
        "lost",
        "slowest start",
        "took",
    ]);
    table.row([
        options.rounds.to_string(),
        tally.agent_kills.to_string(),
        tally.acknowledged.len().to_string(),
        versions.to_string(),
        "0".to_owned(),
        format!("{:.2} s", tally.slowest_start.as_secs_f64()),
        format!("{:.0} s", began.elapsed().as_secs_f64()),
    ]);
    println!("{}:\n\n{table}", this_computer());
    Ok(())
}

/// Lets machines join and report until the collector is killed under them, and starts it again.
async fn one_round(
    collector: &mut TestCollector,
    agent: &mut Agent,
    options: &Options,
    tally: &mut Tally,
) -> anyhow::Result<Acknowledged> {
    let token = collector
        .token(&["--uses", USES, "--approve-in-advance"])
        .await;
    let mut machines = JoinSet::new();
    for index in 0..options.machines {
        let target = collector.target().seen_from(index as u32);
        machines.spawn(report_until_cut_off(target, token.clone(), index));
    }
    let lives = rand::rng().random_range(20..options.longest.max(21));
    tokio::time::sleep(Duration::from_millis(lives)).await;
    if rand::random() {
        agent.kill().await;
        agent.run();
        tally.agent_kills += 1;
    }
    collector.kill().await;
    let mut acknowledged = Acknowledged::new();
    while let Some(machine) = machines.join_next().await {
        acknowledged.extend(machine?);
    }
    if rand::random_ratio(1, 4) {
        kill_while_starting(collector).await;
    }
    tally.slowest_start = tally.slowest_start.max(collector.resume().await);
    Ok(acknowledged)
}

/// A start that is cut off at a random moment, recovery included.
async fn kill_while_starting(collector: &TestCollector) {
    let mut starting = Process::start(collector.serve());
    let lives = rand::rng().random_range(0..400);
    tokio::time::sleep(Duration::from_millis(lives)).await;
    starting.kill().await;
}

/// Lets one machine after the other join and send version after version, without a pause, until the
/// collector is gone; answers with what was acknowledged.
async fn report_until_cut_off(target: Target, join: JoinString, index: usize) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    while let Ok(mut machine) = Machine::join(target, &join, &format!("crash-{index}")).await {
        acknowledged.insert(machine.id.clone(), 0);
        for version in 1..=VERSIONS {
            if machine.upload(&[counting(version)]).await.is_err() {
                return acknowledged;
            }
            acknowledged.insert(machine.id.clone(), version);
        }
    }
    acknowledged
}

fn counting(version: u32) -> Collected {
    let package = Package {
        name: COUNTER.to_owned(),
        version: version.to_string(),
        source: package::Source::Dpkg.into(),
        ..Package::default()
    };
    let status = Status::Complete.into();
    section(
        Kind::Software,
        &Software {
            status,
            packages: vec![package],
            ..Software::default()
        },
    )
}

/// Every machine is known, its last acknowledged version or a later one is current, and each step up to
/// it stands in its timeline.
async fn verify(collector: &TestCollector, acknowledged: &Acknowledged) -> anyhow::Result<()> {
    for (id, &last) in acknowledged {
        let shown = collector.show(id).await;
        ensure!(
            shown["state"] == "ACTIVE",
            "{id} has joined but is {}",
            shown["state"]
        );
        let current = current_version(&shown);
        ensure!(
            current >= last,
            "{id} was told that {last} is durable, but {current} is there"
        );
        let changes = shown["changes"].as_array().cloned().unwrap_or_default();
        for version in 2..=last {
            let step = format!("package {COUNTER} {} -> {version}", version - 1);
            let found = changes
                .iter()
                .any(|change| change["summary"] == step.as_str());
            ensure!(found, "'{step}' of {id} is missing from its timeline");
        }
    }
    Ok(())
}

fn current_version(shown: &Value) -> u32 {
    let version = shown["sections"]["software"]["packages"][0]["version"].as_str();
    version
        .and_then(|version| version.parse().ok())
        .unwrap_or(0)
}

/// After all kills the agent still has its identity, and the collector knows what the agent sees.
async fn the_agent_reports_the_truth(
    collector: &TestCollector,
    agent: &mut Agent,
) -> anyhow::Result<()> {
    ensure!(agent.process().is_running(), "the agent has ended");
    let mut snapshot = Command::new(agent_program());
    snapshot.args(["snapshot", "--section", "software", "--format", "json"]);
    let output = Answer::of(snapshot);
    let truth: Value = serde_json::from_str(&output.await.expect())?;
    let truth = &truth["sections"]["software"]["packages"];
    eventually(
        "the collector knows what the agent sees",
        Duration::from_secs(60),
        async || {
            let machines = collector.json(&["machine", "list"]).await;
            let machines = machines.as_array()?.clone();
            let own = machines.iter().find(|machine| {
                !machine["name"]
                    .as_str()
                    .unwrap_or_default()
                    .starts_with("crash-")
            })?;
            let shown = collector.show(own["id"].as_str()?).await;
            (&shown["sections"]["software"]["packages"] == truth).then_some(())
        },
    )
    .await;
    Ok(())
}
