//! Disk space held back for the day the disk is full.
//!
//! The engine cannot close, nor a check after a crash run, without some space. The reserve is a file of real
//! blocks that is deleted then, and made again once there is room.

use std::{io, path::PathBuf};

use super::{error::FileError, file, place::Place};

/// The reserve of a store.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    bytes: u64,
    held: bool,
}

impl Reserve {
    /// The reserve as it was left.
    pub(super) fn found(place: &Place, bytes: u64) -> Self {
        let path = place.reserve();
        let held = std::fs::metadata(&path).is_ok_and(|found| found.len() >= bytes);
        Self { path, bytes, held }
    }

    /// Gives the space back to the disk.
    pub(super) fn release(&mut self) {
        self.held = false;
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "the store's reserve cannot be released");
        }
    }

    /// Gives the space back when there is not as much besides: the engine is going to be opened.
    pub(super) fn release_if_needed(&mut self, place: &Place) {
        if self.held && file::free_bytes(&place.dir).is_ok_and(|free| free < self.bytes) {
            self.release();
        }
    }

    /// Takes the space again if it is missing; answers whether it is held.
    pub(super) fn hold(&mut self) -> bool {
        if self.held || self.bytes == 0 {
            return true;
        }
        self.held = match self.make() {
            Ok(()) => true,
            Err(error) => {
                self.release();
                tracing::debug!(%error, "the store's reserve cannot be made");
                false
            }
        };
        self.held
    }

    /// How much is missing to hold it.
    pub(super) fn missing_bytes(&self) -> u64 {
        if self.held { 0 } else { self.bytes }
    }

    fn make(&self) -> Result<(), FileError> {
        file::private(&self.path)
            .create(true)
            .truncate(true)
            .open(&self.path)
            .and_then(|file| file::allocate(&file, self.bytes))
            .map_err(FileError::of("make", &self.path))
    }
}
