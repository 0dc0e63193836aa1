//! File operations that differ between operating systems.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(super) use system::{
    allocate, allocate_ahead, free_bytes, private, private_directory, read_exact_at, rename,
    sync_directory, write_all_at,
};

/// The path with something added to its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Replaces a file as a whole: after a crash it is either the old or the new one.
pub(super) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let new = beside(path, ".new");
    let file = private_new(&new)?;
    write_all_at(&file, contents, 0)?;
    file.sync_all()?;
    drop(file);
    rename(&new, path)?;
    sync_parent(path)
}

/// All files below a directory, sorted.
pub(super) fn files_below(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut directories = vec![dir.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Length of all files below a directory together.
pub(super) fn bytes_below(dir: &Path) -> io::Result<u64> {
    files_below(dir)?
        .iter()
        .map(|path| Ok(std::fs::metadata(path)?.len()))
        .sum()
}

/// Makes all files below a directory durable, with their names.
pub(super) fn sync_below(dir: &Path) -> io::Result<()> {
    for path in files_below(dir)? {
        private(&path).open(&path)?.sync_all()?;
        sync_parent(&path)?;
    }
    sync_directory(dir)
}

/// Copies a directory, durably, over whatever is at the target.
pub(super) fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    remove_directory(to)?;
    private_directory(to)?;
    for path in files_below(from)? {
        let target = to.join(path.strip_prefix(from).unwrap_or(&path));
        if let Some(parent) = target.parent() {
            private_directory(parent)?;
        }
        std::fs::copy(&path, &target)?;
        // Windows flushes through a handle that may write alone.
        private(&target).open(&target)?.sync_all()?;
        sync_parent(&target)?;
    }
    sync_directory(to)?;
    sync_parent(to)
}

/// Removes a directory with all that is in it, if it is there.
pub(super) fn remove_directory(dir: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The same, when something may still have its files open: they take no space any more.
pub(super) fn empty_directory(dir: &Path) -> io::Result<()> {
    for path in files_below(dir)? {
        private(&path).truncate(true).open(&path)?;
    }
    remove_directory(dir)
}

/// Makes the names in the directory of a file durable.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_directory(parent),
        _ => sync_directory(Path::new(".")),
    }
}

fn private_new(path: &Path) -> io::Result<std::fs::File> {
    private(path).create(true).truncate(true).open(path)
}

/// Options that read and write.
fn read_write() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    options
}
