//! Making a store from a backup.

use std::{
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use prost::Message;

use super::{
    Manifest, RestoreError,
    container::{self, Chunks, Content},
};
use crate::{
    clock::UnixMillis,
    store::{
        Options, check,
        error::{FileError, OpenError},
        file, open,
        packs::Appender,
        place::Place,
        records::{Batch, Records},
        schema::{Keyspace, VERSION},
        state::{RecordsHash, State},
        witness::{Testimony, Witness},
    },
};

/// Records written at a time.
const STEP: usize = 10_000;

/// What to restore, and where.
#[derive(Clone, Debug)]
pub struct Restoration {
    /// The backup.
    pub from: PathBuf,
    /// Where the store will be. What was beside it goes beside it.
    pub dir: PathBuf,
    /// The age identity to decrypt it with, "AGE-SECRET-KEY-1...", if it is encrypted.
    pub identity: Option<secrecy::SecretString>,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoreSummary {
    /// When the backup was made.
    pub made_at: UnixMillis,
    /// Records in the store.
    pub records: u64,
    /// Files beside the store that were restored.
    pub restored: Vec<PathBuf>,
    /// Files beside the store that were there already, and are as they were.
    pub kept: Vec<PathBuf>,
    /// Where a damaged store was moved to, if one was in the way.
    pub set_aside: Option<PathBuf>,
}

/// Makes a store from a backup. It appears, all at once, only when everything is verified. A damaged store
/// in its place is moved aside, never deleted; a whole one is left alone. Blocks, for as long as it takes.
pub fn restore(restoration: &Restoration) -> Result<RestoreSummary, RestoreError> {
    use secrecy::ExposeSecret;

    let Restoration { from, dir, .. } = restoration;
    let identity = restoration
        .identity
        .as_ref()
        .map(ExposeSecret::expose_secret);
    let mut content = container::open(from, identity)?;
    let damaged = is_in_the_way(dir)?;
    let target = Place::new(dir, None);
    let unfinished = Place::new(&file::beside(dir, ".restoring"), None);
    let clear = || {
        file::remove_directory(&unfinished.dir).map_err(FileError::of("remove", &unfinished.dir))
    };
    clear()?;
    let made = unpack(from, &mut content, &unfinished);
    let (manifest, state) = match made {
        Ok(made) => made,
        Err(error) => {
            let _ = clear();
            return Err(error);
        }
    };
    let (restored, kept) = place_beside(&unfinished.dir.join("beside"), &target.data)?;
    let set_aside = damaged.then(|| set_aside(dir)).transpose()?;
    open::appear(&unfinished, dir)?;
    Ok(RestoreSummary {
        made_at: UnixMillis(manifest.made_at),
        records: state.records,
        restored,
        kept,
        set_aside,
    })
}

/// Whether a damaged store is where the restored one goes; refuses when it is whole or in use.
fn is_in_the_way(dir: &Path) -> Result<bool, RestoreError> {
    if open::is_vacant(dir)? {
        return Ok(false);
    }
    match open::open(dir, &Options::default()) {
        Ok(writer) => {
            writer.close();
            Err(RestoreError::Occupied {
                dir: dir.to_owned(),
            })
        }
        Err(OpenError::Damaged(_)) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Moves a damaged store to the first free name beside it.
fn set_aside(dir: &Path) -> Result<PathBuf, FileError> {
    let mut number = 1;
    let aside = loop {
        let aside = file::beside(dir, &format!(".damaged-{number}"));
        if !aside.exists() {
            break aside;
        }
        number += 1;
    };
    std::fs::rename(dir, &aside)
        .and_then(|()| file::sync_parent(dir))
        .map_err(FileError::of("move", dir))?;
    Ok(aside)
}

/// Unpacks a backup into an unfinished store, and verifies that it is what its manifest tells.
fn unpack(
    from: &Path,
    content: &mut Content,
    unfinished: &Place,
) -> Result<(Manifest, State), RestoreError> {
    let broken = || RestoreError::NotWhole {
        path: from.to_owned(),
    };
    let io = |error| RestoreError::from(FileError::of("read", from)(error));
    file::private_directory(&unfinished.packs())
        .map_err(FileError::of("create", &unfinished.packs()))?;
    let manifest = match content.next().map_err(io)? {
        Some((name, chunks)) if name == "manifest" => manifest(from, chunks)?,
        _ => return Err(broken()),
    };
    let state = State::from_bytes(&manifest.state).ok_or_else(broken)?;
    match content.next().map_err(io)? {
        Some((name, chunks)) if name == "records" => {
            unpack_records(from, chunks, unfinished, &state)?;
        }
        _ => return Err(broken()),
    }
    while let Some((name, mut chunks)) = content.next().map_err(io)? {
        let name = relative(&name).ok_or_else(broken)?;
        unpack_file(&mut chunks, &unfinished.dir.join(name))?;
    }
    // The packs' own checksums, and the records they must go with.
    let records = Records::open(&unfinished.records(1), Options::default().cache_bytes)?;
    let expected = check::expected(&records, &state)?;
    check::lengths(unfinished, &expected)?;
    check::contents(unfinished, &expected)?;
    records.close();
    Appender::open(&unfinished.packs(), state.position)?;
    let first = Testimony {
        generation: 1,
        state,
    };
    Witness::create(&unfinished.witness(), &first)?;
    Ok((manifest, first.state))
}

fn manifest(from: &Path, chunks: Chunks<'_>) -> Result<Manifest, RestoreError> {
    let mut bytes = Vec::new();
    chunks
        .take(64 * 1024)
        .read_to_end(&mut bytes)
        .map_err(FileError::of("read", from))?;
    let manifest = Manifest::decode(bytes.as_slice()).map_err(|_| RestoreError::NotWhole {
        path: from.to_owned(),
    })?;
    if manifest.schema > VERSION {
        return Err(RestoreError::Newer {
            path: from.to_owned(),
            found: manifest.schema,
            known: VERSION,
        });
    }
    Ok(manifest)
}

fn unpack_records(
    from: &Path,
    mut chunks: Chunks<'_>,
    unfinished: &Place,
    state: &State,
) -> Result<(), RestoreError> {
    let io = |error| FileError::of("read", from)(error);
    let broken = || RestoreError::NotWhole {
        path: from.to_owned(),
    };
    let records = Records::open(&unfinished.records(1), Options::default().cache_bytes)?;
    let mut decoder = zstd::Decoder::new(&mut chunks).map_err(io)?;
    let (mut count, mut hash) = (0, RecordsHash::default());
    let (mut batch, mut pending) = (Batch::default(), 0);
    while let Some(key) = container::part(&mut decoder).map_err(io)? {
        let value = container::part(&mut decoder)
            .map_err(io)?
            .ok_or_else(broken)?;
        if key == Keyspace::State.single() {
            continue;
        }
        count += 1;
        hash.add(&key, &value);
        batch.put(key, value);
        pending += 1;
        if pending == STEP {
            records.apply(std::mem::take(&mut batch))?;
            pending = 0;
        }
    }
    drop(decoder);
    io::copy(&mut chunks, &mut io::sink()).map_err(io)?;
    if count != state.records || hash != state.hash {
        return Err(broken());
    }
    batch.put(Keyspace::State.single(), state.to_bytes());
    records.apply(batch)?;
    records.close();
    Ok(())
}

/// The path of an entry, if it stays below where it is unpacked.
fn relative(name: &str) -> Option<&Path> {
    let path = Path::new(name);
    let below = ["packs", "beside"]
        .iter()
        .any(|folder| path.starts_with(folder));
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (below && plain).then_some(path)
}

fn unpack_file(chunks: &mut Chunks<'_>, path: &Path) -> Result<(), RestoreError> {
    let unpack = || -> io::Result<()> {
        if let Some(parent) = path.parent() {
            file::private_directory(parent)?;
        }
        let mut file = file::private(path).create_new(true).open(path)?;
        io::copy(chunks, &mut file)?;
        file.sync_all()
    };
    let mut unpack = unpack;
    unpack().map_err(FileError::of("write", path))?;
    Ok(())
}

/// Moves files to where they were beside the store, unless they are there: the newer ones are right, a list
/// of revoked machines above all.
fn place_beside(from: &Path, data: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), FileError> {
    let (mut restored, mut kept) = (Vec::new(), Vec::new());
    if !from.is_dir() {
        return Ok((restored, kept));
    }
    for path in file::files_below(from).map_err(FileError::of("read", from))? {
        let target = data.join(path.strip_prefix(from).unwrap_or(&path));
        if target.exists() {
            kept.push(target);
            continue;
        }
        let parent = target.parent().unwrap_or(data);
        file::private_directory(parent)
            .and_then(|()| std::fs::rename(&path, &target))
            .and_then(|()| file::sync_directory(parent))
            .map_err(FileError::of("write", &target))?;
        restored.push(target);
    }
    file::remove_directory(from).map_err(FileError::of("remove", from))?;
    Ok((restored, kept))
}
