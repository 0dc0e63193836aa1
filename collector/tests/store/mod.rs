//! A store with known contents, ways to damage it, and the one promise about that: it either serves
//! everything that was acknowledged, or refuses with the command that restores it.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::mpsc,
    time::Duration,
};

use freehold_collector::{
    id::{Digest, MachineId},
    store::{
        Options, Read, Store, StoreError,
        backup::{Contents, EXTENSION},
        record::{ChangeRecord, MachineRecord, PresenceRecord, SettingsRecord, VersionRecord},
    },
};
use freehold_proto::v1::section::Kind;

/// A small generator of numbers that a seed reproduces.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From the clock.
    pub fn fresh_seed() -> u64 {
        let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        since.as_nanos() as u64
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.next() % limit }
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// Small packs, so that there are several; no reserve, so that a test does not fill the disk.
pub fn options() -> Options {
    Options {
        pack_bytes: 128 * 1024,
        keep_free_bytes: 0,
        reserve_bytes: 0,
        ..Options::default()
    }
}

/// What was acknowledged.
#[derive(Default)]
pub struct Expected {
    pub machines: Vec<MachineId>,
    /// Versions of each machine's software section, oldest first.
    pub versions: BTreeMap<MachineId, Vec<(u64, Digest)>>,
    pub bodies: BTreeMap<Digest, Vec<u8>>,
    pub changes: usize,
}

impl Expected {
    /// Stores reports and notes them.
    pub async fn fill(&mut self, store: &Store, dice: &mut Dice, reports: usize) {
        for _ in 0..reports {
            let (id, sequence) = self.next_report(dice);
            let body = dice.bytes(500 + dice.0 as usize % 9_000);
            let digest = Digest::of(&body);
            report(store, id, sequence, body.clone()).await.unwrap();
            self.versions
                .entry(id)
                .or_default()
                .push((sequence, digest));
            self.bodies.insert(digest, body);
            self.changes += 1;
        }
    }

    fn next_report(&mut self, dice: &mut Dice) -> (MachineId, u64) {
        if self.machines.len() < 20 {
            self.machines.push(MachineId::random());
        }
        let at = dice.below(self.machines.len() as u64) as usize;
        let id = if self.versions.len() < self.machines.len() {
            *self.machines.last().unwrap()
        } else {
            self.machines[at]
        };
        (
            id,
            self.versions
                .get(&id)
                .map_or(1, |versions| versions.len() as u64 + 1),
        )
    }

    /// Compares a store with what was acknowledged; says what is missing.
    pub fn verify(&self, store: &Store) -> Result<(), String> {
        let say = |error: StoreError| format!("a read failed: {error}");
        if store
            .settings()
            .map_err(say)?
            .map(|found| found.name)
            .as_deref()
            != Some("Acme")
        {
            return Err("the settings are missing".to_owned());
        }
        let mut found: Vec<_> = store
            .machines()
            .map_err(say)?
            .into_iter()
            .map(|m| m.id)
            .collect();
        let mut expected: Vec<_> = self
            .machines
            .iter()
            .map(|id| id.as_bytes().to_vec())
            .collect();
        found.sort();
        expected.sort();
        if found != expected {
            return Err(format!("{} of {} machines", found.len(), expected.len()));
        }
        for (id, versions) in &self.versions {
            let found: Vec<_> = store
                .versions(*id, Kind::Software, usize::MAX)
                .map_err(say)?
                .iter()
                .rev()
                .map(|found| (found.sequence, Digest::from_slice(&found.digest).unwrap()))
                .collect();
            if found != *versions {
                return Err(format!(
                    "{} of {} versions of {id}",
                    found.len(),
                    versions.len()
                ));
            }
        }
        for (digest, body) in &self.bodies {
            if store.body(digest).map_err(say)? != *body {
                return Err(format!("another body under {digest}"));
            }
        }
        let changes = store.all_changes(None, usize::MAX).map_err(say)?.len();
        if changes != self.changes {
            return Err(format!("{changes} of {} changes", self.changes));
        }
        Ok(())
    }
}

/// Stores one report, as ingest does.
pub async fn report(
    store: &Store,
    id: MachineId,
    sequence: u64,
    body: Vec<u8>,
) -> Result<(), freehold_collector::store::WriteError<StoreError>> {
    let frame = zstd::bulk::compress(&body, 1).unwrap();
    let digest = Digest::of(&body);
    store
        .write(move |txn| {
            txn.put_settings(&SettingsRecord {
                name: "Acme".to_owned(),
                ..Default::default()
            });
            let id_bytes = id.as_bytes().to_vec();
            txn.put_machine(
                id,
                &MachineRecord {
                    id: id_bytes,
                    ..Default::default()
                },
            );
            txn.put_presence(
                id,
                &PresenceRecord {
                    chain_counter: sequence,
                    ..Default::default()
                },
            );
            txn.put_body(&digest, &frame, body.len() as u64)?;
            let version = VersionRecord {
                kind: Kind::Software as u32,
                digest: digest.0.to_vec(),
                sequence,
                received_at: sequence.cast_signed(),
                size: body.len() as u64,
                ..Default::default()
            };
            txn.put_version(id, &version)?;
            let change = ChangeRecord {
                at: sequence.cast_signed(),
                ..Default::default()
            };
            txn.put_change(id, &change).map(drop)
        })
        .await
}

