//! Programs under test as processes: what they print is kept, and none outlives its test.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
    sync::watch,
};

use crate::wait::eventually;

/// The collector's program.
pub fn collector_program() -> PathBuf {
    program("freehold-collector")
}

/// The agent's program.
pub fn agent_program() -> PathBuf {
    program("freehold-agent")
}

/// A program built beside this test: target/<profile>/deps/<test> -> target/<profile>/<name>.
pub fn program(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("the path of this program");
    let found = this
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|it| it.exists());
    found.unwrap_or_else(|| panic!("{name} is not built; run: cargo build --workspace --bins"))
}

/// A running program.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    output: Lines,
    errors: Lines,
}

/// What a program printed so far, by line.
#[derive(Clone, Debug)]
pub struct Lines {
    kept: Arc<Mutex<Vec<String>>>,
    /// Closed once nothing more can come.
    more: watch::Receiver<()>,
}

impl Lines {
    /// All lines.
    pub fn all(&self) -> Vec<String> {
        self.kept.lock().expect("no reader panicked").clone()
    }

    /// The rest of the first line that begins with `label: `.
    pub fn value(&self, label: &str) -> Option<String> {
        let lines = self.kept.lock().expect("no reader panicked");
        let value = lines
            .iter()
            .find_map(|line| line.strip_prefix(label)?.strip_prefix(": "));
        value.map(str::to_owned)
    }

    fn follow(source: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let (open, more) = watch::channel(());
        let kept = Arc::<Mutex<Vec<String>>>::default();
        let lines = kept.clone();
        tokio::spawn(async move {
            let mut reader = BufReader::new(source).lines();
            while let Ok(Some(line)) = reader.next_line().await {
                lines.lock().expect("no reader panicked").push(line);
            }
            drop(open);
        });
        Self { kept, more }
    }

    /// Waits until all of it is here, once its program has ended. What that one started may hold on to its output.
    async fn complete(&mut self) {
        let closed = async { while self.more.changed().await.is_ok() {} };
        let _ = tokio::time::timeout(Duration::from_secs(2), closed).await;
    }
}

impl Process {
    /// Starts a program.
    pub fn start(mut command: Command) -> Self {
        let name = format!("{:?}", command.as_std());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let output = Lines::follow(child.stdout.take().expect("its output"));
        let errors = Lines::follow(child.stderr.take().expect("its errors"));
        Self {
            child,
            name,
            output,
            errors,
        }
    }

    /// What it printed on stdout.
    pub fn output(&self) -> &Lines {
        &self.output
    }

    /// What it printed on stderr.
    pub fn errors(&self) -> &Lines {
        &self.errors
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Waits until it prints `label: VALUE` and answers with the value; panics when it ends before.
    pub async fn expect_line(&mut self, label: &str, limit: Duration) -> String {
        let (mut output, what) = (self.output.clone(), format!("'{label}: ...' is printed"));
        eventually(&what, limit, async || {
            let found = output.value(label);
            if found.is_none()
                && let Ok(Some(status)) = self.child.try_wait()
            {
                output.complete().await;
                self.errors.complete().await;
                panic!(
                    "{} ended with {status} instead of printing '{label}: ...'",
                    self.name
                );
            }
            found
        })
        .await
    }

    /// It has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self
            .child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
        {
            kill_process(pid, signal).expect("a signal");
        }
    }

    /// Waits for its end, and for what it printed until then.
    pub async fn ended(&mut self, limit: Duration) -> ExitStatus {
        let Ok(status) = tokio::time::timeout(limit, self.child.wait()).await else {
            panic!("{} still runs after {limit:?}", self.name);
        };
        self.output.complete().await;
        self.errors.complete().await;
        status.expect("its exit status")
    }

    /// Asks it to stop, as a service manager does, and expects that it does so in order.
    pub async fn stop(&mut self) {
        self.signal(Signal::TERM);
        let status = self.ended(Duration::from_secs(15)).await;
        assert!(
            status.success(),
            "{} ended with {status} when asked to stop",
            self.name
        );
    }

    /// Ends it without warning.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("a kill");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- {}", self.name);
            let (output, errors) = (self.output.all(), self.errors.all());
            for line in output.iter().chain(errors.iter().rev().take(60).rev()) {
                eprintln!("    {line}");
            }
        }
        let _ = self.child.start_kill();
        for _ in 0..200 {
            if !self.is_running() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        eprintln!("{} could not be ended", self.name);
    }
}

/// What a command that ran to its end answered.
#[derive(Debug)]
pub struct Answer {
    /// Exit status.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
}

impl Answer {
    /// Runs a command to its end.
    pub async fn of(command: Command) -> Self {
        Self::with_input(command, "").await
    }

    /// Runs a command to its end that is told something.
    pub async fn with_input(mut command: Command, input: &str) -> Self {
        let name = format!("{:?}", command.as_std());
        let pipes = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = pipes.kill_on_drop(true).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        if let Some(mut stdin) = child.stdin.take() {
            // A program that does not listen is no failure.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let limit = Duration::from_secs(180);
        let Ok(output) = tokio::time::timeout(limit, child.wait_with_output()).await else {
            panic!("{name} still runs after {limit:?}");
        };
        let output = output.expect("its output");
        Self {
            code: output.status.code().unwrap_or(-1),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Its output; panics when it failed.
    #[track_caller]
    pub fn expect(self) -> String {
        assert_eq!(self.code, 0, "it failed: {}{}", self.output, self.errors);
        self.output
    }

    /// Expects exit status 1 and one sentence on stderr that holds all of `parts`, and nothing like a panic.
    #[track_caller]
    pub fn refused(&self, parts: &[&str]) {
        assert_eq!(
            self.code, 1,
            "expected a refusal: {}{}",
            self.output, self.errors
        );
        assert!(
            !self.errors.contains("panicked"),
            "it panicked: {}",
            self.errors
        );
        let said = self.errors.to_lowercase();
        for part in parts {
            assert!(
                said.contains(&part.to_lowercase()),
                "no '{part}' in: {}",
                self.errors
            );
        }
    }
}
