//! The certificate authority of the business: who may report, and how machines know their collector.
//!
//! An offline-able root signs an online issuing authority, which signs [`certificate`]s for machines and
//! for the collector itself. The root key leaves for the owner [`kit`] and is not needed to run. The
//! dashboard has an authority of its own.
//!
//! On disk, readable by the collector's account only:
//!
//! | file | what |
//! |---|---|
//! | `root.crt` | root certificate, PEM |
//! | `root.key` | root key, PKCS #8 in PEM, until the owner kit is written |
//! | `issuing.crt`, `issuing.key` | issuing authority |
//! | `revoked` | revoked machines, see [`Revocations`] |
//! | `owner-kit` | where the owner kit was written |
//! | `backup-recipient` | whom backups are encrypted to: the key is in the owner kit |
//! | `dashboard.crt`, `dashboard.key` | dashboard authority, made when first needed |
//! | `log.key` | key that signs the log of reads and changes, Ed25519, made when first needed |
//! | `old-root.crt`, `old-issuing.crt`, `successor.crt`, `log.name` | after new keys, see [`Authority::rotate`] |
//!
//! Server keys are made at start, renewed in memory and never written.

mod certificate;
mod csr;
mod custody;
mod dashboard;
mod error;
mod files;
mod issue;
mod keys;
mod kit;
mod log;
mod renewing;
mod rescue;
mod revocations;
mod rotation;
mod tls;
mod verifier;

#[cfg(test)]
mod tests;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{CertificateParams, CertifiedIssuer, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::{ServerConfig, pki_types::CertificateDer, server::ResolvesServerCert};

pub use self::{
    certificate::{
        ACCESS_NAME, AUTHORITY_LIFE, BACKDATED, DEVICE_LIFE, ENROLMENT_NAME, MACHINE_LIFE,
        REPORTING_NAME, SERVER_LIFE,
    },
    csr::RequestedKey,
    error::{AuthorityError, CsrError, IssueError},
    issue::IssuedCertificate,
    kit::{PASSPHRASE_CHARACTERS, generate_passphrase},
    rescue::Rescued,
    revocations::Revocations,
    rotation::Reason,
    tls::AgentTls,
};
use self::{
    custody::remembered_kit,
    dashboard::DashboardAuthority,
    files::writing,
    renewing::{Leaf, RenewingLeaf},
    rotation::Predecessor,
};
use crate::{
    audit::{Log, LogKey},
    clock::{Clock, UnixMillis},
    id::Digest,
};

const ROOT_CERTIFICATE: &str = "root.crt";
const ROOT_KEY: &str = "root.key";
const ISSUING_CERTIFICATE: &str = "issuing.crt";
const ISSUING_KEY: &str = "issuing.key";
const REVOKED: &str = "revoked";
const OWNER_KIT: &str = "owner-kit";
const BACKUP_RECIPIENT: &str = "backup-recipient";

/// The authority, ready to issue. Clones share it.
#[derive(Clone)]
pub struct Authority {
    state: Arc<State>,
}

struct State {
    dir: PathBuf,
    clock: Clock,
    root: CertificateDer<'static>,
    root_key: Vec<u8>,
    root_not_after: UnixMillis,
    issuing: Arc<Issuing>,
    server: Arc<RenewingLeaf>,
    revocations: Revocations,
    predecessor: Option<Predecessor>,
    log_name: String,
    log_key: Arc<LogKey>,
}

/// The online key and its certificate.
struct Issuing {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    not_after: UnixMillis,
}

/// How the authority does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// SHA-256 of the root's `SubjectPublicKeyInfo`, as hexadecimal.
    pub root_fingerprint: String,
    /// When the root certificate expires.
    pub root_expires_at: UnixMillis,
    /// When the issuing certificate expires.
    pub issuing_expires_at: UnixMillis,
    /// When the server certificate expires, unless it is renewed before.
    pub server_expires_at: UnixMillis,
    /// The root key is still on this computer.
    pub root_key_present: bool,
    /// Where the owner kit lies; `None` when it was not written or was moved away.
    pub owner_kit: Option<PathBuf>,
    /// Until when computers that know the keys before these alone can follow; `None` when there were none.
    pub following_until: Option<UnixMillis>,
}

