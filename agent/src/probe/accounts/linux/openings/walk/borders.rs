//! Mounts on the way of the search.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use crate::parse::mounts::{self, Mount};
use crate::probe::{Root, section::Diagnostics};

/// Most mounts that are named.
const NAMED: usize = 16;

/// File systems that the kernel fills: no person puts a file there.
const KERNEL: [&str; 8] = [
    "cgroup", "cgroup2", "devpts", "devtmpfs", "mqueue", "proc", "sysfs", "tracefs",
];

/// What is mounted where.
#[derive(Debug, Default)]
pub(super) struct Borders {
    points: BTreeMap<PathBuf, Manner>,
    /// Mounts that were left out although programs there may run as root, and of which kind they are.
    missed: BTreeMap<PathBuf, String>,
}

/// What a search does at a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Manner {
    /// Set-user-id has no effect there, or nobody puts a file there.
    Inert,
    /// It may not answer.
    Remote(String),
    /// It is searched like any other folder.
    Searched,
    /// The same files are reached through another mount.
    Double,
}

impl Borders {
    /// Reads the table of mounts. Only the running machine has one.
    pub(super) fn read(root: &Root) -> Self {
        if !root.is_live() {
            return Self::default();
        }
        // The agent's own service may see other mounts than the machine.
        let bytes = root
            .read("/proc/1/mountinfo")
            .or_else(|_| root.read("/proc/self/mountinfo"))
            .unwrap_or_default();
        Self::of(&bytes)
    }

    fn of(table: &[u8]) -> Self {
        let mut borders = Self::default();
        let mut seen = HashSet::new();
        for mount in mounts::parse(table) {
            let is_new = seen.insert((mount.number.clone(), mount.part.clone()));
            let point = PathBuf::from(OsStr::from_bytes(&mount.point));
            borders.points.insert(point, manner(&mount, is_new));
        }
        borders
    }

    /// Whether a path is one where something is mounted.
    pub(super) fn is_point(&self, path: &Path) -> bool {
        self.points.contains_key(path)
    }

    /// Whether a folder in which a search is to begin is searched. One that is left out is kept in mind.
    pub(super) fn is_searched(&mut self, folder: &Path) -> bool {
        let around = folder
            .ancestors()
            .find_map(|place| Some((place, self.points.get(place)?)));
        match around {
            Some((point, Manner::Remote(kind))) => {
                self.missed.insert(point.to_owned(), kind.clone());
                false
            }
            Some((_, Manner::Inert)) => false,
            _ => true,
        }
    }

    /// Mounts below folders that are searched, too. Those that are left out are kept in mind.
    pub(super) fn below(&mut self, folders: &[PathBuf]) -> BTreeSet<PathBuf> {
        let mut searched = BTreeSet::new();
        for (point, manner) in &self.points {
            let below = |folder: &PathBuf| point != folder && point.starts_with(folder);
            if !folders.iter().any(below) || folders.contains(point) {
                continue;
            }
            match manner {
                Manner::Searched => drop(searched.insert(point.clone())),
                Manner::Remote(kind) => drop(self.missed.insert(point.clone(), kind.clone())),
                Manner::Inert | Manner::Double => {}
            }
        }
        searched
    }

    /// Notes the mounts that were left out.
    pub(super) fn note(&self, diagnostics: &mut Diagnostics) {
        for (point, kind) in self.missed.iter().take(NAMED) {
            let reason = format!(
                "is of the kind {kind}, which may not answer, so it is not searched for programs that run as root"
            );
            diagnostics.note(point.display(), "", reason);
        }
        if self.missed.len() > NAMED {
            let more = self.missed.len() - NAMED;
            let reason = format!(
                "{more} further ones may not answer, so they are not searched for programs that run as root"
            );
            diagnostics.note("mounts", "", reason);
        }
    }
}

fn manner(mount: &Mount, is_new: bool) -> Manner {
    let kind = mount.kind.as_str();
    if mount.no_set_user_id || KERNEL.contains(&kind) {
        Manner::Inert
    } else if mounts::may_not_answer(kind) {
        Manner::Remote(kind.to_owned())
    } else if is_new {
        Manner::Searched
    } else {
        Manner::Double
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:40 / /home rw - nfs4 office:/home rw\n\
        3 2 8:2 / /home/local rw - ext4 /dev/sdb1 rw\n4 1 0:41 / /tmp rw,nosuid - tmpfs tmpfs rw\n\
        5 1 8:3 / /opt/data rw - xfs /dev/sdc1 rw\n6 1 8:1 / /opt/all rw - ext4 /dev/sda1 rw\n\
        7 1 0:42 / /opt/share rw - cifs //nas/x rw\n8 1 0:43 / /opt/cloud rw,nosuid - fuse.sshfs x rw\n";

    fn paths(paths: &[&str]) -> Vec<PathBuf> {
        paths.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn local_mounts_are_searched_and_servers_are_named() {
        let mut borders = Borders::of(TABLE);
        let starts = paths(&["/home", "/opt", "/root", "/tmp"]);
        let searched: Vec<_> = borders.below(&starts).into_iter().collect();
        assert_eq!(searched, paths(&["/home/local", "/opt/data"]));
        let kept: Vec<_> = starts
            .iter()
            .filter(|start| borders.is_searched(start))
            .collect();
        assert_eq!(kept, [Path::new("/opt"), Path::new("/root")]);
        assert!(borders.is_point(Path::new("/opt/cloud")));

        let mut diagnostics = Diagnostics::new();
        borders.note(&mut diagnostics);
        let told: Vec<_> = diagnostics
            .finish()
            .into_iter()
            .map(|one| (one.source, one.reason.contains("not searched")))
            .collect();
        // Where set-user-id has no effect, nothing is missing.
        let expected = ["/home", "/opt/share"].map(|point| (point.to_owned(), true));
        assert_eq!(told, expected);
    }

    #[test]
    fn a_flood_of_mounts_is_counted() {
        let line =
            |number| format!("{number} 1 0:{number} / /home/u{number} rw - nfs s:/{number} rw\n");
        let table: String = (10..60).map(line).collect();
        let mut borders = Borders::of(table.as_bytes());
        assert!(borders.below(&paths(&["/home"])).is_empty());
        let mut diagnostics = Diagnostics::new();
        borders.note(&mut diagnostics);
        let told = diagnostics.finish();
        assert_eq!(told.len(), NAMED + 1);
        assert!(told[NAMED].reason.starts_with("34 further"));
    }
}
