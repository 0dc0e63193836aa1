//! Who this machine is: its key, its certificate, whom it trusts, and how it came by them.
//!
//! A [`JoinString`] is what the owner hands over; [`join()`] turns it into an [`Identity`], which is kept
//! in one file that only the agent's user may read. The private key is made here and never leaves.

mod address;
mod certificate;
mod credentials;
mod fingerprint;
mod handed;
mod held;
mod join;
mod join_string;
mod key;
mod shown;
mod token;
mod verify;

pub use address::{AddressError, check_address};
pub use certificate::{Certificate, Validity};
pub use credentials::{BundleError, CredentialsDigest, credentials_digest};
pub use handed::{HandedError, discard, take_up};
pub use held::{Identity, IdentityError};
pub use join::{JoinError, Joined, Progress, join, resume};
pub use join_string::{JoinString, JoinStringError};
pub use key::{Key, KeyError};
pub(crate) use shown::shown;
pub use token::Token;
pub(crate) use verify::CollectorVerifier;
pub use verify::{ClockFault, Untrusted};

/// Name of the enrolment service in TLS and HTTP, whatever the collector's address.
pub const ENROLMENT_NAME: &str = "enrol.freehold";

/// Name of the reporting service in TLS and HTTP, whatever the collector's address.
pub const COLLECTOR_NAME: &str = "collector.freehold";
