//! A private copy of another root's database, for this machine's rpm to read.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Read as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::probe::{Root, root::is_absent};

/// Most bytes that are copied, and the longest time that may take: with what rpm then needs, it has to fit into the
/// time of a section.
const MOST: u64 = 512 * 1024 * 1024;
const TIME: Duration = Duration::from_secs(20);
/// Bytes copied between two looks at the time.
const PIECE: u64 = 4 * 1024 * 1024;

/// Where there is room, and memory is not used up.
const PARENTS: [&str; 2] = ["/var/tmp", "/tmp"];

/// The files of which one kind of database or the other consists. Indexes are left out: listing everything
/// needs none.
const FILES: [&str; 5] = [
    "rpmdb.sqlite",
    "rpmdb.sqlite-wal",
    "Packages.db",
    "Index.db",
    "Packages",
];

/// The copy. It is removed when dropped.
#[derive(Debug)]
pub(super) struct Copy {
    path: PathBuf,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub(super) enum CopyError {
    #[error("no folder for a copy could be made in /var/tmp or /tmp: {0}")]
    Folder(io::Error),
    #[error("its file {file} could not be copied: {source}")]
    File {
        file: &'static str,
        source: io::Error,
    },
    #[error("it is longer than {MOST} bytes")]
    TooLong,
    #[error("copying it takes longer than {} seconds", TIME.as_secs())]
    TooSlow,
}

impl Copy {
    /// Copies a database, for `owner` alone where the agent may give files away.
    pub(super) fn make(root: &Root, directory: &str, owner: u32) -> Result<Self, CopyError> {
        PARENTS.into_iter().for_each(clear);
        let copy = Self {
            path: folder().map_err(CopyError::Folder)?,
        };
        let until = Instant::now() + TIME;
        let mut left = MOST;
        for file in FILES {
            match copy.file(root, directory, file, left, until) {
                Err(error) if is_too_slow(&error) => {
                    return Err(CopyError::TooSlow);
                }
                Ok(length) => left = left.checked_sub(length).ok_or(CopyError::TooLong)?,
                Err(error) if is_absent(&error) => {}
                Err(source) => return Err(CopyError::File { file, source }),
            }
        }
        copy.give(owner).map_err(CopyError::Folder)?;
        Ok(copy)
    }

    /// The folder with the copy.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies a file unless it is longer than `most`; how long it is.
    fn file(
        &self,
        root: &Root,
        directory: &str,
        file: &str,
        most: u64,
        until: Instant,
    ) -> io::Result<u64> {
        let from = root.open(Path::new(&format!("{directory}/{file}")))?;
        let length = from.metadata()?.len();
        if length > most {
            return Ok(length);
        }
        let mut options = OpenOptions::new();
        let mut to = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.path.join(file))?;
        let mut from = from.take(most + 1);
        let mut copied = 0;
        loop {
            if Instant::now() > until {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match io::copy(&mut (&mut from).take(PIECE), &mut to)? {
                0 => return Ok(copied),
                length => copied += length,
            }
        }
    }

    fn give(&self, owner: u32) -> io::Result<()> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.path)? {
            chown(entry?.path(), Some(owner), Some(owner))?;
        }
        chown(&self.path, Some(owner), Some(owner))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a copy of a package database remains");
        }
    }
}

/// Whether it was the copying that took too long. A mount that gives no answer says so itself.
fn is_too_slow(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut && error.get_ref().is_none()
}

/// Beginning of the names of copies; the number of the process that made one follows.
const NAME: &str = "freehold-rpm-";

/// Removes copies whose process was killed before it could do so itself. Only what stands there under such a name goes:
/// no link is followed.
fn clear(parent: &str) {
    let names = fs::read_dir(parent).into_iter().flatten().flatten();
    for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
        let number = name
            .strip_prefix(NAME)
            .and_then(|rest| rest.split('-').next());
        let number = number.and_then(|number| number.parse::<u32>().ok());
        let is_left = number.is_some_and(|number| !Path::new(&format!("/proc/{number}")).exists());
        if is_left && Path::new("/proc/self").exists() {
            // Somebody else's cannot be removed, and need not be.
            let _ = fs::remove_dir_all(Path::new(parent).join(&name));
        }
    }
}

/// Makes a folder that nobody else can look into.
fn folder() -> io::Result<PathBuf> {
    let process = std::process::id();
    let name = format!("{NAME}{process}-{}", uuid::Uuid::new_v4().simple());
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for parent in PARENTS {
        let path = Path::new(parent).join(&name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn a_copy_left_by_a_process_that_was_killed_is_removed_and_others_are_not() {
        let parent = tempfile::tempdir().unwrap();
        // No process has a number as high as this.
        let left = parent.path().join(format!("{NAME}4194999-x"));
        let own = parent
            .path()
            .join(format!("{NAME}{}-x", std::process::id()));
        let other = parent.path().join("freehold-rpm-notes");
        for folder in [&left, &own, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("Packages"), "x").unwrap();
        }
        let kept = parent.path().join("kept");
        fs::create_dir(&kept).unwrap();
        std::os::unix::fs::symlink(&kept, parent.path().join(format!("{NAME}4194998-x"))).unwrap();
        clear(parent.path().to_str().unwrap());
        assert!(!left.exists() && own.exists() && other.exists() && kept.exists());
    }

    #[test]
    fn copying_that_takes_too_long_is_given_up_and_leaves_nothing() {
        let (_directory, root) = root_with(&[("/var/lib/rpm/Packages", b"x")]);
        let copy = Copy {
            path: folder().unwrap(),
        };
        let file = |until| copy.file(&root, "/var/lib/rpm", "Packages", MOST, until);
        let over = Instant::now();
        std::thread::sleep(Duration::from_millis(2));
        let error = file(over).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let place = copy.path.clone();
        drop(copy);
        assert!(!place.exists());
        let copy = Copy::make(&root, "/var/lib/rpm", rustix::process::geteuid().as_raw()).unwrap();
        assert_eq!(fs::read(copy.path.join("Packages")).unwrap(), b"x");
    }
}
