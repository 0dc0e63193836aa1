//! Waiting for a descriptor without a thread.
#![allow(unsafe_code)]

use std::{io, os::fd::OwnedFd, sync::Arc};

use tokio::io::{Interest, unix::AsyncFd};

/// Registers a descriptor with the runtime it is called in.
pub(crate) fn of(descriptor: OwnedFd) -> io::Result<AsyncFd<Arc<OwnedFd>>> {
    let descriptor = Arc::new(descriptor);
    // SAFETY: an OwnedFd owns its descriptor, keeps it open until it is dropped and always names the
    // same one; sharing it changes none of that.
    let registered = unsafe { AsyncFd::register_with_interest(descriptor, Interest::READABLE) };
    Ok(registered?)
}
