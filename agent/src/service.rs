//! Running under a service manager: tells it that the agent is ready, alive and stopping.

#[cfg_attr(target_os = "linux", path = "service/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "service/unsupported.rs")]
mod manager;

pub(crate) use manager::{ready, step_back, stop_requested, stopping, watchdog};
