//! The search for programs that run as root, spread over looks. The running machine has a memory of it: a search
//! through large homes takes longer than one look may.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use freehold_proto::v1::{Diagnostic, accounts::privilege::Mechanism};

use crate::{
    probe::{Root, deadline, section::Diagnostics, trace},
    sys::processor::of_this_thread,
};

use super::super::people::People;
use super::allowance::Allowance;
use super::walk::{self, Extent, Walk};
use super::{Opening, capabilities};

/// What is missing where the search has not been.
const HIDES: &[&str] = &["privileges.SETUID", "privileges.CAPABILITY"];

/// Where somebody waits for the answer: most names, and the longest time.
const HURRIED: Extent = Extent::of(4_000);
const HURRIED_TIME: Duration = Duration::from_millis(1500);
/// The same of another root.
const OTHER: Extent = Extent::of(400_000);
const OTHER_TIME: Duration = Duration::from_secs(10);

/// Most names of the running machine, and the longest that one look goes on, whatever the processor's time.
const WHOLE: Extent = Extent::of(4_000_000);
const LOOK_TIME: Duration = Duration::from_millis(1500);

/// What every look searches: the folders themselves and those right below.
const AT_ONCE: Extent = Extent {
    names: 500,
    depth: 1,
};
const AT_ONCE_TIME: Duration = Duration::from_millis(200);

/// Between the end of a search and the next.
const PAUSE: Duration = Duration::from_secs(3600);

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
        search.look(root, &mut Diagnostics::new());
        Some(search.told.clone())
    }
}

/// What is known of the running machine.
#[derive(Debug)]
struct Search {
    /// Where it begins besides the usual folders.
    homes: Vec<PathBuf>,
    /// What the last look told.
    told: Searched,
    /// The search that goes on.
    walk: Option<Walk>,
    allowance: Allowance,
    /// When the next one begins; absent until the first has ended.
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
        return once(root, people, HURRIED, HURRIED_TIME, diagnostics);
    }
    let mut search = SEARCH.lock().unwrap_or_else(PoisonError::into_inner);
    let search = search.get_or_insert_with(Search::new);
    search.homes = walk::homes(people);
    // Thousands of folders: they are searched at their own pace.
    trace::without(|| search.look(root, diagnostics))
}

/// A search that has to do.
fn once(
    root: &Root,
    people: &People,
    extent: Extent,
    time: Duration,
    diagnostics: &mut Diagnostics,
) -> Vec<Opening> {
    let began = Instant::now();
    let mut notes = Diagnostics::hiding(HIDES);
    let mut walk = Walk::begin(root, &walk::homes(people), extent);
    walk.go_on(root, || began.elapsed() > time);
    walk.give_up();
    walk.note(&mut notes);
    diagnostics.append(notes);
    walk.openings
}

impl Search {
    fn new() -> Self {
        Self {
            homes: Vec::new(),
            told: Searched::default(),
            walk: None,
            allowance: Allowance::first(),
            next: None,
            found: Vec::new(),
            notes: Diagnostics::new(),
        }
    }

    fn look(&mut self, root: &Root, diagnostics: &mut Diagnostics) -> Vec<Opening> {
        let is_there = |opening: &Opening| is_still_there(root, opening);
        self.found.retain(is_there);
        let mut openings = self.found.clone();
        if let Some(walk) = &mut self.walk {
            walk.openings.retain(is_there);
        }
        let now = Instant::now();
        if self.walk.is_none() && self.next.is_none_or(|next| now >= next) {
            self.walk = Some(Walk::begin(root, &self.homes, WHOLE));
        }
        openings.extend(at_once(root, &self.homes));
        if let Some(walk) = self.walk.take() {
            openings.extend(self.go_on(root, walk, now));
        }
        let mut told = HashSet::new();
        openings.retain(|opening| told.insert(opening.source.clone()));
        let notes = self.notes();
        self.told = Searched {
            openings: openings.clone(),
            notes: notes.clone().finish(),
        };
        diagnostics.append(notes);
        openings
    }

    /// Goes on with a search as far as it may now; what that has found so far.
    fn go_on(&mut self, root: &Root, mut walk: Walk, now: Instant) -> Vec<Opening> {
        let (began, allowed) = (of_this_thread(), self.allowance.at(now));
        let taken = || of_this_thread().saturating_sub(began);
        let is_over = || taken() >= allowed || now.elapsed() > LOOK_TIME;
        let has_ended = !allowed.is_zero() && walk.go_on(root, is_over);
        self.allowance.spend(taken());
        let openings = walk.openings.clone();
        if has_ended {
            self.next = Some(now + PAUSE);
            self.notes = Diagnostics::hiding(HIDES);
            walk.note(&mut self.notes);
            self.found = walk.openings;
        } else {
            self.walk = Some(walk);
        }
        openings
    }

    fn notes(&self) -> Diagnostics {
        let mut notes = Diagnostics::hiding(HIDES);
        if self.next.is_none() {
            let reason = "are still being searched for programs that run as root; what is found is told as it is";
            notes.pending("home and shared folders", reason);
        }
        notes.append(self.notes.clone());
        notes
    }
}

