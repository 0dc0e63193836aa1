//! A disk that keeps only what was flushed: what a power cut does, which SIGKILL does not, because the
//! system still has what a killed program wrote.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, DirBuilder, Metadata, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use rand::RngExt as _;
use tokio::process::Command;

/// Systems write back what is not flushed in pieces of this size, in no order.
const PAGE: usize = 4096;

/// Follows what programs flush below a directory, and takes the rest away.
#[derive(Debug)]
pub struct Disk {
    data: PathBuf,
    notes: PathBuf,
    library: PathBuf,
}

/// What becomes of that which was written, but not flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unflushed {
    /// None of it reached the disk.
    Lost,
    /// By chance, page by page: the system had begun to write it back.
    Torn,
}

impl Disk {
    /// A disk that holds `data`. Its own notes lie in `scratch`.
    pub fn holding(data: &Path, scratch: &Path) -> Self {
        let library = scratch.join("flushed.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/power/flushed.c");
        let compiled = std::process::Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(source)
            .status();
        assert!(
            compiled.is_ok_and(|status| status.success()),
            "cc cannot compile {source}"
        );
        Self {
            data: data.to_owned(),
            notes: scratch.join("flushed"),
            library,
        }
    }

    /// Has a program's flushes followed, from its start on. What is there now counts as flushed.
    pub fn follow(&self, command: &mut Command) {
        let _ = fs::remove_dir_all(&self.notes);
        for kind in ["files", "names"] {
            fs::create_dir_all(self.notes.join(kind)).expect("a directory");
        }
        if self.data.exists() {
            self.note(&self.data);
        }
        command
            .env("LD_PRELOAD", &self.library)
            .env("FREEHOLD_POWER_DATA", &self.data)
            .env("FREEHOLD_POWER_NOTES", &self.notes);
    }

    /// Leaves on the disk what a power cut at this moment leaves. The program must have ended.
    pub fn cut(&self, unflushed: Unflushed) {
        let rebuilt = self.data.with_extension("rebuilt");
        let _ = fs::remove_dir_all(&rebuilt);
        if self.data.exists() {
            let root = fs::metadata(&self.data).expect("the data");
            let live = Live::of(&self.data);
            self.rebuild(&identity(&root), &rebuilt, &live, unflushed);
            fs::remove_dir_all(&self.data).expect("what was not flushed goes");
            fs::rename(&rebuilt, &self.data).expect("what was flushed stays");
        }
    }

    fn note(&self, directory: &Path) {
        let mut names = String::new();
        for (name, path, found) in entries(directory) {
            let id = identity(&found);
            if found.is_dir() {
                let _ = writeln!(names, "d {id} {name}");
                self.note(&path);
            } else {
                let _ = writeln!(names, "f {id} {name}");
                fs::copy(&path, self.notes.join("files").join(id)).expect("a copy");
            }
        }
        let id = identity(&fs::metadata(directory).expect("a directory"));
        fs::write(self.notes.join("names").join(id), names).expect("a note");
    }

    fn rebuild(&self, id: &str, to: &Path, live: &Live, unflushed: Unflushed) {
        DirBuilder::new()
            .mode(0o700)
            .create(to)
            .expect("a directory");
        // A directory whose names were never flushed is empty.
        let names = fs::read_to_string(self.notes.join("names").join(id)).unwrap_or_default();
        for line in names.lines() {
            let mut parts = line.splitn(3, ' ');
            let (Some(kind), Some(id), Some(name)) = (parts.next(), parts.next(), parts.next())
            else {
                panic!("no entry of a directory: {line}");
            };
            let path = to.join(name);
            if kind == "d" {
                self.rebuild(id, &path, live, unflushed);
                continue;
            }
            // A file that was never flushed has a name and nothing in it.
            let flushed = fs::read(self.notes.join("files").join(id)).unwrap_or_default();
            let contents = match (unflushed, live.files.get(id)) {
                (Unflushed::Torn, Some(written)) => torn(flushed, written),
                _ => flushed,
            };
            let mut options = OpenOptions::new();
            let file = options.write(true).create_new(true).mode(0o600).open(&path);
            file.and_then(|mut file| file.write_all(&contents))
                .expect("a file");
        }
    }
}

