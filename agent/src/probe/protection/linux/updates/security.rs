//! How many security updates are missing: what apt knows to be there, against what is installed. Nobody is asked; what
//! apt knows is as old as its last check.

mod list;

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::{Mutex, PoisonError},
};

use crate::parse::{
    debian_version,
    dpkg::{self, Paragraph, Paragraphs, State},
};
use crate::probe::{Root, deadline, root::is_absent, section::Diagnostics};

use super::apt::DPKG;
use list::Packing;

const LISTS: &str = "/var/lib/apt/lists";
const NOTIFIER: &str = "/var/lib/update-notifier/updates-available";
const MISSING: &str = "how many security updates are missing is";

/// Most bytes of lists, and where somebody waits for the answer.
const BYTES: u64 = 256 * 1024 * 1024;
const HURRIED_BYTES: u64 = 16 * 1024 * 1024;

/// Security updates that are missing; `None` when that is not known.
pub(super) fn pending(root: &Root, diagnostics: &mut Diagnostics) -> Option<u32> {
    notified(root, diagnostics).or_else(|| {
        if root.is_live() && !deadline::is_hurried() {
            remembered(root, diagnostics)
        } else {
            counted(root, diagnostics)
        }
    })
}

/// As the update notifier wrote them down: "3 of these updates are standard security updates.", "0 updates can be
/// applied immediately."
fn notified(root: &Root, diagnostics: &mut Diagnostics) -> Option<u32> {
    let bytes = diagnostics.read_optional(root, NOTIFIER, MISSING)?;
    let text = String::from_utf8_lossy(&bytes);
    let count = |line: &str| line.split_whitespace().next()?.parse::<u32>().ok();
    let mut lines = text.lines().filter_map(|line| Some((count(line)?, line)));
    let security = lines.clone().find(|(_, line)| line.contains("security"));
    let none = lines.find(|(count, line)| *count == 0 && line.contains("can be"));
    security.or(none).map(|(count, _)| count)
}

/// The lists are long, and rarely change.
fn remembered(root: &Root, diagnostics: &mut Diagnostics) -> Option<u32> {
    static LAST: Mutex<Option<(u64, Option<u32>, Diagnostics)>> = Mutex::new(None);
    let mark = mark(root);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.as_ref().is_none_or(|(known, ..)| *known != mark) {
        let mut notes = Diagnostics::new();
        let count = counted(root, &mut notes);
        *last = Some((mark, count, notes));
    }
    let (_, count, notes) = last.as_ref()?;
    diagnostics.append(notes.clone());
    *count
}

/// What changes when a package or a list does.
fn mark(root: &Root) -> u64 {
    let mut mark = DefaultHasher::new();
    let lists = root.list(LISTS).unwrap_or_default();
    let lists = lists.iter().map(|name| Path::new(LISTS).join(name));
    for path in lists.chain([DPKG.into()]) {
        let metadata = root.metadata(&path).ok();
        let metadata = metadata.map(|it| (it.ino(), it.len(), it.mtime(), it.mtime_nsec()));
        (path, metadata).hash(&mut mark);
    }
    mark.finish()
}

fn counted(root: &Root, diagnostics: &mut Diagnostics) -> Option<u32> {
    let lists = lists(root, diagnostics)?;
    let mut left = if deadline::is_hurried() {
        HURRIED_BYTES
    } else {
        BYTES
    };
    let mut installed = Installed::default();
    let status = (DPKG.to_owned(), Packing::Plain);
    let add = |one: &Paragraph| installed.add(one);
    each(root, &status, &mut left, diagnostics, |_| true, add)?;
    let mut outdated = HashSet::new();
    for list in lists {
        // Nearly everything in it is not installed here.
        let is_there = |name: &[u8]| installed.0.contains_key(name);
        let compare = |one: &Paragraph| installed.compare(one, &mut outdated);
        each(root, &list, &mut left, diagnostics, is_there, compare)?;
    }
    u32::try_from(outdated.len()).ok()
}

