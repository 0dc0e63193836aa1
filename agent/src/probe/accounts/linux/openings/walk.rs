//! Set-user-id programs of root where only people put files: home folders, folders for everyone, /usr/local.

mod borders;
mod lent;

use std::{
    collections::VecDeque,
    io,
    path::{Component, Path, PathBuf},
};

use crate::order;
use crate::probe::{Root, root::is_absent, section::Diagnostics};

use super::super::owner::Owner;
use super::super::people::People;
use super::Opening;
use borders::Borders;
pub(super) use lent::lends;

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

/// Homes that are folders of the system, and folders in which homes of services are.
const SYSTEM: [&str; 10] = [
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
const OF_SERVICES: [&str; 6] = [
    "/proc",
    "/run",
    "/usr",
    "/var/cache",
    "/var/lib",
    "/var/spool",
];

/// Most names of one folder, so that one cannot hide the others.
const FOLDER_NAMES: usize = 100_000;

/// How deep below each folder. Deeper ones than this few are searched to their ends one by one, so that what is
/// still to be searched does not add up.
const DEPTH: usize = 64;
const SHALLOW: usize = 3;

/// Most links from a folder where a search begins to where it lies.
const LINKS: usize = 8;

/// How far a search goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Most names looked at.
    pub(super) names: usize,
    /// Deepest folder below those where it starts.
    pub(super) depth: usize,
}

impl Extent {
    /// As far as this many names.
    pub(super) const fn of(names: usize) -> Self {
        Self {
            names,
            depth: DEPTH,
        }
    }
}

/// A search. What lies shallow is looked at first. Servers and programs that stand for file systems are left out,
/// so that nobody is waited for.
#[derive(Debug)]
pub(super) struct Walk {
    owner: Owner,
    borders: Borders,
    queue: VecDeque<(PathBuf, usize)>,
    depth: usize,
    /// Names that may still be looked at.
    left: usize,
    gaps: Gaps,
    /// What was found so far.
    pub(super) openings: Vec<Opening>,
}

/// What was not searched.
#[derive(Debug, Default)]
struct Gaps {
    /// There were too many names, or too deep folders.
    cut: bool,
    /// Folders that may not be looked into.
    closed: bool,
    /// Folders that gave no answer.
    failed: bool,
}

/// Homes of accounts that are searched besides. Those of services are folders of the system; those below another start
/// are found on the way.
pub(super) fn homes(people: &People) -> Vec<PathBuf> {
    let homes = people.persons.iter().map(|person| Path::new(&person.home));
    let own = homes.filter(|home| {
        let below = |folders: &[&str]| folders.iter().any(|folder| home.starts_with(folder));
        let is_system = SYSTEM.iter().any(|one| *home == Path::new(one));
        home.is_absolute() && !is_system && !below(&FOLDERS) && !below(&OF_SERVICES)
    });
    own.map(Path::to_owned).collect()
}

impl Walk {
    /// Begins a search.
    pub(super) fn begin(root: &Root, homes: &[PathBuf], extent: Extent) -> Self {
        let mut walk = Self {
            owner: Owner::of(root),
            borders: Borders::read(root),
            queue: VecDeque::new(),
            depth: extent.depth,
            left: extent.names,
            gaps: Gaps::default(),
            openings: Vec::new(),
        };
        walk.start(root, homes);
        walk
    }

    fn start(&mut self, root: &Root, homes: &[PathBuf]) {
        let folders = FOLDERS.iter().map(Path::new);
        let mut starts: Vec<PathBuf> = folders
            .chain(homes.iter().map(PathBuf::as_path))
            .filter_map(|folder| self.place(root, folder))
            .collect();
        order::sort(&mut starts);
        starts.dedup();
        let mounted = self.borders.below(&starts);
        starts.retain(|start| self.borders.is_searched(start));
        starts.extend(mounted);
        self.queue
            .extend(starts.into_iter().map(|start| (start, 0)));
    }

    /// Where a folder lies, which may be a link: some systems have /home in /var. `None` when the links lead nowhere.
    fn place(&mut self, root: &Root, folder: &Path) -> Option<PathBuf> {
        let mut place = folder.to_owned();
        for _ in 0..LINKS {
            if !root.is_link(&place).unwrap_or(false) {
                return Some(place);
            }
            let target = root.read_link(&place).ok()?;
            place = joined(place.parent().unwrap_or(Path::new("/")), &target);
        }
        self.gaps.failed = true;
        None
    }

