//! The symbolic links of a whole directory, for the places where there are thousands of them.

use std::{ffi::OsString, io, os::unix::ffi::OsStringExt as _, path::Path};

use rustix::fs::{Dir, FileType, OFlags};

use super::{DIRECTORY_ENTRIES, Root};

impl Root {
    /// The symbolic links in a directory: names and targets, as written, in no order.
    pub(crate) fn links(&self, path: impl AsRef<Path>) -> io::Result<Vec<(OsString, OsString)>> {
        self.patiently(path.as_ref(), |root, path| {
            let mut links = Vec::new();
            root.each_link(path, |name, target| {
                let text = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
                links.push((text(name), text(target)));
                true
            })?;
            Ok(links)
        })
    }

    /// Calls `each` with the name and the target of every symbolic link in a directory of a file system
    /// that always answers, such as /proc, until it says no.
    pub(crate) fn each_link(
        &self,
        path: impl AsRef<Path>,
        mut each: impl FnMut(&[u8], &[u8]) -> bool,
    ) -> io::Result<()> {
        let directory = self.open_any(path.as_ref(), OFlags::DIRECTORY)?;
        let mut target = Vec::new();
        // One descriptor fewer to open than by Dir::read_from: this runs for every process.
        for (number, entry) in Dir::new(directory.try_clone()?)?.enumerate() {
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
        let mut told = root.links("/a").unwrap();
        told.sort();
        let expected = [("3", "socket:[7]"), ("masked", "/dev/null")];
        let expected = expected.map(|(name, target)| (name.into(), target.into()));
        assert_eq!(told, expected);
        assert!(root.links("/b").is_err());
        let mut seen = 0;
        root.each_link("/a", |_, _| {
            seen += 1;
            false
        })
        .unwrap();
        assert_eq!(seen, 1);
    }
}
