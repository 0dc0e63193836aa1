//! Loads a collector with simulated machines that have real certificates and speak real TLS: they join,
//! report in full for the first time, check in unchanged, change, and come back after a restart. Prints a
//! table.

mod simulated;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use freehold_tests::{
    TestCollector,
    load::{Table, Usage, allow_many_connections, this_computer},
};
use tokio::task::JoinHandle;

use self::simulated::{Act, Outcome, Simulated, Work, join};

/// Machines that share a join token.
const USES: usize = 200;

/// Loads a collector with simulated machines and prints a table
#[derive(Debug, Parser)]
struct Options {
    /// How many machines
    #[arg(long, default_value_t = 1000)]
    machines: usize,
    /// How long unchanged machines check in at full rate
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// How many requests are under way at once
    #[arg(long, default_value_t = 128)]
    concurrency: usize,
    /// Packages a machine reports
    #[arg(long, default_value_t = 1000)]
    packages: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    allow_many_connections();
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("swarm: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> anyhow::Result<()> {
    let mut swarm = Swarm::new(TestCollector::start().await);
    swarm.join(options).await?;
    swarm.step("connect", Act::Connect).await?;
    swarm.remember("all connected");
    swarm.step("first full report", Act::Report).await?;
    swarm.remember("all have reported in full");
    let lasting = Duration::from_secs(options.seconds);
    swarm
        .step_of("unchanged check-in", Act::CheckIn, 1, lasting)
        .await?;
    swarm
        .step_of("a change on 1 % of them", Act::Change, 100, Duration::ZERO)
        .await?;
    swarm.collector.stop().await;
    let restart = swarm.collector.resume().await;
    swarm.step("connect after a restart", Act::Connect).await?;
    swarm.step("check in after it", Act::CheckIn).await?;
    swarm.remember("all are back after a restart and have checked in");
    swarm.verify(options).await?;
    println!(
        "{} machines with {} packages each, {} requests at once, collector and machines on the same {}:\n",
        options.machines,
        options.packages,
        options.concurrency,
        this_computer()
    );
    println!("{}", swarm.table);
    println!("Restart to serving: {:.2} s\n", restart.as_secs_f64());
    println!("{}", swarm.memory(options.machines));
    Ok(())
}

struct Swarm {
    collector: TestCollector,
    /// Each worker's machines.
    workers: Vec<Vec<Simulated>>,
    table: Table,
    /// Memory the collector held at some moments.
    remembered: Vec<(&'static str, Usage)>,
}

type Working = JoinHandle<anyhow::Result<(Vec<Simulated>, Outcome)>>;

impl Swarm {
    fn new(collector: TestCollector) -> Self {
        let table = Table::new([
            "step",
            "count",
            "a second",
            "p50",
            "p95",
            "p99",
            "collector's CPU",
            "collector's memory",
            "bytes each in TLS",
            "on the wire",
            "told to wait",
        ]);
        Self {
            collector,
            workers: Vec::new(),
            table,
            remembered: Vec::new(),
        }
    }

    async fn join(&mut self, options: &Options) -> anyhow::Result<()> {
        let mut tokens = Vec::new();
        let uses = USES.to_string();
        for _ in 0..options.machines.div_ceil(USES) {
            tokens.push(
                self.collector
                    .token(&["--uses", &uses, "--approve-in-advance"])
                    .await,
            );
        }
        let target = self.collector.target();
        let start = |worker| {
            let indices = (worker..options.machines).step_by(options.concurrency);
            let work = indices
                .map(|index| (index, tokens[index / USES].clone()))
                .collect();
            tokio::spawn(join(target, work, options.packages))
        };
        let measure = Measure::start(self);
        let working = (0..options.concurrency).map(start).collect();
        self.finish("join", working, measure).await
    }

    async fn step(&mut self, name: &str, act: Act) -> anyhow::Result<()> {
        self.step_of(name, act, 1, Duration::ZERO).await
    }

