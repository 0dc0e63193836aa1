//! Making and opening a store.

use std::{io, path::Path, thread};

use super::{
    Options,
    engine::Engine,
    error::{FileError, OpenError, StoreError},
    file,
    lock::Lock,
    packs::{Appender, Packs},
    place::Place,
    records::{Batch, Records},
    schema::{Keyspace, VERSION},
    state::{RecordsHash, State},
    witness::{Testimony, Witness},
    writer::Writer,
};

/// Makes an empty store. It appears under its name only when it is complete.
pub(super) fn create(dir: &Path, options: &Options) -> Result<(), OpenError> {
    let place = Place::new(dir, options.backups.as_deref());
    if !is_vacant(dir)? {
        return Err(OpenError::Exists {
            dir: dir.to_owned(),
        });
    }
    let unfinished = Place::new(&file::beside(dir, ".new"), None);
    remove_directory(&unfinished.dir)?;
    file::private_directory(&unfinished.packs())
        .map_err(FileError::of("create", &unfinished.packs()))?;
    let appender = Appender::create(&unfinished.packs(), 1)?;
    let state = State {
        schema: VERSION,
        sequence: 1,
        records: 0,
        hash: RecordsHash::default(),
        position: appender.position(),
    };
    let records = Records::open(&unfinished.records(1), options.cache_bytes)?;
    let mut batch = Batch::default();
    batch.put(Keyspace::State.single(), state.to_bytes());
    records.apply(batch)?;
    drop(records);
    let first = Testimony {
        generation: 1,
        state,
    };
    Witness::create(&unfinished.witness(), &first)?;
    file::sync_directory(&unfinished.dir).map_err(FileError::of("write", &unfinished.dir))?;
    std::fs::rename(&unfinished.dir, &place.dir)
        .and_then(|()| file::sync_parent(&place.dir))
        .map_err(FileError::of("create", &place.dir))?;
    Ok(())
}

/// Opens a store, or says why it cannot be served.
pub(super) fn open(dir: &Path, options: &Options) -> Result<Writer, OpenError> {
    let place = Place::new(dir, options.backups.as_deref());
    if is_vacant(dir)? {
        return Err(OpenError::Missing {
            dir: dir.to_owned(),
            data: place.data,
        });
    }
    let lock = Lock::take(&place.lock(), dir)?;
    let (mut witness, testimony) = testimony(&place)?;
    let path = place.records(testimony.generation);
    if !path.is_dir() {
        return Err(place.damage(&path, "the directory is gone").into());
    }
    let (records, state) = verified(&place, &path, &testimony, options)?;
    check_packs(&place, &records, &state)?;
    if state != testimony.state {
        let state = state.clone();
        witness.testify(&Testimony {
            generation: testimony.generation,
            state,
        })?;
    }
    let appender = Appender::open(&place.packs(), state.position)?;
    Ok(Writer {
        engine: Engine::new(records, Packs::new(place.clone())),
        place,
        appender,
        witness,
        generation: testimony.generation,
        state,
        lock,
        full: Vec::new(),
        failed: None,
    })
}

fn testimony(place: &Place) -> Result<(Witness, Testimony), OpenError> {
    let path = place.witness();
    let (witness, testimony) = match Witness::open(&path) {
        Ok(Some(found)) => found,
        Ok(None) => return Err(place.damage(&path, "neither of its slots is intact").into()),
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => {
            return Err(place.damage(&path, "the file is gone").into());
        }
        Err(error) => return Err(error.into()),
    };
    if testimony.state.schema > VERSION {
        return Err(OpenError::Newer {
            dir: place.dir.clone(),
            found: testimony.state.schema,
            known: VERSION,
        });
    }
    Ok((witness, testimony))
}

/// Opens the records and compares them with the testimony. On a thread of its own, because the engine may
/// panic over a damaged directory.
fn verified(
    place: &Place,
    path: &Path,
    testimony: &Testimony,
    options: &Options,
) -> Result<(Records, State), OpenError> {
    let cache_bytes = options.cache_bytes;
    let opened = thread::scope(|scope| {
        let opening = || -> Result<_, StoreError> {
            let records = Records::open(path, cache_bytes)?;
            let state = records.state()?;
            let found = records.survey()?;
            Ok((records, state, found))
        };
        scope.spawn(opening).join()
    });
    let damage = |found: String| OpenError::from(place.damage(path, found));
    let (records, state, (count, hash)) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return Err(damage(format!("it cannot be read ({error})"))),
        Err(_) => return Err(damage("the engine broke off reading it".to_owned())),
    };
    let state = state.ok_or_else(|| damage("it holds no state".to_owned()))?;
    let expected = testimony.state.sequence;
    let one_ahead = state.sequence == expected + 1;
    if !one_ahead && state != testimony.state {
        return Err(damage(format!(
            "it ends with change {}, but change {expected} was acknowledged",
            state.sequence
        )));
    }
    if state.records != count || state.hash != hash {
        let wanted = state.records;
        return Err(damage(format!(
            "{count} records were found instead of {wanted}, or other ones"
        )));
    }
    Ok((records, state))
}

/// Every pack is there with at least the length that was acknowledged.
fn check_packs(place: &Place, records: &Records, state: &State) -> Result<(), OpenError> {
    let packs = Packs::new(place.clone());
    let mut expected = vec![(state.position.pack, state.position.offset)];
    for entry in records.entries(Keyspace::Pack.below(&[]), super::source::Order::Up) {
        let (key, value) = entry?;
        let number = <[u8; 4]>::try_from(super::read::tail(&key, 4));
        let (Ok(number), Ok(length)) = (number, <[u8; 8]>::try_from(value.as_slice())) else {
            return Err(super::read::undecodable(&key).into());
        };
        expected.push((u32::from_be_bytes(number), u64::from_be_bytes(length)));
    }
    for (pack, length) in expected {
        let path = packs.path(pack);
        match std::fs::metadata(&path) {
            Ok(found) if found.len() < length => {
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

/// The directory is missing or empty.
fn is_vacant(dir: &Path) -> Result<bool, FileError> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(FileError::of("read", dir)(error)),
    }
}

fn remove_directory(dir: &Path) -> Result<(), FileError> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::of("remove", dir)(error))
        }
        _ => Ok(()),
    }
}
