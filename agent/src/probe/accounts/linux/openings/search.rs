//! The search for programs that run as root, spread over looks. The running machine has a memory of it: a search
//! through large homes takes longer than one look may.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use freehold_proto::v1::{Diagnostic, accounts::privilege::Mechanism};

use crate::probe::{Root, deadline, section::Diagnostics, trace};

use super::super::people::People;
use super::walk::{self, Extent, Walk};
use super::{Opening, capabilities};

/// Most names where somebody waits for the answer.
const HURRIED: Extent = Extent::of(4_000);
/// Most names of another root, and the longest time.
const OTHER: Extent = Extent::of(400_000);
const OTHER_TIME: Duration = Duration::from_secs(10);

/// Most names of the running machine, and how much of that one look takes.
const WHOLE: Extent = Extent::of(4_000_000);
const SLICE: usize = 250_000;
const SLICE_TIME: Duration = Duration::from_millis(1500);

/// What every look searches: the folders themselves and those right below.
const AT_ONCE: Extent = Extent {
    names: 1_500,
    depth: 1,
};
const AT_ONCE_TIME: Duration = Duration::from_millis(200);

/// Between the end of a search and the next: an hour, or so long that searching is a fraction of the time.
const PAUSE: Duration = Duration::from_secs(3600);
const SHARE: u32 = 10_000;
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// The search of the running machine.
static SEARCH: Mutex<Option<Search>> = Mutex::new(None);

/// What a look found, and could not search.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Searched {
    openings: Vec<Opening>,
    notes: Vec<Diagnostic>,
}

impl Searched {
    /// What the last look at the running machine told.
    pub(in super::super) fn last() -> Option<Self> {
        let search = SEARCH.lock().unwrap_or_else(PoisonError::into_inner);
        search.as_ref().map(|search| search.told.clone())
    }

    /// One that differs from none.
    #[cfg(test)]
    pub(in super::super) fn with_a_note() -> Self {
        Self {
            openings: Vec::new(),
            notes: vec![Diagnostic::default()],
        }
    }

    /// Goes on searching; what that tells now. `None` where no search was begun.
    pub(in super::super) fn again(root: &Root) -> Option<Self> {
        let mut search = SEARCH.lock().unwrap_or_else(PoisonError::into_inner);
        let search = search.as_mut()?;
        search.look(root, WHOLE, SLICE, &mut Diagnostics::new());
        Some(search.told.clone())
    }
}

/// What is known of the running machine.
#[derive(Debug, Default)]
struct Search {
    /// Where it begins besides the usual folders.
    homes: Vec<PathBuf>,
    /// What the last look told.
    told: Searched,
    /// The search that goes on, and how long it took so far.
    walk: Option<(Walk, Duration)>,
    /// When the last one ended and when the next begins.
    next: Option<Instant>,
    /// What the last one found, and what it could not search.
    found: Vec<Opening>,
    notes: Diagnostics,
}

/// Finds them, as far as the search has come.
pub(super) fn find(root: &Root, people: &People, diagnostics: &mut Diagnostics) -> Vec<Opening> {
    if !root.is_live() {
        return once(root, people, OTHER, OTHER_TIME, diagnostics);
    }
    if deadline::is_hurried() {
        return once(root, people, HURRIED, SLICE_TIME, diagnostics);
    }
    let mut search = SEARCH.lock().unwrap_or_else(PoisonError::into_inner);
    let search = search.get_or_insert_default();
    search.homes = walk::homes(people);
    // Thousands of folders: they are searched at their own pace.
    trace::without(|| search.look(root, WHOLE, SLICE, diagnostics))
}

/// A search that has to do.
fn once(
    root: &Root,
    people: &People,
    extent: Extent,
    time: Duration,
    diagnostics: &mut Diagnostics,
) -> Vec<Opening> {
    let mut walk = Walk::begin(root, &walk::homes(people), extent);
    walk.go_on(root, extent.names, time);
    walk.give_up();
    walk.note(diagnostics);
    walk.openings
}

