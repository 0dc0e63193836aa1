//! The service as a whole, on a store, against machines that keep the rules and machines that do not.

mod check_in;
mod renew;
mod site;
mod upload;
