//! Bringing a damaged authority back on the computer where it was, with the owner kit alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use age::secrecy::SecretString;

use super::{
    Authority, REVOKED, ROOT_CERTIFICATE, dashboard,
    error::AuthorityError,
    files::{self, writing},
    keys, kit, rotation,
};
use crate::clock::Clock;

/// An authority that was brought back.
#[derive(Debug)]
pub struct Rescued {
    /// It.
    pub authority: Authority,
    /// Where the damaged one was moved to, if there was one.
    pub set_aside: Option<PathBuf>,
    /// What the damaged one told that the owner kit does not, could not be read: the list of revoked machines.
    pub lost_revocations: bool,
}

impl Authority {
    /// Puts the authority of an owner kit into the place of one that cannot be loaded: same root, a new
    /// issuing key. Machines revoked since the kit was written stay revoked, and browsers go on trusting the
    /// dashboard, as far as the damaged directory still tells. It is moved aside, never deleted.
    pub fn rescue(
        dir: &Path,
        kit: &Path,
        passphrase: &SecretString,
        clock: &Clock,
    ) -> Result<Rescued, AuthorityError> {
        if Self::load(dir, clock).is_ok() {
            return Err(AuthorityError::Whole {
                dir: dir.to_owned(),
            });
        }
        refuse_other_root(dir, kit)?;
        let unfinished = beside(dir, "recovered");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(writing(&unfinished))?;
        }
        Self::recover(&unfinished, kit, passphrase, clock)?;
        let lost_revocations = !keep_revocations(dir, &unfinished)?;
        keep_others(dir, &unfinished)?;
        if Self::load(&unfinished, clock).is_err() {
            drop_predecessor(&unfinished)?;
        }
        let set_aside = dir.exists().then(|| free_name(dir));
        let swap = || {
            if let Some(aside) = &set_aside {
                fs::rename(dir, aside)?;
            }
            fs::rename(&unfinished, dir)?;
            files::sync_parent(dir)
        };
        swap().map_err(writing(dir))?;
        Ok(Rescued {
            authority: Self::load(dir, clock)?,
            set_aside,
            lost_revocations,
        })
    }
}

/// The kit of another collector would make all computers strangers.
fn refuse_other_root(dir: &Path, kit: &Path) -> Result<(), AuthorityError> {
    let ours = keys::certificate(&dir.join(ROOT_CERTIFICATE));
    let theirs = keys::certificate(&kit.join(kit::ROOT_CERTIFICATE))?;
    match ours {
        Ok(ours) if ours != theirs => Err(AuthorityError::OtherKit {
            kit: kit.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Adds the revocations that the kit does not know. False when they could not be read.
fn keep_revocations(from: &Path, to: &Path) -> Result<bool, AuthorityError> {
    let Ok(newer) = files::read(&from.join(REVOKED)) else {
        return Ok(!from.exists());
    };
    let list = to.join(REVOKED);
    let mut all = files::read(&list)?;
    if !all.is_empty() && !all.ends_with(b"\n") {
        all.push(b'\n');
    }
    all.extend(newer);
    files::write(&list, &all)?;
    Ok(true)
}

/// The dashboard's authority, and what leads computers here that know the root before this one.
fn keep_others(from: &Path, to: &Path) -> Result<(), AuthorityError> {
    for name in dashboard::FILES.iter().chain(&rotation::FILES) {
        if let Ok(bytes) = fs::read(from.join(name)) {
            files::write(&to.join(name), &bytes)?;
        }
    }
    Ok(())
}

/// What is damaged itself leads nobody here.
fn drop_predecessor(dir: &Path) -> Result<(), AuthorityError> {
    for path in rotation::FILES.map(|name| dir.join(name)) {
        if path.exists() {
            fs::remove_file(&path).map_err(writing(&path))?;
        }
    }
    Ok(())
}

fn free_name(dir: &Path) -> PathBuf {
    let mut number = 1;
    loop {
        let aside = beside(dir, &format!("damaged-{number}"));
        if !aside.exists() {
            return aside;
        }
        number += 1;
    }
}

fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}
