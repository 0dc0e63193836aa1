//! Elsewhere there is no service manager to tell.

use std::io;

pub(crate) fn step_back() {}

pub(crate) fn ready() {}

pub(crate) fn stopping() {}

pub(crate) async fn watchdog() {
    std::future::pending().await
}

pub(crate) async fn stop_requested() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
