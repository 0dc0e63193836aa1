//! Windows: the registry tells of the installation, a few calls of what runs.

mod facts;
#[cfg(windows)]
mod live;
mod masters;
mod time_zones;

#[cfg(windows)]
pub(in crate::probe) use live::collect;
