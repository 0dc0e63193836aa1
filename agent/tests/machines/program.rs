//! The agent as a process of its own, which has to end in time.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Longest time a snapshot of a small root may take, however busy the computer is.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// The agent's program.
pub(crate) fn agent() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_freehold-agent"))
}

/// Whether the test runs as root; else says what is not tested.
pub(crate) fn is_root(what: &str) -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("NOT TESTED: {what}, which only root can");
    }
    root
}

/// Whether a program is installed; else says what is not tested.
pub(crate) fn has(program: &str, what: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("NOT TESTED: {what}: {program} is not installed");
    }
    found
}

/// The arguments of a snapshot in JSON; of all sections when none is named.
pub(crate) fn arguments<'a>(root: Option<&'a Path>, sections: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["snapshot", "--format", "json"];
    if let Some(root) = root {
        arguments.extend(["--root", root.to_str().unwrap()]);
    }
    for section in sections {
        arguments.extend(["--section", section]);
    }
    arguments
}

/// The sections of a root. The program has to succeed in time.
pub(crate) fn sections(root: &Path, sections: &[&str]) -> Value {
    let mut command = Command::new(agent());
    command.args(arguments(Some(root), sections));
    parsed(&run(&mut command, DEADLINE).unwrap())
}

/// The sections that a successful run printed.
pub(crate) fn parsed(outcome: &Outcome) -> Value {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let mut answer: Value = serde_json::from_slice(&outcome.stdout).unwrap();
    answer["sections"].take()
}

/// Runs a program to its end; `None`, after killing it, when it does not end in time.
pub(crate) fn run(command: &mut Command, deadline: Duration) -> Option<Outcome> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = drain(child.stdout.take().unwrap());
    let stderr = drain(child.stderr.take().unwrap());
    let code = wait(&mut child, deadline)?;
    Some(Outcome {
        code,
        stdout: stdout.join().unwrap(),
        stderr: String::from_utf8_lossy(&stderr.join().unwrap()).into_owned(),
    })
}

fn drain(mut pipe: impl std::io::Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

fn wait(child: &mut Child, deadline: Duration) -> Option<Option<i32>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status.code());
        }
        if started.elapsed() > deadline {
            let _ = child.kill();
            return None;
        }
        thread::sleep(Duration::from_millis(1));
    }
}
