//! What the subcommands connect to: reachable by administrators and the collector's own account only.

#[cfg_attr(unix, path = "socket/unix.rs")]
#[cfg_attr(windows, path = "socket/windows.rs")]
mod system;

use std::{io, path::PathBuf};

use thiserror::Error;

pub use system::Socket;
pub(super) use system::connect;

/// The control socket could not be made.
#[derive(Debug, Error)]
#[error("cannot make the control socket {path}: check that the data directory may be written")]
pub struct BindError {
    path: PathBuf,
    #[source]
    source: io::Error,
}
