//! A process that gives up what it does not need, before it touches what others made.

use std::io;

#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

/// Takes from this process for good: memory beyond so many bytes, core dumps, and, as far as the system can, opening
/// files, connecting, starting programs and reaching other processes. To be called when every thread that is needed
/// runs; files that are open beside the three standard ones are closed on Linux.
#[cfg(target_os = "linux")]
pub fn confine(memory: u64) -> io::Result<()> {
    linux::confine(memory)
}

/// The same with a job object: memory, and no other process.
#[cfg(windows)]
pub fn confine(memory: u64) -> io::Result<()> {
    windows::confine(memory)
}

/// Nothing of the kind is known here.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn confine(_memory: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
