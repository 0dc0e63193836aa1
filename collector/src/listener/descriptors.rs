//! How many connections the system lets us have.

#[cfg_attr(unix, path = "descriptors/unix.rs")]
#[cfg_attr(not(unix), path = "descriptors/unsupported.rs")]
mod system;

/// Lets this process have as many open files as the system permits: each connection is one, and the
/// customary limit of 1,024 is meant for programs that use `select`. Says how many it may have now, where
/// the system counts them.
pub(super) fn allow_all() -> Option<u64> {
    system::allow_all()
}
