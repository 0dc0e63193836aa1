//! The list of revoked machines, and of people and grants that were ended, kept outside the store so that an old backup
//! never brings one back.
//!
//! One line for each: its identifier, a UUID, and when it was revoked.

use std::{
    collections::{HashMap, HashSet},
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use super::{
    error::AuthorityError,
    files::{self, writing},
};
use crate::{clock::UnixMillis, id::MachineId};

/// Space on the disk that the list has beyond its end, in bytes: also on a full disk a few hundred machines
/// can be revoked for good.
const ROOM: u64 = 64 * 1024;

/// The revoked machines. Clones share the list. What it says wins over the store.
#[derive(Clone, Debug)]
pub struct Revocations {
    list: Arc<List>,
}

/// That a machine was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When; `None` when the list does not tell.
    pub at: Option<UnixMillis>,
}

#[derive(Debug)]
struct List {
    path: PathBuf,
    machines: RwLock<HashMap<MachineId, Revocation>>,
    /// Revoked, but not in the file, because it could not be written. Held while the file grows.
    unwritten: Mutex<HashSet<MachineId>>,
}

impl Revocations {
    /// Reads the list. A missing or damaged one is refused: it may have named a machine.
    pub(super) fn load(path: &Path) -> Result<Self, AuthorityError> {
        let text = String::from_utf8(files::read(path)?).map_err(|_| damaged(path, 1))?;
        let mut machines = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let torn = index + 1 == text.lines().count() && !text.ends_with('\n');
            match parse(line) {
                Line::Machine(id, revocation) => {
                    machines.entry(id).or_insert(revocation);
                }
                Line::Nobody => {}
                // A crash while the last line was written: nobody was told that it holds.
                Line::Damaged if torn => {}
                Line::Damaged => return Err(damaged(path, index + 1)),
            }
        }
        files::keep_room(path, ROOM);
        Ok(Self {
            list: Arc::new(List {
                path: path.to_owned(),
                machines: RwLock::new(machines),
                unwritten: Mutex::default(),
            }),
        })
    }

    /// Whether a machine was revoked.
    pub fn contains(&self, id: MachineId) -> bool {
        self.of(id).is_some()
    }

    /// The revocation of a machine; `None` when it was not revoked.
    pub fn of(&self, id: MachineId) -> Option<Revocation> {
        let machines = self.list.machines.read();
        machines
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .copied()
    }

    /// All revoked machines.
    pub fn all(&self) -> Vec<MachineId> {
        self.list
            .machines
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .copied()
            .collect()
    }

    /// Adds a machine; on return the line is durable. Where that fails the machine counts as revoked all
    /// the same, until the collector stops. Blocks on the disk.
    pub fn add(&self, id: MachineId, now: UnixMillis) -> Result<(), AuthorityError> {
        let mut unwritten = self
            .list
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut machines = self
            .list
            .machines
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let is_new = !machines.contains_key(&id);
        if is_new {
            machines.insert(id, Revocation { at: Some(now) });
        }
        drop(machines);
        if !is_new && !unwritten.contains(&id) {
            return Ok(());
        }
        unwritten.insert(id);
        self.append(&format!("{id} {now}\n"))?;
        unwritten.remove(&id);
        files::keep_room(&self.list.path, ROOM);
        Ok(())
    }

    /// Adds a person or a grant that was ended: one that the store knows nothing of any more after an old backup was
    /// restored. That it could not be written is only logged: here and now it has ended.
    pub(crate) async fn add_ended(&self, id: [u8; 16], now: UnixMillis) {
        let list = self.clone();
        let add = move || list.add(MachineId::from_bytes(id), now);
        match tokio::task::spawn_blocking(add).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(
                %error,
                "an access was ended, but not in the list that outlives a restored backup"
            ),
            Err(error) => tracing::error!(%error, "an access was ended, but not in the list"),
        }
    }

    fn append(&self, line: &str) -> Result<(), AuthorityError> {
        let path = &self.list.path;
        let torn = !matches!(files::read(path)?.last(), None | Some(b'\n'));
        let mut file = files::private_options()
            .append(true)
            .open(path)
            .map_err(writing(path))?;
        // A line torn by an earlier crash becomes a comment of its own.
        let line = if torn {
            format!(" # torn\n{line}")
        } else {
            line.to_owned()
        };
        file.write_all(line.as_bytes()).map_err(writing(path))?;
        file.sync_all().map_err(writing(path))
    }
}

/// What a line of the list says.
enum Line {
    Machine(MachineId, Revocation),
    /// A comment or nothing.
    Nobody,
    Damaged,
}

fn parse(line: &str) -> Line {
    let mut words = line.split_whitespace();
    let Some(word) = words.next() else {
        return Line::Nobody;
    };
    match word.parse() {
        Ok(id) => {
            let at = words.next().and_then(UnixMillis::parse);
            Line::Machine(id, Revocation { at })
        }
        Err(_) if word.starts_with('#') || line.ends_with("# torn") => Line::Nobody,
        Err(_) => Line::Damaged,
    }
}

fn damaged(path: &Path, line: usize) -> AuthorityError {
    AuthorityError::DamagedRevocation {
        path: path.to_owned(),
        line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(content: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("revoked");
        std::fs::write(&path, content).unwrap();
        (dir, path)
    }

    #[test]
    fn a_revocation_is_there_after_a_restart() {
        let (_dir, path) = list("");
        let (one, two) = (MachineId::random(), MachineId::random());
        let revocations = Revocations::load(&path).unwrap();
        revocations.add(one, UnixMillis(0)).unwrap();
        revocations.add(one, UnixMillis(0)).unwrap();
        revocations.add(two, UnixMillis(0)).unwrap();
        let again = Revocations::load(&path).unwrap();
        assert!(again.contains(one) && again.contains(two));
        assert_eq!(
            again.of(one),
            Some(Revocation {
                at: Some(UnixMillis(0))
            })
        );
        assert_eq!(again.all().len(), 2);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    }

    #[test]
    fn a_revocation_that_cannot_be_written_holds_for_now_and_can_be_tried_again() {
        let (_dir, path) = list("");
        let id = MachineId::random();
        let revocations = Revocations::load(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(revocations.add(id, UnixMillis(0)).is_err());
        assert!(revocations.contains(id));
        assert!(revocations.add(id, UnixMillis(0)).is_err(), "not durable");
        std::fs::write(&path, "").unwrap();
        revocations.add(id, UnixMillis(0)).unwrap();
        assert!(Revocations::load(&path).unwrap().contains(id));
    }

    #[test]
    fn a_damaged_list_is_refused() {
        let (_dir, path) = list(&format!("{} 2026\nrubbish\n", MachineId::random()));
        let error = Revocations::load(&path).unwrap_err();
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn a_missing_list_is_refused() {
        let (_dir, path) = list("");
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(
            Revocations::load(&path),
            Err(AuthorityError::Missing { .. })
        ));
    }

    #[test]
    fn a_line_torn_by_a_crash_does_not_swallow_the_next() {
        let (_dir, path) = list("3f2a");
        let id = MachineId::random();
        Revocations::load(&path)
            .unwrap()
            .add(id, UnixMillis(0))
            .unwrap();
        let again = Revocations::load(&path).unwrap();
        assert_eq!(again.all(), vec![id]);
    }
}
