//! A device of somebody who reads with the command line.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    TestCollector,
    process::{Answer, program},
};

/// A device with a place of its own for its keys.
#[derive(Debug)]
pub struct Reader {
    directory: TempDir,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A device that nobody has let in.
    pub fn new() -> Self {
        Self {
            directory: tempfile::Builder::new()
                .prefix("freehold-reader-")
                .tempdir()
                .expect("a directory"),
        }
    }

    /// Where it keeps its keys.
    pub fn config(&self) -> PathBuf {
        self.directory.path().join("freehold")
    }

    /// A place for whatever a test needs.
    pub fn scratch(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// The program `freehold` with this device's keys.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("freehold"));
        command.arg("--config").arg(self.config()).args(arguments);
        command
    }

    /// Runs it to its end.
    pub async fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments)).await
    }

    /// Runs it and reads the JSON it prints, also where it failed in part.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let answer = self.run(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&answer.output)
            .unwrap_or_else(|error| panic!("{error} in: {} {}", answer.output, answer.errors))
    }

    /// Accepts a code as the dashboard shows it.
    pub async fn accept(&self, collector: &TestCollector, code: &str, options: &[&str]) -> Answer {
        let command = self.command(&[&["accept"], options].concat());
        Answer::with_input(command, &format!("{}\n", leading_here(collector, code))).await
    }
}

/// A code as the dashboard shows it, for this computer: codes for others begin with other addresses than the loopback
/// one, on which the tests' collectors listen.
pub fn leading_here(collector: &TestCollector, code: &str) -> String {
    let here = collector.leading_here(&code.replacen("freehold-device1:", "freehold1:", 1));
    here.encode().replacen("freehold1:", "freehold-device1:", 1)
}
