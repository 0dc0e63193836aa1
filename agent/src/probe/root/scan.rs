//! A directory with what the kernel knows of each name in it, in one pass.

use std::{ffi::OsString, io, os::unix::ffi::OsStringExt as _, path::Path};

use rustix::fs::{AtFlags, FileType, OFlags};

use super::Root;

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

impl Root {
    /// Reads at most `limit` names of a directory, in no order; whether there are more. A link at the end
    /// of the path is not followed.
    pub(crate) fn scan(&self, path: &Path, limit: usize) -> io::Result<(Vec<Scanned>, bool)> {
        self.patiently(path, move |root, path| root.scan_now(path, limit))
    }

    fn scan_now(&self, path: &Path, limit: usize) -> io::Result<(Vec<Scanned>, bool)> {
        let directory = self.open_any(path, OFlags::DIRECTORY | OFlags::NOFOLLOW)?;
        let mut found = Vec::new();
        // One descriptor fewer to open than by Dir::read_from: this runs for thousands of folders.
        for entry in rustix::fs::Dir::new(directory.try_clone()?)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            if found.len() == limit {
                return Ok((found, true));
            }
            let mut scanned = Scanned {
                name: OsString::from_vec(name.to_bytes().to_vec()),
                is_directory: entry.file_type() == FileType::Directory,
                mode: None,
                uid: 0,
                gid: 0,
                length: 0,
            };
            let told = matches!(
                entry.file_type(),
                FileType::Symlink | FileType::Fifo | FileType::Socket
            );
            if told {
                scanned.mode = Some(entry.file_type().as_raw_mode());
            } else if !scanned.is_directory {
                // What vanished meanwhile is not there.
                let Ok(stat) = rustix::fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW)
                else {
                    continue;
                };
                scanned.is_directory = FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
                scanned.mode = Some(stat.st_mode);
                (scanned.uid, scanned.gid) = (stat.st_uid, stat.st_gid);
                scanned.length = u64::try_from(stat.st_size).unwrap_or_default();
            }
            found.push(scanned);
        }
        Ok((found, false))
    }
}