/// What programs see until the power is cut.
struct Live {
    files: BTreeMap<String, Vec<u8>>,
}

impl Live {
    fn of(data: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut directories = vec![data.to_owned()];
        while let Some(directory) = directories.pop() {
            for (_, path, found) in entries(&directory) {
                if found.is_dir() {
                    directories.push(path);
                } else {
                    files.insert(identity(&found), fs::read(path).expect("a file"));
                }
            }
        }
        Self { files }
    }
}

/// Of each page that differs, either what was flushed or what was written.
fn torn(mut flushed: Vec<u8>, written: &[u8]) -> Vec<u8> {
    if rand::random() {
        flushed.resize(written.len(), 0);
    }
    let length = flushed.len();
    for (page, newer) in flushed.chunks_mut(PAGE).zip(written.chunks(PAGE)) {
        let common = page.len().min(newer.len());
        if rand::rng().random_ratio(1, 2) {
            page[..common].copy_from_slice(&newer[..common]);
        }
    }
    debug_assert_eq!(flushed.len(), length);
    flushed
}

/// Files and directories in a directory, nothing else.
fn entries(directory: &Path) -> Vec<(String, PathBuf, Metadata)> {
    let found = fs::read_dir(directory).expect("a directory").flatten();
    let with_metadata = found.filter_map(|entry| {
        let name = entry.file_name().into_string().expect("a plain name");
        Some((name, entry.path(), entry.metadata().ok()?))
    });
    with_metadata
        .filter(|(_, _, found)| found.is_dir() || found.is_file())
        .collect()
}

/// The same as in `flushed.c`.
fn identity(found: &Metadata) -> String {
    let born = found
        .created()
        .ok()
        .and_then(|born| born.duration_since(UNIX_EPOCH).ok())
        .unwrap_or_default();
    format!(
        "{}-{}.{:09}",
        found.ino(),
        born.as_secs(),
        born.subsec_nanos()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a few lines of shell whose `sync FILE` is followed, then cuts the power.
    fn after(script: &str) -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("old"), "old").unwrap();
        let disk = Disk::holding(&data, place.path());
        let mut command = Command::new("sh");
        command.args(["-ec", script]).current_dir(&data);
        disk.follow(&mut command);
        assert!(command.as_std_mut().status().unwrap().success());
        disk.cut(Unflushed::Lost);
        place
    }

    fn left(place: &tempfile::TempDir) -> Vec<(String, String)> {
        let mut left: Vec<_> = entries(&place.path().join("data"))
            .into_iter()
            .map(|(name, path, _)| (name, fs::read_to_string(path).unwrap()))
            .collect();
        left.sort();
        left
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        expected.iter().map(owned).collect()
    }

    #[test]
    fn what_was_not_flushed_is_gone() {
        let place = after("printf new > old; printf x > fresh");
        assert_eq!(left(&place), pairs(&[("old", "old")]));
    }

    #[test]
    fn contents_and_names_are_flushed_separately() {
        let place = after("printf new > old; sync old; printf x > fresh; sync fresh");
        assert_eq!(left(&place), pairs(&[("old", "new")]));
        let place = after("printf x > fresh; sync .");
        assert_eq!(left(&place), pairs(&[("fresh", ""), ("old", "old")]));
        let place = after("printf x > fresh; sync fresh; sync .; printf y > fresh");
        assert_eq!(left(&place), pairs(&[("fresh", "x"), ("old", "old")]));
    }

    #[test]
    fn a_file_put_in_the_place_of_another_is_the_old_one_until_its_name_is_flushed() {
        let replace = "printf new > new; sync new; mv new old";
        assert_eq!(left(&after(replace)), pairs(&[("old", "old")]));
        let flushed = format!("{replace}; sync .");
        assert_eq!(left(&after(&flushed)), pairs(&[("old", "new")]));
    }

    #[test]
    fn a_torn_file_holds_pages_of_both() {
        let (flushed, written) = (vec![0; 64 * PAGE], vec![1; 64 * PAGE]);
        let torn = torn(flushed, &written);
        assert!(torn.contains(&0) && torn.contains(&1));
    }
}
