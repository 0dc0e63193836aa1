//! Section versions that the collector has not acknowledged: bounded, in order, on the disk.

mod progress;

use std::{collections::VecDeque, fs, io, path::PathBuf, time::Duration};

use freehold_proto::v1::section::Kind;

use progress::{Progress, position_by_time};

use super::Version;
use crate::{
    clock::{Boots, Moment},
    config::SpoolLimits,
    order,
    snapshot::Digest,
    state::{StateDirectory, StateError, read_at_most},
};

const DIRECTORY: &str = crate::state::SPOOL;
const SUFFIX: &str = ".version";
/// Most versions kept, so that their index stays small.
const VERSIONS: usize = 10_000;
/// Most bytes kept in memory while the disk refuses them.
const MEMORY_BYTES: u64 = 2 * 1024 * 1024;
/// Longest version that is read back.
const VERSION_BYTES: u64 = 64 * 1024 * 1024;
/// Positions are set aside in blocks, so that none is given twice after a kill.
const BLOCK: u64 = 64;

/// Unacknowledged section versions. Each is a file of its own, complete or absent whatever happens, and
/// removed only after the acknowledgement. When the disk refuses, versions wait in memory.
#[derive(Debug)]
pub struct Spool {
    state: StateDirectory,
    directory: StateDirectory,
    limits: SpoolLimits,
    entries: VecDeque<Entry>,
    progress: Progress,
    next: u64,
}

/// A version that waits.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Position in the machine's series.
    pub sequence: u64,
    /// Which section.
    pub kind: Kind,
    /// BLAKE3-256 over its decompressed bytes.
    pub digest: Digest,
    /// When it was collected.
    pub collected: Moment,
    /// Bytes it takes.
    pub bytes: u64,
    in_memory: Option<Version>,
}