impl Authority {
    /// Makes a new authority in a directory that must not exist yet.
    pub fn init(dir: &Path, business: &str, clock: &Clock) -> Result<Self, AuthorityError> {
        let now = clock.now();
        let root = new_issuer(certificate::root(business, now))?;
        build(dir, |new| {
            files::write(&new.join(ROOT_CERTIFICATE), root.pem().as_bytes())?;
            files::write(&new.join(ROOT_KEY), keys::pem(root.key()).as_bytes())?;
            write_issuing(new, business, now, &root)?;
            files::write(&new.join(REVOKED), b"")
        })?;
        Self::load(dir, clock)
    }

    /// Loads the authority from its directory.
    pub fn load(dir: &Path, clock: &Clock) -> Result<Self, AuthorityError> {
        let root_path = dir.join(ROOT_CERTIFICATE);
        let root = keys::certificate(&root_path)?;
        let root_key = keys::public_key(&root_path, &root)?;
        let root_not_after = keys::not_after(&root_path, &root)?;
        let issuing = Arc::new(Issuing::load(dir)?);
        keys::require_signed(&dir.join(ISSUING_CERTIFICATE), &issuing.certificate, &root)?;
        let log_name = log::name(dir, &hexadecimal(&pin(&root_key)))?;
        let log_key = log::key(dir, &log_name)?;
        let predecessor = Predecessor::load(dir, &root, clock.now())?;
        let server = RenewingLeaf::new(clock.clone(), {
            let (issuing, mut above) = (issuing.clone(), vec![root.clone()]);
            above.extend(predecessor.iter().flat_map(Predecessor::chain));
            move |now| issuing.server(&above, now)
        })?;
        Ok(Self {
            state: Arc::new(State {
                dir: dir.to_owned(),
                clock: clock.clone(),
                root,
                root_key,
                root_not_after,
                issuing,
                server: Arc::new(server),
                revocations: Revocations::load(&dir.join(REVOKED))?,
                predecessor,
                log_name,
                log_key: Arc::new(log_key),
            }),
        })
    }

    /// SHA-256 of the root's `SubjectPublicKeyInfo`: the pin in join strings.
    pub fn root_pin(&self) -> [u8; 32] {
        pin(&self.state.root_key)
    }

    /// The log of reads and changes, signed with the key that lies here.
    pub fn log(&self) -> Log {
        Log::new(self.state.log_key.clone(), self.state.clock.clone())
    }

    /// The root certificates machines shall trust, DER.
    pub fn trust_anchors(&self) -> Vec<Vec<u8>> {
        self.roots().map(|root| root.to_vec()).collect()
    }

    fn roots(&self) -> impl Iterator<Item = &CertificateDer<'static>> {
        let old = self.state.predecessor.iter().map(|old| &old.root);
        std::iter::once(&self.state.root).chain(old)
    }

    /// TLS for agents.
    pub fn agent_tls(&self) -> Result<AgentTls, AuthorityError> {
        let server: Arc<dyn ResolvesServerCert> = self.state.server.clone();
        let anchors: Vec<_> = self.roots().cloned().collect();
        let mut issuing = vec![self.state.issuing.certificate.clone()];
        issuing.extend(self.state.predecessor.iter().map(|old| old.issuing.clone()));
        AgentTls::new(&self.state.clock, &server, &anchors, &issuing)
    }

    /// TLS for the dashboard under some host names and addresses, from its own authority.
    pub fn dashboard_tls(&self, hosts: &[String]) -> Result<Arc<ServerConfig>, AuthorityError> {
        let names = hosts
            .iter()
            .map(|host| dashboard::name_of(host))
            .collect::<Result<Vec<_>, _>>()?;
        let now = self.state.clock.now();
        let authority = DashboardAuthority::covering(&self.state.dir, &names, now)?;
        let leaves = authority.leaves(&names, &self.state.clock)?;
        let protocols: &[&[u8]] = &[b"h2", b"http/1.1"];
        let configuration =
            tls::configuration(&self.state.clock, Arc::new(leaves), None, protocols)?;
        Ok(Arc::new(configuration))
    }

    /// The dashboard authority's certificate, DER, for people to install; `None` while there is none.
    pub fn dashboard_certificate(&self) -> Result<Option<Vec<u8>>, AuthorityError> {
        let installed = DashboardAuthority::installed(&self.state.dir)?;
        Ok(installed.map(|certificate| certificate.to_vec()))
    }

    /// The list of revoked machines.
    pub fn revocations(&self) -> Revocations {
        self.state.revocations.clone()
    }

    /// How the authority does.
    pub fn status(&self) -> Status {
        let state = &self.state;
        Status {
            root_fingerprint: hexadecimal(&self.root_pin()),
            root_expires_at: state.root_not_after,
            issuing_expires_at: state.issuing.not_after,
            server_expires_at: state.server.current().not_after,
            root_key_present: state.dir.join(ROOT_KEY).exists(),
            owner_kit: remembered_kit(&state.dir).filter(|kit| kit.join(kit::ROOT_KEY).exists()),
            following_until: state.predecessor.as_ref().map(|old| old.until),
        }
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority")
            .field("dir", &self.state.dir)
            .finish_non_exhaustive()
    }
}

