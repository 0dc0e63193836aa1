//! Backups: one file that holds the whole store as it was at one moment, and what lies beside it.
//!
//! | bytes | what |
//! |---|---|
//! | 16 | "freehold backup\n" |
//! | 1 | 0: the content follows as it is; 1: it is encrypted to an age X25519 recipient |
//! | | the content: see [`container`] |
//! | 32 | BLAKE3-256 over everything before |
//!
//! The last field tells a whole backup from a broken one without the key.

mod container;
mod error;
mod restore;
mod schedule;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::PoisonError,
    time::SystemTime,
};

use prost::Message;
use tokio::{sync::oneshot, task::spawn_blocking};

use self::container::Output;
pub use self::{
    error::{BackupError, RestoreError},
    restore::{Restoration, RestoreSummary, restore},
    schedule::{Backups, Schedule},
};
use super::{
    Store, check,
    check::Expected,
    error::{FileError, StoreError},
    file,
    place::Place,
    source::Source,
    state::State,
    writer::{Job, Writer},
};
use crate::clock::{Clock, UnixMillis};

/// How names of backups end.
pub const EXTENSION: &str = "freehold-backup";

/// What a backup holds beside the store.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Files and folders of the data directory, by their names in it, such as "authority".
    pub beside: Vec<String>,
    /// Whom to encrypt it to: an age X25519 recipient, "age1...". Plain when absent.
    pub recipient: Option<String>,
}

/// A backup that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSummary {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Records in it.
    pub records: u64,
    /// When.
    pub made_at: UnixMillis,
}

/// First entry of the content: what the store was.
#[derive(Clone, PartialEq, Message)]
struct Manifest {
    /// Version of the schema.
    #[prost(uint32, tag = "1")]
    schema: u32,
    /// When it was made.
    #[prost(int64, tag = "2")]
    made_at: i64,
    /// State of the records, as stored.
    #[prost(bytes = "vec", tag = "3")]
    state: Vec<u8>,
    /// Version of the program that made it.
    #[prost(string, tag = "4")]
    program: String,
}

impl Store {
    /// Writes a backup while the store serves. Changes wait while the records are read, about a second for
    /// each million; bodies are copied after that.
    pub async fn backup(
        &self,
        to: &Path,
        contents: &Contents,
    ) -> Result<BackupSummary, BackupError> {
        let (store, to, contents) = (self.clone(), to.to_owned(), contents.clone());
        spawn_blocking(move || store.backup_blocking(&to, &contents))
            .await
            .unwrap_or(Err(BackupError::Store(StoreError::Closed)))
    }

    fn backup_blocking(
        &self,
        to: &Path,
        contents: &Contents,
    ) -> Result<BackupSummary, BackupError> {
        if to.exists() {
            return Err(BackupError::Exists {
                path: to.to_owned(),
            });
        }
        self.require_space(to)?;
        let unfinished = file::beside(to, ".part");
        let written = self
            .write_backup(&unfinished, contents)
            .and_then(|(records, made_at)| {
                finish(&unfinished, to)?;
                let bytes = to.metadata().map_err(FileError::of("read", to))?.len();
                let path = to.to_owned();
                Ok(BackupSummary {
                    path,
                    bytes,
                    records,
                    made_at,
                })
            });
        if written.is_err() {
            let _ = std::fs::remove_file(&unfinished);
        }
        written
    }

    /// Refuses what would leave the store itself without space.
    fn require_space(&self, to: &Path) -> Result<(), BackupError> {
        let place = self.engine.place();
        let folder = match to.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let free = file::free_bytes(&folder).map_err(FileError::of("read", &folder))?;
        let packs = place.packs();
        let needed = file::bytes_below(&packs).map_err(FileError::of("read", &packs))?;
        if free < needed + self.options.keep_free_bytes {
            return Err(BackupError::NoSpace { folder, needed });
        }
        Ok(())
    }

