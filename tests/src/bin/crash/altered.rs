//! A computer whose packages come and go while its agent is killed, and what must hold of its timeline.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use freehold_agent::report::Version;
use freehold_proto::v1::{Software, section::Kind};
use freehold_tests::{Agent, TestCollector, process::Answer, sandbox::Sandbox};
use prost::Message as _;
use rand::RngExt as _;
use serde_json::Value;

/// A package whose version counts the changes.
const COUNTER: &str = "freehold-crash-counter";
/// A package that is there after every other change.
const VISITOR: &str = "freehold-crash-visitor";
const STATUS: &str = "/var/lib/dpkg/status";
/// Longest time until everything that was spooled is delivered: the agent backs off for two minutes at most.
const DELIVERED: Duration = Duration::from_secs(300);

/// Longest time until a change lies in the spool.
const SPOOLING: Duration = Duration::from_secs(60);

/// A computer that changes, its agent, and what of it was seen in the agent's spool.
pub(crate) struct Altered {
    agent: Agent,
    status: PathBuf,
    /// The package database without the two packages.
    rest: String,
    id: String,
    count: u32,
    /// Counts of the versions that lay in the spool as whole files: none may be missing in the end.
    spooled: BTreeSet<u32>,
    /// Counts that the collector's timeline has shown.
    shown: BTreeSet<u32>,
    pub(crate) kills: usize,
}

impl Altered {
    /// Lets the agent join; it has reported when this returns.
    pub(crate) async fn join(collector: &TestCollector) -> anyhow::Result<Self> {
        let sandbox = Sandbox::new(collector.scratch()).context("mount namespaces are needed")?;
        let status = sandbox.path(STATUS);
        let mut altered = Self {
            agent: Agent::new(collector.scratch()).inside(sandbox),
            rest: fs::read_to_string(&status)?,
            status,
            id: String::new(),
            count: 0,
            spooled: BTreeSet::new(),
            shown: BTreeSet::new(),
            kills: 0,
        };
        altered.change()?;
        let join = collector.token(&[]).await;
        altered.agent.join(&join).await.expect();
        altered.agent.run();
        altered.id = collector.only_machine().await;
        altered.shown.insert(altered.count);
        Ok(altered)
    }

    /// How often the computer was changed.
    pub(crate) fn changes(&self) -> u32 {
        self.count
    }

    /// How many versions were seen in the spool.
    pub(crate) fn spooled(&self) -> usize {
        self.spooled.len()
    }

    /// In a few words.
    pub(crate) fn tally(&self) -> String {
        format!(
            "{} changes, {} of them seen spooled, {} agents killed",
            self.count,
            self.spooled.len(),
            self.kills
        )
    }

    /// Changes the computer under a running collector; every other time the agent is killed meanwhile.
    pub(crate) async fn change_and_maybe_kill(&mut self) -> anyhow::Result<()> {
        self.change()?;
        if rand::random() {
            pause(500).await;
            self.kill_and_restart().await?;
        }
        Ok(())
    }

    /// Changes the computer while no collector is there. The agent sees it when it starts; it is killed
    /// again, perhaps before, perhaps while it puts the change into its spool.
    pub(crate) async fn change_offline(&mut self) -> anyhow::Result<()> {
        self.kill_and_restart().await?;
        let changes = rand::rng().random_range(0..4);
        for _ in 0..changes {
            self.change()?;
            self.kill_and_restart().await?;
            pause(1500).await;
            self.note_spooled()?;
        }
        if changes > 0 {
            self.wait_until_spooled().await?;
        }
        Ok(())
    }

