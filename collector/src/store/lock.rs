//! One process at a time.

use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use super::{
    error::{FileError, OpenError},
    file,
};

/// Held while the store is open; the operating system releases it even when the process is killed.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who holds it.
    pub(super) fn take(path: &Path, dir: &Path) -> Result<Self, OpenError> {
        let mut file = file::private(path)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(FileError::of("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked {
                    dir: dir.to_owned(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => {
                return Err(FileError::of("lock", path)(error).into());
            }
        }
        // Who holds it is written for the message above only: failing to is no reason not to serve.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(20).read_to_string(&mut text) {
        Ok(_) if text.trim().parse::<u32>().is_ok() => text.trim().to_owned(),
        _ => "(unknown)".to_owned(),
    }
}
