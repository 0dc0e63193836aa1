//! Private files on Windows: the folder lets nobody in but the system and administrators, and what is made
//! within it inherits that.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{StateError, privacy};
use crate::sys::windows::{files, security};

/// Who usually runs the agent.
pub(crate) const OWNER: &str = "an administrator";

/// Tries to replace a file that a scanner of viruses or a backup holds open for a moment, and the time between.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(50);

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
    let descriptor = make_private(path).map_err(failed)?;
    match privacy_of(path).map_err(failed)? {
        Privacy::Private => Ok(()),
        Privacy::Foreign(folder) => Err(StateError::Owner(folder)),
        Privacy::Open => security::set_permissions(path, &descriptor).map_err(failed),
    }
}

/// Whether others may enter a folder or replace it.
#[derive(Debug, PartialEq, Eq)]
pub enum Privacy {
    /// They may not.
    Private,
    /// They may enter it.
    Open,
    /// This folder, it or the one above, belongs to somebody who could put another one in its place.
    Foreign(PathBuf),
}

/// Whether a folder that exists is private.
pub fn privacy_of(path: &Path) -> io::Result<Privacy> {
    let me = security::user()?;
    for folder in path.parent().into_iter().chain([path]) {
        let is_link = fs::symlink_metadata(folder)?.is_symlink();
        if is_link || !privacy::is_trusted_owner(&security::access(folder)?.owner, &me) {
            return Ok(Privacy::Foreign(folder.to_owned()));
        }
    }
    let access = security::access(path)?;
    if access.open || !privacy::is_closed(&access.granted, &me) {
        return Ok(Privacy::Open);
    }
    Ok(Privacy::Private)
}

/// Makes a private folder, with those above it; one that exists is left as it is. Returns what makes it private.
fn make_private(path: &Path) -> io::Result<String> {
    let me = security::user()?;
    let is_administrator = security::acts_for(privacy::ADMINISTRATORS)?;
    let descriptor = privacy::descriptor(&me, is_administrator);
    create_all(path, &descriptor)?;
    Ok(descriptor)
}

/// Makes a folder that only the system, administrators and this user may enter, with those above it.
pub fn create_private(path: &Path) -> io::Result<()> {
    make_private(path).map(drop)
}

/// Whether this process runs with the powers of an administrator.
pub fn is_administrator() -> io::Result<bool> {
    security::acts_for(privacy::ADMINISTRATORS)
}

fn create_all(path: &Path, descriptor: &str) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_all(parent, descriptor)?;
    }
    security::create_folder(path, descriptor)
}

/// Makes a file anew; what lay there before is removed first, so that nobody else's file is reused.
pub(super) fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Opens a file that is written in place, making it when it is missing.
pub(crate) fn open_fixed(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Puts a file in the place of another, which is then the new one as a whole or still the old one.
pub fn replace(new: &Path, old: &Path, durable: bool) -> io::Result<()> {
    let mut tries = 1;
    loop {
        match files::rename(new, old, durable) {
            Err(error) if tries < TRIES && is_passing(&error) => {
                tries += 1;
                thread::sleep(BETWEEN);
            }
            outcome => return outcome,
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    matches!(
        error.raw_os_error(),
        Some(ACCESS_DENIED | SHARING_VIOLATION)
    )
}

/// The folder above is there for the agent alone: `Freehold` in the data of programs.
pub(super) fn remove_above(path: &Path) {
    // Fails while anything is in it.
    if path.ends_with("Freehold") {
        let _ = fs::remove_dir(path);
    }
}

/// `None` when somebody else holds it.
pub(super) fn lock(path: &Path) -> Result<Option<Lock>, StateError> {
    let failed = |source| StateError::Read {
        path: path.to_owned(),
        source,
    };
    let file = open_fixed(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
