//! Programs that are asked for facts: without input, environment or rights, and not for long.

use std::{
    io::{self, Read},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

/// Longest error output kept.
const ERROR_BYTES: usize = 16 * 1024;

/// What a program said.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) success: bool,
    pub(super) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Output {
    /// The first line of what it complained about. Warnings do not count.
    pub(super) fn errors(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.stderr);
        let mut lines = text.lines().map(str::trim);
        let error = lines.find(|line| !line.is_empty() && !line.starts_with("warning:"))?;
        Some(error.to_owned())
    }

    /// The first line of its error output, warnings included.
    pub(super) fn first_words(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.stderr);
        let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.to_owned())
    }
}

/// Why a program could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error("the program {program} could not be started: {source}")]
    Start { program: String, source: io::Error },
    #[error("the program {program} gave no answer within {seconds} seconds")]
    TimedOut { program: String, seconds: u64 },
    #[error("the program {program} answered with more than {most} bytes")]
    TooLong { program: String, most: usize },
    #[error("the answer of the program {program} could not be read: {source}")]
    Read { program: String, source: io::Error },
}

/// Runs a program to its end, or ends it with all it started.
pub(super) fn run(command: &mut Command, time: Duration, most: usize) -> Result<Output, RunError> {
    use std::os::unix::process::CommandExt as _;
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| RunError::Start {
            program: program.clone(),
            source,
        })?;
    let answer = collect(&mut child, time, most);
    if !matches!(answer, Ok(Answer { over: false, .. })) {
        end(&mut child);
    }
    let success = child.wait().is_ok_and(|status| status.success());
    match answer {
        Ok(Answer { over: true, .. }) => Err(RunError::TooLong { program, most }),
        Ok(Answer { stdout, stderr, .. }) => Ok(Output {
            success,
            stdout,
            stderr,
        }),
        Err(None) => Err(RunError::TimedOut {
            program,
            seconds: time.as_secs(),
        }),
        Err(Some(source)) => Err(RunError::Read { program, source }),
    }
}

struct Answer {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    over: bool,
}

/// Reads both outputs to their end; `Err(None)` when that takes too long.
fn collect(child: &mut Child, time: Duration, most: usize) -> Result<Answer, Option<io::Error>> {
    let stdout = reader(child.stdout.take(), most)?;
    let stderr = reader(child.stderr.take(), ERROR_BYTES)?;
    let receive = |from: &mpsc::Receiver<io::Result<Vec<u8>>>| match from.recv_timeout(time) {
        Ok(bytes) => bytes.map_err(Some),
        Err(RecvTimeoutError::Timeout) => Err(None),
        Err(RecvTimeoutError::Disconnected) => Err(Some(io::ErrorKind::BrokenPipe.into())),
    };
    let stdout = receive(&stdout)?;
    let over = stdout.len() > most;
    let stderr = if over { Vec::new() } else { receive(&stderr)? };
    Ok(Answer {
        stdout,
        stderr,
        over,
    })
}

/// Reads a pipe on a thread of its own, one byte further than allowed.
fn reader(
    pipe: Option<impl Read + Send + 'static>,
    most: usize,
) -> Result<mpsc::Receiver<io::Result<Vec<u8>>>, Option<io::Error>> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name("program output".into())
        .stack_size(128 * 1024)
        .spawn(move || {
            let mut bytes = Vec::new();
            let result = pipe.map_or(Ok(0), |pipe| {
                pipe.take(most as u64 + 1).read_to_end(&mut bytes)
            });
            // Nobody listens any more once the time is over.
            let _ = sender.send(result.map(|_| bytes));
        })
        .map_err(Some)?;
    Ok(receiver)
}

fn end(child: &mut Child) {
    let group = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // It may have ended by itself in the meantime.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_errors_are_told_apart() {
        let script = "echo out; echo 'warning: w' >&2; echo 'error: e' >&2; exit 3";
        let output = run(&mut shell(script), Duration::from_secs(10), 100).unwrap();
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.errors().as_deref(), Some("error: e"));
        assert!(!output.success);
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_its_children() {
        let start = Instant::now();
        let result = run(
            &mut shell("sleep 60 & sleep 60"),
            Duration::from_millis(200),
            100,
        );
        assert!(matches!(result, Err(RunError::TimedOut { .. })));
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_program_that_talks_without_end_is_ended() {
        let result = run(
            &mut shell("while :; do echo aaaaaaaa; done"),
            Duration::from_secs(10),
            1000,
        );
        assert!(matches!(result, Err(RunError::TooLong { most: 1000, .. })));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(
            &mut Command::new("/nonexistent/rpm"),
            Duration::from_secs(1),
            1,
        )
        .unwrap_err();
        assert!(error.to_string().contains("/nonexistent/rpm"));
    }

    #[test]
    fn the_environment_stays_behind() {
        let output = run(&mut shell("env"), Duration::from_secs(10), 10_000).unwrap();
        assert!(!String::from_utf8_lossy(&output.stdout).contains("CARGO"));
    }
}
