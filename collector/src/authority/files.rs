//! Files that only the collector's account may read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::error::AuthorityError;

/// Makes a directory for the collector's account alone.
pub(super) fn private_directory(path: &Path) -> Result<(), AuthorityError> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there is no mode to set"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(writing(path))
}

/// Opens a file for writing that only the collector's account may read.
pub(super) fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a file durably, so that a crash leaves the old one or the new one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), AuthorityError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let temporary = PathBuf::from(name);
    let written = (|| {
        let mut file = private_options()
            .create(true)
            .truncate(true)
            .open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_parent(path)
    })();
    written.map_err(writing(path))
}

/// Reads a file that must be there.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, AuthorityError> {
    fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => AuthorityError::Missing {
            path: path.to_owned(),
        },
        _ => AuthorityError::Read {
            path: path.to_owned(),
            source,
        },
    })
}

/// Refuses a key that others may have read.
pub(super) fn refuse_exposed(path: &Path) -> Result<(), AuthorityError> {
    let metadata = fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => AuthorityError::Missing {
            path: path.to_owned(),
        },
        _ => AuthorityError::Read {
            path: path.to_owned(),
            source,
        },
    })?;
    if is_exposed(&metadata) {
        return Err(AuthorityError::Exposed {
            path: path.to_owned(),
        });
    }
    Ok(())
}

#[cfg(unix)]
fn is_exposed(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_exposed(_metadata: &fs::Metadata) -> bool {
    // The data directory's access list decides there.
    false
}

/// Makes a rename or removal in a file's directory durable.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    if cfg!(unix)
        && let Some(parent) = path.parent()
    {
        return File::open(parent)?.sync_all();
    }
    Ok(())
}

/// Has two directories change places, so that a crash leaves the one or the other.
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?;
        sync_parent(other)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let aside = one.with_extension("aside");
        fs::rename(other, &aside)?;
        fs::rename(one, other)?;
        fs::rename(&aside, one)
    }
}

/// Has a file keep space on the disk beyond its end, where the system can do that: later lines then find room
/// on a full disk as well. That it cannot be had now is no error.
pub(super) fn keep_room(path: &Path, bytes: u64) {
    #[cfg(target_os = "linux")]
    if let Ok(file) = private_options().open(path)
        && let Ok(found) = file.metadata()
        && std::os::unix::fs::MetadataExt::blocks(&found) * 512 < found.len() + bytes / 2
    {
        let flags = rustix::fs::FallocateFlags::KEEP_SIZE;
        if let Err(error) = rustix::fs::fallocate(&file, flags, 0, found.len() + bytes) {
            tracing::debug!(path = %path.display(), %error, "no space can be kept");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (path, bytes);
}

pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> AuthorityError + '_ {
    |source| AuthorityError::Write {
        path: path.to_owned(),
        source,
    }
}
