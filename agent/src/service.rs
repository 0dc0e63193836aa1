//! Running under a service manager: tells it that a program is ready, alive and stopping. The collector uses it too.

#[cfg_attr(target_os = "linux", path = "service/linux.rs")]
#[cfg_attr(windows, path = "service/windows.rs")]
#[cfg_attr(
    not(any(target_os = "linux", windows)),
    path = "service/unsupported.rs"
)]
mod manager;
#[cfg(any(windows, test))]
mod moderation;

pub(crate) use manager::{START, step_back, watchdog};
pub use manager::{complain, host, log, ready, stop_requested, stopping};

/// A program that may be run by a service manager.
#[derive(Debug)]
pub struct Program {
    /// As it is called on a command line.
    pub command: &'static str,
    /// Name of its service on Windows, as its MSI installs it.
    pub service: &'static str,
    /// Name in sentences and of the source of its events on Windows, as its MSI registers it.
    pub title: &'static str,
}

/// The agent.
pub(crate) const AGENT: Program = Program {
    command: "freehold-agent",
    service: "FreeholdAgent",
    title: "Freehold agent",
};

/// Exit status, for a service manager alone, of an agent that it would start again in vain: what sysexits.h calls
/// a configuration error.
pub(crate) const NEEDS_A_PERSON: u8 = 78;
