//! The mark of a demo in its data directory, and how a demo is removed.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{DataDirectory, DataError, remove_all};
use crate::clock::UnixMillis;

/// What a data directory has to do with a demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoState {
    /// There is no collector.
    Absent,
    /// The collector that is there is none.
    Real,
    /// Making it was interrupted.
    Unfinished,
    /// It was made then.
    Made(UnixMillis),
}

impl DataDirectory {
    /// Present in the directory of a demo: empty while its year is lived through, then when it was made.
    fn demo(&self) -> PathBuf {
        self.path.join("demo")
    }

    /// What a directory has to do with a demo.
    pub fn demo_state(path: &Path) -> Result<DemoState, DataError> {
        let directory = Self {
            path: path.to_path_buf(),
        };
        if !directory.check()? {
            return Ok(DemoState::Absent);
        }
        let mark = directory.demo();
        match fs::read_to_string(&mark) {
            Ok(text) => {
                Ok(UnixMillis::parse(text.trim()).map_or(DemoState::Unfinished, DemoState::Made))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let is_there = directory.store().exists() || directory.authority().exists();
                Ok(if is_there {
                    DemoState::Real
                } else {
                    DemoState::Absent
                })
            }
            Err(source) => Err(DataError::Io { path: mark, source }),
        }
    }

    /// Marks a directory as that of a demo that is being made, before anything else is in it.
    pub fn begin_demo(path: &Path) -> Result<(), DataError> {
        let directory = Self::prepare(path)?;
        directory.write_demo("")
    }

    /// Marks the demo as made.
    pub fn finish_demo(&self, made_at: UnixMillis) -> Result<(), DataError> {
        self.write_demo(&format!("{made_at}\n"))
    }

    fn write_demo(&self, text: &str) -> Result<(), DataError> {
        let path = self.demo();
        File::create(&path)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| self.sync())
            .map_err(|source| DataError::Io { path, source })
    }

    /// Removes a demo, and nothing that a demo does not make. The mark goes last: what was interrupted can be repeated.
    /// Answers whether the directory is gone too.
    pub fn remove_demo(path: &Path) -> Result<bool, DataError> {
        let directory = Self {
            path: path.to_path_buf(),
        };
        let io = |source| DataError::Io {
            path: path.to_path_buf(),
            source,
        };
        for folder in [
            directory.store(),
            directory.authority(),
            directory.owner_kit(),
            directory.backups(),
            directory.demo_computers(),
        ] {
            remove_all(&folder).map_err(io)?;
        }
        for file in [
            directory.marker(),
            directory.log_checkpoint(),
            directory.demo(),
        ] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
                _ => {}
            }
        }
        Ok(fs::remove_dir(path).is_ok())
    }
}
