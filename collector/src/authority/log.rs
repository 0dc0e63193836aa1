//! The key and the name that the log of reads and changes is signed with.

use std::path::Path;

use rcgen::{KeyPair, PKCS_ED25519};
use zeroize::Zeroizing;

use super::{error::AuthorityError, files, keys};
use crate::audit::LogKey;

/// File of the key.
pub(super) const KEY: &str = "log.key";
/// File of what the log is called in its checkpoints, once that is no longer told by the root.
pub(super) const NAME: &str = "log.name";

/// The log's key out of its file, made when there is none.
pub(super) fn key(dir: &Path, name: &str) -> Result<LogKey, AuthorityError> {
    let path = dir.join(KEY);
    if !path.exists() {
        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        files::write(&path, keys::pem(&key).as_bytes())?;
    }
    let der = Zeroizing::new(keys::load(&path)?.serialize_der());
    LogKey::from_pkcs8(name, &der).ok_or(AuthorityError::Damaged {
        path,
        reason: "it does not hold an Ed25519 key",
    })
}

/// What the log is called: after the root that there was when it began.
pub(super) fn name(dir: &Path, fingerprint: &str) -> Result<String, AuthorityError> {
    let path = dir.join(NAME);
    if !path.exists() {
        return Ok(format!("freehold/{}", &fingerprint[..16]));
    }
    String::from_utf8(files::read(&path)?).map_err(|_| AuthorityError::Damaged {
        path,
        reason: "it does not hold a name",
    })
}
