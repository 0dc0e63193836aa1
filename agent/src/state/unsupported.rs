//! Elsewhere there is no way yet to keep a key from other users, so nothing is kept.

use std::{fs::File, io, path::Path};

use super::StateError;

/// Who usually runs the agent.
pub(crate) const OWNER: &str = "an administrator";

/// Held while an agent runs.
#[derive(Debug)]
pub struct Lock;

pub(super) fn make(path: &Path) -> Result<(), StateError> {
    Err(StateError::Directory {
        path: path.to_owned(),
        source: io::ErrorKind::Unsupported.into(),
    })
}

pub(super) fn create(_path: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn open_fixed(_path: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn replace(_new: &Path, _old: &Path, _durable: bool) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn remove_above(_path: &Path) {}

pub(super) fn lock(path: &Path) -> Result<Option<Lock>, StateError> {
    Err(StateError::Read {
        path: path.to_owned(),
        source: io::ErrorKind::Unsupported.into(),
    })
}
