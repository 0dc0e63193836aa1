//! Set-user-id programs of root where only people put files: home folders, folders for everyone, /usr/local.

use std::{
    collections::{HashSet, VecDeque},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use freehold_proto::v1::{accounts::privilege::Mechanism, toggle::State};

use crate::parse::mounts;
use crate::probe::{Root, root::Scanned, section::Diagnostics};

use super::super::owner::Owner;
use super::super::people::People;
use super::super::privilege::EVERYTHING;
use super::interpreters::is_interpreter;
use super::{Opening, Who, capabilities};

/// Folders searched beside the homes of accounts.
const FOLDERS: [&str; 7] = [
    "/dev/shm",
    "/home",
    "/opt",
    "/root",
    "/tmp",
    "/usr/local",
    "/var/tmp",
];

/// Most names looked at in a first search, which has to stay cheap, and in one that is made now and then.
pub(super) const NAMES: usize = 4_000;
pub(super) const NAMES_LATER: usize = 40_000;

/// Most names of one folder, so that one cannot hide the others.
const FOLDER_NAMES: usize = 1_000;

/// How deep below each folder.
const DEPTH: usize = 8;

/// A slow disk ends the search.
const TIME: Duration = Duration::from_secs(2);

const REGULAR: u32 = 0o100_000;
const KIND: u32 = 0o170_000;
const SET_USER: u32 = 0o4000;
const SET_GROUP: u32 = 0o2000;

/// Programs that run as root wherever they belong, as in a copy of a system; they make nobody root.
const STANDARD: [&str; 16] = [
    "chage",
    "chfn",
    "chsh",
    "expiry",
    "fusermount",
    "fusermount3",
    "gpasswd",
    "mount",
    "newgrp",
    "passwd",
    "ping",
    "pkexec",
    "su",
    "sudo",
    "umount",
    "unix_chkpwd",
];

/// Longest program compared with a shell.
const SHELL_BYTES: u64 = 4 * 1024 * 1024;
const SHELLS: [&str; 4] = ["/bin/bash", "/bin/dash", "/bin/sh", "/usr/bin/zsh"];

/// Searches, breadth first: what lies shallow is looked at before the search has to end. Other file systems
/// mounted below a folder are left out, so that no server is waited for.
pub(super) fn find(
    root: &Root,
    people: &People,
    names: usize,
    diagnostics: &mut Diagnostics,
) -> Vec<Opening> {
    let mut walk = Walk {
        root,
        owner: Owner::of(root),
        borders: borders(root),
        queue: VecDeque::new(),
        left: names,
        cut: false,
        openings: Vec::new(),
    };
    walk.start(people);
    walk.run();
    if walk.cut {
        // Where exactly it ended changes with every file: that would be noise.
        let reason = "hold more names than are searched for programs that run as root; what lies deepest was not searched";
        diagnostics.remark("home and shared folders", "", reason);
    }
    walk.openings
}

struct Walk<'a> {
    root: &'a Root,
    owner: Owner,
    /// Mount points, which are not entered.
    borders: Borders,
    queue: VecDeque<(PathBuf, usize)>,
    /// Names that may still be looked at.
    left: usize,
    cut: bool,
    openings: Vec<Opening>,
}

#[derive(Default)]
struct Borders {
    points: HashSet<PathBuf>,
    /// Mounts that are on a server or where set-user-id has no effect.
    inert: HashSet<PathBuf>,
}

fn borders(root: &Root) -> Borders {
    let mut borders = Borders::default();
    if !root.is_live() {
        return borders;
    }
    // The agent's own service may see other mounts than the machine.
    let bytes = root
        .read("/proc/1/mountinfo")
        .or_else(|_| root.read("/proc/self/mountinfo"))
        .unwrap_or_default();
    for mount in mounts::parse(&bytes) {
        let point = PathBuf::from(std::ffi::OsStr::from_bytes(&mount.point));
        let kind = mount.kind.as_str();
        let remote = kind.starts_with("nfs")
            || kind.starts_with("fuse")
            || matches!(
                kind,
                "cifs" | "smb3" | "smbfs" | "autofs" | "9p" | "afs" | "ceph"
            );
        if remote || mount.no_set_user_id {
            borders.inert.insert(point.clone());
        }
        borders.points.insert(point);
    }
    borders
}

impl Borders {
    /// Whether nothing is to be found in a folder, by the mount it lies on.
    fn is_inert(&self, path: &Path) -> bool {
        let mount = path.ancestors().find(|place| self.points.contains(*place));
        mount.is_some_and(|mount| self.inert.contains(mount))
    }
}

