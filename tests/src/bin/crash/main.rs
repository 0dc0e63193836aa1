//! Ends a collector and an agent at random moments under load, again and again, and proves each time that the
//! store opens and that everything acknowledged is there. The collector loses its power: of what it did not
//! flush, nothing or torn pages are left. The agent gets SIGKILL, while packages come and go on its computer, so
//! that its spool has something to lose. Prints a table.

mod altered;

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
    Machine, TestCollector,
    load::{Table, this_computer},
    machine::section,
    power::Unflushed,
    process::Process,
    wire::Target,
};
use rand::RngExt as _;
use serde_json::Value;
use tokio::task::JoinSet;

use altered::Altered;

/// The package whose version counts what a machine sent.
const COUNTER: &str = "counter";
/// Versions a machine sends in its life: less than a machine may in a day.
const VERSIONS: u32 = 20;
/// Machines that may join in a round: more than do.
const USES: &str = "5000";

/// Cuts a collector's power and kills an agent at random moments; proves that nothing acknowledged is lost
#[derive(Debug, Parser)]
struct Options {
    /// How many times the collector's power is cut
    #[arg(long, default_value_t = 100)]
    rounds: usize,
    /// How many machines report at once
    #[arg(long, default_value_t = 6)]
    machines: usize,
    /// Longest time between a start and its end, in milliseconds
    #[arg(long, default_value_t = 1500)]
    longest: u64,
}

/// What a machine was told is durable: the number of its last version, 0 when only its joining is.
type Acknowledged = BTreeMap<String, u32>;

#[derive(Default)]
struct Tally {
    acknowledged: Acknowledged,
    slowest_start: Duration,
    /// Power cuts that left torn pages.
    torn: usize,
}

impl Tally {
    /// What the next power cut leaves.
    fn next(&mut self) -> Unflushed {
        if rand::random() {
            self.torn += 1;
            Unflushed::Torn
        } else {
            Unflushed::Lost
        }
    }
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
    let mut collector = TestCollector::unmade(&[]);
    collector.lay_on_a_disk();
    collector.make().await;
    collector.lose(Unflushed::Lost);
    collector.resume().await;
    let mut altered = Altered::join(&collector).await?;
    let mut tally = Tally::default();
    for round in 1..=options.rounds {
        let reported = one_round(&mut collector, &mut altered, options, &mut tally).await?;
        verify(&collector, &reported)
            .await
            .with_context(|| format!("after power cut {round}"))?;
        tally.acknowledged.extend(reported);
        altered
            .verify(&collector)
            .await
            .with_context(|| format!("after power cut {round}"))?;
        eprintln!(
            "power cut {round} of {}: {} machines, {}",
            options.rounds,
            tally.acknowledged.len(),
            altered.tally()
        );
    }
    verify(&collector, &tally.acknowledged)
        .await
        .context("at the end")?;
    altered.settle(&collector).await?;
    print(options, &tally, &altered, began.elapsed());
    Ok(())
}

fn print(options: &Options, tally: &Tally, altered: &Altered, took: Duration) {
    let versions: u32 = tally.acknowledged.values().sum();
    let mut table = Table::new(["what", "count"]);
    let rows = [
        ("power cuts of the collector", options.rounds.to_string()),
        ("... that left torn pages", tally.torn.to_string()),
        ("machines joined", tally.acknowledged.len().to_string()),
        ("versions acknowledged to them", versions.to_string()),
        ("... of which lost", "0".to_owned()),
        ("kills of the real agent", altered.kills.to_string()),
        ("changes of its computer", altered.changes().to_string()),
        ("versions seen in its spool", altered.spooled().to_string()),
        ("... of which lost or out of order", "0".to_owned()),
        (
            "slowest start",
            format!("{:.2} s", tally.slowest_start.as_secs_f64()),
        ),
        ("took", format!("{:.0} s", took.as_secs_f64())),
    ];
    for (what, count) in rows {
        table.row([what.to_owned(), count]);
    }
    println!("{}:\n\n{table}", this_computer());
}

/// Lets machines join and report until the collector's power is cut under them, and starts it again.
async fn one_round(
    collector: &mut TestCollector,
    altered: &mut Altered,
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
    altered.change_and_maybe_kill().await?;
    let unflushed = tally.next();
    collector.cut_power(unflushed).await;
    let mut acknowledged = Acknowledged::new();
    while let Some(machine) = machines.join_next().await {
        acknowledged.extend(machine?);
    }
    altered.change_offline().await?;
    if rand::random_ratio(1, 4) {
        kill_while_starting(collector, unflushed).await;
    }
    tally.slowest_start = tally.slowest_start.max(collector.resume().await);
    altered.kill_in_delivery().await?;
    Ok(acknowledged)
}

/// A start that is cut off at a random moment, recovery included.
async fn kill_while_starting(collector: &TestCollector, unflushed: Unflushed) {
    let mut starting = Process::start(collector.serve());
    let lives = rand::rng().random_range(0..400);
    tokio::time::sleep(Duration::from_millis(lives)).await;
    starting.kill().await;
    collector.lose(unflushed);
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
