//! Every open goes through the kernel's own means of staying below a directory and of opening nothing but files.

mod border;
mod content;
mod links;
mod patience;
mod scan;
mod walk;

use std::{
    ffi::OsString,
    fs::File,
    io,
    os::{
        fd::{AsFd as _, AsRawFd as _, OwnedFd},
        unix::ffi::OsStringExt as _,
    },
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use super::{DIRECTORY_ENTRIES, FILE_BYTES, is_absent, not_a_file, too_many_names};
use crate::probe::deadline;
use border::Border;
use content::{names, regular, whole};
use patience::{Mount, Patience};
pub(crate) use scan::Scanned;

/// File systems that the running kernel fills.
const KERNEL: [&str; 2] = ["/proc", "/sys"];

/// The running machine's own file system, or another one below a directory.
///
/// Every read goes through here, so that nothing is opened for writing, no pipe or device is waited for,
/// no file is read without a bound, a server that went away is not waited for, and no symbolic link leads
/// out of another root. What the running machine's kernel shows inside another root (a chroot with /proc
/// mounted) is as absent there as it is on a disk.
#[derive(Clone, Debug)]
pub struct Root {
    path: PathBuf,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Live(Arc<Patience>),
    Other {
        folder: Arc<OnceLock<Folder>>,
        /// Where the folder lies in a file system that may never answer.
        mount: Option<Arc<Mount>>,
    },
}

/// The directory itself, opened once: whatever its path comes to mean, it stays the same.
#[derive(Debug)]
struct Folder {
    directory: OwnedFd,
    border: Border,
    /// What must not be passed on the way of a path.
    boundary: ResolveFlags,
}

/// Size of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Space {
    /// Bytes in all.
    pub(crate) size: u64,
    /// Bytes that programs may still use.
    pub(crate) free: u64,
}

impl Root {
    /// The running machine.
    pub fn live() -> Self {
        Self {
            path: PathBuf::from("/"),
            place: Place::Live(Arc::default()),
        }
    }

