//! Programs that are asked for facts: without input, environment or shell, and not for long.

mod trust;

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(super) use trust::{Untrusted, command};

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
    let until = Instant::now() + time;
    let mut child = command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        // A folder that no program can make, not even one that runs as root.
        .env("HOME", "/dev/null")
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
    let mut success = false;
    let answer = listen(&mut child, until, most);
    if answer.is_err() {
        end(&mut child);
        bury(child);
    } else {
        // It has ended by itself.
        success = child.wait().is_ok_and(|status| status.success());
    }
    match answer {
        Ok((stdout, stderr)) => Ok(Output {
            success,
            stdout,
            stderr,
        }),
        Err(Silence::TooLong) => Err(RunError::TooLong { program, most }),
        Err(Silence::TooLate) => Err(RunError::TimedOut {
            program,
            seconds: time.as_secs(),
        }),
        Err(Silence::Failed(source)) => Err(RunError::Read { program, source }),
    }
}

/// Why an answer was not heard to its end.
enum Silence {
    TooLong,
    TooLate,
    Failed(io::Error),
}

impl From<io::Error> for Silence {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// Reads both outputs and waits for the end of the program. A program that closes its outputs and stays,
/// or leaves a child behind that keeps them open, is not waited for any longer than any other.
fn listen(child: &mut Child, until: Instant, most: usize) -> Result<(Vec<u8>, Vec<u8>), Silence> {
    let stdout = child.stdout.take().map(OwnedFd::from);
    let stderr = child.stderr.take().map(OwnedFd::from);
    let mut outputs = [Pipe::new(stdout, most), Pipe::new(stderr, ERROR_BYTES)];
    while outputs.iter().any(|pipe| pipe.from.is_some()) {
        let left = until
            .checked_duration_since(Instant::now())
            .ok_or(Silence::TooLate)?;
        for ready in readable(&outputs, left)? {
            outputs[ready].read()?;
        }
        if outputs[0].over {
            return Err(Silence::TooLong);
        }
    }
    ended(child, until)?;
    let [stdout, stderr] = outputs;
    Ok((stdout.bytes, stderr.bytes))
}

/// One output of a program.
struct Pipe {
    /// Absent once it has ended.
    from: Option<OwnedFd>,
    bytes: Vec<u8>,
    most: usize,
    /// It said more than is kept.
    over: bool,
}

impl Pipe {
    fn new(from: Option<OwnedFd>, most: usize) -> Self {
        Self {
            from,
            bytes: Vec::new(),
            most,
            over: false,
        }
    }

    /// Takes over what is there. What is too much is read and forgotten, so that the program can go on.
    fn read(&mut self) -> io::Result<()> {
        let Some(from) = &self.from else {
            return Ok(());
        };
        let mut buffer = [0; 16 * 1024];
        match rustix::io::read(from, &mut buffer) {
            Ok(0) => self.from = None,
            Ok(length) => {
                let space = self.most.saturating_sub(self.bytes.len()).min(length);
                self.bytes.extend_from_slice(&buffer[..space]);
                self.over |= space < length;
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// The outputs that have something to read, or have ended.
fn readable(outputs: &[Pipe; 2], longest: Duration) -> io::Result<Vec<usize>> {
    let open: Vec<(usize, BorrowedFd<'_>)> = outputs
        .iter()
        .enumerate()
        .filter_map(|(index, pipe)| Some((index, pipe.from.as_ref()?.as_fd())))
        .collect();
    let mut waiting: Vec<_> = open
        .iter()
        .map(|(_, pipe)| PollFd::from_borrowed_fd(*pipe, PollFlags::IN))
        .collect();
    let longest = Timespec {
        tv_sec: i64::try_from(longest.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: longest.subsec_nanos().into(),
    };
    match poll(&mut waiting, Some(&longest)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ready = open.iter().zip(&waiting);
    Ok(ready
        .filter(|(_, waiting)| !waiting.revents().is_empty())
        .map(|((index, _), _)| *index)
        .collect())
}

/// Waits for the end of a program that has nothing more to say.
fn ended(child: &mut Child, until: Instant) -> Result<(), Silence> {
    let mut pause = Duration::from_millis(1);
    while child.try_wait()?.is_none() {
        if Instant::now() >= until {
            return Err(Silence::TooLate);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    Ok(())
}

/// Takes the exit status of a program that was ended. One that cannot be killed, waiting in the kernel for a
/// device for example, is waited for by a thread of its own.
fn bury(mut child: Child) {
    const SOON: Duration = Duration::from_millis(200);
    let until = Instant::now() + SOON;
    while Instant::now() < until {
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    // Without the thread it stays unburied: that costs an entry in the table of processes, nothing more.
    let _ = std::thread::Builder::new()
        .name("undertaker".into())
        .stack_size(64 * 1024)
        .spawn(move || child.wait());
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
    fn a_program_that_closes_its_outputs_and_stays_is_ended() {
        let start = Instant::now();
        let script = "echo out; exec >&- 2>&-; sleep 60";
        let result = run(&mut shell(script), Duration::from_millis(200), 100);
        assert!(matches!(result, Err(RunError::TimedOut { .. })));
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_child_that_left_the_group_and_keeps_the_outputs_open_is_not_waited_for() {
        let start = Instant::now();
        // It outlives the program on purpose; it ends by itself.
        let script = "setsid sleep 3 & echo out";
        let result = run(&mut shell(script), Duration::from_millis(300), 100);
        assert!(matches!(result, Err(RunError::TimedOut { .. })));
        assert!(start.elapsed() < Duration::from_secs(2));
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
    fn a_flood_of_errors_does_not_stop_the_answer() {
        let script = "head -c 300000 /dev/zero >&2; echo out";
        let output = run(&mut shell(script), Duration::from_secs(10), 100).unwrap();
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr.len(), ERROR_BYTES);
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(
            &mut Command::new("/dev/null/rpm"),
            Duration::from_secs(1),
            1,
        )
        .unwrap_err();
        assert!(error.to_string().contains("/dev/null/rpm"));
    }

    #[test]
    fn the_environment_stays_behind() {
        let output = run(&mut shell("env"), Duration::from_secs(10), 10_000).unwrap();
        assert!(!String::from_utf8_lossy(&output.stdout).contains("CARGO"));
    }
}
