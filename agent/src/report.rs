//! Speaking to the collector, and keeping what it has not acknowledged.
//!
//! [`dial`] finds the collector among its addresses, [`Link`] is one connection to it, [`Spool`] holds
//! section versions until they are acknowledged, [`Chain`] numbers the check-ins, [`Backoff`] decides
//! when to try again.

mod backoff;
mod call;
mod chain;
mod dial;
mod failure;
mod link;
mod record;
mod spool;

pub use backoff::Backoff;
pub use call::{Call, CallError, call, call_pinned};
pub use chain::Chain;
pub(crate) use dial::dial;
pub use dial::{Attempt, DialError, Unreachable};
pub use failure::Failure;
pub(crate) use link::{Link, RPC_TIME, open_channel};
pub use record::Version;
pub use spool::{Entry, Spool, SpoolError};
