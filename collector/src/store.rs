//! Everything that must survive a restart.

pub mod record;
