//! Root file systems written by tests.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::Root;

/// A root with these files. It lives as long as the directory.
pub(crate) fn root_with(files: &[(&str, &[u8])]) -> (TempDir, Root) {
    let directory = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        write(directory.path(), path, bytes);
    }
    let root = Root::at(directory.path());
    (directory, root)
}

/// Writes a file below a root, folders included.
pub(crate) fn write(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path.trim_start_matches('/'));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
