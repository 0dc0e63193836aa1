//! Checkpoints: what the log is, signed, in the formats tlog-checkpoint and signed-note of C2SP.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

use super::tree::Hash;

/// Identifies the kind of signature in a signed note.
const ED25519_NOTE: u8 = 1;

/// Longest checkpoint that is read, in bytes.
const LONGEST: usize = 4096;

/// The collector's key for the log.
pub struct LogKey {
    pair: Ed25519KeyPair,
    verifier: Verifier,
}

/// What others need to check the signatures of a log's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    public: [u8; 32],
}

/// What a log is at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of the epoch.
    pub epoch: u32,
    /// Entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
}

/// Why a text is not a checkpoint of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It has another form.
    #[error("this is not a checkpoint: take the whole text, from its first line to its signature")]
    Malformed,
    /// It is about another log.
    #[error("this checkpoint belongs to the log of another collector")]
    Foreign,
    /// The signature does not fit.
    #[error(
        "the signature of this checkpoint is not this collector's: it was altered, or made by somebody else"
    )]
    Signature,
}

impl LogKey {
    /// From PKCS #8, under a name without spaces or plus signs; `None` when it is not an Ed25519 key.
    pub fn from_pkcs8(name: &str, der: &[u8]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
        let public = pair.public_key().as_ref().try_into().ok()?;
        Some(Self {
            pair,
            verifier: Verifier {
                name: name.to_owned(),
                public,
            },
        })
    }

    /// The name in the signatures.
    pub fn name(&self) -> &str {
        &self.verifier.name
    }

    /// What others need to check signatures: name, identifier and public key, as C2SP writes it.
    pub fn verifier(&self) -> String {
        self.verifier.to_string()
    }

    /// The signed note of a checkpoint.
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        let text = self.verifier.text(checkpoint);
        let mut signature = self.verifier.id().to_vec();
        signature.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!(
            "{text}\n\u{2014} {} {}\n",
            self.name(),
            STANDARD.encode(signature)
        )
    }

    /// What a signed note says, if this key signed it.
    pub fn open(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        self.verifier.open(note)
    }
}

impl Verifier {
    /// From its text; `None` when it is not one, or names a key of another kind.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (_, key) = rest.split_once('+')?;
        let key = STANDARD.decode(key).ok()?;
        let (kind, public) = key.split_first()?;
        let verifier = Self {
            name: name.to_owned(),
            public: public.try_into().ok()?,
        };
        (*kind == ED25519_NOTE && verifier.to_string() == text).then_some(verifier)
    }

    /// What a signed note says, if the key behind this signed it.
    pub fn open(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        use CheckpointError::{Foreign, Malformed, Signature};
        if note.len() > LONGEST {
            return Err(Malformed);
        }
        let (text, signatures) = note.split_once("\n\n").ok_or(Malformed)?;
        let text = format!("{text}\n");
        let checkpoint = self.read(&text)?;
        let mine = signatures.lines().find_map(|line| {
            let rest = line.strip_prefix("\u{2014} ")?;
            let (name, signature) = rest.split_once(' ')?;
            (name == self.name).then_some(signature)
        });
        let signature = STANDARD
            .decode(mine.ok_or(Foreign)?)
            .map_err(|_| Malformed)?;
        let (id, signature) = signature.split_first_chunk::<4>().ok_or(Malformed)?;
        if *id != self.id() {
            return Err(Foreign);
        }
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(text.as_bytes(), signature)
            .map_err(|_| Signature)?;
        Ok(checkpoint)
    }

    fn text(&self, checkpoint: &Checkpoint) -> String {
        let root = STANDARD.encode(checkpoint.root);
        format!(
            "{}/log/{}\n{}\n{root}\n",
            self.name, checkpoint.epoch, checkpoint.size
        )
    }

    fn read(&self, text: &str) -> Result<Checkpoint, CheckpointError> {
        use CheckpointError::{Foreign, Malformed};
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(Malformed);
        };
        let (name, epoch) = origin.rsplit_once("/log/").ok_or(Malformed)?;
        if name != self.name {
            return Err(Foreign);
        }
        let root = STANDARD.decode(root).map_err(|_| Malformed)?;
        let checkpoint = Checkpoint {
            epoch: epoch.parse().map_err(|_| Malformed)?,
            size: size.parse().map_err(|_| Malformed)?,
            root: root.try_into().map_err(|_| Malformed)?,
        };
        // There is one way to write it, so that nothing can hide in another.
        if self.text(&checkpoint) == text {
            Ok(checkpoint)
        } else {
            Err(Malformed)
        }
    }

    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new_with_prefix(self.name.as_bytes())
            .chain_update([b'\n', ED25519_NOTE])
            .chain_update(self.public)
            .finalize();
        let mut id = [0; 4];
        id.copy_from_slice(&hash[..4]);
        id
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let key = [&[ED25519_NOTE], &self.public[..]].concat();
        write!(f, "{}+{id:08x}+{}", self.name, STANDARD.encode(key))
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogKey")
            .field("name", &self.verifier.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> LogKey {
        let random = ring::rand::SystemRandom::new();
        let der = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        LogKey::from_pkcs8(name, der.as_ref()).unwrap()
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            epoch: 1,
            size: 20_852_163,
            root: [7; 32],
        }
    }

    #[test]
    fn a_signed_checkpoint_is_read_back_and_has_the_lines_of_c2sp() {
        let key = key("freehold/abc");
        let note = key.sign(&checkpoint());
        assert_eq!(key.open(&note), Ok(checkpoint()));
        let lines: Vec<&str> = note.lines().collect();
        assert_eq!(lines[0], "freehold/abc/log/1");
        assert_eq!(lines[1], "20852163");
        assert_eq!(lines[3], "");
        assert!(
            lines[4].starts_with("\u{2014} freehold/abc "),
            "{}",
            lines[4]
        );
        assert_eq!(lines.len(), 5);
        assert!(key.verifier().starts_with("freehold/abc+"));
        let verifier = Verifier::parse(&key.verifier()).unwrap();
        assert_eq!(verifier.open(&note), Ok(checkpoint()));
        for wrong in ["", "a+b+c", &key.verifier().replace("abc", "abd")] {
            assert_eq!(Verifier::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_altered_checkpoint_is_refused() {
        let key = key("freehold/abc");
        let note = key.sign(&checkpoint());
        let smaller = note.replace("20852163", "20852162");
        assert_eq!(key.open(&smaller), Err(CheckpointError::Signature));
        let later = note.replace("/log/1", "/log/2");
        assert_eq!(key.open(&later), Err(CheckpointError::Signature));
        for malformed in [
            "",
            "x",
            "a\nb\nc\n\n",
            &note[..20],
            &note.replace("\n\n", "\nmore\n\n"),
            &note.replace("20852163", "+20852163"),
        ] {
            assert!(key.open(malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn a_checkpoint_of_another_collector_is_told_apart() {
        let (one, other) = (key("freehold/abc"), key("freehold/def"));
        assert_eq!(
            one.open(&other.sign(&checkpoint())),
            Err(CheckpointError::Foreign)
        );
        let same_name = key("freehold/abc");
        assert_eq!(
            one.open(&same_name.sign(&checkpoint())),
            Err(CheckpointError::Foreign)
        );
    }
}
