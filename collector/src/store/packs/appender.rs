//! Appending to the newest pack.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use super::{FILE_HEADER, Position, path};
use crate::store::{error::FileError, file};

/// The pack that is appended to. Only the writer has one.
#[derive(Debug)]
pub(in crate::store) struct Appender {
    dir: PathBuf,
    path: PathBuf,
    file: File,
    position: Position,
}

impl Appender {
    /// Begins a pack: nothing may refer to it yet.
    pub(in crate::store) fn create(dir: &Path, pack: u32) -> Result<Self, FileError> {
        let path = path(dir, pack);
        let file = file::private(&path)
            .truncate(true)
            .create(true)
            .open(&path)
            .map_err(FileError::of("create", &path))?;
        file::write_all_at(&file, FILE_HEADER, 0)
            .and_then(|()| file.sync_data())
            .and_then(|()| file::sync_directory(dir))
            .map_err(FileError::of("write", &path))?;
        let offset = FILE_HEADER.len() as u64;
        Ok(Self {
            dir: dir.to_owned(),
            path,
            file,
            position: Position { pack, offset },
        })
    }

    /// Goes on with a pack whose durable length is known. What lies beyond was never acknowledged and is
    /// cut off.
    pub(in crate::store) fn open(dir: &Path, position: Position) -> Result<Self, FileError> {
        let path = path(dir, position.pack);
        let file = file::private(&path)
            .open(&path)
            .map_err(FileError::of("open", &path))?;
        let appender = Self {
            dir: dir.to_owned(),
            path,
            file,
            position,
        };
        appender.cut()?;
        Ok(appender)
    }

    /// Where the next record goes.
    pub(in crate::store) fn position(&self) -> Position {
        self.position
    }

    /// Appends records and makes them durable; the position moves only with [`Appender::advance`].
    pub(in crate::store) fn append(&self, records: &[u8]) -> Result<(), FileError> {
        file::write_all_at(&self.file, records, self.position.offset)
            .and_then(|()| self.file.sync_data())
            .map_err(FileError::of("write", &self.path))
    }

    /// What was appended is part of the store now.
    pub(in crate::store) fn advance(&mut self, bytes: u64) {
        self.position.offset += bytes;
    }

    /// Cuts off what is not part of the store.
    pub(in crate::store) fn cut(&self) -> Result<(), FileError> {
        let length = self
            .file
            .metadata()
            .map_err(FileError::of("read", &self.path))?
            .len();
        if length > self.position.offset {
            self.file
                .set_len(self.position.offset)
                .map_err(FileError::of("shorten", &self.path))?;
        }
        Ok(())
    }

    /// Begins the next pack; this one is full.
    pub(in crate::store) fn next(&self) -> Result<Self, FileError> {
        Self::create(&self.dir, self.position.pack + 1)
    }
}
