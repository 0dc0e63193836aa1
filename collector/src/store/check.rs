//! Whether the packs hold what was acknowledged.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::{
    error::{FileError, OpenError, StoreError},
    packs::{self, FILE_HEADER, Packs, RECORD_HEADER},
    place::Place,
    records::Records,
    schema::Keyspace,
    source::Order,
    state::State,
};

/// A pack and the length that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) pack: u32,
    pub(super) length: u64,
}

/// Every pack with its acknowledged length, newest first.
pub(super) fn expected(records: &Records, state: &State) -> Result<Vec<Expected>, StoreError> {
    let newest = Expected {
        pack: state.position.pack,
        length: state.position.offset,
    };
    let mut expected = vec![newest];
    for entry in records.entries(Keyspace::Pack.below(&[]), Order::Down) {
        let (key, value) = entry?;
        let (pack, length) = packs::decode_full(&key, &value)?;
        expected.push(Expected { pack, length });
    }
    Ok(expected)
}

/// Every pack is there, and the newest hold what they must.
pub(super) fn packs(place: &Place, expected: &[Expected], limit: u64) -> Result<(), OpenError> {
    lengths(place, expected)?;
    Ok(contents(place, newest(expected, limit))?)
}

/// Every pack is there with at least its length.
pub(super) fn lengths(place: &Place, expected: &[Expected]) -> Result<(), OpenError> {
    let packs = Packs::new(place.clone());
    for Expected { pack, length } in expected {
        let path = packs.path(*pack);
        match std::fs::metadata(&path) {
            Ok(found) if found.len() < *length => {
                let found = format!("it has {} of {length} bytes", found.len());
                return Err(place.damage(&path, found).into());
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(place.damage(&path, "the file is gone").into());
            }
            Err(error) => return Err(FileError::of("read", &path)(error).into()),
        }
    }
    Ok(())
}

/// Removes packs that nothing refers to: left by a crash while one was begun or removed.
pub(super) fn remove_strays(place: &Place, expected: &[Expected]) {
    let Ok(entries) = std::fs::read_dir(place.packs()) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pack = name
            .to_str()
            .and_then(|name| name.strip_suffix(".pack"))
            .and_then(|number| number.parse::<u32>().ok());
        if pack.is_some_and(|pack| expected.iter().all(|known| known.pack != pack))
            && let Err(error) = std::fs::remove_file(entry.path())
        {
            tracing::warn!(path = %entry.path().display(), %error, "an unused pack cannot be removed");
        }
    }
}

/// Verifies every record of some packs, on as many threads as there are processors.
pub(super) fn contents(place: &Place, expected: &[Expected]) -> Result<(), StoreError> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(expected.len());
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), StoreError> {
        let packs = Packs::new(place.clone());
        while let Some(pack) = expected.get(next.fetch_add(1, Ordering::Relaxed)) {
            let path = packs.path(pack.pack);
            walk(&path, pack.length)
                .map_err(FileError::of("read", &path))?
                .map_err(|found| place.damage(&path, found))?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or(Err(StoreError::Closed)))
    })
}

/// Reads a pack from its first to its last acknowledged byte; says what was found wrong.
fn walk(path: &Path, length: u64) -> io::Result<Result<(), String>> {
    let mut file = BufReader::with_capacity(1024 * 1024, File::open(path)?).take(length);
    let mut header = [0; FILE_HEADER.len()];
    let mut at = header.len() as u64;
    if file.read_exact(&mut header).is_err() || header != *FILE_HEADER {
        return Ok(Err("it does not begin as a pack does".to_owned()));
    }
    let mut record = Vec::new();
    while at < length {
        let Some(frame_length) = next_header(&mut file, &mut record)? else {
            return Ok(Err(format!("at byte {at}, there is no intact record")));
        };
        let read = file
            .by_ref()
            .take(u64::from(frame_length))
            .read_to_end(&mut record)?;
        if read != frame_length as usize || packs::verify(&record).is_err() {
            return Ok(Err(format!("at byte {at}, there is no intact record")));
        }
        at += record.len() as u64;
    }
    Ok(Ok(()))
}

/// Reads a record's header; answers the length of the frame that follows.
fn next_header(file: &mut impl Read, record: &mut Vec<u8>) -> io::Result<Option<u32>> {
    record.clear();
    let read = file
        .by_ref()
        .take(RECORD_HEADER as u64)
        .read_to_end(record)?;
    if read != RECORD_HEADER {
        return Ok(None);
    }
    Ok(packs::frame_length(record))
}

/// The newest packs that together are not longer than a limit; always the first.
fn newest(expected: &[Expected], limit: u64) -> &[Expected] {
    let mut total = 0;
    let within = expected
        .iter()
        .take_while(|pack| {
            total += pack.length;
            total <= limit
        })
        .count();
    &expected[..within.max(1).min(expected.len())]
}
