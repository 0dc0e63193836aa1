//! Where the file system is not the source of most facts: bounded reads of single files and folders.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::{DIRECTORY_ENTRIES, FILE_BYTES, is_absent, not_a_file, too_many_names};

/// The running machine's own file system. Another root is a thing of Linux: here it holds nothing.
///
/// Every read goes through here, so that nothing is opened for writing and no file is read without a bound.
#[derive(Clone, Debug)]
pub struct Root {
    path: PathBuf,
    live: bool,
}

impl Root {
    /// The running machine.
    pub fn live() -> Self {
        Self {
            path: PathBuf::new(),
            live: true,
        }
    }

    /// Another root file system, of which nothing can be read here.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            live: false,
        }
    }

    /// Whether this is the running machine: only then do system calls tell about it.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// The directory that stands for the root; empty for the running machine.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a regular file of at most [`FILE_BYTES`].
    pub fn read(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        self.read_at_most(path, FILE_BYTES)
    }

    /// Reads a regular file, failing with `FileTooLarge` when it is longer than `limit` bytes.
    pub fn read_at_most(&self, path: impl AsRef<Path>, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = self.open(path.as_ref())?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            let reason = format!("longer than {limit} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
        }
        Ok(bytes)
    }

    /// Opens a regular file for reading.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        if !self.metadata(path)?.is_file() {
            return Err(not_a_file());
        }
        File::open(path)
    }

    /// Names in a directory, sorted; fails with `FileTooLarge` beyond [`DIRECTORY_ENTRIES`].
    pub fn list(&self, path: impl AsRef<Path>) -> io::Result<Vec<OsString>> {
        self.shown()?;
        let mut names = Vec::new();
        for entry in fs::read_dir(path)?.take(DIRECTORY_ENTRIES + 1) {
            names.push(entry?.file_name());
        }
        if names.len() > DIRECTORY_ENTRIES {
            return Err(too_many_names());
        }
        names.sort();
        Ok(names)
    }

    /// Metadata of a file, links followed.
    pub fn metadata(&self, path: impl AsRef<Path>) -> io::Result<fs::Metadata> {
        self.shown()?;
        fs::metadata(path)
    }

    /// Whether anything exists at a path. Not being allowed to look is an error.
    pub fn exists(&self, path: impl AsRef<Path>) -> io::Result<bool> {
        match self.metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn shown(&self) -> io::Result<()> {
        if self.live {
            return Ok(());
        }
        Err(io::ErrorKind::Unsupported.into())
    }
}
