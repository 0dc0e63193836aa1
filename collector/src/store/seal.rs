//! What the engine's files were when the store was closed cleanly.
//!
//! While the seal stands nothing has written to them, so any difference is damage, and it is found before
//! the engine touches a file: the engine would cut a damaged log, or open it empty, without a word.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use prost::Message;

use super::{
    check::Expected,
    error::{FileError, OpenError},
    file,
    place::Place,
};

#[derive(Clone, PartialEq, Message)]
struct SealRecord {
    /// Generation of the directory it is about.
    #[prost(uint64, tag = "1")]
    generation: u64,
    /// Its files, sorted by name.
    #[prost(message, repeated, tag = "2")]
    files: Vec<SealedFile>,
    /// The packs that its records refer to.
    #[prost(message, repeated, tag = "3")]
    packs: Vec<SealedPack>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct SealedPack {
    /// Its number.
    #[prost(uint32, tag = "1")]
    number: u32,
    /// Its length in bytes.
    #[prost(uint64, tag = "2")]
    length: u64,
}

#[derive(Clone, PartialEq, Message)]
struct SealedFile {
    /// Path below the directory, with slashes.
    #[prost(string, tag = "1")]
    name: String,
    /// Length in bytes.
    #[prost(uint64, tag = "2")]
    length: u64,
    /// BLAKE3-256.
    #[prost(bytes = "vec", tag = "3")]
    hash: Vec<u8>,
}

/// Writes the seal of a directory that nothing has open any more. What it is about is flushed first: the seal
/// must not outlive it.
pub(super) fn write(place: &Place, generation: u64, packs: &[Expected]) -> Result<(), FileError> {
    let dir = place.records(generation);
    file::sync_below(&dir).map_err(FileError::of("write", &dir))?;
    let files = survey(&dir).map_err(FileError::of("read", &dir))?;
    let packs = packs.iter().map(|pack| SealedPack {
        number: pack.pack,
        length: pack.length,
    });
    let seal = SealRecord {
        generation,
        files,
        packs: packs.collect(),
    };
    let mut contents = seal.encode_to_vec();
    let hash = blake3::hash(&contents);
    contents.extend_from_slice(hash.as_bytes());
    file::replace(&place.seal(), &contents).map_err(FileError::of("write", &place.seal()))
}

/// The packs that go with a sealed directory, newest first; `None` when it is not sealed. Refuses when it
/// is, but differs from its seal.
pub(super) fn check(place: &Place, generation: u64) -> Result<Option<Vec<Expected>>, OpenError> {
    let Some(seal) = read(place)?.filter(|seal| seal.generation == generation) else {
        return Ok(None);
    };
    let dir = place.records(generation);
    let found = survey(&dir).map_err(FileError::of("read", &dir))?;
    for expected in &seal.files {
        let path = dir.join(&expected.name);
        let Some(found) = found.iter().find(|found| found.name == expected.name) else {
            return Err(place.damage(&path, "the file is gone").into());
        };
        if found.length != expected.length {
            let found = format!("it has {} of {} bytes", found.length, expected.length);
            return Err(place.damage(&path, found).into());
        }
        if found.hash != expected.hash {
            let found = "its contents changed after the collector had closed it";
            return Err(place.damage(&path, found).into());
        }
    }
    let stray = |found: &&SealedFile| !seal.files.iter().any(|file| file.name == found.name);
    if let Some(stray) = found.iter().find(stray) {
        let path = dir.join(&stray.name);
        return Err(place.damage(&path, "it does not belong here").into());
    }
    let packs = seal.packs.iter().map(|pack| Expected {
        pack: pack.number,
        length: pack.length,
    });
    Ok(Some(packs.collect()))
}

/// Breaks the seal, durably: from now on the engine may write.
pub(super) fn remove(place: &Place) -> Result<(), FileError> {
    let path = place.seal();
    match std::fs::remove_file(&path).and_then(|()| file::sync_parent(&path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::of("remove", &path)(error))
        }
        _ => Ok(()),
    }
}

/// The seal; `None` when there is no intact one, which costs a longer check and nothing else.
fn read(place: &Place) -> Result<Option<SealRecord>, FileError> {
    let path = place.seal();
    let contents = match std::fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        contents => contents.map_err(FileError::of("read", &path))?,
    };
    let seal = contents
        .split_last_chunk::<32>()
        .and_then(|(fields, hash)| {
            let intact = blake3::hash(fields).as_bytes() == hash;
            intact.then(|| SealRecord::decode(fields).ok()).flatten()
        });
    if seal.is_none() {
        tracing::warn!(path = %path.display(), "the store's seal is damaged: checking all records");
    }
    Ok(seal)
}

fn survey(dir: &Path) -> io::Result<Vec<SealedFile>> {
    let mut files = Vec::new();
    for path in file::files_below(dir)? {
        let (length, hash) = hash(&path)?;
        let name = path.strip_prefix(dir).unwrap_or(&path);
        let name = name
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        files.push(SealedFile { name, length, hash });
    }
    Ok(files)
}

fn hash(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1024 * 1024];
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((length, hasher.finalize().as_bytes().to_vec()));
        }
        hasher.update(&buffer[..read]);
        length += read as u64;
    }
}
