//! Making and opening a store.

use std::{io, path::Path, sync::Arc};

use super::{
    Options, check,
    engine::Engine,
    error::{FileError, OpenError, StoreError},
    file,
    health::Health,
    lock::Lock,
    migrations::v1,
    packs::{Appender, Packs},
    place::Place,
    records::{Batch, Records},
    recovery::{self, Recovered},
    reserve::Reserve,
    seal,
    witness::{self, Testimony, Witness},
    writer::Writer,
};

/// Makes an empty store. It appears under its name only when it is complete.
pub(super) fn create(dir: &Path, options: &Options) -> Result<(), OpenError> {
    if !is_vacant(dir)? {
        return Err(OpenError::Exists {
            dir: dir.to_owned(),
        });
    }
    let unfinished = Place::new(&file::beside(dir, ".new"), None);
    file::remove_directory(&unfinished.dir).map_err(FileError::of("remove", &unfinished.dir))?;
    file::private_directory(&unfinished.packs())
        .map_err(FileError::of("create", &unfinished.packs()))?;
    make_records(&unfinished, options.cache_bytes)?;
    appear(&unfinished, dir)
}

/// Makes an empty store's first pack, its records, its witness and its seal.
fn make_records(unfinished: &Place, cache_bytes: u64) -> Result<(), OpenError> {
    let pack = Packs::new(unfinished.clone()).path(v1::PACK);
    file::replace(&pack, v1::PACK_CONTENTS).map_err(FileError::of("write", &pack))?;
    let records = Records::open(&unfinished.records(1), cache_bytes)?;
    let mut batch = Batch::default();
    for (key, value) in v1::records() {
        batch.put(key, value);
    }
    records.apply(batch)?;
    let state = records.state()?.ok_or(StoreError::Closed)?;
    let packs = check::expected(&records, &state)?;
    records.close();
    let first = Testimony {
        generation: 1,
        state,
    };
    Witness::create(&unfinished.witness(), &first)?;
    Ok(seal::write(unfinished, 1, &packs)?)
}

/// Gives a finished store its name.
pub(super) fn appear(unfinished: &Place, dir: &Path) -> Result<(), OpenError> {
    file::sync_below(&unfinished.dir).map_err(FileError::of("write", &unfinished.dir))?;
    std::fs::rename(&unfinished.dir, dir)
        .and_then(|()| file::sync_parent(dir))
        .map_err(FileError::of("create", dir))?;
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
    let (mut witness, testimony) = witness::read(&place)?;
    let mut reserve = reserve(&place, testimony.generation, options)?;
    reserve.release_if_needed(&place);
    let recovered = recovery::recover(&place, &mut witness, &testimony, options);
    let recovered = match recovered {
        Err(OpenError::Io(error)) if error.is_full() => {
            reserve.release();
            recovery::recover(&place, &mut witness, &testimony, options)
        }
        recovered => recovered,
    };
    let Recovered {
        records,
        state,
        generation,
    } = recovered?;
    let expected = check::expected(&records, &state)?;
    check::remove_strays(&place, &expected);
    let appender = Appender::open(&place.packs(), state.position)?;
    let health = Arc::new(Health::default());
    health.committed(state.records, state.sequence);
    health.set_reserve(reserve.hold());
    Ok(Writer {
        engine: Engine::new(records, Packs::new(place.clone())),
        place,
        options: options.clone(),
        appender,
        witness,
        generation,
        state,
        reserve,
        lock,
        health,
        full: Vec::new(),
        failed: None,
    })
}

/// The reserve, as large as what recovering after a crash on a full disk takes.
fn reserve(place: &Place, generation: u64, options: &Options) -> Result<Reserve, FileError> {
    if options.reserve_bytes == 0 {
        return Ok(Reserve::found(place, 0));
    }
    let records = place.records(generation);
    let copied = match file::bytes_below(&records) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        bytes => bytes.map_err(FileError::of("read", &records))?,
    };
    Ok(Reserve::found(place, options.reserve_bytes + copied))
}

/// The directory is missing or empty.
pub(super) fn is_vacant(dir: &Path) -> Result<bool, FileError> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(FileError::of("read", dir)(error)),
    }
}
