//! What a probe was made from: the paths that it asked for, and whether any of them has changed since. A section that
//! is looked at every minute is read again only then.

use std::{
    cell::RefCell,
    collections::HashSet,
    ffi::OsStr,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use super::{Root, section};

/// Most paths that are kept in mind; what asks for more is read every time.
const PATHS: usize = 5_000;

/// How long a reading counts at most: some of it depends on the day.
const FRESH: Duration = Duration::from_secs(3600);
const DAY: i64 = 24 * 60 * 60;

thread_local! {
    static ASKED: RefCell<Option<HashSet<PathBuf>>> = const { RefCell::new(None) };
}

/// Takes down a path that is asked for in a root.
pub(super) fn note(root: &Path, path: &Path) {
    ASKED.with_borrow_mut(|asked| {
        if let Some(asked) = asked.as_mut().filter(|asked| asked.len() <= PATHS) {
            asked.insert(root.join(path.strip_prefix("/").unwrap_or(path)));
        }
    });
}

/// Does something of which nothing is taken down.
pub(super) fn without<T>(work: impl FnOnce() -> T) -> T {
    let asked = ASKED.take();
    let done = work();
    ASKED.set(asked);
    done
}

/// Does something, and tells from what it was made: `None` when that cannot be told.
pub(super) fn of<T>(root: &Root, work: impl FnOnce() -> T) -> (T, Option<Trace>) {
    let began = seconds();
    ASKED.set(Some(HashSet::new()));
    let done = work();
    let asked = ASKED.take().unwrap_or_default();
    (done, Trace::take(root, asked, began))
}

/// As if everything had been written long before, for tests.
#[cfg(test)]
pub(super) fn settled(work: impl FnOnce()) -> Option<Trace> {
    ASKED.set(Some(HashSet::new()));
    work();
    let asked = ASKED.take().unwrap_or_default();
    Trace::take(&Root::live(), asked, seconds() + 10)
}

/// The state of every path, in little memory: there are thousands of them.
#[derive(Debug)]
pub(super) struct Trace {
    /// The paths, each with a NUL behind it.
    paths: Vec<u8>,
    mark: u64,
    until: Instant,
    day: i64,
}

impl Trace {
    fn take(root: &Root, asked: HashSet<PathBuf>, began: i64) -> Option<Self> {
        if asked.len() > PATHS {
            return None;
        }
        // What the kernel shows there has no time of its change; what matters of it is noticed otherwise.
        let kernel = |path: &PathBuf| path.starts_with("/proc") || path.starts_with("/sys");
        let mut paths = Vec::new();
        for path in asked.into_iter().filter(|path| !kernel(path)) {
            paths.extend_from_slice(path.as_os_str().as_bytes());
            paths.push(0);
        }
        paths.shrink_to_fit();
        // It may have changed after it was read. Times are as coarse as the file system has them.
        let mark = mark(root, &paths, |changed| changed < began - 2)?;
        Some(Self {
            paths,
            mark,
            until: Instant::now() + FRESH,
            day: began / DAY,
        })
    }

    /// Whether reading again would tell the same.
    pub(super) fn holds(&self, root: &Root) -> bool {
        let is_fresh = Instant::now() < self.until && seconds() / DAY == self.day;
        is_fresh && mark(root, &self.paths, |_| true) == Some(self.mark)
    }
}

/// What differs when a file or folder was changed, replaced or removed, or came into being; `None` when the time of the
/// last change of one of them will not do.
fn mark(root: &Root, paths: &[u8], will_do: impl Fn(i64) -> bool) -> Option<u64> {
    let mut mark = DefaultHasher::new();
    for path in paths
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
    {
        let path = Path::new(OsStr::from_bytes(path));
        let metadata = root.metadata(path).ok();
        if metadata.as_ref().is_some_and(|it| !will_do(it.ctime())) {
            return None;
        }
        let metadata =
            metadata.map(|it| (it.dev(), it.ino(), it.len(), it.ctime(), it.ctime_nsec()));
        metadata.hash(&mut mark);
    }
    Some(mark.finish())
}

fn seconds() -> i64 {
    section::timestamp(SystemTime::now()).seconds
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::probe::fixture::{root_with, write};

    /// What is made of a file and a folder that is not there, a while after they were written.
    fn traced(root: &Root) -> Trace {
        let trace = settled(|| {
            let _ = root.read("/etc/passwd");
            let _ = root.list("/etc/sudoers.d");
            without(|| drop(root.read("/etc/other")));
        });
        let trace = trace.unwrap();
        assert_eq!(
            trace.paths.split(|byte| *byte == 0).count(),
            3,
            "one is empty"
        );
        trace
    }

    #[test]
    fn a_reading_counts_until_something_it_was_made_of_changes() {
        let (directory, root) = root_with(&[("/etc/passwd", b"one"), ("/etc/other", b"x")]);
        let live = Root::live();
        let passwd = directory.path().join("etc/passwd");
        let changes: [&dyn Fn(); 4] = [
            &|| fs::write(&passwd, "two").unwrap(),
            &|| {
                fs::write(directory.path().join("etc/new"), "two").unwrap();
                fs::rename(directory.path().join("etc/new"), &passwd).unwrap();
            },
            &|| write(directory.path(), "/etc/sudoers.d/anna", b"x"),
            &|| fs::remove_file(directory.path().join("etc/sudoers.d/anna")).unwrap(),
        ];
        for change in changes {
            let trace = traced(&root);
            fs::write(directory.path().join("etc/other"), "y").unwrap();
            assert!(trace.holds(&live));
            // The clock by which files are marked does not move on with every change.
            std::thread::sleep(Duration::from_millis(20));
            change();
            assert!(!trace.holds(&live));
        }
    }

    #[test]
    fn what_changed_while_it_was_read_is_read_again() {
        let (_directory, root) = root_with(&[("/etc/passwd", b"one")]);
        let (bytes, trace) = of(&Root::live(), || root.read("/etc/passwd").unwrap());
        assert_eq!(bytes, b"one");
        assert!(trace.is_none());
    }

    #[test]
    fn what_is_made_of_too_many_files_is_read_every_time() {
        let traced = |paths: usize| {
            settled(|| {
                for number in 0..paths {
                    note(Path::new("/nowhere"), Path::new(&number.to_string()));
                }
            })
        };
        assert!(traced(PATHS).is_some());
        assert!(traced(PATHS + 7).is_none());
    }

    #[test]
    fn a_reading_of_yesterday_does_not_count() {
        let (_directory, root) = root_with(&[("/etc/passwd", b"one")]);
        let mut trace = traced(&root);
        trace.day -= 1;
        assert!(!trace.holds(&Root::live()));
        let mut trace = traced(&root);
        trace.until = Instant::now();
        assert!(!trace.holds(&Root::live()));
    }
}
