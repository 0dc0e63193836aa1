//! systemd, and signals.

use std::{io, process::ExitCode};

use sd_notify::NotifyState;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::interval,
};
use tracing_subscriber::layer::Identity;

use super::Program;

/// What starts the service.
pub(crate) const START: &str = "systemctl start freehold-agent";

/// Runs the work where this process was started. Ends with the exit status that the work answers; a person who
/// started it is told 0 or 1.
// How systemd tells a process that it is a service, as sd_notify reads it; no setting of the program's.
#[allow(clippy::disallowed_methods)]
pub fn host(_program: &'static Program, work: impl FnOnce() -> u8 + Send + 'static) -> ExitCode {
    let is_service = std::env::var_os("NOTIFY_SOCKET").is_some();
    let status = work();
    ExitCode::from(if is_service { status } else { status.min(1) })
}

/// Says why a program ends, where somebody will read it.
pub fn complain(program: &Program, sentence: &str) {
    eprintln!("{}: {sentence}", program.command);
}

/// Standard error is the log; there is no other.
pub fn log() -> Option<Identity> {
    None
}

/// Leaves the processor and the disks to others. Before any thread is started.
pub(crate) fn step_back() {
    if let Err(error) = crate::sys::priority::step_back() {
        tracing::debug!(%error, "the agent runs with ordinary priority");
    }
}

/// Tells that the program is set up.
pub fn ready() {
    notify(NotifyState::Ready);
}

/// Tells that the program is about to end.
pub fn stopping() {
    notify(NotifyState::Stopping);
}

/// Shows systemd that the agent's one thread is not stuck, where the unit asks for that.
pub(crate) async fn watchdog() {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let mut beat = interval((limit / 2).max(std::time::Duration::from_millis(100)));
    loop {
        beat.tick().await;
        notify(NotifyState::Watchdog);
    }
}

/// From now on somebody can ask the program to stop; the future waits until they do.
pub fn stop_requested() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "the service manager was not told");
    }
}
