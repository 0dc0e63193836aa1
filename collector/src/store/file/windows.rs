//! File operations on Windows. Access is limited by the data directory's access control list.

use std::{
    fs::{File, OpenOptions},
    io,
    os::windows::fs::FileExt,
    path::Path,
};

/// Options to read and write a file.
pub(in crate::store) fn private(_path: &Path) -> OpenOptions {
    super::read_write()
}

/// Makes a directory and those above it.
pub(in crate::store) fn private_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// NTFS journals names by itself.
#[expect(clippy::unnecessary_wraps, reason = "same signature as on Unix")]
pub(in crate::store) fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Fills a buffer from an offset.
pub(in crate::store) fn read_exact_at(
    file: &File,
    mut buffer: &mut [u8],
    mut offset: u64,
) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = file.seek_read(buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        offset += read as u64;
    }
    Ok(())
}

/// Writes a buffer at an offset.
pub(in crate::store) fn write_all_at(
    file: &File,
    mut buffer: &[u8],
    mut offset: u64,
) -> io::Result<()> {
    while !buffer.is_empty() {
        let written = file.seek_write(buffer, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        buffer = &buffer[written..];
        offset += written as u64;
    }
    Ok(())
}

/// Bytes that this account may still write to the disk a path is on.
pub(in crate::store) fn free_bytes(path: &Path) -> io::Result<u64> {
    freehold_agent::free_bytes(path)
}

/// Puts a file in the place of another, durably.
pub(in crate::store) fn rename(new: &Path, old: &Path) -> io::Result<()> {
    freehold_agent::state::replace_file(new, old, true)
}

/// Not done on Windows: the engine takes its chance.
#[expect(clippy::unnecessary_wraps, reason = "same signature as on Unix")]
pub(in crate::store) fn allocate_ahead(_file: &File, _ahead: u64) -> io::Result<()> {
    Ok(())
}

/// Gives a file real space on the disk; NTFS allocates with the length.
pub(in crate::store) fn allocate(file: &File, bytes: u64) -> io::Result<()> {
    file.set_len(bytes)
}
