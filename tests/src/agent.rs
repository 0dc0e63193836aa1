//! A real agent with a state directory of its own.

use std::path::{Path, PathBuf};

use freehold_agent::identity::JoinString;
use tokio::process::Command;

use crate::{
    process::{Answer, Process, agent_program},
    sandbox::Sandbox,
};

/// A real agent.
#[derive(Debug)]
pub struct Agent {
    directory: PathBuf,
    program: PathBuf,
    process: Option<Process>,
    sandbox: Option<Sandbox>,
    clock: Option<String>,
}

impl Agent {
    /// An agent that keeps its state below `parent`.
    pub fn new(parent: &Path) -> Self {
        let directory = parent.join(format!("agent-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&directory).expect("a directory");
        let state = directory.join("state");
        let settings = format!(
            "state_directory = '{}'\njoin_file = '{}'\n",
            state.display(),
            directory.join("join").display()
        );
        std::fs::write(directory.join("agent.toml"), settings).expect("a settings file");
        Self {
            directory,
            program: agent_program(),
            process: None,
            sandbox: None,
            clock: None,
        }
    }

    /// Runs another build of it.
    #[must_use]
    pub fn built_as(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// Adds to its settings, before it is started.
    pub fn set(&self, settings: &str) {
        let file = self.directory.join("agent.toml");
        let text = std::fs::read_to_string(&file).expect("its settings");
        std::fs::write(file, text + settings).expect("its settings");
    }

    /// Lets it see a copy of this computer's files that a test can alter.
    #[must_use]
    pub fn inside(mut self, sandbox: Sandbox) -> Self {
        self.sandbox = Some(sandbox);
        self
    }

    /// Lets it see another copy from its next start on.
    pub fn move_to(&mut self, sandbox: Sandbox) {
        self.sandbox = Some(sandbox);
    }

    /// Lets it see a clock that is off, such as "-5y" or "+90d".
    #[must_use]
    pub fn with_clock(mut self, offset: &str) -> Self {
        self.set_clock(Some(offset));
        self
    }

    /// Lets it see another clock from its next start on.
    pub fn set_clock(&mut self, offset: Option<&str>) {
        self.clock = offset.map(str::to_owned);
    }

    /// Its state directory.
    pub fn state(&self) -> PathBuf {
        self.directory.join("state")
    }

    /// The file of its settings.
    pub fn settings(&self) -> PathBuf {
        self.directory.join("agent.toml")
    }

    /// Leaves a join string for it, as an installer does. Says where.
    pub fn hand(&self, text: &str) -> PathBuf {
        let file = self.directory.join("join");
        std::fs::write(&file, text).expect("a join string is left");
        file
    }

    /// A subcommand with its settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare_command(arguments);
        command.arg("--config").arg(self.settings());
        command
    }

    /// A subcommand that takes no settings, on the same computer.
    pub fn bare_command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.sandbox {
            Some(sandbox) => sandbox.command(&self.program),
            None => Command::new(&self.program),
        };
        if let Some(offset) = &self.clock {
            at_another_time(&mut command, offset);
        }
        command.args(arguments);
        command
    }

    /// Joins a collector.
    pub async fn join(&self, join: &JoinString) -> Answer {
        self.join_with(&join.encode()).await
    }

    /// Joins with any text.
    pub async fn join_with(&self, text: &str) -> Answer {
        Answer::of(self.command(&["join", text])).await
    }

    /// Starts to report.
    pub fn run(&mut self) {
        self.process = Some(Process::start(self.command(&["run"])));
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("it runs")
    }

    /// Asks it to stop and waits for its end.
    pub async fn stop(&mut self) {
        self.process.take().expect("it runs").stop().await;
    }

    /// Ends it without warning.
    pub async fn kill(&mut self) {
        self.process.take().expect("it runs").kill().await;
    }
}

/// Puts a program under a clock that is off. It is not run by `faketime` itself, which would get its signals.
pub(crate) fn at_another_time(command: &mut Command, offset: &str) {
    let faketime = std::process::Command::new("faketime")
        .args(["-f", offset, "printenv", "LD_PRELOAD"])
        .output()
        .expect("faketime");
    let library = String::from_utf8_lossy(&faketime.stdout).trim().to_owned();
    command.env("LD_PRELOAD", library).env("FAKETIME", offset);
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
}
