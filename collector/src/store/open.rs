//! Making and opening a store.

use std::{io, path::Path, sync::Arc};

use super::{
    Options,
    check::{self, Expected},
    engine::Engine,
    error::{FileError, OpenError},
    file,
    health::Health,
    lock::Lock,
    packs::{Appender, Packs},
    place::Place,
    records::{Batch, Records},
    recovery::{self, Recovered},
    reserve::Reserve,
    schema::{Keyspace, VERSION},
    seal,
    state::{RecordsHash, State},
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
    let appender = Appender::create(&unfinished.packs(), 1)?;
    let newest = Expected {
        pack: appender.position().pack,
        length: appender.position().offset,
    };
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
    records.close();
    let first = Testimony {
        generation: 1,
        state,
    };
    Witness::create(&unfinished.witness(), &first)?;
    seal::write(&unfinished, 1, &[newest])?;
    appear(&unfinished, dir)
}

/// Gives a finished store its name.
pub(super) fn appear(unfinished: &Place, dir: &Path) -> Result<(), OpenError> {
    file::sync_directory(&unfinished.dir).map_err(FileError::of("write", &unfinished.dir))?;
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