/// What lies right where people put files.
fn at_once(root: &Root, homes: &[PathBuf]) -> Vec<Opening> {
    let began = Instant::now();
    let mut walk = Walk::begin(root, homes, AT_ONCE);
    walk.go_on(root, || began.elapsed() > AT_ONCE_TIME);
    walk.openings
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

    fn look(search: &mut Search, root: &Root) -> (Vec<String>, Vec<String>) {
        let mut diagnostics = Diagnostics::new();
        let people = People::read(root, false, &mut Diagnostics::new());
        search.homes = walk::homes(&people);
        let openings = search.look(root, &mut diagnostics);
        let mut paths: Vec<_> = openings.into_iter().map(|one| one.source).collect();
        paths.sort();
        let said = diagnostics.finish().into_iter().map(|one| {
            let gap = one.gap.unwrap();
            assert_eq!(gap.hides, HIDES);
            format!(
                "{}{}",
                if gap.pending { "pending: " } else { "" },
                one.reason
            )
        });
        (paths, said.collect())
    }

    /// A look with time for one folder.
    fn short(search: &mut Search, root: &Root) -> (Vec<String>, Vec<String>) {
        search.allowance = Allowance::of(Duration::from_nanos(1));
        look(search, root)
    }

    fn goes_on(said: &[String]) {
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("pending: are still being searched"));
    }

    #[test]
    fn a_search_goes_on_where_it_stopped_and_says_so_until_it_ends() {
        let (directory, root) = root_with(&[]);
        let deep = "/home/anna/a/b/c/d/e/f/g/h/i/j/k/sh";
        lend(directory.path(), deep, 0o4755);
        lend(directory.path(), "/tmp/sh", 0o4755);
        let mut search = Search::new();
        let mut looks = 0;
        loop {
            looks += 1;
            let (paths, said) = short(&mut search, &root);
            if said.is_empty() {
                assert_eq!(paths, [deep, "/tmp/sh"]);
                break;
            }
            goes_on(&said);
            assert!(looks < 50);
        }
        assert!(looks > 3, "{looks}");
    }

    #[test]
    fn while_a_search_goes_on_what_lies_at_hand_is_found_and_what_is_removed_is_not_told() {
        let (directory, root) = root_with(&[("/home/anna/a/b/c/d/e/f/g/x", b"")]);
        lend(directory.path(), "/home/anna/a/b/c/d/sh", 0o4755);
        let mut search = Search::new();
        let found = loop {
            let (paths, said) = short(&mut search, &root);
            goes_on(&said);
            if !paths.is_empty() {
                break paths;
            }
        };
        assert_eq!(found, ["/home/anna/a/b/c/d/sh"]);
        lend(directory.path(), "/home/anna/sh", 0o4755);
        // The time that it may take is used up.
        search.allowance.spend(Duration::from_secs(1000));
        for _ in 0..20 {
            let (paths, said) = look(&mut search, &root);
            goes_on(&said);
            assert_eq!(paths, ["/home/anna/a/b/c/d/sh", "/home/anna/sh"]);
        }
        lend(directory.path(), "/home/anna/a/b/c/d/sh", 0o755);
        assert_eq!(look(&mut search, &root).0, ["/home/anna/sh"]);
    }

    #[test]
    fn a_home_of_usual_size_is_searched_in_one_go() {
        let (directory, root) = root_with(&[]);
        for folder in 0..100 {
            write(
                directory.path(),
                &format!("/home/anna/{folder}/a/b/c/d/e/x"),
                b"",
            );
        }
        lend(directory.path(), "/home/anna/50/a/b/c/d/e/sh", 0o4755);
        let (paths, said) = look(&mut Search::new(), &root);
        assert_eq!(paths, ["/home/anna/50/a/b/c/d/e/sh"]);
        assert_eq!(said, [""; 0]);
    }

    #[test]
    fn between_searches_what_is_put_right_into_a_shared_folder_is_found_and_what_is_removed_is_not_told()
     {
        let (directory, root) = root_with(&[("/home/anna/deep/down/x", b"")]);
        lend(directory.path(), "/tmp/sh", 0o4755);
        let mut search = Search::new();
        assert_eq!(look(&mut search, &root).0, ["/tmp/sh"]);
        lend(directory.path(), "/home/anna/.sh", 0o4755);
        lend(directory.path(), "/home/anna/deep/down/sh", 0o4755);
        // What lies deep waits for the next search.
        assert_eq!(look(&mut search, &root).0, ["/home/anna/.sh", "/tmp/sh"]);
        lend(directory.path(), "/tmp/sh", 0o755);
        assert_eq!(look(&mut search, &root).0, ["/home/anna/.sh"]);
        search.next = Some(Instant::now());
        let (paths, said) = look(&mut search, &root);
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
        once(&root, &people, HURRIED, HURRIED_TIME, &mut diagnostics);
        assert!(diagnostics.finish()[0].reason.contains("was not searched"));
        assert_eq!(look(&mut Search::new(), &root).1, [""; 0]);
    }
}
