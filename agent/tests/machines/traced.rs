//! What the program does to the system, as strace sees it.

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::{golden, program};

/// One system call: its name and the rest of the line.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) rest: String,
}

impl Call {
    /// The first quoted argument.
    pub(crate) fn path(&self) -> Option<&str> {
        self.rest.split('"').nth(1)
    }

    /// The path within the root, for calls that open one.
    pub(crate) fn inside(&self) -> Option<String> {
        let path = self
            .path()
            .filter(|path| self.name == "openat2" && *path != ".")?;
        Some(format!("/{path}"))
    }

    /// The descriptor that it answered with.
    fn descriptor(&self) -> Option<&str> {
        self.rest.rsplit_once(" = ").map(|(_, answer)| answer)
    }
}

/// The paths within the root whose content was asked for, as opposed to whether there is something.
pub(crate) fn contents(calls: &[Call]) -> BTreeSet<String> {
    let mut places = BTreeMap::new();
    let mut contents = BTreeSet::new();
    for call in calls {
        if let Some(path) = call.inside() {
            if call.rest.contains("O_DIRECTORY") {
                contents.insert(path.clone());
            }
            places.insert(call.descriptor(), path);
        } else if let Some(number) = call
            .path()
            .and_then(|path| path.strip_prefix("/proc/self/fd/"))
        {
            contents.extend(places.get(&Some(number)).cloned());
        }
    }
    contents
}

/// The system calls of a snapshot; `None`, with a message, where they cannot be watched.
pub(crate) fn calls(root: Option<&Path>, sections: &[&str]) -> Option<Vec<Call>> {
    if !program::has("strace", "which system calls the agent makes") {
        return None;
    }
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-s", "4096", "-e", "signal=none", "-o"])
        .arg(&log)
        .arg(program::agent())
        .args(program::arguments(root, sections))
        // Cargo's own search path for libraries.
        .env_remove("LD_LIBRARY_PATH");
    let outcome = program::run(&mut command, Duration::from_secs(60)).unwrap();
    if outcome.stderr.contains("ptrace") {
        eprintln!(
            "NOT TESTED: which system calls the agent makes: {}",
            outcome.stderr
        );
        return None;
    }
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let text = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    let calls: Vec<Call> = text.lines().filter_map(call).collect();
    assert!(calls.len() > 50, "{text}");
    Some(calls)
}

/// A call out of `1234  openat2(3, "etc/passwd", {...}, 24) = 4`. Of a call that another thread
/// interrupted, the first half has the arguments.
fn call(line: &str) -> Option<Call> {
    let (_, line) = line.split_once(' ')?;
    let (name, rest) = line.trim_start().split_once('(')?;
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    is_name.then(|| Call {
        name: name.to_owned(),
        rest: rest.to_owned(),
    })
}

/// Calls that change something, or ask this machine instead of the root.
const FORBIDDEN: [&str; 42] = [
    "accept4",
    "bind",
    "chmod",
    "chown",
    "connect",
    "creat",
    "execveat",
    "fallocate",
    "fchmod",
    "fchmodat",
    "fchown",
    "fchownat",
    "fork",
    "fsetxattr",
    "ftruncate",
    "ioctl",
    "kill",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "mount",
    "open_by_handle_at",
    "ptrace",
    "pwrite64",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendmsg",
    "sendto",
    "setxattr",
    "socket",
    "symlinkat",
    "sysinfo",
    "truncate",
    "uname",
    "unlink",
    "unlinkat",
    "utimensat",
];

#[test]
fn another_root_is_only_read_and_this_machine_is_not_asked() {
    let tree = golden::dell_office_pc();
    let Some(calls) = calls(Some(tree.root()), &[]) else {
        return;
    };
    for call in &calls {
        assert!(!FORBIDDEN.contains(&call.name.as_str()), "{call:?}");
    }
    assert_eq!(calls.iter().filter(|call| call.name == "execve").count(), 1);
    let outside: BTreeSet<&str> = calls
        .iter()
        .filter(|call| {
            matches!(
                call.name.as_str(),
                "open" | "openat" | "readlink" | "readlinkat" | "access" | "faccessat2"
            )
        })
        .filter_map(Call::path)
        .filter(|path| !is_own(path, tree.root()))
        .collect();
    assert_eq!(outside, BTreeSet::new(), "opened outside of the root");
    assert!(
        calls
            .iter()
            .any(|call| call.inside().as_deref() == Some("/etc/passwd"))
    );
}

/// What every program opens: its libraries, itself, and descriptors that it holds.
fn is_own(path: &str, root: &Path) -> bool {
    let libraries = ["/lib", "/usr/lib", "/etc/ld.so"];
    path.is_empty()
        || path == root.to_str().unwrap()
        || path.starts_with("/proc/self/fd/")
        || path == "/proc/self/maps"
        || libraries.iter().any(|start| path.starts_with(start))
}

#[test]
fn nothing_is_ever_opened_for_writing() {
    let tree = golden::dell_office_pc();
    for root in [Some(tree.root()), None] {
        let Some(calls) = calls(
            root,
            &[
                "system",
                "hardware",
                "accounts",
                "network",
                "services",
                "protection",
            ],
        ) else {
            return;
        };
        for call in calls.iter().filter(|call| call.name.starts_with("open")) {
            let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];
            let is_null = call.path() == Some("/dev/null");
            assert!(
                is_null || !writes.iter().any(|flag| call.rest.contains(flag)),
                "{call:?}"
            );
        }
    }
}

#[test]
fn a_root_is_the_same_after_it_was_read_even_in_its_times() {
    let tree = golden::dell_office_pc();
    let before = marks(tree.root());
    program::sections(tree.root(), &[]);
    let after = marks(tree.root());
    let changed: Vec<_> = before.symmetric_difference(&after).collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

/// Path, size and times of everything below a folder.
fn marks(folder: &Path) -> BTreeSet<(PathBuf, u64, [i64; 6])> {
    let mut marks = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&folder).unwrap() {
            entries.push(entry.unwrap().path());
        }
        for path in entries {
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let mut times = times(&metadata);
            // Listing a folder is the test's own doing, and the kernel notes every reading of a link.
            if !metadata.is_file() {
                times[..2].fill(0);
            }
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            marks.insert((path, metadata.len(), times));
        }
    }
    marks
}

fn times(metadata: &std::fs::Metadata) -> [i64; 6] {
    [
        metadata.atime(),
        metadata.atime_nsec(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec(),
    ]
}
