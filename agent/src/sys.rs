//! Thin wrappers around the operating system; the only place for unsafe code.

pub(crate) mod memory;
#[cfg(unix)]
pub(crate) mod readiness;
pub(crate) mod socket;