    async fn step_of(
        &mut self,
        name: &str,
        act: Act,
        every: usize,
        lasting: Duration,
    ) -> anyhow::Result<()> {
        let measure = Measure::start(self);
        let work = |machines| {
            tokio::spawn(
                Work {
                    machines,
                    act,
                    every,
                    lasting,
                }
                .run(),
            )
        };
        let working = self.workers.drain(..).map(work).collect();
        self.finish(name, working, measure).await
    }

    async fn finish(
        &mut self,
        name: &str,
        working: Vec<Working>,
        measure: Measure,
    ) -> anyhow::Result<()> {
        let mut total = Outcome::default();
        for worker in working {
            let (machines, outcome) = worker.await?.with_context(|| format!("'{name}' failed"))?;
            self.workers.push(machines);
            total.add(&outcome);
        }
        measure.row(self, name, &total);
        Ok(())
    }

    /// Notes the memory that the collector holds now.
    fn remember(&mut self, when: &'static str) {
        let usage = self.usage();
        self.remembered.push((when, usage));
    }

    /// The memory that was noted.
    fn memory(&self, machines: usize) -> Table {
        let mut table = Table::new(["when", "collector's memory", "a machine"]);
        for (when, usage) in &self.remembered {
            let each = usage.resident as f64 / 1024.0 / machines.max(1) as f64;
            table.row([(*when).to_owned(), usage.memory(), format!("{each:.1} KiB")]);
        }
        table
    }

    fn usage(&mut self) -> Usage {
        Usage::of(self.collector.process().id())
    }

    /// Bytes of all present connections: inside TLS, and on the wire.
    fn bytes(&self) -> [u64; 2] {
        let all = self.workers.iter().flatten().map(Simulated::bytes);
        all.fold([0, 0], |sum, bytes| [sum[0] + bytes[0], sum[1] + bytes[1]])
    }

    /// The collector knows every machine and everything it reported.
    async fn verify(&self, options: &Options) -> anyhow::Result<()> {
        let machines = self.collector.json(&["machine", "list"]).await;
        let active = machines.as_array().into_iter().flatten();
        let active = active
            .filter(|machine| machine["state"] == "ACTIVE")
            .count();
        ensure!(
            active == options.machines,
            "{active} of {} are active",
            options.machines
        );
        for simulated in self
            .workers
            .iter()
            .filter_map(|machines| machines.first())
            .take(10)
        {
            let shown = self.collector.show(simulated.id()).await;
            let packages = shown["sections"]["software"]["packages"]
                .as_array()
                .map_or(0, Vec::len);
            ensure!(
                packages == options.packages,
                "{} has {packages} packages",
                simulated.id()
            );
        }
        Ok(())
    }
}

/// What there was when a step began.
struct Measure {
    began: Instant,
    usage: Usage,
    bytes: [u64; 2],
}

impl Measure {
    fn start(swarm: &mut Swarm) -> Self {
        Self {
            usage: swarm.usage(),
            bytes: swarm.bytes(),
            began: Instant::now(),
        }
    }

    fn row(self, swarm: &mut Swarm, name: &str, outcome: &Outcome) {
        let took = self.began.elapsed();
        let usage = swarm.usage();
        let cpu = usage.cpu.saturating_sub(self.usage.cpu).as_secs_f64();
        let count = outcome.times.count();
        let bytes = swarm.bytes();
        // Connecting begins to count anew: then what was before does not matter.
        let each = |layer: usize| {
            let grown = bytes[layer]
                .checked_sub(self.bytes[layer])
                .unwrap_or(bytes[layer]);
            (grown / count.max(1)).to_string()
        };
        swarm.table.row([
            name.to_owned(),
            count.to_string(),
            format!("{:.0}", count as f64 / took.as_secs_f64()),
            outcome.times.percentile(50.0),
            outcome.times.percentile(95.0),
            outcome.times.percentile(99.0),
            format!("{cpu:.1} s ({:.0} %)", 100.0 * cpu / took.as_secs_f64()),
            usage.memory(),
            each(0),
            each(1),
            outcome.refusals.to_string(),
        ]);
    }
}