impl Walk<'_> {
    fn start(&mut self, people: &People) {
        let homes = people.persons.iter().map(|person| Path::new(&person.home));
        let folders = FOLDERS.iter().map(Path::new);
        // Homes of services are system folders; those below another start are found on the way.
        let below = |path: &Path| FOLDERS.iter().any(|folder| path.starts_with(folder));
        let system = [
            "/",
            "/bin",
            "/dev",
            "/etc",
            "/nonexistent",
            "/proc",
            "/run",
            "/sbin",
            "/usr",
            "/var",
        ];
        let own = homes.filter(|home| {
            home.is_absolute()
                && !below(home)
                && !system.iter().any(|one| *home == Path::new(one))
                && ![
                    "/usr",
                    "/var/lib",
                    "/var/cache",
                    "/var/spool",
                    "/run",
                    "/proc",
                ]
                .iter()
                .any(|one| home.starts_with(one))
        });
        let mut starts: Vec<PathBuf> = folders.chain(own).map(Path::to_owned).collect();
        starts.sort();
        starts.dedup();
        starts.retain(|start| !self.borders.is_inert(start));
        self.queue
            .extend(starts.into_iter().map(|start| (start, 0)));
    }

    fn run(&mut self) {
        let began = Instant::now();
        while let Some((folder, depth)) = self.queue.pop_front() {
            if self.left == 0 || began.elapsed() > TIME {
                self.cut = true;
                return;
            }
            self.folder(&folder, depth);
        }
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        let limit = FOLDER_NAMES.min(self.left);
        // What may not be read or vanished holds nothing that could be told.
        let Ok((mut names, more)) = self.root.scan(folder, limit) else {
            return;
        };
        self.left -= names.len();
        self.cut |= more;
        names.sort_by(|a, b| a.name.cmp(&b.name));
        for scanned in names {
            let path = folder.join(&scanned.name);
            if scanned.is_directory {
                if depth < DEPTH && !self.borders.points.contains(&path) {
                    self.queue.push_back((path, depth + 1));
                }
            } else {
                self.openings.extend(self.file(&path, &scanned));
            }
        }
    }

    fn file(&self, path: &Path, scanned: &Scanned) -> Option<Opening> {
        let mode = scanned.mode.filter(|mode| mode & KIND == REGULAR)?;
        let text = path.to_string_lossy();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let set_user = mode & SET_USER != 0 && self.owner.is_user(scanned.uid);
        let executable = mode & 0o111 != 0;
        if !set_user && !self.lends_group(mode, scanned.gid) {
            return (executable && is_interpreter(&name))
                .then(|| capabilities::of_file(self.root, &text))
                .flatten();
        }
        let who = if mode & 0o001 != 0 {
            Who::Everyone
        } else if mode & 0o010 != 0 && !self.owner.is_group(scanned.gid) {
            Who::Group(scanned.gid)
        } else {
            return None;
        };
        let shell = is_interpreter(&name) || is_shell(self.root, path, scanned.length);
        if !shell && STANDARD.contains(&&*name) {
            return None;
        }
        let (scope, full_control) = lent(set_user, shell);
        Some(Opening {
            mechanism: Mechanism::Setuid,
            who,
            step: text.clone().into_owned(),
            scope,
            conditions: Vec::new(),
            source: text.into_owned(),
            line: None,
            full_control,
        })
    }

    /// Whether a program runs with the group root whoever starts it.
    fn lends_group(&self, mode: u32, gid: u32) -> bool {
        mode & SET_GROUP != 0 && mode & 0o010 != 0 && self.owner.is_group(gid)
    }
}

/// What a program gives that runs as root, or with root's group.
fn lent(set_user: bool, shell: bool) -> (String, State) {
    match (set_user, shell) {
        (true, true) => (
            format!("{EVERYTHING}: a shell or interpreter that runs as root"),
            State::On,
        ),
        (true, false) => (
            "what the program does as root, which is not known".to_owned(),
            State::Unknown,
        ),
        (false, _) => (
            "what the program does with the group root, which is not known".to_owned(),
            State::Unknown,
        ),
    }
}

/// Whether a file is a shell of this machine under another name.
fn is_shell(root: &Root, path: &Path, length: u64) -> bool {
    let same_length = |shell: &&&str| {
        root.metadata(shell)
            .is_ok_and(|metadata| metadata.len() == length)
    };
    let candidates: Vec<_> = SHELLS.iter().filter(same_length).collect();
    if candidates.is_empty() {
        return false;
    }
    let Ok(bytes) = root.read_at_most(path, SHELL_BYTES) else {
        return false;
    };
    candidates.iter().any(|shell| {
        root.read_at_most(shell, SHELL_BYTES)
            .is_ok_and(|other| other == bytes)
    })
}
