//! Parsers of the formats a machine keeps its facts in: bytes in, records and problems out.
//!
//! They open nothing and never fail as a whole: what cannot be understood becomes a [`problem::Problem`]
//! with its place, and the rest is read. Every input is treated as hostile.

pub mod authorized_keys;
pub mod colon;
pub mod cvd;
pub mod doas;
pub mod dpkg;
pub mod group;
pub mod passwd;
pub mod problem;
pub mod rpm;
pub mod settings;
pub mod shadow;
pub mod sudoers;
