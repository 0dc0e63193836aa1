//! The dashboard's port and certificate.

use std::{net::SocketAddr, path::Path, sync::Arc};

use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use tokio::net::TcpListener;

use super::{BuildError, Parts};
use crate::{config::DashboardTls, dashboard::Server, port};

/// The dashboard's port, bound.
pub(super) struct Port {
    listener: TcpListener,
    pub(super) address: SocketAddr,
}

/// Takes the dashboard's port.
pub(super) fn bind(address: SocketAddr) -> Result<Port, BuildError> {
    let refused = |source| BuildError::DashboardPort { address, source };
    let listener = port::listen(address).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok(Port { listener, address })
}

/// The dashboard on its port, with its certificate.
pub(super) fn server(port: Port, tls: &DashboardTls, parts: &Parts) -> Result<Server, BuildError> {
    let names = host_names(&parts.addresses);
    let public = matches!(tls, DashboardTls::Given { .. });
    let tls = match tls {
        DashboardTls::None => None,
        DashboardTls::Own => Some(parts.authority.dashboard_tls(&names)?),
        DashboardTls::Given { certificate, key } => Some(given(certificate, key)?),
    };
    Ok(Server::new(
        port.listener,
        tls,
        names,
        public,
        parts.desk(),
    )?)
}

/// The hosts under which browsers reach the dashboard: those that agents are told, and this computer.
fn host_names(addresses: &[String]) -> Vec<String> {
    let host = |address: &String| {
        let host = address
            .rsplit_once(':')
            .map_or(address.as_str(), |(host, _)| host);
        host.trim_matches(['[', ']']).to_owned()
    };
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut names: Vec<String> = addresses.iter().map(host).chain(own).collect();
    names.sort();
    names.dedup();
    names
}

fn given(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, BuildError> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(certificate, error))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, private)
        })
        .map_err(|error| unusable(certificate, error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn unusable(
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> BuildError {
    BuildError::DashboardCertificate {
        path: path.to_path_buf(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_may_use_the_names_agents_are_told() {
        let names = host_names(&["office.lan:7443".to_owned(), "[fd00::1]:7443".to_owned()]);
        assert_eq!(
            names,
            ["127.0.0.1", "::1", "fd00::1", "localhost", "office.lan"]
        );
    }
}
