//! Who this machine is: its key, its certificate, whom it trusts, and how it came by them.
//!
//! A [`JoinString`] is what the owner hands over; [`join()`] turns it into an [`Identity`], which is kept
//! in one file that only the agent's user may read. The private key is made here and never leaves.

mod address;
mod credentials;
mod join_string;
mod token;

pub use address::{AddressError, check_address};
pub use credentials::credentials_digest;
pub use join_string::{JoinString, JoinStringError};
pub use token::Token;
