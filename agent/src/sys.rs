//! Thin wrappers around the operating system; the only place for unsafe code.

pub(crate) mod memory;
pub(crate) mod socket;
