//! File operations on Unix.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

/// Options to read and write a file that only the collector's account may read.
pub(in crate::store) fn private(_path: &Path) -> OpenOptions {
    let mut options = super::read_write();
    options.mode(0o600);
    options
}

/// Makes a directory, and those above it, that only the collector's account may enter.
pub(in crate::store) fn private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes the names in a directory durable.
pub(in crate::store) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Fills a buffer from an offset.
pub(in crate::store) fn read_exact_at(
    file: &File,
    buffer: &mut [u8],
    offset: u64,
) -> io::Result<()> {
    file.read_exact_at(buffer, offset)
}

/// Writes a buffer at an offset.
pub(in crate::store) fn write_all_at(file: &File, buffer: &[u8], offset: u64) -> io::Result<()> {
    file.write_all_at(buffer, offset)
}

/// Puts a file in the place of another.
pub(in crate::store) fn rename(new: &Path, old: &Path) -> io::Result<()> {
    std::fs::rename(new, old)
}

/// Bytes the collector's account can still write below a directory.
pub(in crate::store) fn free_bytes(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Gives a file space on the disk up to so many bytes beyond its end, without making it longer.
pub(in crate::store) fn allocate_ahead(file: &File, ahead: u64) -> io::Result<()> {
    let found = file.metadata()?;
    if found.blocks() * 512 >= found.len() + ahead / 2 {
        return Ok(());
    }
    let flags = rustix::fs::FallocateFlags::KEEP_SIZE;
    match rustix::fs::fallocate(file, flags, 0, found.len() + ahead) {
        // Some file systems cannot: there the engine takes its chance.
        Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
        result => Ok(result?),
    }
}

/// Gives a file real space on the disk.
pub(in crate::store) fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, bytes)?;
    Ok(())
}
