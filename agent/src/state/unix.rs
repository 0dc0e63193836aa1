//! Private files on Linux and its like: modes 0700 and 0600.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::Path,
};

use rustix::fs::{FlockOperation, flock};

use super::StateError;

/// Who usually runs the agent.
pub(crate) const OWNER: &str = "root";

const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Held while an agent runs; released when dropped, also by a kill.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

pub(super) fn make(path: &Path) -> Result<(), StateError> {
    let failed = |source| StateError::Directory {
        path: path.to_owned(),
        source,
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY_MODE)
        .create(path)
        .map_err(failed)?;
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(StateError::Owner(path.to_owned()));
    }
    if metadata.mode() & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(DIRECTORY_MODE)).map_err(failed)?;
    }
    Ok(())
}

/// Makes a file anew; what lay there before is removed first, so that nobody else's file is reused.
pub(super) fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)
}

/// Opens a file that is written in place, making it when it is missing.
pub(crate) fn open_fixed(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)
}

/// Puts a file in the place of another, which is then the new one as a whole or still the old one.
pub(super) fn replace(new: &Path, old: &Path, durable: bool) -> io::Result<()> {
    fs::rename(new, old)?;
    if durable && let Some(directory) = old.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// The folder above belongs to the system.
pub(super) fn remove_above(_path: &Path) {}

/// `None` when somebody else holds it.
pub(super) fn lock(path: &Path) -> Result<Option<Lock>, StateError> {
    let failed = |source| StateError::Read {
        path: path.to_owned(),
        source,
    };
    let file = open_fixed(path).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(failed(error.into())),
    }
}
