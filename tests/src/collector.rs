//! A real collector in a directory of its own.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use freehold_agent::identity::JoinString;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    Agent, Browser, Machine,
    agent::at_another_time,
    power::{Disk, Unflushed},
    process::{Answer, Process, collector_program},
    wait::eventually,
    wire::Target,
};

/// How long a start may take on a busy computer.
const START: Duration = Duration::from_secs(60);

/// How long a first report may take on a busy computer.
const REPORTED: Duration = Duration::from_secs(60);

/// Sections of a full report.
const SECTIONS: usize = 8;

/// A real collector that serves on loopback.
#[derive(Debug)]
pub struct TestCollector {
    process: Option<Process>,
    directory: TempDir,
    port: u16,
    dashboard_port: u16,
    dashboard: String,
    arguments: Vec<String>,
    passphrase: String,
    disk: Option<Disk>,
    clock: Option<String>,
    environment: Vec<(String, String)>,
}

impl TestCollector {
    /// Makes an authority and a store in a new directory and serves them.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more arguments for `serve`.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let mut collector = Self::initialised(arguments).await;
        collector.resume().await;
        collector
    }

    /// Made, but not started.
    pub async fn initialised(arguments: &[&str]) -> Self {
        let mut collector = Self::unmade(arguments);
        collector.make().await;
        collector
    }

    /// A directory without a collector in it.
    pub fn unmade(arguments: &[&str]) -> Self {
        Self {
            process: None,
            directory: tempfile::Builder::new()
                .prefix("freehold-test-")
                .tempdir()
                .expect("a directory"),
            port: free_port(),
            dashboard_port: free_port(),
            dashboard: String::new(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            passphrase: String::new(),
            disk: None,
            clock: None,
            environment: Vec::new(),
        }
    }

    /// Lets it see a clock that is off, such as "-90d", from its next start on.
    pub fn set_clock(&mut self, offset: Option<&str>) {
        self.clock = offset.map(str::to_owned);
    }

    /// Lets it see a variable of the environment from its next start on.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Lays its data on a disk whose power can be cut: before it is made or started.
    pub fn lay_on_a_disk(&mut self) {
        self.disk = Some(Disk::holding(&self.data(), self.scratch()));
    }

    /// Makes the collector.
    pub async fn make(&mut self) {
        self.make_with(Command::new(collector_program())).await;
    }

    /// Made years ago: its authority has been valid for long.
    pub async fn made_long_ago() -> Self {
        let mut collector = Self::unmade(&[]);
        let mut faked = Command::new("faketime");
        faked.args(["-f", "-2y"]).arg(collector_program());
        collector.make_with(faked).await;
        collector.resume().await;
        collector
    }

    async fn make_with(&mut self, mut program: Command) {
        // A join string that names loopback addresses only would not be handed out.
        let here = format!("127.0.0.1:{}", self.port);
        program.args(["init", "--name", "Test Practice", "--address", &here]);
        program
            .args(["--address", "collector.invalid:7443", "--data"])
            .arg(self.data());
        self.followed(&mut program);
        let output = Answer::of(program).await.expect();
        let line = output
            .lines()
            .find_map(|line| line.strip_prefix("Owner kit passphrase: "));
        line.expect("a passphrase").clone_into(&mut self.passphrase);
    }

    /// What opens its owner kit.
    pub fn passphrase(&self) -> String {
        self.passphrase.clone()
    }

    /// Starts it (again) on the same data and the same ports; answers with how long that took.
    pub async fn resume(&mut self) -> Duration {
        let began = Instant::now();
        let mut process = Process::start(self.serve());
        process.expect_line("Agents", START).await;
        let took = began.elapsed();
        self.dashboard = process.expect_line("Dashboard", START).await;
        self.process = Some(process);
        took
    }

    /// The command that serves.
    pub fn serve(&self) -> Command {
        let mut command = self.command(&["serve"]);
        command.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        command.args([
            "--dashboard-listen",
            &format!("127.0.0.1:{}", self.dashboard_port),
        ]);
        command.args(&self.arguments);
        command.envs(self.environment.iter().cloned());
        self.followed(&mut command);
        if let Some(offset) = &self.clock {
            at_another_time(&mut command, offset);
        }
        command
    }

    /// A subcommand that writes to its data itself, with its flushes followed.
    pub fn followed_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        self.followed(&mut command);
        command
    }

    fn followed(&self, command: &mut Command) {
        if let Some(disk) = &self.disk {
            disk.follow(command);
        }
    }

    /// Asks it to stop and waits for its end.
    pub async fn stop(&mut self) {
        self.process.take().expect("it runs").stop().await;
    }

    /// Ends it without warning. What it wrote stays, flushed or not: see [`TestCollector::cut_power`].
    pub async fn kill(&mut self) {
        self.process.take().expect("it runs").kill().await;
    }

    /// Ends it as a power cut does.
    pub async fn cut_power(&mut self, unflushed: Unflushed) {
        self.kill().await;
        self.lose(unflushed);
    }

    /// While it does not run: takes away what it wrote and did not flush.
    pub fn lose(&self, unflushed: Unflushed) {
        let disk = self.disk.as_ref().expect("its data lies on a disk");
        disk.cut(unflushed);
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("it runs")
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// A directory beside its data, for whatever a test needs.
    pub fn scratch(&self) -> &Path {
        self.directory.path()
    }

    /// Where agents find it.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// Where simulated machines find it.
    pub fn target(&self) -> Target {
        Target::new(self.address())
    }

    /// Address of its dashboard.
    pub fn dashboard(&self) -> &str {
        &self.dashboard
    }

    /// A browser that shows its dashboard.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.dashboard)
    }

    /// A subcommand on its data directory.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(collector_program());
        command.args(arguments).arg("--data").arg(self.data());
        command
    }

    /// Runs a subcommand to its end.
    pub async fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments)).await
    }

    /// Runs a subcommand that answers in JSON.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat()).await.expect();
        serde_json::from_str(&output).unwrap_or_else(|error| panic!("{error} in: {output}"))
    }

    /// Makes a join token; `options` are those of `token create`. It leads here: join strings for other
    /// computers leave loopback addresses out.
    pub async fn token(&self, options: &[&str]) -> JoinString {
        let output = self
            .run(&[&["token", "create"], options].concat())
            .await
            .expect();
        self.leading_here(output.trim())
    }

    /// A join string, with this collector's address in it.
    pub fn leading_here(&self, text: &str) -> JoinString {
        let join: JoinString = text
            .parse()
            .unwrap_or_else(|error| panic!("{error}: {text}"));
        JoinString {
            addresses: vec![self.address().to_string()],
            ..join
        }
    }

    /// Lets a simulated machine join.
    pub async fn machine(&self, name: &str) -> Machine {
        let join = self.token(&[]).await;
        Machine::join(self.target(), &join, name)
            .await
            .expect("it joins")
    }

    /// Lets a real agent join and run.
    pub async fn agent(&self) -> Agent {
        let mut agent = Agent::new(self.scratch());
        agent.join(&self.token(&[]).await).await.expect();
        agent.run();
        agent
    }

    /// What it knows about a machine.
    pub async fn show(&self, id: &str) -> Value {
        self.json(&["machine", "show", id]).await
    }

    /// Sentences of a machine's timeline, newest first.
    pub async fn changes(&self, id: &str) -> Vec<String> {
        let shown = self.show(id).await;
        let changes = shown["changes"].as_array().cloned().unwrap_or_default();
        changes
            .iter()
            .filter_map(|change| Some(change["summary"].as_str()?.to_owned()))
            .collect()
    }

    /// Waits until the only machine it knows is there and has reported; answers with its identifier.
    pub async fn only_machine(&self) -> String {
        eventually(
            "a machine is listed and has reported",
            REPORTED,
            async || {
                let machines = self.json(&["machine", "list"]).await;
                let [machine] = machines.as_array()?.as_slice() else {
                    return None;
                };
                let id = machine["id"].as_str()?.to_owned();
                let shown = self.show(&id).await;
                (shown["sections"].as_object()?.len() == SECTIONS).then_some(id)
            },
        )
        .await
    }

    /// Waits until it shows a machine in a way that satisfies `look`.
    pub async fn shows<T>(
        &self,
        id: &str,
        what: &str,
        limit: Duration,
        look: impl Fn(&Value) -> Option<T>,
    ) -> T {
        eventually(what, limit, async || look(&self.show(id).await)).await
    }
}

impl Drop for TestCollector {
    fn drop(&mut self) {
        self.process = None;
        let left = leftovers(self.directory.path());
        if !std::thread::panicking() {
            assert!(left.is_empty(), "still running: {left:?}");
        }
    }
}

/// Command lines of processes that name a directory.
fn leftovers(directory: &Path) -> Vec<String> {
    let directory = directory.display().to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
        .filter(|line| line.contains(&directory))
        .collect()
}

/// A port that was free a moment ago. Fixed, so that agents find a restarted collector.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
