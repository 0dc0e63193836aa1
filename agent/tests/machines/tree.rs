//! Root file systems made by the tests.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A root file system that lives as long as the value.
pub(crate) struct Tree {
    directory: TempDir,
}

impl Tree {
    /// An empty root.
    pub(crate) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// Where it lies.
    pub(crate) fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Where one of its paths lies.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path.trim_start_matches('/'))
    }

    /// With a file.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
        self
    }

    /// With several files below a folder, each with a line feed behind its value, as in /sys.
    pub(crate) fn values(mut self, folder: &str, values: &[(&str, &str)]) -> Self {
        for (name, value) in values {
            self = self.file(&format!("{folder}/{name}"), format!("{value}\n"));
        }
        self
    }

    /// With a symbolic link.
    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        let place = self.path(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        symlink(target, place).unwrap();
        self
    }

    /// With a folder.
    pub(crate) fn folder(self, path: &str) -> Self {
        fs::create_dir_all(self.path(path)).unwrap();
        self
    }
}
