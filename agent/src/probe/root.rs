//! The file system a probe reads.

#[cfg_attr(unix, path = "root/unix.rs")]
#[cfg_attr(not(unix), path = "root/elsewhere.rs")]
mod file_system;

use std::io;

pub use file_system::Root;
#[cfg(unix)]
pub(crate) use file_system::{Scanned, Space};

/// Longest file a probe reads into memory, unless it says otherwise.
pub const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Most names read from one directory.
pub const DIRECTORY_ENTRIES: usize = 500_000;

/// Whether an error says that there is nothing at a path, as opposed to "it could not be read".
pub fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

fn too_many_names() -> io::Error {
    let reason = format!("holds more than {DIRECTORY_ENTRIES} names");
    io::Error::new(io::ErrorKind::FileTooLarge, reason)
}
