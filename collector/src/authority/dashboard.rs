//! The dashboard's own authority. People may install it on their phones, so it is good for private
//! addresses and the named hosts only, and has nothing to do with the agents' root.

use std::{
    collections::HashMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{
    CidrSubnet, GeneralSubtree, Issuer, KeyPair, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::{
    pki_types::CertificateDer,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

use super::{
    certificate::{self, SERVER_LIFE},
    error::AuthorityError,
    files, keys,
    renewing::{Leaf, RenewingLeaf},
};
use crate::clock::{Clock, UnixMillis};

const CERTIFICATE: &str = "dashboard.crt";
const KEY: &str = "dashboard.key";

/// The files of the dashboard's authority.
pub(super) const FILES: [&str; 2] = [CERTIFICATE, KEY];

/// Names that never leave a local network.
const LOCAL_NAMES: [&str; 6] = ["localhost", "local", "lan", "home", "internal", "home.arpa"];

/// Networks that never leave a site.
const LOCAL_NETWORKS: [&str; 8] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

/// The dashboard's authority.
pub(super) struct DashboardAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

impl DashboardAuthority {
    /// Loads it, makes it when there is none, and widens it when it does not cover a host. A wider one
    /// keeps key and name, so that a browser that trusts an earlier one goes on trusting it for the
    /// hosts it knew.
    pub(super) fn covering(
        dir: &Path,
        hosts: &[SanType],
        now: UnixMillis,
    ) -> Result<Self, AuthorityError> {
        let (certificate_path, key_path) = (dir.join(CERTIFICATE), dir.join(KEY));
        let key = if key_path.exists() {
            keys::load(&key_path)?
        } else {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            files::write(&key_path, keys::pem(&key).as_bytes())?;
            key
        };
        let mut names = Vec::new();
        if certificate_path.exists() {
            let present = keys::certificate(&certificate_path)?;
            keys::require_match(&certificate_path, &present, &key)?;
            names = extra_names(&certificate_path, &present)?;
            if hosts.iter().all(|host| covers(&names, host)) {
                return Self::new(present, key);
            }
        }
        names.extend(hosts.iter().cloned());
        let constraints = constraints(&names);
        let made = certificate::dashboard_authority(constraints, now).self_signed(&key)?;
        files::write(&certificate_path, made.pem().as_bytes())?;
        Self::new(made.der().clone(), key)
    }

    /// The certificate people install, DER; `None` while there is none.
    pub(super) fn installed(dir: &Path) -> Result<Option<CertificateDer<'static>>, AuthorityError> {
        let path = dir.join(CERTIFICATE);
        if !path.exists() {
            return Ok(None);
        }
        keys::certificate(&path).map(Some)
    }

    /// A certificate for each host name, and one for all addresses: a browser rejects a certificate over
    /// any name that the authority it once installed does not permit.
    pub(super) fn leaves(self, hosts: &[SanType], clock: &Clock) -> Result<Leaves, AuthorityError> {
        let authority = Arc::new(self);
        let leaf = |names: Vec<SanType>| {
            let authority = authority.clone();
            RenewingLeaf::new(clock.clone(), move |now| authority.leaf(&names, now))
        };
        let mut named = HashMap::new();
        let mut rest = Vec::new();
        for host in hosts {
            match host {
                SanType::DnsName(name) => {
                    named.insert(name.as_str().to_owned(), leaf(vec![host.clone()])?);
                }
                _ => rest.push(host.clone()),
            }
        }
        if rest.is_empty() {
            rest = hosts.to_vec();
        }
        Ok(Leaves {
            named,
            otherwise: leaf(rest)?,
        })
    }

    fn leaf(&self, hosts: &[SanType], now: UnixMillis) -> Result<Leaf, AuthorityError> {
        let not_after = now.plus(SERVER_LIFE);
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate =
            certificate::dashboard(hosts.to_vec(), now, not_after).signed_by(&key, &self.issuer)?;
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        Ok(Leaf {
            key: Arc::new(keys::certified(chain, &key)?),
            issued_at: now,
            not_after,
        })
    }

    fn new(certificate: CertificateDer<'static>, key: KeyPair) -> Result<Self, AuthorityError> {
        Ok(Self {
            issuer: Issuer::from_ca_cert_der(&certificate, key)?,
            certificate,
        })
    }
}

/// The dashboard's certificates.
#[derive(Debug)]
pub(super) struct Leaves {
    named: HashMap<String, RenewingLeaf>,
    /// For browsers that dial an address and therefore name no host.
    otherwise: RenewingLeaf,
}

impl ResolvesServerCert for Leaves {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello
            .server_name()
            .and_then(|name| self.named.get(&name.to_ascii_lowercase()));
        Some(named.unwrap_or(&self.otherwise).current().key)
    }
}

/// The name a certificate carries for a host.
pub(super) fn name_of(host: &str) -> Result<SanType, AuthorityError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let refused = || AuthorityError::HostName {
        name: host.to_owned(),
    };
    let plain = host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|letter| letter.is_ascii_alphanumeric() || b"-_".contains(&letter))
        });
    if !plain {
        return Err(refused());
    }
    let name = host.to_ascii_lowercase();
    Ok(SanType::DnsName(name.try_into().map_err(|_| refused())?))
}

