//! Access control lists decide who may enter the data directory, and what is made within inherits them.

use std::{
    fs::{Metadata, OpenOptions},
    io,
    path::Path,
};

use freehold_agent::state::{self, Privacy};

use super::DataError;

/// Makes the directory for the system, administrators and this account alone, with those above it.
pub(super) fn make(path: &Path) -> io::Result<()> {
    state::create_private(path)
}

/// Refuses a directory that others may enter or that belongs to somebody else.
pub(super) fn check(path: &Path, _metadata: &Metadata) -> Result<(), DataError> {
    let privacy = state::privacy_of(path).map_err(|source| DataError::Io {
        path: path.to_path_buf(),
        source,
    })?;
    match privacy {
        Privacy::Private => Ok(()),
        Privacy::Open => Err(DataError::Enterable(path.to_path_buf())),
        Privacy::Foreign(folder) => Err(DataError::Strange(folder)),
    }
}

/// What an administrator makes inherits who may read it from its folder.
#[expect(clippy::unnecessary_wraps, reason = "tells like its sibling")]
pub(super) fn refuse_root(_path: &Path) -> Result<(), DataError> {
    Ok(())
}

/// Options to make a file; who may read it is inherited from its folder.
pub(super) fn private_new() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

/// NTFS journals names by itself.
#[expect(clippy::unnecessary_wraps, reason = "same signature as on Unix")]
pub(super) fn sync(_path: &Path) -> io::Result<()> {
    Ok(())
}
