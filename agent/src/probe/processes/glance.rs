//! Looks at all processes again and again, as cheaply as that can be: what was seen twice is taken to be the same.

use std::{
    collections::HashMap,
    io,
    time::{Duration, Instant},
};

use crate::order;
use crate::probe::Root;

use super::{Processes, living};

/// So often everything is asked anew: a process may become another program without a new number.
const WHOLE: Duration = Duration::from_secs(600);

/// A process is asked at least this often. One that has just started often becomes another program.
const LOOKS: u8 = 3;

/// What is known of the processes.
#[derive(Debug, Default)]
pub(super) struct Glance {
    since: Option<Instant>,
    known: HashMap<u32, Known>,
}

#[derive(Debug)]
struct Known {
    /// Number of its folder, which another process of the same number does not have.
    folder: u64,
    name: Box<str>,
    looks: u8,
}

impl Glance {
    /// The processes that run. Those of names that matter are asked every time.
    pub(super) fn look(
        &mut self,
        root: &Root,
        matters: impl Fn(&str) -> bool,
    ) -> io::Result<Processes> {
        if self.since.is_none_or(|since| since.elapsed() > WHOLE) {
            self.known.clear();
            self.since = Some(Instant::now());
        }
        let mut entries = root.numbered("/proc")?;
        order::sort(&mut entries);
        let mut earlier = std::mem::take(&mut self.known);
        let mut processes = Processes::default();
        for (id, folder) in entries {
            let known = earlier.remove(&id).filter(|known| known.folder == folder);
            let looks = known.as_ref().map_or(0, |known| known.looks);
            let same = known.filter(|known| looks >= LOOKS && !matters(&known.name));
            let Some(name) = same.map(|known| known.name).or_else(|| name(root, id)) else {
                continue;
            };
            processes.add(&name, id);
            let looks = looks.saturating_add(1);
            self.known.insert(
                id,
                Known {
                    folder,
                    name,
                    looks,
                },
            );
        }
        Ok(processes)
    }
}

/// A process may end at any time; one that has ended and is not buried does nothing more.
fn name(root: &Root, id: u32) -> Option<Box<str>> {
    let stat = root.read_at_most(format!("/proc/{id}/stat"), 4096).ok()?;
    living(&stat).map(String::into_boxed_str)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::probe::fixture::{root_with, write};

    #[test]
    fn a_process_is_asked_until_it_has_settled_and_one_that_matters_always() {
        let (directory, root) = root_with(&[
            ("/proc/1/stat", b"1 (init) S 0"),
            ("/proc/7/stat", b"7 (sh) S 1"),
            ("/proc/self/stat", b"9 (x) S 1"),
        ]);
        let mut glance = Glance::default();
        let mut look = || glance.look(&root, |name| name == "clamd").unwrap();
        let first = look();
        assert!(first.has("sh") && first.has("init") && !first.has("x"));
        write(directory.path(), "/proc/7/stat", b"7 (clamd) S 1");
        assert!(look().has("clamd"), "it became another program");
        for _ in 0..5 {
            assert!(look().has("clamd"));
        }
        write(directory.path(), "/proc/7/stat", b"7 (clamd) Z 1");
        assert!(!look().has("clamd"), "it has ended and is not buried");
        write(directory.path(), "/proc/1/stat", b"1 (other) S 0");
        assert!(look().has("init"), "nobody asked");
        fs::remove_dir_all(directory.path().join("proc/1")).unwrap();
        assert!(!look().has("init"));
    }

    #[test]
    fn another_process_of_the_same_number_is_asked() {
        let (directory, root) = root_with(&[("/proc/7/stat", b"7 (sh) S 1")]);
        let mut glance = Glance::default();
        for _ in 0..5 {
            assert!(glance.look(&root, |_| false).unwrap().has("sh"));
        }
        let folder = directory.path().join("proc/7");
        fs::rename(&folder, directory.path().join("gone")).unwrap();
        write(directory.path(), "/proc/7/stat", b"7 (clamd) S 1");
        assert!(glance.look(&root, |_| false).unwrap().has("clamd"));
        glance.since = Instant::now().checked_sub(WHOLE);
        write(directory.path(), "/proc/7/stat", b"7 (other) S 1");
        for _ in 0..5 {
            assert!(glance.look(&root, |_| false).unwrap().has("other"));
        }
    }
}
