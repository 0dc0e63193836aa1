//! Running under a service manager: tells it that the agent is ready, alive and stopping.

#[cfg_attr(target_os = "linux", path = "service/linux.rs")]
#[cfg_attr(windows, path = "service/windows.rs")]
#[cfg_attr(
    not(any(target_os = "linux", windows)),
    path = "service/unsupported.rs"
)]
mod manager;
#[cfg(any(windows, test))]
mod moderation;

pub(crate) use manager::{
    START, complain, host, log, ready, step_back, stop_requested, stopping, watchdog,
};

/// Exit status, for a service manager alone, of an agent that it would start again in vain: what sysexits.h calls
/// a configuration error.
pub(crate) const NEEDS_A_PERSON: u8 = 78;