/// A filled store, as it lies on the disk.
pub struct Image {
    pub dir: PathBuf,
    pub expected: Expected,
    _temporary: tempfile::TempDir,
}

impl Image {
    /// Fills a store and takes an image of it: after a clean close, or as a kill leaves it.
    pub async fn make(dice: &mut Dice, killed: bool) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path().join("data/store");
        let store = Store::create(&dir, &options()).unwrap();
        let mut expected = Expected::default();
        expected.fill(&store, dice, 40).await;
        // Opened again, so that the engine has written a snapshot too.
        store.close().await;
        let store = Store::open(&dir, &options()).unwrap();
        expected.fill(&store, dice, 60).await;
        let backups = temporary.path().join("data/backups");
        fs::create_dir(&backups).unwrap();
        let backup = backups.join(format!("one.{EXTENSION}"));
        store.backup(&backup, &Contents::default()).await.unwrap();
        let image = temporary.path().join("image");
        if killed {
            copy(&temporary.path().join("data"), &image);
            store.close().await;
        } else {
            store.close().await;
            copy(&temporary.path().join("data"), &image);
        }
        Self {
            dir: image.join("store"),
            expected,
            _temporary: temporary,
        }
    }

    /// The files of the store, by their names below it.
    pub fn files(&self) -> Vec<PathBuf> {
        files_below(&self.dir)
            .into_iter()
            .map(|path| path.strip_prefix(&self.dir).unwrap().to_owned())
            .collect()
    }

    /// Copies the image, damages a file, and holds the store to its promise.
    pub fn try_damage(&self, file: &Path, damage: &Damage) -> Result<Outcome, String> {
        let scratch = tempfile::tempdir().unwrap();
        let data = scratch.path().join("data");
        copy(self.dir.parent().unwrap(), &data);
        let dir = data.join("store");
        damage.apply(&dir.join(file));
        let before = contents(&dir);
        let (answer, opened) = mpsc::channel();
        let opening = dir.clone();
        std::thread::spawn(move || {
            let _ = answer.send(Store::open(&opening, &options()));
        });
        match opened.recv_timeout(Duration::from_secs(60)) {
            Ok(Ok(store)) => {
                self.expected
                    .verify(&store)
                    .map_err(|missing| format!("served, but {missing}"))?;
                Ok(Outcome::Served)
            }
            Ok(Err(error)) => {
                let sentence = error.to_string();
                let command = format!(
                    "freehold-collector restore --from {} --data {}",
                    data.join("backups")
                        .join(format!("one.{EXTENSION}"))
                        .display(),
                    data.display()
                );
                if !sentence.contains(&command) {
                    return Err(format!("refused without the command: {sentence}"));
                }
                if contents(&dir) != before {
                    return Err(format!("changed what it refused: {sentence}"));
                }
                Ok(Outcome::Refused(sentence))
            }
            Err(_) => Err("neither served nor refused within a minute".to_owned()),
        }
    }
}

/// What became of a damaged store.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Served,
    Refused(String),
}

/// Something done to a file.
#[derive(Debug)]
pub enum Damage {
    Delete,
    DeleteDirectory,
    Truncate(u64),
    Overwrite(u64, Vec<u8>),
    Append(Vec<u8>),
}

impl Damage {
    /// The damages every file is tried with.
    pub fn usual(dice: &mut Dice, length: u64) -> Vec<Self> {
        let third = (length / 3) as usize;
        vec![
            Self::Delete,
            Self::Truncate(0),
            Self::Truncate(length / 2),
            Self::Truncate(length.saturating_sub(1)),
            Self::Truncate(dice.below(length)),
            Self::Overwrite(0, dice.bytes(8.min(length as usize))),
            Self::Overwrite(dice.below(length.saturating_sub(64)), dice.bytes(64)),
            Self::Overwrite(length / 3, vec![0; third]),
            Self::Append(dice.bytes(100)),
        ]
    }

    /// A random one.
    pub fn random(dice: &mut Dice, length: u64) -> Self {
        match dice.below(8) {
            0 => Self::Delete,
            1 | 2 => Self::Truncate(dice.below(length)),
            3 => Self::Append(dice.bytes(1 + dice.0 as usize % 5_000)),
            4 => Self::Overwrite(dice.below(length), vec![0; 1 + dice.0 as usize % 5_000]),
            _ => {
                let at = dice.below(length);
                let longest = (length - at).clamp(1, 5_000);
                let many = 1 + dice.below(longest) as usize;
                Self::Overwrite(at, dice.bytes(many))
            }
        }
    }

    fn apply(&self, path: &Path) {
        let open = || fs::OpenOptions::new().write(true).open(path).unwrap();
        match self {
            Self::Delete => fs::remove_file(path).unwrap(),
            Self::DeleteDirectory => fs::remove_dir_all(path).unwrap(),
            Self::Truncate(length) => open().set_len(*length).unwrap(),
            Self::Overwrite(at, bytes) => open().write_all_at(bytes, *at).unwrap(),
            Self::Append(bytes) => {
                let file = open();
                let length = file.metadata().unwrap().len();
                file.write_all_at(bytes, length).unwrap();
            }
        }
    }
}

/// All files below a directory, sorted.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![dir.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Copies a directory.
pub fn copy(from: &Path, to: &Path) {
    for path in files_below(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&path, &target).unwrap();
    }
}

/// Every file's contents, but those that only say who looks at them.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files_below(dir)
        .into_iter()
        .filter(|path| !path.ends_with("lock"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}
