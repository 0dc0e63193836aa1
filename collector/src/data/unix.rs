//! Permissions decide who may enter the data directory.

use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use super::DataError;

/// Makes the directory for this account alone, with those above it.
pub(super) fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Refuses a directory that others may enter or that belongs to somebody else.
pub(super) fn check(path: &Path, metadata: &Metadata) -> Result<(), DataError> {
    let own = rustix::process::geteuid().as_raw();
    let mode = metadata.mode() & 0o777;
    let path = path.to_path_buf();
    if metadata.uid() != own && own != 0 {
        Err(DataError::Foreign {
            path,
            owner: metadata.uid(),
            own,
        })
    } else if mode & 0o077 != 0 {
        Err(DataError::Open { path, mode })
    } else {
        Ok(())
    }
}

/// Options to make a file that only this account may read.
pub(super) fn private_new() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

/// Makes the names in a directory durable.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use crate::data::DataDirectory;

    #[test]
    fn a_directory_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let error = DataDirectory::open(dir.path()).unwrap_err();
        assert!(error.to_string().contains("chmod 700"), "{error}");
    }
}
