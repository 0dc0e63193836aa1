//! The file system a probe reads.

mod links;
mod walk;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    os::{fd::AsRawFd as _, unix::ffi::OsStringExt as _},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};

/// Longest file a probe reads into memory, unless it says otherwise.
pub const FILE_BYTES: u64 = 64 * 1024 * 1024;

/// Most names read from one directory.
pub const DIRECTORY_ENTRIES: usize = 500_000;

/// The running machine's own file system, or another one below a directory.
///
/// Every read goes through here, so that nothing is opened for writing, no pipe or device is waited for,
/// no file is read without a bound, and no symbolic link leads out of another root.
#[derive(Clone, Debug)]
pub struct Root {
    path: PathBuf,
    live: bool,
}

impl Root {
    /// The running machine.
    pub fn live() -> Self {
        Self {
            path: PathBuf::from("/"),
            live: true,
        }
    }

    /// Another root file system: a mounted disk, an image, a chroot. Nothing in it is executed.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            live: false,
        }
    }

    /// Whether this is the running machine: only then do /proc, /sys and programs tell about it.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// The directory that stands for `/`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a regular file of at most [`FILE_BYTES`]. `path` is absolute within the root.
    pub fn read(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        self.read_at_most(path, FILE_BYTES)
    }

    /// Reads a regular file, failing with `FileTooLarge` when it is longer than `limit` bytes.
    pub fn read_at_most(&self, path: impl AsRef<Path>, limit: u64) -> io::Result<Vec<u8>> {
        let file = self.open(path.as_ref())?;
        let too_large = || {
            let reason = format!("longer than {limit} bytes");
            io::Error::new(io::ErrorKind::FileTooLarge, reason)
        };
        // Files of /proc and /sys do not know their length beforehand.
        let length = file.metadata()?.len();
        if length > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length + 1).unwrap_or_default());
        file.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(too_large());
        }
        Ok(bytes)
    }

    /// Opens a regular file for reading. Pipes and devices are never opened: that alone can have effects.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        let place = self.open_any(path, OFlags::PATH)?;
        if !place.metadata()?.is_file() {
            return Err(not_a_file());
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let same = format!("/proc/self/fd/{}", place.as_raw_fd());
        match rustix::fs::openat(CWD, same, flags, Mode::empty()) {
            Ok(file) => Ok(file.into()),
            // Without /proc the path has to be walked again.
            Err(Errno::NOENT) => {
                let file = self.open_any(path, flags)?;
                if file.metadata()?.is_file() {
                    Ok(file)
                } else {
                    Err(not_a_file())
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Names in a directory, sorted; fails with `FileTooLarge` beyond [`DIRECTORY_ENTRIES`].
    pub fn list(&self, path: impl AsRef<Path>) -> io::Result<Vec<OsString>> {
        let directory = self.open_any(path.as_ref(), OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&directory)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            if names.len() == DIRECTORY_ENTRIES {
                let reason = format!("holds more than {DIRECTORY_ENTRIES} names");
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
            }
            names.push(OsString::from_vec(name.to_vec()));
        }
        names.sort();
        Ok(names)
    }

    /// Metadata of a file, links followed within the root.
    pub fn metadata(&self, path: impl AsRef<Path>) -> io::Result<std::fs::Metadata> {
        self.open_any(path.as_ref(), OFlags::PATH)?.metadata()
    }

    /// Whether anything exists at a path. Not being allowed to look is an error.
    pub fn exists(&self, path: impl AsRef<Path>) -> io::Result<bool> {
        match self.metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if is_absent(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Target of a symbolic link, as written.
    pub fn read_link(&self, path: impl AsRef<Path>) -> io::Result<PathBuf> {
        let link = self.open_any(path.as_ref(), OFlags::PATH | OFlags::NOFOLLOW)?;
        let target = rustix::fs::readlinkat(&link, c"", Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()).into())
    }

    /// Whether a path is a symbolic link itself.
    pub fn is_link(&self, path: impl AsRef<Path>) -> io::Result<bool> {
        let file = self.open_any(path.as_ref(), OFlags::PATH | OFlags::NOFOLLOW)?;
        let stat = rustix::fs::statat(&file, c"", AtFlags::EMPTY_PATH)?;
        Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
    }

    fn open_any(&self, path: &Path, flags: OFlags) -> io::Result<File> {
        let flags = if flags.contains(OFlags::PATH) {
            flags | OFlags::CLOEXEC
        } else {
            flags | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY
        };
        if self.live {
            return Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?.into());
        }
        let root = rustix::fs::openat(
            CWD,
            &self.path,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let inside = path.strip_prefix("/").unwrap_or(path);
        let inside = if inside.as_os_str().is_empty() {
            Path::new(".")
        } else {
            inside
        };
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        match rustix::fs::openat2(&root, inside, flags, Mode::empty(), resolve) {
            Ok(file) => Ok(file.into()),
            // Kernels before 5.6 lack the call, and some sandboxes forbid it.
            Err(Errno::NOSYS | Errno::PERM) => Ok(walk::open(root, inside, flags)?.into()),
            Err(error) => Err(error.into()),
        }
    }
}

fn not_a_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

/// Whether an error says that there is nothing at a path, as opposed to "it could not be read".
pub fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests;
