//! The directory in which an agent keeps what must survive: only its own user may enter it.
//!
//! Small files are messages behind a magic number and a checksum. They are replaced as a whole, so that a
//! kill or a power cut at any moment leaves either the old or the new content.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

#[cfg(any(windows, test))]
mod privacy;
#[cfg_attr(unix, path = "state/unix.rs")]
#[cfg_attr(windows, path = "state/windows.rs")]
#[cfg_attr(not(any(unix, windows)), path = "state/unsupported.rs")]
mod private;

pub(crate) use private::{Lock, OWNER, open_fixed};
#[cfg(windows)]
pub use private::{Privacy, create_private, is_administrator, privacy_of, replace as replace_file};

const MAGIC: &[u8; 4] = b"FHA1";
const CHECKSUM_BYTES: usize = 16;
/// Where unsent reports are kept.
pub(crate) const SPOOL: &str = "spool";
/// The other files that an agent keeps.
const KEPT: [&str; 7] = [
    "identity",
    "joining",
    "chain",
    "progress",
    "status.json",
    "join",
    "lock",
];
/// How often it is looked whether an agent that was told to stop has.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Longest small file: an identity with sixteen anchors fits many times.
const FILE_BYTES: u64 = 4 * 1024 * 1024;

/// The agent's own directory.
#[derive(Clone, Debug)]
pub struct StateDirectory {
    path: PathBuf,
}

/// Why the agent's own files could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The directory cannot be made or entered.
    #[error(
        "the agent's directory {path} cannot be used; run as the user it belongs to, usually {}",
        private::OWNER
    )]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory belongs to someone else, who could read or replace the key.
    #[error(
        "the agent's directory {0} belongs to another user; run as that user, or name another directory in the settings"
    )]
    Owner(PathBuf),
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written; check that the disk is neither full nor read-only")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what was written.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// Another agent uses the directory.
    #[error("another agent is already running with {0}; stop it first")]
    Locked(PathBuf),
}

impl StateDirectory {
    /// Opens the directory, makes it when it is missing, and closes it to other users.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        private::make(path)?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// The directory as it is, for one who only looks.
    pub fn existing(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Where a file or directory of that name is.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// A directory within this one.
    pub fn subdirectory(&self, name: &str) -> Result<Self, StateError> {
        Self::open(&self.path.join(name))
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps every other agent out for as long as the lock lives.
    pub fn lock(&self) -> Result<Lock, StateError> {
        private::lock(&self.path.join("lock"))?.ok_or_else(|| StateError::Locked(self.path.clone()))
    }

    /// Whether an agent runs with this directory.
    pub fn is_locked(&self) -> Result<bool, StateError> {
        let path = self.path.join("lock");
        if !path.exists() {
            return Ok(false);
        }
        Ok(private::lock(&path)?.is_none())
    }

    /// Waits until no agent keeps others out, but no longer than so; whether there is none now.
    pub fn wait_until_unlocked(&self, patience: Duration) -> Result<bool, StateError> {
        let began = Instant::now();
        while self.is_locked()? {
            if began.elapsed() >= patience {
                return Ok(false);
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok(true)
    }

    /// Reads a message. `None` when there is no such file.
    pub fn load<M: prost::Message + Default>(&self, name: &str) -> Result<Option<M>, StateError> {
        let path = self.path.join(name);
        let bytes = match read_at_most(&path, FILE_BYTES) {
            Ok(bytes) => zeroize::Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StateError::Read { path, source }),
        };
        match open_envelope(&bytes).and_then(|content| M::decode(content).ok()) {
            Some(message) => Ok(Some(message)),
            None => Err(StateError::Damaged(path)),
        }
    }

    /// Replaces a message; when this returns it is on the disk.
    pub fn save<M: prost::Message>(&self, name: &str, message: &M) -> Result<(), StateError> {
        let content = zeroize::Zeroizing::new(message.encode_to_vec());
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(content.len() + 20));
        bytes.extend(MAGIC);
        bytes.extend(&blake3::hash(&content).as_bytes()[..CHECKSUM_BYTES]);
        bytes.extend(content.iter());
        self.replace(name, &bytes, true)
    }

    /// Replaces a file as a whole. Without `durable` a power cut may bring the old content back, or none.
    pub fn replace(&self, name: &str, bytes: &[u8], durable: bool) -> Result<(), StateError> {
        let path = self.path.join(name);
        let temporary = self.path.join(format!("{name}.tmp"));
        let write = || -> io::Result<()> {
            let mut file = private::create(&temporary)?;
            file.write_all(bytes)?;
            if durable {
                file.sync_all()?;
            }
            drop(file);
            private::replace(&temporary, &path, durable)
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&temporary);
            StateError::Write {
                path: path.clone(),
                source,
            }
        })
    }

