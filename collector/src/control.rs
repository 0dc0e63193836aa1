//! The control socket: how the other subcommands talk to the running collector, which alone has the
//! store open. Whoever may connect is root or the account the collector runs as, and equals the owner.

pub mod client;
pub mod server;
mod socket;

pub use client::{Client, ConnectError};
pub use server::Console;
pub(crate) use server::{shown_entry, shown_finding, shown_machine};
pub use socket::{BindError, Socket};

/// Name of the socket in the data directory.
const SOCKET_NAME: &str = "control.sock";
