//! Who holds which secret: the root key and the key to the backups go to the owner, who may bring them back.

use std::{
    fs,
    path::{Path, PathBuf},
};

use age::{
    secrecy::{ExposeSecret as _, SecretString},
    x25519,
};
use rcgen::{Issuer, KeyPair};

use super::{
    Authority, BACKUP_RECIPIENT, OWNER_KIT, REVOKED, ROOT_CERTIFICATE, ROOT_KEY, build,
    error::AuthorityError,
    files::{self, writing},
    hexadecimal, keys, kit, write_issuing,
};
use crate::clock::Clock;

impl Authority {
    /// Makes the authority of an owner kit work on new hardware: same root, a new issuing key, the kit's
    /// revocation list.
    pub fn recover(
        dir: &Path,
        kit: &Path,
        passphrase: &SecretString,
        clock: &Clock,
    ) -> Result<Self, AuthorityError> {
        let root_path = kit.join(kit::ROOT_CERTIFICATE);
        let root = keys::certificate(&root_path)?;
        let sealed = kit.join(kit::ROOT_KEY);
        let key = KeyPair::from_pem(&kit::open(kit, kit::ROOT_KEY, passphrase)?).map_err(|_| {
            AuthorityError::Damaged {
                path: sealed,
                reason: "it does not hold a key",
            }
        })?;
        keys::require_match(&root_path, &root, &key)?;
        let business = keys::organisation(&root_path, &root)?;
        let issuer = Issuer::from_ca_cert_der(&root, key)?;
        let recipient = recipient_of(kit, &Self::backup_key(kit, passphrase)?)?;
        build(dir, |new| {
            files::write(&new.join(ROOT_CERTIFICATE), &files::read(&root_path)?)?;
            write_issuing(new, &business, clock.now(), &issuer)?;
            files::write(&new.join(REVOKED), &files::read(&kit.join(kit::REVOKED))?)?;
            remember_recipient(new, &recipient)?;
            remember_kit(new, kit)
        })?;
        Self::load(dir, clock)
    }

    /// Whom backups are encrypted to: the age recipient whose key is in the owner kit. `None` while no kit
    /// was written.
    pub fn backup_recipient(&self) -> Option<String> {
        let text = fs::read_to_string(self.state.dir.join(BACKUP_RECIPIENT)).ok()?;
        Some(text.trim().to_owned())
    }

    /// The age identity that decrypts backups, out of an owner kit.
    pub fn backup_key(
        kit: &Path,
        passphrase: &SecretString,
    ) -> Result<SecretString, AuthorityError> {
        let key = kit::open(kit, kit::BACKUP_KEY, passphrase)?;
        Ok(SecretString::from(key.as_str()))
    }

    /// Moves the root key into an owner kit: a new directory. On return the key is no longer in the
    /// authority's own directory. Takes a few seconds of computing.
    pub fn write_owner_kit(
        &self,
        to: &Path,
        passphrase: &SecretString,
    ) -> Result<(), AuthorityError> {
        let dir = &self.state.dir;
        let root_path = dir.join(ROOT_CERTIFICATE);
        let key_path = dir.join(ROOT_KEY);
        if !key_path.exists() {
            return Err(AuthorityError::RootKeyAway {
                kit: remembered_kit(dir),
            });
        }
        let key = keys::load(&key_path)?;
        keys::require_match(&root_path, &self.state.root, &key)?;
        let backup_key = x25519::Identity::generate();
        let contents = kit::Contents {
            business: keys::organisation(&root_path, &self.state.root)?,
            root_key: SecretString::from(keys::pem(&key).as_str()),
            backup_key: backup_key.to_string(),
            root_certificate: files::read(&root_path)?,
            fingerprint: hexadecimal(&self.root_pin()),
            revoked: files::read(&dir.join(REVOKED))?,
        };
        kit::write(to, &contents, passphrase)?;
        remember_recipient(dir, &backup_key.to_public())?;
        remember_kit(dir, to)?;
        fs::remove_file(&key_path).map_err(writing(&key_path))?;
        files::sync_parent(&key_path).map_err(writing(&key_path))
    }
}

fn remember_kit(dir: &Path, kit: &Path) -> Result<(), AuthorityError> {
    let place = std::path::absolute(kit).unwrap_or_else(|_| kit.to_owned());
    files::write(&dir.join(OWNER_KIT), place.to_string_lossy().as_bytes())
}

pub(super) fn remembered_kit(dir: &Path) -> Option<PathBuf> {
    let place = fs::read_to_string(dir.join(OWNER_KIT)).ok()?;
    Some(PathBuf::from(place.trim_end_matches('\n')))
}

fn remember_recipient(dir: &Path, recipient: &x25519::Recipient) -> Result<(), AuthorityError> {
    files::write(
        &dir.join(BACKUP_RECIPIENT),
        recipient.to_string().as_bytes(),
    )
}

/// Whom a kit's key to the backups belongs to.
fn recipient_of(kit: &Path, key: &SecretString) -> Result<x25519::Recipient, AuthorityError> {
    let identity: Result<x25519::Identity, _> = key.expose_secret().trim().parse();
    match identity {
        Ok(identity) => Ok(identity.to_public()),
        Err(_) => Err(AuthorityError::Damaged {
            path: kit.join(kit::BACKUP_KEY),
            reason: "it does not hold a key",
        }),
    }
}