    /// Removes what agents keep here, and the directory if nothing else is in it. Fails while one runs.
    pub fn erase(self) -> Result<(), StateError> {
        // Held on this one cannot be removed on Windows; an agent that starts now finds no identity.
        drop(self.lock()?);
        let spool = self.path.join(SPOOL);
        for file in fs::read_dir(&spool).into_iter().flatten().flatten() {
            let _ = fs::remove_file(file.path());
        }
        let _ = fs::remove_dir(spool);
        for name in KEPT {
            self.remove(name)?;
            self.remove(&format!("{name}.tmp"))?;
        }
        // Whoever put something else here keeps it; the folder above belongs to the agent only on Windows.
        let is_empty = fs::remove_dir(&self.path).is_ok();
        if is_empty && let Some(above) = self.path.parent() {
            private::remove_above(above);
        }
        Ok(())
    }

    /// Removes a file. One that is not there is no error.
    pub fn remove(&self, name: &str) -> Result<(), StateError> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(StateError::Write { path, source })
            }
            _ => Ok(()),
        }
    }
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn open_envelope(bytes: &[u8]) -> Option<&[u8]> {
    let (checksum, content) = bytes
        .strip_prefix(MAGIC)?
        .split_first_chunk::<CHECKSUM_BYTES>()?;
    blake3::hash(content)
        .as_bytes()
        .starts_with(checksum)
        .then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, PartialEq, prost::Message)]
    struct Note {
        #[prost(string, tag = "1")]
        text: String,
    }

    fn note(text: &str) -> Note {
        Note { text: text.into() }
    }

    #[test]
    fn what_is_saved_is_loaded_and_nothing_is_none() {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(&place.path().join("deep/state")).unwrap();
        assert_eq!(state.load::<Note>("note").unwrap(), None);
        state.save("note", &note("one")).unwrap();
        state.save("note", &note("two")).unwrap();
        assert_eq!(state.load("note").unwrap(), Some(note("two")));
        state.remove("note").unwrap();
        state.remove("note").unwrap();
        assert_eq!(state.load::<Note>("note").unwrap(), None);
    }

    #[test]
    fn an_agent_that_is_stopping_is_waited_for_but_not_for_ever() {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(place.path()).unwrap();
        let lock = state.lock().unwrap();
        let moment = Duration::from_millis(300);
        assert!(!state.wait_until_unlocked(moment).unwrap());
        let stopping = thread::spawn(move || {
            thread::sleep(moment);
            drop(lock);
        });
        assert!(state.wait_until_unlocked(Duration::from_secs(60)).unwrap());
        stopping.join().unwrap();
        state.erase().unwrap();
    }

    #[test]
    fn every_damaged_byte_and_every_truncation_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(place.path()).unwrap();
        state.save("note", &note("precious")).unwrap();
        let whole = fs::read(state.join("note")).unwrap();
        for position in 0..whole.len() {
            let mut altered = whole.clone();
            altered[position] ^= 1;
            for damaged in [&altered[..], &whole[..position]] {
                fs::write(state.join("note"), damaged).unwrap();
                assert!(matches!(
                    state.load::<Note>("note"),
                    Err(StateError::Damaged(_))
                ));
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_enter_the_directory_or_read_a_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("state");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let state = StateDirectory::open(&path).unwrap();
        state.save("note", &note("secret")).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&state.join("note")), 0o600);
    }

    #[test]
    fn erasing_takes_what_agents_keep_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("state");
        let state = StateDirectory::open(&path).unwrap();
        state.save("identity", &note("secret")).unwrap();
        let spool = state.subdirectory(SPOOL).unwrap();
        spool.save("1", &note("unsent")).unwrap();
        fs::write(state.join("letter.txt"), "of somebody else").unwrap();
        let held = state.lock().unwrap();
        assert!(matches!(state.clone().erase(), Err(StateError::Locked(_))));
        assert!(state.join("identity").exists());
        drop(held);
        state.clone().erase().unwrap();
        let left: Vec<_> = fs::read_dir(&path).unwrap().flatten().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        fs::remove_file(state.join("letter.txt")).unwrap();
        state.erase().unwrap();
        assert!(!path.exists() && place.path().exists());
    }

    #[test]
    fn a_second_agent_is_kept_out_until_the_first_ends() {
        let place = tempfile::tempdir().unwrap();
        let state = StateDirectory::open(place.path()).unwrap();
        assert!(!state.is_locked().unwrap());
        let lock = state.lock().unwrap();
        assert!(matches!(state.lock(), Err(StateError::Locked(_))));
        assert!(state.is_locked().unwrap());
        drop(lock);
        assert!(state.lock().is_ok());
    }
}
