//! The owner kit: what recovers the authority on new hardware, meant for a USB stick in a drawer.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use age::{
    scrypt,
    secrecy::{ExposeSecret, SecretString},
};
use rand::RngExt as _;
use zeroize::Zeroizing;

use super::{
    error::AuthorityError,
    files::{self, writing},
};

/// The root key: PKCS #8 in PEM, encrypted with the passphrase in the age format.
pub(super) const ROOT_KEY: &str = "root-key.age";
/// The age identity that backups are encrypted to, sealed like the root key.
pub(super) const BACKUP_KEY: &str = "backup-key.age";
/// The root certificate, PEM.
pub(super) const ROOT_CERTIFICATE: &str = "root-certificate.pem";
/// The revocation list when the kit was written.
pub(super) const REVOKED: &str = "revoked-computers.txt";
/// What to do with it all.
pub(super) const INSTRUCTIONS: &str = "READ-ME-FIRST.txt";

/// Shortest passphrase that is accepted, in characters.
pub const PASSPHRASE_CHARACTERS: usize = 12;

/// scrypt's cost, as a power of two: about a second and 128 MiB, once in a kit's life.
const WORK_FACTOR: u8 = if cfg!(test) { 10 } else { 17 };

/// Greatest cost that is accepted from a kit: one that was made elsewhere may be dearer than ours.
const GREATEST_WORK_FACTOR: u8 = 20;

/// What goes into a kit.
pub(super) struct Contents {
    /// The business.
    pub(super) business: String,
    /// The root key, PEM.
    pub(super) root_key: SecretString,
    /// The age identity that backups are encrypted to.
    pub(super) backup_key: SecretString,
    /// The root certificate, PEM.
    pub(super) root_certificate: Vec<u8>,
    /// The root's fingerprint, as hexadecimal.
    pub(super) fingerprint: String,
    /// The revocation list.
    pub(super) revoked: Vec<u8>,
}

/// Writes a kit into a new directory and reads the keys back before anyone relies on them.
pub(super) fn write(
    to: &Path,
    contents: &Contents,
    passphrase: &SecretString,
) -> Result<(), AuthorityError> {
    if passphrase.expose_secret().chars().count() < PASSPHRASE_CHARACTERS {
        return Err(AuthorityError::WeakPassphrase {
            minimum: PASSPHRASE_CHARACTERS,
        });
    }
    let root_key = seal(&contents.root_key, passphrase)?;
    let backup_key = seal(&contents.backup_key, passphrase)?;

    files::private_directory(to)?;
    write_new(&to.join(ROOT_KEY), &root_key)?;
    write_new(&to.join(BACKUP_KEY), &backup_key)?;
    write_new(&to.join(ROOT_CERTIFICATE), &contents.root_certificate)?;
    write_new(&to.join(REVOKED), &contents.revoked)?;
    write_new(&to.join(INSTRUCTIONS), instructions(contents).as_bytes())?;
    files::sync_parent(&to.join(ROOT_KEY)).map_err(writing(to))?;
    files::sync_parent(to).map_err(writing(to))?;

    for (name, sealed) in [(ROOT_KEY, &root_key), (BACKUP_KEY, &backup_key)] {
        if files::read(&to.join(name))? != *sealed {
            return Err(AuthorityError::KitDiffers {
                path: to.to_owned(),
            });
        }
    }
    Ok(())
}

fn seal(secret: &SecretString, passphrase: &SecretString) -> Result<Vec<u8>, AuthorityError> {
    let mut recipient = scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(WORK_FACTOR);
    age::encrypt(&recipient, secret.expose_secret().as_bytes())
        .map_err(|source| AuthorityError::Seal(Box::new(source)))
}

/// A secret out of a kit: [`ROOT_KEY`] or [`BACKUP_KEY`].
pub(super) fn open(
    kit: &Path,
    name: &str,
    passphrase: &SecretString,
) -> Result<Zeroizing<String>, AuthorityError> {
    let path = kit.join(name);
    let sealed = files::read(&path)?;
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(GREATEST_WORK_FACTOR);
    let opened = age::decrypt(&identity, &sealed)
        .map(Zeroizing::new)
        .map_err(|source| AuthorityError::Sealed {
            path: path.clone(),
            source: Box::new(source),
        })?;
    match std::str::from_utf8(&opened) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(AuthorityError::Damaged {
            path,
            reason: "it does not hold a key",
        }),
    }
}

