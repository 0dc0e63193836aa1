//! Where the collector keeps its data and what it listens on. Reading configuration opens nothing.

#[cfg_attr(unix, path = "config/unix.rs")]
#[cfg_attr(windows, path = "config/windows.rs")]
mod places;

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use thiserror::Error;

pub(crate) use places::{BROWSER, has_display};

use crate::store::Retention;

/// Port that agents and clients connect to.
pub const AGENT_PORT: u16 = 7443;

/// Port of the dashboard over HTTPS.
pub const DASHBOARD_PORT: u16 = 8443;

/// Port of quickstart's dashboard over plain HTTP, on loopback only.
pub const QUICKSTART_DASHBOARD_PORT: u16 = 8080;

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// Everything `serve` needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// Where agents connect.
    pub listen: SocketAddr,
    /// Where the dashboard is served.
    pub dashboard_listen: SocketAddr,
    /// How the dashboard is protected.
    pub dashboard_tls: DashboardTls,
    /// Addresses that agents are told, "host:port"; those given to `init` when empty.
    pub addresses: Vec<String>,
    /// A demo is wanted: a collector whose computers are made up.
    pub demo: bool,
    /// The folder of the packages that agents are installed with.
    pub packages: PathBuf,
    /// How long full section versions and changes are kept.
    pub retention: Retention,
    /// When backups are made.
    pub backups: Backups,
}

/// How the dashboard is protected on its way to the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DashboardTls {
    /// Plain HTTP: only on loopback.
    None,
    /// A certificate of the collector's own dashboard authority.
    Own,
    /// A certificate the owner brought: PEM files.
    Given {
        /// Certificate chain, leaf first.
        certificate: PathBuf,
        /// Private key.
        key: PathBuf,
    },
}

/// When local backups are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backups {
    /// Time between two.
    pub every: Duration,
    /// How many are kept.
    pub keep: usize,
}

/// The configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration {path}: check that the file exists and may be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not valid.
    #[error("the configuration {path} is not valid")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Plain HTTP was asked for beyond loopback.
    #[error(
        "the dashboard at {0} would be readable on the network: plain HTTP is served on loopback only; \
         use `dashboard_tls = \"own\"`, give a certificate, or listen on 127.0.0.1"
    )]
    PlainHttp(SocketAddr),
    /// Only half of a certificate was given.
    #[error("`dashboard_certificate` and `dashboard_key` go together: give both or neither")]
    HalfCertificate,
    /// No place for the data.
    #[error("cannot tell where to keep the data: give --data DIR")]
    NoDataDirectory,
    /// No place for a device's keys.
    #[error("cannot tell where to keep this device's keys: give --config DIR")]
    NoConfigDirectory,
}

/// `collector.toml`. Every entry is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    listen: Option<SocketAddr>,
    dashboard_listen: Option<SocketAddr>,
    dashboard_tls: Option<TlsChoice>,
    dashboard_certificate: Option<PathBuf>,
    dashboard_key: Option<PathBuf>,
    addresses: Vec<String>,
    packages: Option<PathBuf>,
    keep_versions_days: Option<u32>,
    keep_changes_days: Option<u32>,
    backup_every_hours: Option<u32>,
    backups_kept: Option<usize>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum TlsChoice {
    Own,
    None,
}

/// What the command line says, over the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--data`
    pub data: Option<PathBuf>,
    /// `--config`
    pub file: Option<PathBuf>,
    /// `--listen`
    pub listen: Option<SocketAddr>,
    /// `--dashboard-listen`
    pub dashboard_listen: Option<SocketAddr>,
}

impl Config {
    /// Reads the configuration: the given file, else `collector.toml` in the data directory where there
    /// is one, with the command line over it.
    pub fn read(overrides: &Overrides) -> Result<Self, ConfigError> {
        let data = data_directory(overrides.data.as_deref())?;
        let file = read_file(overrides.file.as_deref(), &data)?;
        let config = Self {
            listen: overrides
                .listen
                .or(file.listen)
                .unwrap_or(everywhere(AGENT_PORT)),
            dashboard_listen: overrides
                .dashboard_listen
                .or(file.dashboard_listen)
                .unwrap_or(everywhere(DASHBOARD_PORT)),
            dashboard_tls: file.tls()?,
            retention: file.retention(),
            backups: file.backups(),
            packages: file.packages(),
            addresses: file.addresses,
            demo: false,
            data,
        };
        config.checked()
    }

    /// What `quickstart` uses: this computer only, no certificate to click away.
    pub fn quickstart(overrides: &Overrides) -> Result<Self, ConfigError> {
        let file = File::default();
        let config = Self {
            data: data_directory(overrides.data.as_deref())?,
            listen: overrides.listen.unwrap_or(loopback(AGENT_PORT)),
            dashboard_listen: overrides
                .dashboard_listen
                .unwrap_or(loopback(QUICKSTART_DASHBOARD_PORT)),
            dashboard_tls: DashboardTls::None,
            addresses: Vec::new(),
            demo: false,
            packages: file.packages(),
            retention: file.retention(),
            backups: file.backups(),
        };
        config.checked()
    }

