//! Home folders, in which people install software for themselves.

use std::{
    collections::HashSet,
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::parse::{mounts, passwd};
use crate::probe::{Root, root::is_absent, section::Diagnostics};

const PASSWD: &str = "/etc/passwd";
const HOME: &str = "/home";
const MISSING: &str = "applications that people installed for themselves may be";

/// Most homes that are looked into.
const MOST: usize = 10_000;

/// The first user id that distributions give to people, and the one that belongs to nobody.
const FIRST_PERSON: u32 = 1000;
const NOBODY: u32 = 65_534;

/// A person's home folder.
#[derive(Debug)]
pub(super) struct Home {
    /// The user's name.
    pub(super) user: String,
    /// Its path.
    pub(super) path: String,
    /// The folder, out of which no link leads.
    pub(super) root: Root,
    /// Folders in it that are not to be entered.
    pub(super) avoided: Vec<PathBuf>,
}

/// Hands over each home that can be read. `visit` answers whether it could look into it.
pub(super) fn each(
    root: &Root,
    diagnostics: &mut Diagnostics,
    mut visit: impl FnMut(Home, &mut Diagnostics) -> bool,
) {
    let mounts = Mounts::read(root);
    let (mut seen, mut closed) = (HashSet::new(), Vec::new());
    for (user, path) in candidates(root, diagnostics) {
        let mounted = mounts.around(Path::new(&path));
        if let Some(kind) = mounted {
            let reason = format!(
                "lies on a file system of the kind {kind}, which may not answer, so {MISSING} missing"
            );
            diagnostics.note(&path, "", reason);
            continue;
        }
        let home = match open(root, &path, &mut seen) {
            Ok(Some(home)) => home,
            Ok(None) => continue,
            Err(error) => {
                diagnostics.unreadable(&path, &error, MISSING);
                continue;
            }
        };
        let avoided = mounts.inside(Path::new(&path));
        if !avoided.is_empty() {
            let reason = format!("holds file systems that may not answer, so {MISSING} missing");
            diagnostics.note(&path, "", reason);
        }
        let home = Home {
            user,
            path: path.clone(),
            root: home,
            avoided,
        };
        if !visit(home, diagnostics) {
            closed.push(path);
        }
    }
    if let Some(first) = closed.first() {
        let reason = format!(
            "the agent is not allowed to look into {} home folders, so {MISSING} missing",
            closed.len()
        );
        diagnostics.note(first, "", reason);
    }
}

/// Opens a home, unless it is not there or was opened before: accounts can share one.
fn open(root: &Root, path: &str, seen: &mut HashSet<(u64, u64)>) -> io::Result<Option<Root>> {
    let metadata = match root.metadata(path) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => return Ok(None),
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    if !seen.insert((metadata.dev(), metadata.ino())) {
        return Ok(None);
    }
    root.below(path).map(Some)
}

/// Names and homes of people with a local account, then those of folders in /home, which people of a
/// directory service have too.
fn candidates(root: &Root, diagnostics: &mut Diagnostics) -> Vec<(String, String)> {
    let bytes = diagnostics
        .read_optional(root, PASSWD, MISSING)
        .unwrap_or_default();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let table = passwd::parse(&bytes);
    let people = table.entries.iter().filter(|entry| {
        let is_person = entry.uid == 0 || entry.uid >= FIRST_PERSON && entry.uid != NOBODY;
        is_person || entry.home.starts_with(b"/home/")
    });
    let mut homes: Vec<_> = people
        .filter_map(|entry| Some((text(entry.name)?, text(entry.home)?)))
        .map(|(user, home)| (user, home.trim_end_matches('/').to_owned()))
        .filter(|(_, home)| home.starts_with('/'))
        .collect();
    let folders = match root.list_at_most(HOME, MOST) {
        Ok((names, _)) => names,
        Err(error) if is_absent(&error) => Vec::new(),
        Err(error) => {
            diagnostics.unreadable(HOME, &error, MISSING);
            Vec::new()
        }
    };
    let known: HashSet<_> = homes.iter().map(|(_, home)| home.clone()).collect();
    for name in diagnostics.names(HOME, folders, MISSING) {
        let path = format!("{HOME}/{name}");
        if !known.contains(&path) {
            homes.push((name, path));
        }
    }
    diagnostics.limit("home folders", "home folders", &mut homes, MOST);
    homes
}

/// Where file systems are mounted that may not answer. Known on a running machine only.
#[derive(Debug, Default)]
pub(super) struct Mounts(Vec<(PathBuf, Option<String>)>);

impl Mounts {
    /// Reads the table of mounts.
    pub(super) fn read(root: &Root) -> Self {
        use std::os::unix::ffi::OsStringExt as _;
        if !root.is_live() {
            return Self::default();
        }
        let bytes = root.read("/proc/self/mountinfo").unwrap_or_default();
        let mounts = mounts::parse(&bytes).into_iter().map(|mount| {
            let is_slow = mounts::may_not_answer(&mount.kind);
            let point = std::ffi::OsString::from_vec(mount.point);
            (PathBuf::from(point), is_slow.then_some(mount.kind))
        });
        Self(mounts.collect())
    }

    /// The kind of such a file system that a path lies on. The root's own does not count.
    pub(super) fn around(&self, path: &Path) -> Option<&str> {
        let around = self.0.iter().filter(|(point, _)| path.starts_with(point));
        let (point, kind) = around.max_by_key(|(point, _)| point.as_os_str().len())?;
        kind.as_deref().filter(|_| point != Path::new("/"))
    }

    /// Mount points of such file systems below a path, relative to it.
    fn inside(&self, path: &Path) -> Vec<PathBuf> {
        let remote = self.0.iter().filter(|(_, kind)| kind.is_some());
        let inside = remote.filter_map(|(point, _)| point.strip_prefix(path).ok());
        let inside = inside.filter(|point| !point.as_os_str().is_empty());
        inside.map(|point| Path::new("/").join(point)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_on_a_server_are_left_alone() {
        let table = Mounts(vec![
            ("/".into(), Some("fuse.overlay".into())),
            ("/home".into(), Some("nfs4".into())),
            ("/home/local".into(), None),
            ("/srv/anna/cloud".into(), Some("fuse.sshfs".into())),
        ]);
        assert_eq!(table.around(Path::new("/home/anna")), Some("nfs4"));
        assert_eq!(table.around(Path::new("/home/local/bert")), None);
        assert_eq!(table.around(Path::new("/root")), None);
        assert_eq!(table.inside(Path::new("/srv/anna")), [Path::new("/cloud")]);
    }
}