    fn write_backup(
        &self,
        path: &Path,
        contents: &Contents,
    ) -> Result<(u64, UnixMillis), BackupError> {
        let io = |error| BackupError::from(FileError::of("write", path)(error));
        let kept = self.engine.packs().kept().read();
        let _kept = kept.unwrap_or_else(PoisonError::into_inner);
        let made_at = Clock::system().now();
        let output = Output::create(path, contents.recipient.as_deref())?;
        let Written {
            mut output,
            packs: expected,
            records,
        } = self.write_records(output, made_at)?;
        let packs = self.engine.packs();
        for Expected { pack, length } in expected {
            let path = packs.path(pack);
            let file = File::open(&path).map_err(FileError::of("open", &path))?;
            let name = format!("packs/{pack:06}.pack");
            output
                .copy(&name, &mut file.take(length), Some(length))
                .map_err(io)?;
        }
        write_beside(&mut output, self.engine.place(), &contents.beside)?;
        output.finish().map_err(io)?;
        Ok((records, made_at))
    }

    /// Writes manifest and records on the writer's thread, where they do not change meanwhile.
    fn write_records(
        &self,
        mut output: Output,
        made_at: UnixMillis,
    ) -> Result<Written, BackupError> {
        let (answer, done) = oneshot::channel();
        let task = Job::Alone(Box::new(move |writer| {
            let written = records(writer, &mut output, made_at);
            let records = writer.state.records;
            let _ = answer.send(written.map(|packs| Written {
                output,
                packs,
                records,
            }));
        }));
        self.jobs
            .blocking_send(task)
            .map_err(|_| StoreError::Closed)?;
        done.blocking_recv().map_err(|_| StoreError::Closed)?
    }
}

/// A backup whose records are written.
struct Written {
    output: Output,
    /// What is to follow.
    packs: Vec<Expected>,
    records: u64,
}

fn records(
    writer: &Writer,
    output: &mut Output,
    made_at: UnixMillis,
) -> Result<Vec<Expected>, BackupError> {
    let io = |error| FileError::of("write", Path::new("the backup"))(error);
    let State { schema, .. } = writer.state;
    let manifest = Manifest {
        schema,
        made_at: made_at.0,
        state: writer.state.to_bytes(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let manifest = manifest.encode_to_vec();
    output
        .copy("manifest", &mut manifest.as_slice(), None)
        .map_err(io)?;
    let all = writer
        .engine
        .entries(vec![0]..vec![u8::MAX], super::source::Order::Up);
    output.records(all)?;
    let committed = writer.engine.records()?;
    Ok(check::expected(&committed, &writer.state)?)
}

/// Adds files and folders of the data directory.
fn write_beside(output: &mut Output, place: &Place, names: &[String]) -> Result<(), BackupError> {
    for name in names {
        let root = place.data.join(name);
        let is_directory = match root.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found.map_err(FileError::of("read", &root))?.is_dir(),
        };
        let files = if is_directory {
            file::files_below(&root).map_err(FileError::of("read", &root))?
        } else {
            vec![root]
        };
        for path in files {
            let name = path.strip_prefix(&place.data).unwrap_or(&path);
            let name = name
                .to_string_lossy()
                .replace(std::path::MAIN_SEPARATOR, "/");
            let mut file = File::open(&path).map_err(FileError::of("open", &path))?;
            output
                .copy(&format!("beside/{name}"), &mut file, None)
                .map_err(FileError::of("copy", &path))?;
        }
    }
    Ok(())
}

/// Gives a finished backup its name.
fn finish(unfinished: &Path, to: &Path) -> Result<(), BackupError> {
    if to.exists() {
        return Err(BackupError::Exists {
            path: to.to_owned(),
        });
    }
    std::fs::rename(unfinished, to)
        .and_then(|()| file::sync_parent(to))
        .map_err(FileError::of("write", to))?;
    Ok(())
}

/// The newest whole backup in a folder.
pub(super) fn newest_good(folder: &Path) -> Option<PathBuf> {
    let mut found: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort();
    let good = found
        .into_iter()
        .rev()
        .find(|(_, path)| container::is_whole(path));
    good.map(|(_, path)| path)
}
