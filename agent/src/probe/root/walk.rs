//! Opening a path inside a root, one component at a time, for kernels that cannot do it in one call.
//!
//! No component is ever followed by the kernel: links are read and resolved here, against the root.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::ffi::OsStringExt as _,
    },
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{FileType, Mode, OFlags},
    io::Errno,
};

/// Most symbolic links on the way, as in the kernel.
const LINKS: usize = 40;

/// Opens `path` below `root`. Neither `..` nor a link leads out of it.
pub(super) fn open(root: OwnedFd, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let mut folders = vec![root];
    let mut ahead = VecDeque::new();
    push_front(&mut ahead, path);
    let mut links = 0;
    while let Some(name) = ahead.pop_front() {
        if name == ".." {
            if folders.len() > 1 {
                folders.pop();
            }
            continue;
        }
        let folder = folders.last().ok_or(Errno::NOENT)?;
        let place = open_at(folder, &name, OFlags::PATH)?;
        let is_last = ahead.is_empty();
        match kind(&place)? {
            FileType::Symlink if is_last && flags.contains(OFlags::NOFOLLOW) => {
                return open_at(folder, &name, flags);
            }
            FileType::Symlink => {
                links += 1;
                if links > LINKS {
                    return Err(Errno::LOOP);
                }
                let target = rustix::fs::readlinkat(&place, c"", Vec::new())?;
                let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
                if target.is_absolute() {
                    folders.truncate(1);
                }
                push_front(&mut ahead, &target);
            }
            FileType::Directory => folders.push(place),
            _ if is_last => return open_at(folder, &name, flags),
            _ => return Err(Errno::NOTDIR),
        }
    }
    let folder = folders.pop().ok_or(Errno::NOENT)?;
    open_at(&folder, OsStr::new("."), flags)
}

/// Puts the components of a path before those that are still ahead.
fn push_front(ahead: &mut VecDeque<OsString>, path: &Path) {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => ahead.push_front(name.to_owned()),
            Component::ParentDir => ahead.push_front("..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
}

fn open_at(folder: &OwnedFd, name: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(folder.as_fd(), name, flags, Mode::empty())
}

fn kind(place: &OwnedFd) -> Result<FileType, Errno> {
    let stat = rustix::fs::fstat(place)?;
    Ok(FileType::from_raw_mode(stat.st_mode))
}
