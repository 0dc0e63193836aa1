//! Where the store's files lie.

use std::path::{Path, PathBuf};

use super::error::Damage;

/// The directories of a store.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The store itself.
    pub(super) dir: PathBuf,
    /// The data directory it belongs to, as named in commands.
    pub(super) data: PathBuf,
    /// Where backups are looked for.
    pub(super) backups: PathBuf,
}

impl Place {
    pub(super) fn new(dir: &Path, backups: Option<&Path>) -> Self {
        let data = match dir.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        Self {
            dir: dir.to_owned(),
            backups: backups.map_or_else(|| data.join("backups"), Path::to_owned),
            data,
        }
    }

    /// The lock file.
    pub(super) fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    /// The witness of what was acknowledged.
    pub(super) fn witness(&self) -> PathBuf {
        self.dir.join("witness")
    }

    /// What the engine's files were when the store was closed.
    pub(super) fn seal(&self) -> PathBuf {
        self.dir.join("seal")
    }

    /// Disk space held back.
    pub(super) fn reserve(&self) -> PathBuf {
        self.dir.join("reserve")
    }

    /// A generation of the embedded engine's directory.
    pub(super) fn records(&self, generation: u64) -> PathBuf {
        self.dir.join(format!("records-{generation:06}"))
    }

    /// The folder of packs.
    pub(super) fn packs(&self) -> PathBuf {
        self.dir.join("packs")
    }

    /// A damage report about one of the files.
    pub(super) fn damage(&self, file: &Path, found: impl Into<String>) -> Damage {
        Damage {
            file: file.to_owned(),
            found: found.into(),
            backup: None,
            backups: self.backups.clone(),
            data: self.data.clone(),
        }
    }
}