impl Issuing {
    fn load(dir: &Path) -> Result<Self, AuthorityError> {
        let path = dir.join(ISSUING_CERTIFICATE);
        let certificate = keys::certificate(&path)?;
        let key = keys::load(&dir.join(ISSUING_KEY))?;
        keys::require_match(&path, &certificate, &key)?;
        Ok(Self {
            not_after: keys::not_after(&path, &certificate)?,
            issuer: Issuer::from_ca_cert_der(&certificate, key)?,
            certificate,
        })
    }

    /// A server certificate with a key of its own. Its chain goes up to the root, which is the first `above` the
    /// issuing authority: a machine that joins knows no more of the root than the hash in its join string.
    fn server(
        &self,
        above: &[CertificateDer<'static>],
        now: UnixMillis,
    ) -> Result<Leaf, AuthorityError> {
        let not_after = now.plus(SERVER_LIFE).min(self.not_after);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = certificate::collector(now, not_after)?.signed_by(&key, &self.issuer)?;
        let mut chain = vec![certificate.der().clone(), self.certificate.clone()];
        chain.extend_from_slice(above);
        Ok(Leaf {
            key: Arc::new(keys::certified(chain, &key)?),
            issued_at: now,
            not_after,
        })
    }
}

fn new_issuer(
    params: CertificateParams,
) -> Result<CertifiedIssuer<'static, KeyPair>, AuthorityError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    Ok(CertifiedIssuer::self_signed(params, key)?)
}

fn write_issuing(
    dir: &Path,
    business: &str,
    now: UnixMillis,
    root: &Issuer<'_, KeyPair>,
) -> Result<(), AuthorityError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let issued = certificate::issuing(business, now).signed_by(&key, root)?;
    files::write(&dir.join(ISSUING_CERTIFICATE), issued.pem().as_bytes())?;
    files::write(&dir.join(ISSUING_KEY), keys::pem(&key).as_bytes())
}

/// Fills a new directory beside its final place and moves it there: whole or not at all.
fn build(
    dir: &Path,
    fill: impl FnOnce(&Path) -> Result<(), AuthorityError>,
) -> Result<(), AuthorityError> {
    if dir.exists() {
        return Err(AuthorityError::Exists {
            dir: dir.to_owned(),
        });
    }
    let parent = dir.parent().unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new()
        .prefix(".authority-")
        .tempdir_in(parent)
        .map_err(writing(parent))?;
    let new = beside.path().join("new");
    files::private_directory(&new)?;
    fill(&new)?;
    let moved = || -> io::Result<()> {
        fs::rename(&new, dir)?;
        files::sync_parent(dir)
    };
    moved().map_err(writing(dir))
}

fn pin(public_key: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, public_key);
    let mut pin = [0; 32];
    pin.copy_from_slice(digest.as_ref());
    pin
}

fn hexadecimal(bytes: &[u8; 32]) -> String {
    Digest(*bytes).to_string()
}
