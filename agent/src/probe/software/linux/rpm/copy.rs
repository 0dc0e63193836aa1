//! A private copy of another root's database, for this machine's rpm to read.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
};

use crate::probe::{Root, root::is_absent};

/// Most bytes that are copied.
const MOST: u64 = 512 * 1024 * 1024;

/// Where there is room, and memory is not used up.
const PARENTS: [&str; 2] = ["/var/tmp", "/tmp"];

/// The files of which one kind of database or the other consists. Indexes are left out: listing everything
/// needs none.
const FILES: [&str; 5] = [
    "rpmdb.sqlite",
    "rpmdb.sqlite-wal",
    "Packages.db",
    "Index.db",
    "Packages",
];

/// The copy. It is removed when dropped.
#[derive(Debug)]
pub(super) struct Copy {
    path: PathBuf,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub(super) enum CopyError {
    #[error("no folder for a copy could be made in /var/tmp or /tmp: {0}")]
    Folder(io::Error),
    #[error("its file {file} could not be copied: {source}")]
    File {
        file: &'static str,
        source: io::Error,
    },
    #[error("it is longer than {MOST} bytes")]
    TooLong,
}

impl Copy {
    /// Copies a database, for `owner` alone where the agent may give files away.
    pub(super) fn make(root: &Root, directory: &str, owner: u32) -> Result<Self, CopyError> {
        let copy = Self {
            path: folder().map_err(CopyError::Folder)?,
        };
        let mut left = MOST;
        for file in FILES {
            match copy.file(root, directory, file, left) {
                Ok(length) => left = left.checked_sub(length).ok_or(CopyError::TooLong)?,
                Err(error) if is_absent(&error) => {}
                Err(source) => return Err(CopyError::File { file, source }),
            }
        }
        copy.give(owner).map_err(CopyError::Folder)?;
        Ok(copy)
    }

    /// The folder with the copy.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies a file unless it is longer than `most`; how long it is.
    fn file(&self, root: &Root, directory: &str, file: &str, most: u64) -> io::Result<u64> {
        let from = root.open(Path::new(&format!("{directory}/{file}")))?;
        let length = from.metadata()?.len();
        if length > most {
            return Ok(length);
        }
        let mut options = OpenOptions::new();
        let mut to = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.path.join(file))?;
        io::copy(&mut from.take(most + 1), &mut to)
    }

    fn give(&self, owner: u32) -> io::Result<()> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.path)? {
            chown(entry?.path(), Some(owner), Some(owner))?;
        }
        chown(&self.path, Some(owner), Some(owner))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a copy of a package database remains");
        }
    }
}

/// Makes a folder that nobody else can look into.
fn folder() -> io::Result<PathBuf> {
    let name = format!("freehold-rpm-{}", uuid::Uuid::new_v4().simple());
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for parent in PARENTS {
        let path = Path::new(parent).join(&name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) => last = error,
        }
    }
    Err(last)
}