/// The lists of security updates; `None` when there are none, or one that cannot be read.
fn lists(root: &Root, diagnostics: &mut Diagnostics) -> Option<Vec<(String, Packing)>> {
    let names = diagnostics.list_optional(root, LISTS, MISSING);
    let mut lists = Vec::new();
    for name in names.iter().filter(|name| is_of_security(name)) {
        let path = format!("{LISTS}/{name}");
        match Packing::of(name) {
            Some(Packing::Other(kind)) => {
                let reason = format!(
                    "is compressed as {kind}, which this agent does not read, so {MISSING} missing"
                );
                diagnostics.note(path, "", reason);
                return None;
            }
            Some(packing) => lists.push((path, packing)),
            None => {}
        }
    }
    (!lists.is_empty()).then_some(lists)
}

/// Whether a list is that of a source of security updates, by its name, which apt makes of the address:
/// "mirror.example.org_debian-security_dists_bookworm-security_main_binary-amd64_Packages".
fn is_of_security(name: &str) -> bool {
    let Some((site, rest)) = name.split_once("_dists_") else {
        return false;
    };
    let release = rest.split('_').next().unwrap_or_default();
    // Up to Debian 9 the site itself was the only sign of it.
    let is_site = site == "security.debian.org" || site.ends_with("debian-security");
    release.ends_with("-security") || is_site
}

/// Hands over the packages of a file, those of wanted names; `None`, with a note, when it cannot be read as a whole.
fn each(
    root: &Root,
    (path, packing): &(String, Packing),
    left: &mut u64,
    diagnostics: &mut Diagnostics,
    mut is_wanted: impl FnMut(&[u8]) -> bool,
    mut take: impl FnMut(&Paragraph),
) -> Option<()> {
    let outcome = (|| {
        let file = root.open(Path::new(path))?;
        let mut paragraphs = Paragraphs::new(packing.open(file, left)?);
        while let Some(paragraph) = paragraphs.advance_to(&mut is_wanted)? {
            take(paragraph);
        }
        std::io::Result::Ok(())
    })();
    match outcome {
        Ok(()) => Some(()),
        // apt replaced it meanwhile.
        Err(error) if is_absent(&error) => None,
        Err(error) => {
            diagnostics.unreadable(path, &error, MISSING);
            None
        }
    }
}

/// An architecture and the version installed for it.
type Version = (Vec<u8>, Vec<u8>);

/// What is installed: versions by name.
#[derive(Default)]
struct Installed(HashMap<Vec<u8>, Vec<Version>>);

impl Installed {
    fn add(&mut self, paragraph: &Paragraph) {
        let is_there = matches!(
            dpkg::state(&paragraph.status),
            Some(State::Installed | State::Held | State::Broken)
        );
        if is_there {
            let all = self.0.entry(paragraph.name.clone()).or_default();
            all.push((paragraph.architecture.clone(), paragraph.version.clone()));
        }
    }