/// A passphrase to write on paper: 25 letters and digits that are hard to confuse, about 123 bits.
pub fn generate_passphrase() -> SecretString {
    const LETTERS: &[u8; 30] = b"abcdefghjkmnpqrstuvwxyz2345679";
    let mut random = rand::rng();
    let groups: Vec<String> = (0..5)
        .map(|_| {
            (0..5)
                .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
                .collect()
        })
        .collect();
    SecretString::from(groups.join("-"))
}

fn write_new(path: &PathBuf, bytes: &[u8]) -> Result<(), AuthorityError> {
    let write = || {
        let mut file = files::private_options().create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(writing(path))
}

fn instructions(contents: &Contents) -> String {
    let business = &contents.business;
    let fingerprint = &contents.fingerprint;
    format!(
        "\
FREEHOLD OWNER KIT
{business}

What this is
    Your computers report to your own collector because they trust one certificate: its root. This
    folder holds the secret key of that root, locked with your passphrase. Whoever has both the folder
    and the passphrase can set up a collector that your computers believe. Nobody needs it day to day:
    the collector runs without it.

What to do now
    1. Copy this folder to a USB stick. Check that the copy opens.
    2. Put the stick where you keep your deeds. Write the passphrase on paper and keep it elsewhere.
    3. Delete the folder from the collector's computer.

When you need it
    The collector's computer is broken, stolen or replaced. On the new computer, install the collector
    and run, with your newest backup and this folder:

        freehold-collector restore --from BACKUP --owner-kit FOLDER

    It asks for the passphrase, and your computers report to the new collector as they did before,
    as soon as they can reach it under one of the addresses of the old one.

If the stick or the passphrase is lost
    The collector keeps running, and so do your computers. But backups cannot be opened any more, and
    a broken computer means joining all computers again. Make new keys and a new kit while there is
    time; your computers follow by themselves. Stop the collector and run

        freehold-collector authority replace

If someone else may have the stick and the passphrase
    A thief could pose as your collector. Stop it and run

        freehold-collector authority replace --leaked

    It says how your computers join again.

What is in it
    {ROOT_KEY}            the root key (PKCS #8 in PEM), encrypted in the age format; other
                            programs open it as well: age --decrypt {ROOT_KEY}
    {BACKUP_KEY}          the key that opens backups, encrypted the same way
    {ROOT_CERTIFICATE}    the root certificate; not a secret
    {REVOKED}   computers that were shut out when this was written

    Fingerprint of the root's public key (SHA-256):
    {fingerprint}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        Contents {
            business: "Dr. Example's Practice".to_owned(),
            root_key: SecretString::from("the key"),
            backup_key: SecretString::from("the other key"),
            root_certificate: b"certificate".to_vec(),
            fingerprint: "abcd".to_owned(),
            revoked: Vec::new(),
        }
    }

    #[test]
    fn the_key_comes_back_with_the_passphrase_only() {
        let dir = tempfile::tempdir().unwrap();
        let kit = dir.path().join("kit");
        let passphrase = generate_passphrase();
        write(&kit, &contents(), &passphrase).unwrap();
        assert_eq!(
            open(&kit, ROOT_KEY, &passphrase).unwrap().as_str(),
            "the key"
        );
        assert_eq!(
            open(&kit, BACKUP_KEY, &passphrase).unwrap().as_str(),
            "the other key"
        );
        assert!(matches!(
            open(&kit, ROOT_KEY, &SecretString::from("another passphrase")),
            Err(AuthorityError::Sealed { .. })
        ));
        let sealed = std::fs::read(kit.join(ROOT_KEY)).unwrap();
        assert!(sealed.starts_with(b"age-encryption.org/v1\n"));
        assert!(!sealed.windows(7).any(|part| part == b"the key"));
    }

    #[test]
    fn a_kit_is_never_written_over_another() {
        let dir = tempfile::tempdir().unwrap();
        let error = write(dir.path(), &contents(), &generate_passphrase()).unwrap_err();
        assert!(matches!(error, AuthorityError::Write { .. }));
    }

    #[test]
    fn a_short_passphrase_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let short = SecretString::from("short");
        assert!(matches!(
            write(&dir.path().join("kit"), &contents(), &short),
            Err(AuthorityError::WeakPassphrase { .. })
        ));
    }

    #[test]
    fn passphrases_differ() {
        let (one, two) = (generate_passphrase(), generate_passphrase());
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert_eq!(one.expose_secret().len(), 29);
    }
}