    /// Another root file system: a mounted disk, an image, a chroot. Nothing in it is executed.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            place: Place::Other {
                folder: Arc::default(),
                mount: None,
            },
        }
    }

    /// A directory of this root as a root of its own, for what people without rights fill: wherever their
    /// links lead, only what lies below it is opened, and (on Linux 5.6 and later) nothing that is mounted
    /// there.
    pub fn below(&self, path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let directory = self.patiently(path, |root, path| {
            root.open_any(path, OFlags::PATH | OFlags::DIRECTORY)
        })?;
        let (border, mount) = match &self.place {
            Place::Live(patience) => (Border::default(), patience.mount_of(path)),
            Place::Other { folder, mount } => (self.folder(folder)?.border.clone(), mount.clone()),
        };
        let folder = Folder {
            directory: directory.into(),
            border,
            boundary: ResolveFlags::NO_XDEV,
        };
        Ok(Self {
            path: self.path.join(path.strip_prefix("/").unwrap_or(path)),
            place: Place::Other {
                folder: Arc::new(OnceLock::from(folder)),
                mount,
            },
        })
    }

    /// Whether this is the running machine: only then do system calls and programs tell about it.
    pub fn is_live(&self) -> bool {
        matches!(self.place, Place::Live(_))
    }

    /// Whether /proc and /sys tell about the machine that this root belongs to: the running one, or one
    /// whose /proc and /sys were copied as ordinary files. Those of a disk or chroot are empty, or this
    /// machine's own.
    pub fn shows_machine(&self) -> bool {
        const WITNESSES: [&str; 3] = ["/proc/cpuinfo", "/sys/class", "/sys/firmware"];
        let shown = |path| self.exists(path).unwrap_or(false);
        self.is_live() || WITNESSES.into_iter().any(shown)
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
        self.patiently(path.as_ref(), move |root, path| {
            whole(&root.open_file(path)?, limit)
        })
    }

    /// Opens a regular file for reading. Pipes and devices are never opened: that alone can have effects.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        self.patiently(path, Self::open_file)
    }

    /// Names in a directory, sorted; fails with `FileTooLarge` beyond [`DIRECTORY_ENTRIES`].
    pub fn list(&self, path: impl AsRef<Path>) -> io::Result<Vec<OsString>> {
        let (names, more) = self.list_at_most(path, DIRECTORY_ENTRIES)?;
        if more {
            return Err(too_many_names());
        }
        Ok(names)
    }

    /// Up to `limit` names in a directory, sorted, and whether there are more.
    pub fn list_at_most(
        &self,
        path: impl AsRef<Path>,
        limit: usize,
    ) -> io::Result<(Vec<OsString>, bool)> {
        self.patiently(path.as_ref(), move |root, path| {
            names(root.open_folder(path)?, limit)
        })
    }

    /// Metadata of a file, links followed within the root.
    pub fn metadata(&self, path: impl AsRef<Path>) -> io::Result<std::fs::Metadata> {
        self.patiently(path.as_ref(), |root, path| {
            // One call instead of three: this runs for every package.
            if root.is_live() {
                return std::fs::metadata(path);
            }
            root.open_any(path, OFlags::PATH)?.metadata()
        })
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
        self.patiently(path.as_ref(), |root, path| {
            if root.is_live() {
                return std::fs::read_link(path);
            }
            let link = root.open_any(path, OFlags::PATH | OFlags::NOFOLLOW)?;
            let target = rustix::fs::readlinkat(&link, c"", Vec::new())?;
            Ok(OsString::from_vec(target.into_bytes()).into())
        })
    }

    /// Whether a path is a symbolic link itself.
    pub fn is_link(&self, path: impl AsRef<Path>) -> io::Result<bool> {
        self.patiently(path.as_ref(), |root, path| {
            if root.is_live() {
                return Ok(std::fs::symlink_metadata(path)?.is_symlink());
            }
            let file = root.open_any(path, OFlags::PATH | OFlags::NOFOLLOW)?;
            let stat = rustix::fs::statat(&file, c"", AtFlags::EMPTY_PATH)?;
            Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
        })
    }

    /// Space of the file system mounted at a path. Only the running machine has any mounted.
    pub(crate) fn space(&self, path: impl AsRef<Path>) -> io::Result<Space> {
        if !self.is_live() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.patiently(path.as_ref(), |_, path| {
            let space = rustix::fs::statvfs(path)?;
            Ok(Space {
                size: space.f_blocks.saturating_mul(space.f_frsize),
                free: space.f_bavail.saturating_mul(space.f_frsize),
            })
        })
    }

    /// Whether the directory is the top of a file system of its own, as a mounted disk is and a chroot is
    /// not.
    pub(crate) fn is_mounted(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let device = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.dev()).ok();
        self.is_live() || device(&self.path) != device(&self.path.join(".."))
    }

    /// Does something at once, or, where a file system may never answer, on a thread that is left behind
    /// when it does not.
    fn patiently<T: Send + 'static>(
        &self,
        path: &Path,
        work: impl FnOnce(&Self, &Path) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        deadline::ask(&self.path, path);
        let mount = match &self.place {
            Place::Live(patience) => patience.mount_of(path),
            Place::Other { mount, .. } => mount.clone(),
        };
        let Some(mount) = mount else {
            return work(self, path);
        };
        let (root, path) = (self.clone(), path.to_owned());
        mount.ask(move || work(&root, &path))
    }

    fn open_folder(&self, path: &Path) -> io::Result<File> {
        let answer = self.open_any(path, OFlags::DIRECTORY);
        match &answer {
            // Something else in its place is not the same as nothing there.
            Err(error)
                if error.kind() == io::ErrorKind::NotADirectory
                    && self.open_any(path, OFlags::PATH).is_ok() =>
            {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "not a folder"))
            }
            _ => answer,
        }
    }

    fn open_file(&self, path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        // What the kernel shows there is no device, whoever put what anywhere.
        if self.is_live() && KERNEL.iter().any(|folder| path.starts_with(folder)) {
            return regular(self.open_any(path, flags)?);
        }
        let place = self.open_any(path, OFlags::PATH)?;
        if !place.metadata()?.is_file() {
            return Err(not_a_file());
        }
        let same = format!("/proc/self/fd/{}", place.as_raw_fd());
        match self.leaving_times(flags, |flags| {
            rustix::fs::openat(CWD, &same, flags, Mode::empty())
        }) {
            Ok(file) => Ok(file.into()),
            // Without /proc the path has to be walked again.
            Err(Errno::NOENT) => regular(self.open_any(path, flags)?),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens without leaving a trace in the times of another root's files, where that is allowed.
    fn leaving_times<T>(
        &self,
        flags: OFlags,
        open: impl Fn(OFlags) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        if self.is_live() || flags.contains(OFlags::PATH) {
            return open(flags);
        }
        match open(flags | OFlags::NOATIME) {
            Err(Errno::PERM) => open(flags),
            answer => answer,
        }
    }

    fn open_any(&self, path: &Path, flags: OFlags) -> io::Result<File> {
        let flags = if flags.contains(OFlags::PATH) {
            flags | OFlags::CLOEXEC
        } else {
            flags | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY
        };
        let Place::Other { folder, .. } = &self.place else {
            return Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?.into());
        };
        let folder = self.folder(folder)?;
        let inside = path.strip_prefix("/").unwrap_or(path);
        let inside = if inside.as_os_str().is_empty() {
            Path::new(".")
        } else {
            inside
        };
        let file = self.leaving_times(flags, |flags| open_inside(folder, inside, flags))?;
        if folder.border.is_beyond(file.as_fd()) {
            let reason = "belongs to the running machine, not to this root";
            return Err(io::Error::new(io::ErrorKind::NotFound, reason));
        }
        Ok(file.into())
    }

    fn folder<'a>(&self, folder: &'a OnceLock<Folder>) -> io::Result<&'a Folder> {
        if let Some(known) = folder.get() {
            return Ok(known);
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(CWD, &self.path, flags, Mode::empty())?;
        let opened = Folder {
            border: Border::around(directory.as_fd())?,
            directory,
            boundary: ResolveFlags::empty(),
        };
        Ok(folder.get_or_init(|| opened))
    }
}

/// Opens a path below a directory as if that were `/`.
fn open_inside(folder: &Folder, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | folder.boundary;
    match rustix::fs::openat2(&folder.directory, path, flags, Mode::empty(), resolve) {
        // The walk knows no border at what is mounted: it is tried again instead.
        Err(Errno::AGAIN) if !folder.boundary.is_empty() => (0..16)
            .map(|_| rustix::fs::openat2(&folder.directory, path, flags, Mode::empty(), resolve))
            .find(|answer| !matches!(answer, Err(Errno::AGAIN)))
            .unwrap_or(Err(Errno::AGAIN)),
        // Kernels before 5.6 lack the call, some sandboxes forbid it, and it gives up when folders are
        // moved around meanwhile.
        Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => {
            let root = rustix::io::fcntl_dupfd_cloexec(&folder.directory, 0)?;
            walk::open(root, path, flags)
        }
        answer => answer,
    }
}

#[cfg(test)]
mod tests;
