//! The symbolic links of a whole directory, for the places where there are thousands of them.

use std::{io, path::Path};

use rustix::fs::{Dir, FileType, OFlags};

use super::{DIRECTORY_ENTRIES, Root};

impl Root {
    /// Calls `each` with the name and the target, as written, of every symbolic link in a directory, in
    /// the directory's own order, until it answers `false`. The directory is opened once for all of them.
    pub fn links(
        &self,
        path: impl AsRef<Path>,
        mut each: impl FnMut(&[u8], &[u8]) -> bool,
    ) -> io::Result<()> {
        let directory = self.open_any(path.as_ref(), OFlags::DIRECTORY)?;
        let mut target = Vec::new();
        for (number, entry) in Dir::read_from(&directory)?.enumerate() {
            let entry = entry?;
            if number == DIRECTORY_ENTRIES {
                let reason = format!("holds more than {DIRECTORY_ENTRIES} names");
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
            }
            if !matches!(entry.file_type(), FileType::Symlink | FileType::Unknown) {
                continue;
            }
            // What is no link after all, or is gone meanwhile, is passed over.
            let reused = std::mem::take(&mut target);
            let Ok(read) = rustix::fs::readlinkat(&directory, entry.file_name(), reused) else {
                continue;
            };
            target = read.into_bytes();
            if !each(entry.file_name().to_bytes(), &target) {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use crate::probe::fixture::root_with;

    #[test]
    fn links_are_told_with_their_targets_and_files_are_not() {
        let (directory, root) = root_with(&[("/a/file", b"x")]);
        symlink("/dev/null", directory.path().join("a/masked")).unwrap();
        symlink("socket:[7]", directory.path().join("a/3")).unwrap();
        let mut told = Vec::new();
        let mut keep = |name: &[u8], target: &[u8]| {
            told.push([name, target].map(|text| String::from_utf8_lossy(text).into_owned()));
            true
        };
        root.links("/a", &mut keep).unwrap();
        told.sort();
        assert_eq!(told, [["3", "socket:[7]"], ["masked", "/dev/null"]]);
        assert!(root.links("/b", |_, _| true).is_err());
    }
}
