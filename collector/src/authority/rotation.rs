//! New keys for the authority: computers follow by themselves, because the old issuing key vouches for the new
//! root before it is destroyed.
//!
//! For as long as that holds the collector shows both ways up from its own certificate: to the new root, and by
//! the old issuing authority to the old root. A computer that knows the old root alone goes the second way, is
//! told of both at its next check-in, and gets a certificate of the new issuing key when it renews. The old root's
//! certificates are accepted for as long. After a leak nothing vouches for anything, and computers join again.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use age::secrecy::SecretString;
use freehold_proto::limits::RENEWAL_GRACE;
use rustls::pki_types::CertificateDer;

use super::{
    Authority, ISSUING_CERTIFICATE, MACHINE_LIFE, REVOKED, ROOT_CERTIFICATE, ROOT_KEY, build,
    certificate, dashboard,
    error::AuthorityError,
    files::{self, writing},
    keys, log, new_issuer, write_issuing,
};
use crate::clock::{Clock, UnixMillis};

/// Root certificate before the rotation, PEM.
const OLD_ROOT: &str = "old-root.crt";
/// Issuing certificate before the rotation, PEM. Its key is gone.
const OLD_ISSUING: &str = "old-issuing.crt";
/// The present root's key as the old issuing authority vouches for it, PEM.
const SUCCESSOR: &str = "successor.crt";

/// What a rescue keeps besides what the owner kit holds.
pub(super) const FILES: [&str; 3] = [OLD_ROOT, OLD_ISSUING, SUCCESSOR];

/// How long computers have to follow: as long as a machine that lay in a drawer may still renew.
pub(super) const FOLLOWING: Duration =
    Duration::from_secs(MACHINE_LIFE.as_secs() + RENEWAL_GRACE.as_secs());

/// Why the authority gets new keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The old ones are in good hands, or lost to everybody.
    Planned,
    /// Somebody else may have them: what they vouch for is worth nothing.
    Leaked,
}

/// The authority before the last rotation, while computers may still know it alone.
#[derive(Clone, Debug)]
pub(super) struct Predecessor {
    pub(super) root: CertificateDer<'static>,
    pub(super) issuing: CertificateDer<'static>,
    pub(super) successor: CertificateDer<'static>,
    /// When it ends.
    pub(super) until: UnixMillis,
}

impl Predecessor {
    /// The authority before that of a directory with that root; none where there was none, or when it has ended.
    pub(super) fn load(
        dir: &Path,
        root: &CertificateDer<'_>,
        now: UnixMillis,
    ) -> Result<Option<Self>, AuthorityError> {
        let path = dir.join(SUCCESSOR);
        if !path.exists() {
            return Ok(None);
        }
        let successor = keys::certificate(&path)?;
        let until = keys::not_after(&path, &successor)?;
        if until <= now {
            return Ok(None);
        }
        let old_root = keys::certificate(&dir.join(OLD_ROOT))?;
        let issuing = keys::certificate(&dir.join(OLD_ISSUING))?;
        keys::require_signed(&dir.join(OLD_ISSUING), &issuing, &old_root)?;
        keys::require_signed(&path, &successor, &issuing)?;
        if keys::public_key(&path, &successor)? != keys::public_key(&path, root)? {
            return Err(AuthorityError::Damaged {
                path,
                reason: "it vouches for another root",
            });
        }
        Ok(Some(Self {
            root: old_root,
            issuing,
            successor,
            until,
        }))
    }

    /// What leads from the present root's key to the old root.
    pub(super) fn chain(&self) -> [CertificateDer<'static>; 3] {
        [
            self.successor.clone(),
            self.issuing.clone(),
            self.root.clone(),
        ]
    }
}

impl Authority {
    /// Puts an authority with new keys into the place of the one in a directory; its root key goes into a new
    /// owner kit. On return the old issuing key no longer exists. The collector must not run meanwhile.
    pub fn rotate(
        dir: &Path,
        kit: &Path,
        passphrase: &SecretString,
        reason: Reason,
        clock: &Clock,
    ) -> Result<Self, AuthorityError> {
        let old = Self::load(dir, clock)?;
        if let (Reason::Planned, Some(predecessor)) = (reason, &old.state.predecessor) {
            return Err(AuthorityError::StillFollowing {
                until: predecessor.until,
            });
        }
        let unfinished = unfinished(dir);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(writing(&unfinished))?;
        }
        old.write_successor(&unfinished, reason)?;
        Self::load(&unfinished, clock)?.write_owner_kit(kit, passphrase)?;
        files::exchange(&unfinished, dir).map_err(writing(dir))?;
        fs::remove_dir_all(&unfinished).map_err(writing(&unfinished))?;
        Self::load(dir, clock)
    }

    fn write_successor(&self, to: &Path, reason: Reason) -> Result<(), AuthorityError> {
        let (dir, now) = (&self.state.dir, self.state.clock.now());
        let business = keys::organisation(&dir.join(ROOT_CERTIFICATE), &self.state.root)?;
        let root = new_issuer(certificate::root(&business, now))?;
        let successor = certificate::successor(&business, now, now.plus(FOLLOWING))
            .signed_by(root.key(), &self.state.issuing.issuer)?;
        build(to, |new| {
            files::write(&new.join(ROOT_CERTIFICATE), root.pem().as_bytes())?;
            files::write(&new.join(ROOT_KEY), keys::pem(root.key()).as_bytes())?;
            write_issuing(new, &business, now, &root)?;
            if reason == Reason::Planned {
                files::write(&new.join(SUCCESSOR), successor.pem().as_bytes())?;
                copy(&dir.join(ROOT_CERTIFICATE), &new.join(OLD_ROOT))?;
                copy(&dir.join(ISSUING_CERTIFICATE), &new.join(OLD_ISSUING))?;
            }
            for name in dashboard::FILES
                .into_iter()
                .filter(|name| dir.join(name).exists())
            {
                copy(&dir.join(name), &new.join(name))?;
            }
            copy(&dir.join(REVOKED), &new.join(REVOKED))?;
            copy(&dir.join(log::KEY), &new.join(log::KEY))?;
            files::write(&new.join(log::NAME), self.state.log_name.as_bytes())
        })
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), AuthorityError> {
    files::write(to, &files::read(from)?)
}

fn unfinished(dir: &Path) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(".rotated");
    name.into()
}