    /// Notes the installed packages to which a newer one is offered.
    fn compare(&self, offered: &Paragraph, outdated: &mut HashSet<(Vec<u8>, Vec<u8>)>) {
        for (architecture, version) in self.0.get(&offered.name).into_iter().flatten() {
            let every = b"all".as_slice();
            let fits = *architecture == offered.architecture
                || architecture == every
                || offered.architecture == every;
            if fits && debian_version::compare(version, &offered.version) == Ordering::Less {
                outdated.insert((offered.name.clone(), architecture.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::fixture::root_with;

    const STATUS: &str = "Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.14-1~deb12u2\n\n\
        Package: libssl3\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 3.0.14-1~deb12u2\n\n\
        Package: libssl3\nStatus: install ok installed\nArchitecture: i386\nVersion: 3.0.15-1~deb12u1\n\n\
        Package: bash\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n\
        Package: tzdata\nStatus: install ok installed\nArchitecture: all\nVersion: 2024a-0+deb12u1\n\n";
    const OFFERED: &str = "Package: openssl\nArchitecture: amd64\nVersion: 3.0.15-1~deb12u1\n\n\
        Package: openssl\nArchitecture: amd64\nVersion: 3.0.11-1\n\n\
        Package: libssl3\nArchitecture: amd64\nVersion: 3.0.15-1~deb12u1\n\n\
        Package: libssl3\nArchitecture: i386\nVersion: 3.0.15-1~deb12u1\n\n\
        Package: bash\nArchitecture: amd64\nVersion: 5\n\nPackage: other\nArchitecture: amd64\nVersion: 9\n\n\
        Package: tzdata\nArchitecture: all\nVersion: 2024b-0+deb12u1\n\n";
    const LIST: &str = "/var/lib/apt/lists/mirror.example.org_debian-security_dists_bookworm-security_main_binary-amd64_Packages";

    fn pending_with(files: &[(&str, &str)]) -> (Option<u32>, Vec<String>) {
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(path, text)| (*path, text.as_bytes()))
            .collect();
        let (_directory, root) = root_with(&files);
        let mut diagnostics = Diagnostics::new();
        let count = pending(&root, &mut diagnostics);
        let said = diagnostics.finish().into_iter().map(|one| one.reason);
        (count, said.collect())
    }

    #[test]
    fn installed_packages_to_which_a_newer_one_is_offered_are_counted_once() {
        let main = "/var/lib/apt/lists/mirror.example.org_debian_dists_bookworm_main_binary-amd64_Packages";
        let newer = "Package: tzdata\nArchitecture: all\nVersion: 2099\n\n";
        let (count, said) = pending_with(&[(DPKG, STATUS), (LIST, OFFERED), (main, newer)]);
        assert_eq!((count, said), (Some(3), Vec::new()));
        let other = "Package: openssl\nArchitecture: i386\nVersion: 9\n\n";
        let (count, _) = pending_with(&[(DPKG, STATUS), (LIST, other)]);
        assert_eq!(count, Some(0), "not for this architecture");
        let (count, _) = pending_with(&[(DPKG, STATUS), (LIST, "")]);
        assert_eq!(count, Some(0), "apt has looked and there is nothing");
    }

    #[test]
    fn without_lists_of_security_updates_nothing_is_known() {
        assert_eq!(pending_with(&[(DPKG, STATUS)]), (None, Vec::new()));
        for (ending, expected) in [
            ("bz2", "is compressed as bz2"),
            ("gz", "so how many"),
            ("lz4", "so how many"),
            ("lzma", "is compressed as lzma"),
            ("xz", "is compressed as xz"),
            ("zst", "is compressed as zst"),
        ] {
            let compressed = format!("{LIST}.{ending}");
            let (count, said) = pending_with(&[(DPKG, STATUS), (&compressed, "x")]);
            assert_eq!(count, None);
            assert!(said[0].contains(expected), "{said:?}");
        }
        // What one list offers is not all there is.
        let other = LIST.replace("_main_", "_contrib_") + ".xz";
        let (count, said) = pending_with(&[(DPKG, STATUS), (LIST, OFFERED), (&other, "x")]);
        assert_eq!(count, None);
        assert!(said[0].contains("is compressed as xz"), "{said:?}");
        let (count, said) = pending_with(&[(DPKG, STATUS), (&format!("{LIST}/x"), "")]);
        assert_eq!(count, None);
        assert!(said[0].contains("not a regular file"), "{said:?}");
    }

    #[test]
    fn what_the_notifier_wrote_counts_first() {
        let text = "\n12 updates can be applied immediately.\n5 of these updates are standard security updates.\n";
        let files = [(NOTIFIER, text), (DPKG, STATUS), (LIST, OFFERED)];
        assert_eq!(pending_with(&files), (Some(5), Vec::new()));
    }

    #[test]
    fn sources_of_security_updates_are_known_by_their_names() {
        for name in [
            "security.debian.org_debian-security_dists_buster_updates_main_binary-amd64_Packages",
            "security.debian.org_dists_stretch_updates_main_binary-amd64_Packages",
            "archive.ubuntu.com_ubuntu_dists_jammy-security_main_binary-amd64_Packages",
        ] {
            assert!(is_of_security(name), "{name}");
        }
        assert!(!is_of_security(
            "archive.ubuntu.com_ubuntu_dists_jammy-updates_main_binary-amd64_Packages"
        ));
    }
}
