//! A directory with what the kernel knows of each name in it, in one pass.

use std::{
    ffi::{CStr, OsString},
    io,
    mem::MaybeUninit,
    os::unix::ffi::OsStringExt as _,
    path::Path,
};

use rustix::fs::{AtFlags, FileType, OFlags, RawDir, Stat};

use super::{DIRECTORY_ENTRIES, Root, too_many_names};

/// What the kernel tells of a directory at once: enough for all names in nearly all of them.
const BUFFER_BYTES: usize = 8 * 1024;

/// A name in a directory. Links are not followed.
#[derive(Clone, Debug)]
pub(crate) struct Scanned {
    /// Name.
    pub name: OsString,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Type and permissions, as in `st_mode`; absent for a directory that was recognised without asking.
    pub mode: Option<u32>,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Length in bytes.
    pub length: u64,
}

/// What was found in a directory.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Directories, and the files that were asked for.
    pub found: Vec<Scanned>,
    /// How many names were looked at.
    pub looked: usize,
    /// Whether there are more.
    pub more: bool,
}

impl Root {
    /// Looks at no more than `limit` names of a directory, in no order, and takes down directories and those that
    /// `keep` wants by their name and `st_mode`. A link at the end of the path is not followed.
    pub(crate) fn scan(
        &self,
        path: &Path,
        limit: usize,
        keep: fn(&[u8], u32) -> bool,
    ) -> io::Result<Scan> {
        self.patiently(path, move |root, path| root.scan_now(path, limit, keep))
    }

    fn scan_now(
        &self,
        path: &Path,
        limit: usize,
        keep: fn(&[u8], u32) -> bool,
    ) -> io::Result<Scan> {
        let directory = self.open_any(path, OFlags::DIRECTORY | OFlags::NOFOLLOW)?;
        let mut scan = Scan::default();
        // No memory and no second descriptor as for Dir: this runs for thousands of folders.
        let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
        let mut entries = RawDir::new(&directory, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            if scan.looked == limit {
                scan.more = true;
                break;
            }
            scan.looked += 1;
            let scanned = match entry.file_type() {
                FileType::Directory => Some(Scanned::directory(name)),
                FileType::Symlink | FileType::Fifo | FileType::Socket => None,
                // What vanished meanwhile is not there.
                _ => rustix::fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW)
                    .ok()
                    .and_then(|stat| Scanned::file(name, &stat, keep)),
            };
            scan.found.extend(scanned);
        }
        Ok(scan)
    }
}

impl Root {
    /// What in a directory of a file system that always answers has a number as its name, as processes have in /proc:
    /// that number and the number of the file, in no order.
    pub(crate) fn numbered(&self, path: impl AsRef<Path>) -> io::Result<Vec<(u32, u64)>> {
        let directory = self.open_any(path.as_ref(), OFlags::DIRECTORY)?;
        let mut found = Vec::new();
        let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
        let mut entries = RawDir::new(&directory, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let number = entry.file_name().to_str().ok();
            if let Some(number) = number.and_then(|number| number.parse().ok()) {
                found.push((number, entry.ino()));
            }
            if found.len() > DIRECTORY_ENTRIES {
                return Err(too_many_names());
            }
        }
        Ok(found)
    }
}

impl Scanned {
    fn directory(name: &CStr) -> Self {
        Self {
            name: OsString::from_vec(name.to_bytes().to_vec()),
            is_directory: true,
            mode: None,
            uid: 0,
            gid: 0,
            length: 0,
        }
    }

    /// `None` when it is not asked for.
    fn file(name: &CStr, stat: &Stat, keep: fn(&[u8], u32) -> bool) -> Option<Self> {
        // Some file systems do not say in the directory what is one.
        if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            return Some(Self::directory(name));
        }
        keep(name.to_bytes(), stat.st_mode).then(|| Self {
            is_directory: false,
            mode: Some(stat.st_mode),
            uid: stat.st_uid,
            gid: stat.st_gid,
            length: u64::try_from(stat.st_size).unwrap_or_default(),
            ..Self::directory(name)
        })
    }
}