impl Search {
    fn look(
        &mut self,
        root: &Root,
        whole: Extent,
        slice: usize,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Opening> {
        let now = Instant::now();
        // What was found may have been removed.
        self.found.retain(|opening| is_still_there(root, opening));
        if self.walk.is_none() && self.next.is_none_or(|next| now >= next) {
            self.walk = Some((Walk::begin(root, &self.homes, whole), Duration::ZERO));
        }
        let mut openings = self.found.clone();
        if let Some((mut walk, took)) = self.walk.take() {
            let has_ended = walk.go_on(root, slice, SLICE_TIME);
            let took = took + now.elapsed();
            openings.extend(walk.openings.iter().cloned());
            if has_ended {
                self.end(walk, took);
                openings.clone_from(&self.found);
            } else {
                self.walk = Some((walk, took));
            }
        } else {
            let mut shallow = Walk::begin(root, &self.homes, AT_ONCE);
            shallow.go_on(root, AT_ONCE.names, AT_ONCE_TIME);
            openings.extend(shallow.openings);
        }
        let mut notes = Diagnostics::new();
        if self.next.is_none() {
            let reason = "are still being searched for programs that run as root; what is found is told as it is";
            notes.note("home and shared folders", "", reason);
        }
        notes.append(self.notes.clone());
        let mut told = HashSet::new();
        openings.retain(|opening| told.insert(opening.source.clone()));
        self.told = Searched {
            openings: openings.clone(),
            notes: notes.clone().finish(),
        };
        diagnostics.append(notes);
        openings
    }

    fn end(&mut self, walk: Walk, took: Duration) {
        let pause = (took * SHARE).clamp(PAUSE, LONGEST_PAUSE);
        self.next = Some(Instant::now() + pause);
        self.notes = Diagnostics::new();
        walk.note(&mut self.notes);
        self.found = walk.openings;
    }
}

fn is_still_there(root: &Root, opening: &Opening) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let path = opening.source.as_str();
    match opening.mechanism {
        Mechanism::Capability => capabilities::of_file(root, path).is_some(),
        _ => root
            .metadata(path)
            .is_ok_and(|metadata| walk::lends(metadata.mode())),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

    use super::*;
    use crate::probe::fixture::{root_with, write};

    fn lend(root: &Path, path: &str, mode: u32) {
        write(root, path, b"x");
        let path = root.join(path.trim_start_matches('/'));
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn look(search: &mut Search, root: &Root, slice: usize) -> (Vec<String>, Vec<String>) {
        let mut diagnostics = Diagnostics::new();
        let people = People::read(root, false, &mut Diagnostics::new());
        search.homes = walk::homes(&people);
        let openings = search.look(root, WHOLE, slice, &mut diagnostics);
        let mut paths: Vec<_> = openings.into_iter().map(|one| one.source).collect();
        paths.sort();
        let said = diagnostics.finish().into_iter().map(|one| one.reason);
        (paths, said.collect())
    }

    #[test]
    fn a_search_goes_on_where_it_stopped_and_says_so_until_it_ends() {
        let (directory, root) = root_with(&[]);
        let deep = "/home/anna/a/b/c/d/e/f/g/h/i/j/k/sh";
        lend(directory.path(), deep, 0o4755);
        lend(directory.path(), "/tmp/sh", 0o4755);
        let mut search = Search::default();
        let mut looks = 0;
        loop {
            looks += 1;
            let (paths, said) = look(&mut search, &root, 2);
            if said.is_empty() {
                assert_eq!(paths, [deep, "/tmp/sh"]);
                break;
            }
            assert!(said[0].contains("still being searched"), "{said:?}");
            assert!(looks < 50);
        }
        assert!(looks > 3, "{looks}");
    }

    #[test]
    fn between_searches_what_is_put_right_into_a_shared_folder_is_found_and_what_is_removed_is_not_told()
     {
        let (directory, root) = root_with(&[("/home/anna/deep/down/x", b"")]);
        lend(directory.path(), "/tmp/sh", 0o4755);
        let mut search = Search::default();
        assert_eq!(look(&mut search, &root, SLICE).0, ["/tmp/sh"]);
        lend(directory.path(), "/home/anna/.sh", 0o4755);
        lend(directory.path(), "/home/anna/deep/down/sh", 0o4755);
        // What lies deep waits for the next search.
        assert_eq!(
            look(&mut search, &root, SLICE).0,
            ["/home/anna/.sh", "/tmp/sh"]
        );
        lend(directory.path(), "/tmp/sh", 0o755);
        assert_eq!(look(&mut search, &root, SLICE).0, ["/home/anna/.sh"]);
        search.next = Some(Instant::now());
        let (paths, said) = look(&mut search, &root, SLICE);
        assert_eq!(paths, ["/home/anna/.sh", "/home/anna/deep/down/sh"]);
        assert_eq!(said, [""; 0]);
    }

    #[test]
    fn a_look_that_somebody_waits_for_is_short_and_says_what_it_left_out() {
        let (directory, root) = root_with(&[]);
        let home = directory.path().join("home/anna");
        for folder in 0..8 {
            fs::create_dir_all(home.join(folder.to_string())).unwrap();
            for file in 0..700 {
                fs::write(home.join(format!("{folder}/{file}")), b"").unwrap();
            }
        }
        let mut diagnostics = Diagnostics::new();
        let people = People::read(&root, false, &mut Diagnostics::new());
        once(&root, &people, HURRIED, SLICE_TIME, &mut diagnostics);
        assert!(diagnostics.finish()[0].reason.contains("was not searched"));
        let mut search = Search::default();
        assert_eq!(look(&mut search, &root, SLICE).1, [""; 0]);
    }
}
