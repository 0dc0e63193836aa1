//! Elsewhere there is no service manager to tell.

use std::{io, process::ExitCode};

use tracing_subscriber::layer::Identity;

/// What starts a service.
pub(crate) const START: &str = "freehold-agent run";

/// Runs the work where this process was started. Ends with the exit status that the work answers.
pub(crate) fn host(work: impl FnOnce() -> u8 + Send + 'static) -> ExitCode {
    ExitCode::from(work().min(1))
}

/// Says why the agent ends, where somebody will read it.
pub(crate) fn complain(sentence: &str) {
    eprintln!("freehold-agent: {sentence}");
}

/// Standard error is the log; there is no other.
pub(crate) fn log() -> Option<Identity> {
    None
}

pub(crate) fn step_back() {}

pub(crate) fn ready() {}

pub(crate) fn stopping() {}

pub(crate) async fn watchdog() {
    std::future::pending().await
}

pub(crate) async fn stop_requested() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
