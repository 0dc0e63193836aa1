//! Windows: the registry tells of the installation, a few calls of what runs.

mod facts;
#[cfg(windows)]
mod live;
mod time_zones;

#[cfg(windows)]
pub(super) use live::{architecture, collect, machine_id};
