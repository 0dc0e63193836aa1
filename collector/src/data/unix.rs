//! Permissions decide who may enter the data directory.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
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

/// Refuses root in a directory of somebody else.
pub(super) fn refuse_root(path: &Path) -> Result<(), DataError> {
    let metadata = fs::metadata(path).map_err(|source| DataError::Io {
        path: path.to_path_buf(),
        source,
    })?;
    let owner = metadata.uid();
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let name = name_of(owner);
    Err(DataError::Roots {
        path: path.to_path_buf(),
        as_owner: match &name {
            Some(name) => format!("runuser -u {name} --"),
            None => format!("setpriv --reuid {owner} --clear-groups"),
        },
        owner: name.unwrap_or_else(|| format!("user id {owner}")),
    })
}

/// What this computer calls a user; none where it has no plain name.
fn name_of(user: u32) -> Option<String> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        (id.parse() == Ok(user)).then_some(name)
    })?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (!name.is_empty() && name.chars().all(is_plain)).then(|| name.to_owned())
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

    #[test]
    fn a_user_is_called_by_name() {
        assert_eq!(super::name_of(0).as_deref(), Some("root"));
        assert_eq!(super::name_of(u32::MAX - 7), None);
    }
}
