//! Opening the records so that a damaged original is never written to.
//!
//! A directory that is sealed is compared with its seal, and opened in place. Any other was left by a crash:
//! it is copied to the next generation, and the engine recovers the copy. Only when the copy holds exactly
//! what was acknowledged does the witness name it, and is the original removed. A crash at any point of this
//! leaves the original as it was, and the copy is made anew.

use std::{path::Path, thread};

use super::{
    Options,
    check::{self, Expected},
    error::{FileError, OpenError, StoreError, chain},
    file,
    place::Place,
    records::Records,
    seal,
    state::State,
    witness::{Testimony, Witness},
};

/// Records that hold what was acknowledged.
pub(super) struct Recovered {
    pub(super) records: Records,
    pub(super) state: State,
    pub(super) generation: u64,
}

/// Opens and verifies the records the testimony is about, and the packs; brings the witness up to date.
pub(super) fn recover(
    place: &Place,
    witness: &mut Witness,
    testimony: &Testimony,
    options: &Options,
) -> Result<Recovered, OpenError> {
    let original = place.records(testimony.generation);
    if !original.is_dir() {
        return Err(place.damage(&original, "the directory is gone").into());
    }
    let recovered = match seal::check(place, testimony.generation)? {
        Some(packs) => recover_sealed(place, testimony, &packs, options)?,
        None => recover_copy(place, testimony, options)?,
    };
    let now = Testimony {
        generation: recovered.generation,
        state: recovered.state.clone(),
    };
    if now != *testimony {
        recovered.records.flush()?;
        witness.testify(&now)?;
    }
    remove_other_generations(place, now.generation);
    Ok(recovered)
}

/// Opens records that are as they were when the store was closed.
fn recover_sealed(
    place: &Place,
    testimony: &Testimony,
    packs: &[Expected],
    options: &Options,
) -> Result<Recovered, OpenError> {
    check::packs(place, packs, options.checked_bytes)?;
    seal::remove(place)?;
    let generation = testimony.generation;
    let dir = place.records(generation);
    let (records, state) = verified(&dir, &testimony.state, options.cache_bytes)
        .map_err(|found| place.damage(&dir, found))?;
    Ok(Recovered {
        records,
        state,
        generation,
    })
}

/// Opens a copy of records that a crash left; removes it again unless everything is as it must be.
fn recover_copy(
    place: &Place,
    testimony: &Testimony,
    options: &Options,
) -> Result<Recovered, OpenError> {
    let original = place.records(testimony.generation);
    let generation = testimony.generation + 1;
    let copy = place.records(generation);
    let recovered = file::copy_directory(&original, &copy)
        .map_err(FileError::of("copy", &original))
        .map_err(OpenError::from)
        .and_then(|()| {
            let (records, state) = verified(&copy, &testimony.state, options.cache_bytes)
                .map_err(|found| place.damage(&original, found))?;
            let packs = check::expected(&records, &state)?;
            check::packs(place, &packs, options.checked_bytes)?;
            Ok(Recovered {
                records,
                state,
                generation,
            })
        });
    if recovered.is_err() {
        let _ = file::remove_directory(&copy);
    }
    recovered
}

/// Opens a directory and compares it with the acknowledged state; otherwise says what was found. On a
/// thread of its own, because the engine may panic over a damaged directory.
fn verified(
    dir: &Path,
    acknowledged: &State,
    cache_bytes: u64,
) -> Result<(Records, State), String> {
    let opening = || -> Result<_, StoreError> {
        let records = Records::open(dir, cache_bytes)?;
        let state = records.state()?;
        let found = records.survey()?;
        Ok((records, state, found))
    };
    let opened = thread::scope(|scope| scope.spawn(opening).join());
    let (records, state, (count, hash)) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return Err(format!("it cannot be read ({})", chain(&error))),
        Err(_) => return Err("the engine broke off reading it".to_owned()),
    };
    let state = state.ok_or("it does not say what it holds")?;
    // A crash between two steps of a commit leaves the records one group ahead of what was acknowledged.
    if state != *acknowledged && state.sequence != acknowledged.sequence + 1 {
        return Err(format!(
            "it ends with change {}, but change {} was acknowledged",
            state.sequence, acknowledged.sequence
        ));
    }
    if count != state.records {
        return Err(format!("it has {count} of {} records", state.records));
    }
    if hash != state.hash {
        return Err("some of its records are not those that were acknowledged".to_owned());
    }
    Ok((records, state))
}

/// Removes what earlier recoveries left. Failing to costs space only.
fn remove_other_generations(place: &Place, current: u64) {
    let Ok(entries) = std::fs::read_dir(&place.dir) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let generation = name
            .to_str()
            .and_then(|name| name.strip_prefix("records-"))
            .and_then(|number| number.parse::<u64>().ok());
        if generation.is_some_and(|generation| generation != current)
            && let Err(error) = file::empty_directory(&entry.path())
        {
            tracing::warn!(path = %entry.path().display(), %error, "an old directory cannot be removed");
        }
    }
}