    /// Goes on, folder by folder and at least by one, until it is time to stop; whether the search has ended.
    pub(super) fn go_on(&mut self, root: &Root, is_time: impl Fn() -> bool) -> bool {
        while let Some((folder, depth)) = self.queue.pop_front() {
            if self.left == 0 {
                self.gaps.cut = true;
                self.queue.clear();
                return true;
            }
            self.folder(root, &folder, depth);
            if is_time() {
                return self.queue.is_empty();
            }
        }
        true
    }

    /// Ends the search, whatever is left.
    pub(super) fn give_up(&mut self) {
        self.gaps.cut |= !self.queue.is_empty();
        self.queue.clear();
    }

    /// Notes what was not searched. Where exactly the search ended changes with every file: that would be noise.
    pub(super) fn note(&self, diagnostics: &mut Diagnostics) {
        const PLACE: &str = "home and shared folders";
        if self.gaps.cut {
            let reason = "hold more names than are searched for programs that run as root; what lies deepest was not searched";
            diagnostics.note(PLACE, "", reason);
        }
        if self.gaps.closed {
            let reason =
                "are not all open to the agent, so programs there that run as root may be missing";
            diagnostics.note(PLACE, "", reason);
        }
        if self.gaps.failed {
            let reason = "could not all be read, so programs there that run as root may be missing";
            diagnostics.note(PLACE, "", reason);
        }
        self.borders.note(diagnostics);
    }

    fn folder(&mut self, root: &Root, folder: &Path, depth: usize) {
        let limit = FOLDER_NAMES.min(self.left);
        let scan = match root.scan(folder, limit, lent::is_worth_a_look) {
            Ok(scan) => scan,
            Err(error) => return self.miss(&error),
        };
        self.left -= scan.looked;
        self.gaps.cut |= scan.more;
        let mut found = scan.found;
        order::sort_by(&mut found, |a, b| a.name.cmp(&b.name));
        let (folders, files): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.is_directory);
        for scanned in files {
            let path = folder.join(&scanned.name);
            self.openings
                .extend(lent::opening(root, self.owner, &path, &scanned));
        }
        let inside = folders.into_iter().map(|scanned| folder.join(scanned.name));
        let inside = inside.filter(|path| !self.borders.is_point(path));
        let inside: Vec<_> = inside.map(|path| (path, depth + 1)).collect();
        if depth >= self.depth {
            self.gaps.cut |= !inside.is_empty();
        } else if depth < SHALLOW {
            self.queue.extend(inside);
        } else {
            inside
                .into_iter()
                .rev()
                .for_each(|it| self.queue.push_front(it));
        }
    }

    /// What vanished meanwhile holds nothing that could be told.
    fn miss(&mut self, error: &io::Error) {
        match error.kind() {
            _ if is_absent(error) => {}
            io::ErrorKind::PermissionDenied => self.gaps.closed = true,
            _ => self.gaps.failed = true,
        }
    }
}

/// A path as a link in a folder writes it.
fn joined(folder: &Path, target: &Path) -> PathBuf {
    let mut path = folder.to_owned();
    for part in target.components() {
        match part {
            Component::RootDir => path = PathBuf::from("/"),
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            Component::CurDir | Component::Prefix(_) => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    #[test]
    fn a_folder_that_is_closed_to_the_agent_is_said_and_one_that_vanished_is_not() {
        let (_directory, root) = root_with(&[]);
        for (kind, expected) in [
            (io::ErrorKind::NotFound, None),
            (io::ErrorKind::PermissionDenied, Some("are not all open")),
            (io::ErrorKind::InvalidData, Some("could not all be read")),
        ] {
            let mut walk = Walk::begin(&root, &[], Extent::of(10));
            walk.miss(&kind.into());
            let mut diagnostics = Diagnostics::new();
            walk.note(&mut diagnostics);
            let said = diagnostics.finish();
            assert_eq!(said.len(), usize::from(expected.is_some()), "{kind:?}");
            let is_said = |one: &str| said[0].reason.starts_with(one);
            assert!(expected.is_none_or(is_said), "{said:?}");
        }
    }
}
