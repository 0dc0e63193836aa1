//! Elsewhere there is no service manager to tell.

use std::{io, process::ExitCode};

use tracing_subscriber::layer::Identity;

use super::Program;

/// What starts a service.
pub(crate) const START: &str = "freehold-agent run";

/// Runs the work where this process was started. Ends with the exit status that the work answers.
pub fn host(_program: &'static Program, work: impl FnOnce() -> u8 + Send + 'static) -> ExitCode {
    ExitCode::from(work().min(1))
}

/// Says why a program ends, where somebody will read it.
pub fn complain(program: &Program, sentence: &str) {
    eprintln!("{}: {sentence}", program.command);
}

/// Standard error is the log; there is no other.
pub fn log() -> Option<Identity> {
    None
}

pub(crate) fn step_back() {}

/// Tells nobody.
pub fn ready() {}

/// Tells nobody.
pub fn stopping() {}

pub(crate) async fn watchdog() {
    std::future::pending().await
}

/// Somebody can ask the program to stop; the future waits until they do.
pub fn stop_requested() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Nobody can ask.
            std::future::pending::<()>().await;
        }
    })
}
