//! The worker as a process of its own, from the collector's own program.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::{
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// The hidden subcommand of the worker.
pub(crate) const SUBCOMMAND: &str = "query-worker";

/// Bytes of what a worker says when it fails that are kept.
const LAST_WORDS: u64 = 4 * 1024;

/// Where workers run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Launcher {
    /// Each in a process of its own.
    #[default]
    Process,
    /// On threads of this process, for tests whose program is no collector.
    #[cfg(test)]
    Thread,
    /// Each in a process of its own, of the collector's program that was built beside the tests'.
    #[cfg(test)]
    Beside,
}

/// A worker. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Running(Option<Child>);

/// Where a question goes.
pub(super) type Input = Box<dyn Write + Send>;
/// Where the answer comes from.
pub(super) type Output = Box<dyn Read + Send>;

impl Launcher {
    /// Starts a worker.
    pub(super) fn start(self) -> io::Result<(Running, Input, Output)> {
        match self {
            Self::Process => process(system::program()?),
            #[cfg(test)]
            Self::Beside => process(beside()?),
            #[cfg(test)]
            Self::Thread => {
                let (theirs, ours) = io::pipe()?;
                let (answers, said) = io::pipe()?;
                super::worker::within(theirs, said);
                Ok((Running(None), Box::new(ours), Box::new(answers)))
            }
        }
    }
}

/// The collector's program that was built with the same settings as the tests that run.
#[cfg(test)]
pub(super) fn beside() -> io::Result<PathBuf> {
    let tests = std::env::current_exe()?;
    let folder = tests.parent().and_then(std::path::Path::parent);
    let folder = folder.ok_or(io::ErrorKind::NotFound)?;
    Ok(folder.join(format!(
        "freehold-collector{}",
        std::env::consts::EXE_SUFFIX
    )))
}

fn process(program: PathBuf) -> io::Result<(Running, Input, Output)> {
    let mut command = Command::new(program);
    command
        .arg(SUBCOMMAND)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    system::prepare(&mut command);
    let mut child = command.spawn()?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let running = Running(Some(child));
    let (Some(input), Some(output), Some(errors)) = pipes else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    thread::Builder::new()
        .name("question".into())
        .spawn(move || repeat(errors))?;
    Ok((running, Box::new(input), Box::new(output)))
}

/// Writes what a worker complains of into the log.
fn repeat(errors: impl Read) {
    let mut words = Vec::new();
    let _ = errors.take(LAST_WORDS).read_to_end(&mut words);
    if !words.is_empty() {
        let words = String::from_utf8_lossy(&words);
        let words = crate::cli::table::printable(words.trim());
        tracing::warn!(%words, "the process that answers a question complained");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            // What was killed ends at once.
            let _ = child.wait();
        }
    }
}
