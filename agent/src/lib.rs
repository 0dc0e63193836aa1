//! Reports what a computer is made of to the collector of the business that owns it.
//!
//! The flow is one-way: a [`probe`] reads one subject, [`snapshot`] encodes it as a section with a
//! digest, [`report`] delivers what changed. [`identity`] holds the key and certificate that say who
//! this machine is. The agent has no ears: nothing it receives makes it run, fetch or change anything.

pub mod cli;
pub mod clock;
pub mod config;
pub mod identity;
mod order;
pub mod parse;
pub mod probe;
pub mod report;
pub mod rows;
pub mod run;
pub mod service;
pub mod snapshot;
pub mod state;
mod sys;
pub mod watch;

#[cfg(windows)]
pub use sys::windows::{files::program_data, volumes::free_bytes};
pub use sys::{confine, memory};

/// Name of this computer, where the system tells it.
pub fn host_name() -> Option<String> {
    sysinfo::System::host_name().ok()
}