    /// What `quickstart --demo` uses: a data directory of its own.
    pub fn demo(overrides: &Overrides) -> Result<Self, ConfigError> {
        Ok(Self {
            data: demo_directory(overrides.data.as_deref())?,
            demo: true,
            ..Self::quickstart(overrides)?
        })
    }

    /// The same on free ports, for a collector that nobody is to look at.
    #[must_use]
    pub fn alone(mut self) -> Self {
        (self.listen, self.dashboard_listen) = (loopback(0), loopback(0));
        self
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let plain = self.dashboard_tls == DashboardTls::None;
        if plain && !self.dashboard_listen.ip().is_loopback() {
            return Err(ConfigError::PlainHttp(self.dashboard_listen));
        }
        Ok(self)
    }
}

impl File {
    fn tls(&self) -> Result<DashboardTls, ConfigError> {
        match (
            &self.dashboard_certificate,
            &self.dashboard_key,
            self.dashboard_tls,
        ) {
            (Some(certificate), Some(key), _) => Ok(DashboardTls::Given {
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            (None, None, Some(TlsChoice::None)) => Ok(DashboardTls::None),
            (None, None, _) => Ok(DashboardTls::Own),
            _ => Err(ConfigError::HalfCertificate),
        }
    }

    fn packages(&self) -> PathBuf {
        let given = self.packages.clone();
        given.unwrap_or_else(places::packages)
    }

    fn retention(&self) -> Retention {
        let days = |given: Option<u32>, default: u32| {
            Duration::from_secs(u64::from(given.unwrap_or(default)) * DAY)
        };
        Retention {
            versions: days(self.keep_versions_days, 400),
            changes: days(self.keep_changes_days, 1200),
        }
    }

    fn backups(&self) -> Backups {
        let hours = u64::from(self.backup_every_hours.unwrap_or(24).max(1));
        Backups {
            every: Duration::from_secs(hours * HOUR),
            keep: self.backups_kept.unwrap_or(7).max(1),
        }
    }
}

fn read_file(given: Option<&Path>, data: &Path) -> Result<File, ConfigError> {
    let path = given.map_or_else(|| data.join("collector.toml"), Path::to_path_buf);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if given.is_none() && error.kind() == io::ErrorKind::NotFound => {
            return Ok(File::default());
        }
        Err(source) => return Err(ConfigError::Read { path, source }),
    };
    toml::from_str(&text).map_err(|source| ConfigError::Parse {
        path,
        source: Box::new(source),
    })
}

/// The data directory: the given one, else the usual one of this account.
pub fn data_directory(given: Option<&Path>) -> Result<PathBuf, ConfigError> {
    match given {
        Some(path) => std::path::absolute(path).ok(),
        None => places::data_directory(),
    }
    .ok_or(ConfigError::NoDataDirectory)
}

/// That of a demo: the given one, else one beside the usual one.
pub fn demo_directory(given: Option<&Path>) -> Result<PathBuf, ConfigError> {
    let mut path = data_directory(given)?;
    if given.is_none() {
        path.as_mut_os_string().push("-demo");
    }
    Ok(path)
}

/// Where the keys of a person's device are kept: the given directory, else the usual one.
pub fn device_directory(given: Option<&Path>) -> Result<PathBuf, ConfigError> {
    match given {
        Some(path) => std::path::absolute(path).ok(),
        None => places::device_directory(),
    }
    .ok_or(ConfigError::NoConfigDirectory)
}

/// Which log lines to write: `FREEHOLD_LOG`, in the syntax of `RUST_LOG`.
pub fn log_filter() -> Option<String> {
    environment("FREEHOLD_LOG")
}

#[allow(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn everywhere(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(data: &Path) -> Overrides {
        Overrides {
            data: Some(data.to_path_buf()),
            ..Overrides::default()
        }
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("collector.toml"),
            "listen = \"127.0.0.1:1\"\nbackups_kept = 3\n",
        )
        .unwrap();
        let mut given = overrides(dir.path());
        assert_eq!(Config::read(&given).unwrap().listen.port(), 1);
        given.listen = Some(loopback(2));
        let config = Config::read(&given).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.backups.keep, 3);
        assert_eq!(config.dashboard_tls, DashboardTls::Own);
    }

    #[test]
    fn plain_http_stays_on_loopback() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("collector.toml"),
            "dashboard_tls = \"none\"\n",
        )
        .unwrap();
        let error = Config::read(&overrides(dir.path())).unwrap_err();
        assert!(error.to_string().contains("loopback only"), "{error}");
    }

    #[test]
    fn an_unknown_entry_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join("collector.toml"),
            "lisen = \"127.0.0.1:1\"\n",
        )
        .unwrap();
        let error = Config::read(&overrides(dir.path())).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("lisen"), "{source}");
    }

    #[test]
    fn a_given_file_must_exist() {
        let dir = tempfile::tempdir().unwrap();
        let mut given = overrides(dir.path());
        given.file = Some(dir.path().join("missing.toml"));
        assert!(matches!(
            Config::read(&given),
            Err(ConfigError::Read { .. })
        ));
    }
}
