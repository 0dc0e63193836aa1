//! Simulated machines and what they are told to do.

use std::time::{Duration, Instant};

use freehold_agent::identity::JoinString;
use freehold_proto::v1::SectionSummary;
use freehold_tests::{
    Inventory, Machine,
    load::{Times, wait_as_asked},
    machine::summary,
    wire::Target,
};
use tonic::Status;

/// A machine with what it reports.
pub(crate) struct Simulated {
    machine: Machine,
    index: usize,
    inventory: Inventory,
    summaries: Vec<SectionSummary>,
}

/// What a machine can be told to do.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    Connect,
    Report,
    CheckIn,
    Change,
}

impl Simulated {
    /// Its identifier.
    pub(crate) fn id(&self) -> &str {
        &self.machine.id
    }

    /// Bytes of its present connection: inside TLS, and on the wire.
    pub(crate) fn bytes(&self) -> [u64; 2] {
        [
            self.machine.meter.application.total(),
            self.machine.meter.wire.total(),
        ]
    }

    async fn act(&mut self, act: Act) -> Result<(), Status> {
        match act {
            Act::Connect => {
                let connected = self.machine.connect().await;
                connected.map_err(|error| Status::aborted(format!("{error:#}")))
            }
            Act::Report => self.report().await,
            Act::CheckIn => self.check_in().await,
            Act::Change => {
                self.inventory.upgrade_a_package();
                self.report().await
            }
        }
    }

    async fn report(&mut self) -> Result<(), Status> {
        let sections = self.inventory.sections();
        self.summaries = sections.iter().map(|section| summary(section, 0)).collect();
        self.machine.report(&sections).await.map(drop)
    }

    async fn check_in(&mut self) -> Result<(), Status> {
        let answer = self
            .machine
            .check_in_with(self.summaries.clone(), None)
            .await?;
        if answer.wanted.is_empty() {
            Ok(())
        } else {
            Err(Status::data_loss(
                "the collector lacks what it acknowledged",
            ))
        }
    }
}

/// What was done in a step.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) times: Times,
    pub(crate) refusals: u64,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: &Self) {
        self.times.merge(&other.times);
        self.refusals += other.refusals;
    }
}

/// Lets machines join, one after the other.
pub(crate) async fn join(
    target: Target,
    work: Vec<(usize, JoinString)>,
    packages: usize,
) -> anyhow::Result<(Vec<Simulated>, Outcome)> {
    let mut outcome = Outcome::default();
    let mut machines = Vec::with_capacity(work.len());
    for (index, token) in work {
        let mut inventory = Inventory::new(index as u64);
        inventory.packages = packages;
        let target = target.seen_from(index as u32);
        let began = Instant::now();
        let machine = Machine::join(target, &token, &inventory.host_name).await?;
        outcome.times.add(began.elapsed());
        machines.push(Simulated {
            machine,
            index,
            inventory,
            summaries: Vec::new(),
        });
    }
    Ok((machines, outcome))
}

/// A worker's share of a step. It never has more than one request under way.
pub(crate) struct Work {
    pub(crate) machines: Vec<Simulated>,
    pub(crate) act: Act,
    /// Only every so many machines take part.
    pub(crate) every: usize,
    /// How long it goes round; once when zero.
    pub(crate) lasting: Duration,
}

impl Work {
    pub(crate) async fn run(mut self) -> anyhow::Result<(Vec<Simulated>, Outcome)> {
        let (act, every) = (self.act, self.every);
        let began = Instant::now();
        let mut outcome = Outcome::default();
        loop {
            for simulated in self.machines.iter_mut().filter(|it| it.index % every == 0) {
                let asked = Instant::now();
                while let Err(refusal) = simulated.act(act).await {
                    wait_as_asked(refusal).await?;
                    outcome.refusals += 1;
                }
                outcome.times.add(asked.elapsed());
                if !self.lasting.is_zero() && began.elapsed() >= self.lasting {
                    break;
                }
            }
            if self.machines.is_empty() || began.elapsed() >= self.lasting {
                return Ok((self.machines, outcome));
            }
        }
    }
}
