//! What can go wrong with the authority.

use std::{io, path::PathBuf};

use thiserror::Error;

use crate::clock::UnixMillis;

/// Why the authority cannot do something.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// `init` where an authority is already.
    #[error(
        "there is already a certificate authority in {dir}: use it, or choose another data directory"
    )]
    Exists {
        /// The authority's directory.
        dir: PathBuf,
    },
    /// A file is missing.
    #[error(
        "{path} is missing: the authority is incomplete; bring it back with the owner kit: run \
         `freehold-collector authority recover --owner-kit DIR`"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("{path} cannot be written")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key can be read by other accounts.
    #[error(
        "{path} can be read by other accounts of this computer: run `chmod 600 {path}` if you trust \
         everyone who could have read it, otherwise make a new collector and let the computers join it"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// A file does not hold what it should.
    #[error(
        "{path} is damaged ({reason}): bring back a copy of it; the authority as a whole comes back with the \
         owner kit, by `freehold-collector authority recover --owner-kit DIR`, and the dashboard's own files \
         are made anew once they are removed"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A line of the revocation list cannot be understood.
    #[error(
        "line {line} of the revocation list {path} is damaged: correct it or bring the file back from a \
         backup; the collector does not start without it, lest a revoked computer comes back"
    )]
    DamagedRevocation {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The root key is not on this computer.
    #[error(
        "the root key is no longer on this computer: it was moved to the owner kit{}", place(.kit.as_ref())
    )]
    RootKeyAway {
        /// Where the owner kit was written.
        kit: Option<PathBuf>,
    },
    /// The passphrase is too weak.
    #[error("the passphrase is too short: use at least {minimum} characters")]
    WeakPassphrase {
        /// Characters it needs.
        minimum: usize,
    },
    /// The owner kit cannot be opened.
    #[error("{path} cannot be opened: the passphrase is wrong or the file is damaged")]
    Sealed {
        /// The encrypted file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<age::DecryptError>,
    },
    /// The root key cannot be encrypted.
    #[error("the root key cannot be encrypted for the owner kit")]
    Seal(#[source] Box<age::EncryptError>),
    /// Computers still follow the last rotation.
    #[error(
        "computers may follow the last new keys until {until}, also those that lie in a drawer: keys can be renewed \
         again after that; if a key has leaked, run `freehold-collector authority replace --leaked`"
    )]
    StillFollowing {
        /// When that ends.
        until: UnixMillis,
    },
    /// There is nothing to bring back.
    #[error("the authority in {dir} is whole: there is nothing to recover")]
    Whole {
        /// The authority's directory.
        dir: PathBuf,
    },
    /// The owner kit belongs to another collector.
    #[error(
        "the owner kit in {kit} is another collector's: no computer that reports here would trust it; look \
         for the kit whose READ-ME-FIRST.txt names this business"
    )]
    OtherKit {
        /// The kit.
        kit: PathBuf,
    },
    /// The owner kit read back is not the one written.
    #[error("the owner kit in {path} does not read back as written: use another medium")]
    KitDiffers {
        /// Where it was written.
        path: PathBuf,
    },
    /// A name cannot stand in a certificate.
    #[error("{name:?} is not a host name or address that a certificate can carry")]
    HostName {
        /// The name.
        name: String,
    },
    /// A certificate cannot be made.
    #[error("a certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// A TLS configuration cannot be made.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The verifier of client certificates cannot be made.
    #[error("the root certificate cannot be used to verify others")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

fn place(kit: Option<&PathBuf>) -> String {
    kit.map(|path| format!(" in {}", path.display()))
        .unwrap_or_default()
}

/// Why a certificate signing request is refused. Each is a sentence for whoever runs the agent.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CsrError {
    /// Not a request.
    #[error("field 'csr' is not a PKCS #10 certificate signing request: update the agent")]
    Unreadable,
    /// Some other kind of key.
    #[error(
        "field 'csr' carries a key of type {found}, but a machine's key is ECDSA P-256: update the agent"
    )]
    WrongKeyType {
        /// What it is.
        found: &'static str,
    },
    /// The requester does not hold the key.
    #[error("field 'csr' is not signed with the key it carries: make a new one")]
    BadSignature,
}

/// Why a machine certificate is not issued.
#[derive(Debug, Error)]
pub enum IssueError {
    /// The request is refused.
    #[error(transparent)]
    Csr(#[from] CsrError),
    /// The certificate cannot be made.
    #[error("the certificate cannot be made")]
    Certificate(#[from] rcgen::Error),
}