/// Why the spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// A file of the spool.
    #[error(transparent)]
    State(#[from] StateError),
    /// The spool's directory cannot be read.
    #[error("the unsent reports in {path} cannot be read")]
    Read {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Spool {
    /// Opens the spool. Records that are torn or damaged are dropped and counted as lost.
    pub fn open(state: &StateDirectory, limits: SpoolLimits) -> Result<Self, SpoolError> {
        let directory = state.subdirectory(DIRECTORY)?;
        let progress = Progress::load(state)?;
        let mut spool = Self {
            state: state.clone(),
            directory,
            limits,
            entries: VecDeque::new(),
            next: progress.set_aside.max(1),
            progress,
        };
        spool.read_entries()?;
        Ok(spool)
    }

    /// Keeps a version and gives it its position. The oldest make room.
    pub fn append(&mut self, mut version: Version) -> u64 {
        self.set_aside_positions();
        version.sequence = self.next;
        self.next += 1;
        let record = version.encode();
        let name = name_of(version.sequence);
        let in_memory = match self.directory.replace(&name, &record, true) {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a report waits in memory"
                );
                Some(version.clone())
            }
        };
        self.entries.push_back(Entry {
            sequence: version.sequence,
            kind: version.kind,
            digest: version.digest,
            collected: version.collected,
            bytes: record.len() as u64,
            in_memory,
        });
        self.make_room();
        version.sequence
    }

    /// The newest version of a section that was kept or delivered.
    pub fn latest(&self, kind: Kind) -> Option<Digest> {
        let waiting = self.entries.iter().rev().find(|entry| entry.kind == kind);
        if let Some(entry) = waiting {
            return Some(entry.digest);
        }
        self.progress.delivered(kind)
    }

    /// What waits, oldest first.
    pub fn entries(&self) -> &VecDeque<Entry> {
        &self.entries
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).sum()
    }

    /// The oldest versions of the sections that `may` go, at most `count` of them and about `bytes` long, but at
    /// least one if any waits. What cannot be read any more is lost on the way.
    pub fn batch(&mut self, count: usize, bytes: u64, may: impl Fn(Kind) -> bool) -> Vec<Version> {
        loop {
            let mut batch = Vec::new();
            let mut total = 0;
            let mut unreadable = Vec::new();
            let waiting = self.entries.iter().filter(|entry| may(entry.kind));
            for entry in waiting.take(count) {
                total += entry.bytes;
                if !batch.is_empty() && total > bytes {
                    break;
                }
                match self.read(entry) {
                    Some(version) => batch.push(version),
                    None => unreadable.push(entry.sequence),
                }
            }
            let is_done = !batch.is_empty() || unreadable.is_empty();
            for sequence in unreadable {
                tracing::warn!(sequence, "an unsent report is damaged and lost");
                self.lose(sequence);
            }
            if is_done {
                return batch;
            }
        }
    }

    /// Notes that versions are safe with the collector, then removes them.
    pub fn acknowledged(&mut self, sequences: &[u64]) -> Result<(), SpoolError> {
        let done: Vec<_> = sequences
            .iter()
            .filter_map(|sequence| self.take(*sequence))
            .collect();
        for entry in &done {
            self.progress.note_delivered(entry.kind, &entry.digest);
        }
        let saved = self.save();
        for entry in &done {
            self.remove_file(entry.sequence);
        }
        saved
    }

    /// Gives a version up: the collector refuses it for good.
    pub fn lose(&mut self, sequence: u64) {
        if self.take(sequence).is_some() {
            self.remove_file(sequence);
            self.count_lost(1);
        }
    }

    /// Drops what is older than the limit.
    pub fn expire(&mut self, now: &Moment) {
        let boots = self.boots();
        let too_old = |entry: &&Entry| boots.age(&entry.collected, now) > self.limits.age;
        let old: Vec<_> = self
            .entries
            .iter()
            .take_while(too_old)
            .map(|entry| entry.sequence)
            .collect();
        for sequence in old {
            self.lose(sequence);
        }
    }

    /// Versions lost and not yet told to the collector.
    pub fn lost(&self) -> u32 {
        self.progress.lost
    }

    /// Notes that the collector was told of lost versions.
    pub fn told_lost(&mut self, count: u32) -> Result<(), SpoolError> {
        if count == 0 {
            return Ok(());
        }
        self.progress.lost = self.progress.lost.saturating_sub(count);
        self.save()
    }

    /// When the machine's boots began.
    pub fn boots(&self) -> Boots {
        self.progress.boots.clone().unwrap_or_default()
    }

    /// Notes what the clock says.
    pub fn observe(&mut self, now: &Moment) -> Result<(), SpoolError> {
        if self.progress.boots.get_or_insert_default().observe(now) {
            self.save()?;
        }
        Ok(())
    }

    /// Moves to positions that were never given, after a sign that earlier ones are taken: the machine's
    /// disk was rolled back.
    pub fn leap(&mut self) {
        self.next = self.next.max(position_by_time());
        self.set_aside_positions();
    }

    /// How long the oldest version has been waiting.
    pub fn oldest_age(&self, now: &Moment) -> Option<Duration> {
        let oldest = self.entries.front()?;
        Some(self.boots().age(&oldest.collected, now))
    }

    fn read_entries(&mut self) -> Result<(), SpoolError> {
        let path = self.directory.path().to_owned();
        let failed = |source| SpoolError::Read {
            path: path.clone(),
            source,
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name());
        }
        order::sort(&mut names);
        for name in names {
            let Some(name) = name.to_str() else { continue };
            if name.ends_with(SUFFIX) {
                self.read_entry(name);
            } else {
                self.directory.remove(name)?;
            }
        }
        if let Some(last) = self.entries.back() {
            self.next = self.next.max(last.sequence + 1);
        }
        self.make_room();
        Ok(())
    }

    fn read_entry(&mut self, name: &str) {
        let version = read_at_most(&self.directory.join(name), VERSION_BYTES)
            .ok()
            .and_then(|bytes| Some((Version::decode(&bytes)?, bytes.len())))
            .filter(|(version, _)| name_of(version.sequence) == name);
        if let Some((version, length)) = version {
            self.entries.push_back(Entry {
                sequence: version.sequence,
                kind: version.kind,
                digest: version.digest,
                collected: version.collected,
                bytes: length as u64,
                in_memory: None,
            });
        } else {
            tracing::warn!(name, "an unsent report is damaged and lost");
            let _ = self.directory.remove(name);
            self.count_lost(1);
        }
    }

    fn read(&self, entry: &Entry) -> Option<Version> {
        if let Some(version) = &entry.in_memory {
            return Some(version.clone());
        }
        let path = self.directory.join(&name_of(entry.sequence));
        Version::decode(&read_at_most(&path, VERSION_BYTES).ok()?)
    }

    fn take(&mut self, sequence: u64) -> Option<Entry> {
        let index = self
            .entries
            .binary_search_by_key(&sequence, |entry| entry.sequence)
            .ok()?;
        self.entries.remove(index)
    }

    fn make_room(&mut self) {
        let mut dropped = 0;
        let mut bytes = self.bytes();
        let mut memory = self.memory_bytes();
        while self.entries.len() > 1
            && (bytes > self.limits.bytes || memory > MEMORY_BYTES || self.entries.len() > VERSIONS)
        {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            bytes -= oldest.bytes;
            if oldest.in_memory.is_some() {
                memory -= oldest.bytes;
            }
            self.remove_file(oldest.sequence);
            dropped += 1;
        }
        self.count_lost(dropped);
    }

    fn memory_bytes(&self) -> u64 {
        let in_memory = self
            .entries
            .iter()
            .filter(|entry| entry.in_memory.is_some());
        in_memory.map(|entry| entry.bytes).sum()
    }

    fn remove_file(&self, sequence: u64) {
        if let Err(error) = self.directory.remove(&name_of(sequence)) {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a delivered report stays"
            );
        }
    }

    fn count_lost(&mut self, count: u32) {
        if count > 0 {
            self.progress.lost = self.progress.lost.saturating_add(count);
            self.save_or_warn();
        }
    }

    fn set_aside_positions(&mut self) {
        if self.next >= self.progress.set_aside {
            self.progress.set_aside = self.next.saturating_add(BLOCK);
            self.save_or_warn();
        }
    }

    fn save_or_warn(&self) {
        if let Err(error) = self.save() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "delivery progress is only in memory"
            );
        }
    }

    fn save(&self) -> Result<(), SpoolError> {
        Ok(self.progress.save(&self.state)?)
    }
}

fn name_of(sequence: u64) -> String {
    format!("{sequence:020}{SUFFIX}")
}

#[cfg(test)]
#[path = "spool/tests.rs"]
mod tests;
