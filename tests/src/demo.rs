//! The demo: `quickstart --demo` in a directory of its own, with its owner signed in.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    Browser,
    process::{Answer, Process, collector_program},
};

/// How long making it may take in a build for debugging, on a busy computer.
const MADE: Duration = Duration::from_secs(180);

const PASSWORD: &str = "correct horse battery staple";

/// A demo that runs.
#[derive(Debug)]
pub struct Demo {
    process: Option<Process>,
    directory: TempDir,
    dashboard: String,
    /// What it printed when it was made.
    pub printed: Vec<String>,
    /// How long it took until its dashboard could be opened.
    pub took: Duration,
}

impl Demo {
    /// Makes one and starts it.
    pub async fn start() -> Self {
        let directory = tempfile::Builder::new().prefix("freehold-demo-").tempdir();
        let mut demo = Self {
            process: None,
            directory: directory.expect("a directory"),
            dashboard: String::new(),
            printed: Vec::new(),
            took: Duration::ZERO,
        };
        demo.resume().await;
        demo
    }

    /// Starts it (again) on the same data.
    pub async fn resume(&mut self) {
        let began = Instant::now();
        let mut process = Process::start(self.quickstart(&["--demo"]));
        self.dashboard = process.expect_line("Dashboard", MADE).await;
        self.took = began.elapsed();
        self.printed = process.output().all();
        self.process = Some(process);
    }

    /// Asks it to stop and waits for its end.
    pub async fn stop(&mut self) {
        self.process.take().expect("it runs").stop().await;
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("demo")
    }

    /// `quickstart` on its data directory.
    pub fn quickstart(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&["quickstart"]);
        command.args([
            "--listen",
            "127.0.0.1:0",
            "--dashboard-listen",
            "127.0.0.1:0",
        ]);
        command.arg("--no-browser").args(arguments);
        command
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

    /// The identifier of the computer that its owner calls so.
    pub async fn computer(&self, name: &str) -> String {
        let machines = self.json(&["machine", "list"]).await;
        let mut machines = machines.as_array().into_iter().flatten();
        let machine =
            machines.find(|machine| machine["name"] == name && machine["state"] != "RETIRED");
        let id = machine.and_then(|machine| machine["id"].as_str());
        id.unwrap_or_else(|| panic!("no {name}")).to_owned()
    }

    /// Address of its dashboard.
    pub fn dashboard(&self) -> &str {
        &self.dashboard
    }

    /// A browser in which its owner is signed in.
    pub async fn owner(&mut self) -> Browser {
        let process = self.process.as_mut().expect("it runs");
        let code = process.expect_line("Set-up code", MADE).await;
        let mut browser = Browser::new(&self.dashboard);
        let form = [
            ("code", code.as_str()),
            ("name", "Owner"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        let set_up = browser.submit("/setup", &form).await;
        assert!(set_up.status.is_redirection(), "{}", set_up.text);
        browser
    }
}