    /// What the computer is now lies in the spool sooner or later: there is nobody to deliver it to.
    async fn wait_until_spooled(&mut self) -> anyhow::Result<()> {
        let until = Instant::now() + SPOOLING;
        while !self.spooled.contains(&self.count) {
            ensure!(
                Instant::now() < until,
                "change {} never came into the spool",
                self.count
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.note_spooled()?;
        }
        Ok(())
    }

    /// Kills the agent while it may be delivering.
    pub(crate) async fn kill_in_delivery(&mut self) -> anyhow::Result<()> {
        if rand::random() {
            pause(1500).await;
            self.kill_and_restart().await?;
        }
        Ok(())
    }

    async fn kill_and_restart(&mut self) -> anyhow::Result<()> {
        ensure!(self.agent.process().is_running(), "the agent has ended");
        self.note_spooled()?;
        self.agent.kill().await;
        self.kills += 1;
        // What lies there now is what the kill left.
        self.note_spooled()?;
        self.agent.run();
        Ok(())
    }

    /// Replaces the package database as dpkg does: with one that is complete.
    fn change(&mut self) -> anyhow::Result<()> {
        self.count += 1;
        let mut text = self.rest.clone();
        text.push_str(&installed(COUNTER, self.count));
        if self.count % 2 == 1 {
            text.push_str(&installed(VISITOR, 1));
        }
        let new = self.status.with_extension("new");
        fs::write(&new, text)?;
        fs::rename(&new, &self.status)?;
        Ok(())
    }

    /// Looks which whole versions lie in the spool. Once there, a version must reach the collector.
    fn note_spooled(&mut self) -> anyhow::Result<()> {
        for entry in fs::read_dir(self.agent.state().join("spool"))? {
            let path = entry?.path();
            if path.extension() != Some("version".as_ref()) {
                // Still being written: nobody was promised anything.
                continue;
            }
            // Delivered, and therefore removed, meanwhile.
            let Ok(bytes) = fs::read(path) else {
                continue;
            };
            let Some(version) = Version::decode(&bytes) else {
                continue;
            };
            if version.kind == Kind::Software {
                self.spooled.extend(count_of(&version)?);
            }
        }
        Ok(())
    }

    /// The timeline goes forward without a gap: each step begins where the one before it ended, and the
    /// package that comes and goes does so by turns.
    pub(crate) async fn verify(&mut self, collector: &TestCollector) -> anyhow::Result<()> {
        let shown = collector.show(&self.id).await;
        ensure!(
            shown["state"] == "ACTIVE",
            "the agent is {}",
            shown["state"]
        );
        let steps = steps(&shown);
        for pair in steps.windows(2) {
            let [(_, reached), (from, to)] = pair else {
                continue;
            };
            ensure!(
                from == reached && to > from,
                "the timeline goes from {reached} on with {from} -> {to}"
            );
        }
        self.shown.extend(steps.iter().map(|(_, to)| *to));
        let visits = visits(&shown);
        let by_turns = visits.windows(2).all(|pair| pair[0] != pair[1]);
        ensure!(
            by_turns,
            "{VISITOR} comes or goes twice in a row: {visits:?}"
        );
        Ok(())
    }

    /// After all kills the collector knows what the agent sees, and everything that was spooled.
    pub(crate) async fn settle(&mut self, collector: &TestCollector) -> anyhow::Result<()> {
        self.change()?;
        self.kill_and_restart().await?;
        let began = Instant::now();
        loop {
            self.verify(collector).await?;
            let missing: Vec<_> = self.spooled.difference(&self.shown).collect();
            let seen = collector.show(&self.id).await;
            let agrees = packages(&seen) == packages(&self.truth().await?);
            if agrees && missing.is_empty() {
                break;
            }
            ensure!(
                began.elapsed() < DELIVERED,
                "the collector lacks what lay in the spool: {missing:?}; it knows the packages: {agrees}"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.agent.stop().await;
        Ok(())
    }

    async fn truth(&self) -> anyhow::Result<Value> {
        let snapshot = ["snapshot", "--section", "software", "--format", "json"];
        let output = Answer::of(self.agent.bare_command(&snapshot))
            .await
            .expect();
        Ok(serde_json::from_str(&output)?)
    }
}

async fn pause(longest_ms: u64) {
    let millis = rand::rng().random_range(0..longest_ms);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

fn installed(name: &str, version: u32) -> String {
    format!(
        "\nPackage: {name}\nStatus: install ok installed\nArchitecture: all\n\
        Maintainer: Nobody <nobody@example.org>\nVersion: {version}\nDescription: made by a test\n"
    )
}

fn packages(shown: &Value) -> &Value {
    &shown["sections"]["software"]["packages"]
}

fn count_of(version: &Version) -> anyhow::Result<Option<u32>> {
    let body = zstd::bulk::decompress(&version.frame, version.size as usize)?;
    let software = Software::decode(&*body)?;
    let mut packages = software.packages.iter();
    let counter = packages.find(|package| package.name == COUNTER);
    Ok(counter.and_then(|package| package.version.parse().ok()))
}

/// Sentences of the timeline, oldest first.
fn sentences(shown: &Value) -> Vec<&str> {
    let changes = shown["changes"].as_array().map(Vec::as_slice);
    let newest_first = changes.unwrap_or_default().iter();
    newest_first
        .rev()
        .filter_map(|change| change["summary"].as_str())
        .collect()
}

/// Each step of the counter.
fn steps(shown: &Value) -> Vec<(u32, u32)> {
    let step = |sentence: &str| {
        let (from, to) = sentence
            .strip_prefix("package ")?
            .strip_prefix(COUNTER)?
            .trim()
            .split_once(" -> ")?;
        Some((from.parse().ok()?, to.parse().ok()?))
    };
    sentences(shown).into_iter().filter_map(step).collect()
}

/// Whether the visitor was added or removed, in turn.
fn visits(shown: &Value) -> Vec<&str> {
    sentences(shown)
        .into_iter()
        .filter(|sentence| sentence.contains(VISITOR))
        .collect()
}