/// Whether the constraints made for some names permit a host.
fn covers(names: &[SanType], host: &SanType) -> bool {
    match host {
        SanType::DnsName(name) => LOCAL_NAMES
            .into_iter()
            .chain(names.iter().filter_map(|name| match name {
                SanType::DnsName(name) => Some(name.as_str()),
                _ => None,
            }))
            .any(|permitted| is_below(name.as_str(), permitted)),
        SanType::IpAddress(address) => names.contains(host) || is_local(*address),
        _ => false,
    }
}

fn is_below(name: &str, permitted: &str) -> bool {
    name.strip_suffix(permitted)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_local(address: IpAddr) -> bool {
    local_networks().any(|network| network.contains(&address))
}

fn local_networks() -> impl Iterator<Item = ipnet::IpNet> {
    LOCAL_NETWORKS
        .iter()
        .filter_map(|network| network.parse().ok())
}

/// Everything local, and the given names.
fn constraints(names: &[SanType]) -> NameConstraints {
    let mut permitted: Vec<GeneralSubtree> = LOCAL_NAMES
        .iter()
        .map(|name| GeneralSubtree::DnsName((*name).to_owned()))
        .collect();
    permitted.extend(local_networks().map(|network| {
        GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
            network.addr(),
            network.prefix_len(),
        ))
    }));
    for name in names {
        match name {
            host if covers(&[], host) => {}
            SanType::DnsName(name) => {
                permitted.push(GeneralSubtree::DnsName(name.as_str().to_owned()));
            }
            SanType::IpAddress(address) => {
                let whole = if address.is_ipv4() { 32 } else { 128 };
                permitted.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                    *address, whole,
                )));
            }
            _ => {}
        }
    }
    NameConstraints {
        permitted_subtrees: permitted,
        excluded_subtrees: Vec::new(),
    }
}

/// The names a certificate's constraints permit beside the local ones.
fn extra_names(path: &Path, der: &CertificateDer<'_>) -> Result<Vec<SanType>, AuthorityError> {
    let damaged = || AuthorityError::Damaged {
        path: PathBuf::from(path),
        reason: "it is not the dashboard's authority",
    };
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| damaged())?;
    let constraints = certificate
        .name_constraints()
        .map_err(|_| damaged())?
        .ok_or_else(damaged)?;
    let permitted = constraints.value.permitted_subtrees.as_deref();
    let mut names = Vec::new();
    for subtree in permitted.unwrap_or_default() {
        match &subtree.base {
            GeneralName::DNSName(name) if !LOCAL_NAMES.contains(name) => names.push(name_of(name)?),
            GeneralName::IPAddress(bytes) => names.extend(single_address(bytes)),
            _ => {}
        }
    }
    Ok(names)
}

/// The address of a constraint that permits just one.
fn single_address(bytes: &[u8]) -> Option<SanType> {
    let (address, mask) = bytes.split_at_checked(bytes.len() / 2)?;
    if mask.iter().any(|byte| *byte != 0xff) {
        return None;
    }
    let address = match address.len() {
        4 => IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
        16 => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
        _ => return None,
    };
    (!is_local(address)).then_some(SanType::IpAddress(address))
}
