//! What can be set on an agent. Reading it opens nothing but the file it is in.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

use crate::probe::Root;

#[cfg_attr(unix, path = "config/unix.rs")]
#[cfg_attr(windows, path = "config/windows.rs")]
#[cfg_attr(not(any(unix, windows)), path = "config/unsupported.rs")]
mod place;

/// Everything an agent can be told about itself.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where key, certificate, unsent reports and status are kept; only the agent's user may enter it.
    pub state_directory: PathBuf,
    /// Where a join string may be left for the agent; it is erased as soon as it is read.
    pub join_file: PathBuf,
    /// Labels that are proposed to the owner on joining; only the owner or the join token gives labels.
    pub proposed_labels: Vec<String>,
    /// How often each subject is looked at.
    pub intervals: Intervals,
    /// How much is kept while the collector cannot be reached.
    pub spool: SpoolLimits,
    /// What is inventoried: the running machine, except in tests.
    pub root: Root,
}

/// How often each subject is looked at, besides being looked at when something about it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// Antivirus and administrators.
    pub security: Duration,
    /// Network, services, protection, and the readings.
    pub frequent: Duration,
    /// System, hardware and software.
    pub slow: Duration,
}

/// How much is kept while the collector cannot be reached; the oldest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpoolLimits {
    /// Longest time.
    pub age: Duration,
    /// Most bytes on disk.
    pub bytes: u64,
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or unreadable.
    #[error("the settings in {path} cannot be read; check the path and its permissions")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not valid.
    #[error(
        "the settings in {path} are not valid; correct them or remove the file to use the defaults"
    )]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: toml::de::Error,
    },
    /// A value is out of its range.
    #[error("the setting '{name}' in {path} must be {must}; correct it or leave it out")]
    Value {
        /// The file.
        path: PathBuf,
        /// The setting.
        name: &'static str,
        /// What it must be.
        must: &'static str,
    },
    /// Neither a setting nor the environment says where state belongs.
    #[error("there is no place to keep the agent's state: set 'state_directory' in the settings")]
    NoDirectory,
}

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    state_directory: Option<PathBuf>,
    join_file: Option<PathBuf>,
    proposed_labels: Vec<String>,
    intervals: IntervalsFile,
    spool: SpoolFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct IntervalsFile {
    #[serde(rename = "security_seconds")]
    security: Option<u64>,
    #[serde(rename = "frequent_seconds")]
    frequent: Option<u64>,
    #[serde(rename = "slow_seconds")]
    slow: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SpoolFile {
    days: Option<u64>,
    mebibytes: Option<u64>,
}

/// What shall be logged, where somebody asked for more or less than usual.
pub(crate) fn log_filter() -> Option<String> {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is where configuration is read"
    )]
    std::env::var("FREEHOLD_LOG").ok()
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            security: Duration::from_secs(60),
            frequent: Duration::from_secs(5 * 60),
            slow: Duration::from_secs(60 * 60),
        }
    }
}

impl Default for SpoolLimits {
    fn default() -> Self {
        Self {
            age: Duration::from_secs(30 * 24 * 60 * 60),
            bytes: 64 * 1024 * 1024,
        }
    }
}

impl Config {
    /// The defaults, with all state below one directory.
    pub fn for_directory(path: impl Into<PathBuf>) -> Self {
        Self {
            state_directory: path.into(),
            join_file: place::join_file(),
            proposed_labels: Vec::new(),
            intervals: Intervals::default(),
            spool: SpoolLimits::default(),
            root: Root::live(),
        }
    }

    /// Reads the settings from `file`, or from the system's place for them where that exists.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = file.map_or_else(place::settings_file, Path::to_owned);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                Self::parse("", &path)
            }
            Err(source) => Err(ConfigError::Read { path, source }),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let file: Settings = toml::from_str(text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source,
        })?;
        let range = |name, value: Option<u64>, least: u64, most: u64, must| match value {
            Some(value) if (least..=most).contains(&value) => Ok(Some(value)),
            Some(_) => Err(ConfigError::Value {
                path: path.to_owned(),
                name,
                must,
            }),
            None => Ok(None),
        };
        let interval = |name, value, default: Duration| {
            range(name, value, 10, 86_400, "between 10 and 86400 seconds")
                .map(|seconds| seconds.map_or(default, Duration::from_secs))
        };
        let intervals = Intervals::default();
        let spool = SpoolLimits::default();
        let absolute = |name, value: Option<PathBuf>| match value {
            Some(value) if !value.is_absolute() => Err(ConfigError::Value {
                path: path.to_owned(),
                name,
                must: "an absolute path",
            }),
            value => Ok(value),
        };
        Ok(Self {
            state_directory: absolute("state_directory", file.state_directory)?
                .or_else(place::default_directory)
                .ok_or(ConfigError::NoDirectory)?,
            join_file: absolute("join_file", file.join_file)?.unwrap_or_else(place::join_file),
            proposed_labels: file.proposed_labels,
            intervals: Intervals {
                security: interval(
                    "intervals.security_seconds",
                    file.intervals.security,
                    intervals.security,
                )?,
                frequent: interval(
                    "intervals.frequent_seconds",
                    file.intervals.frequent,
                    intervals.frequent,
                )?,
                slow: interval(
                    "intervals.slow_seconds",
                    file.intervals.slow,
                    intervals.slow,
                )?,
            },
            spool: SpoolLimits {
                age: range(
                    "spool.days",
                    file.spool.days,
                    1,
                    365,
                    "between 1 and 365 days",
                )?
                .map_or(spool.age, |days| Duration::from_secs(days * 86_400)),
                bytes: range(
                    "spool.mebibytes",
                    file.spool.mebibytes,
                    1,
                    4096,
                    "between 1 and 4096 MiB",
                )?
                .map_or(spool.bytes, |mebibytes| mebibytes * 1024 * 1024),
            },
            root: Root::live(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("/etc/freehold/agent.toml"))
    }

    #[test]
    fn settings_are_read_and_the_rest_keeps_its_default() {
        let config = parse(
            "state_directory = '/srv/agent'\nproposed_labels = ['office']\n[intervals]\nsecurity_seconds = 30\n[spool]\ndays = 2",
        )
        .unwrap();
        assert_eq!(config.state_directory, Path::new("/srv/agent"));
        assert_eq!(config.proposed_labels, ["office"]);
        assert_eq!(config.intervals.security, Duration::from_secs(30));
        assert_eq!(config.intervals.slow, Intervals::default().slow);
        assert_eq!(config.spool.age, Duration::from_secs(2 * 86_400));
        assert_eq!(config.spool.bytes, 64 * 1024 * 1024);
    }

    #[test]
    fn a_misspelt_or_senseless_setting_is_an_error() {
        assert!(matches!(
            parse("intervalls = 1"),
            Err(ConfigError::Parse { .. })
        ));
        assert!(matches!(
            parse("[intervals]\nsecurity_seconds = 0"),
            Err(ConfigError::Value {
                name: "intervals.security_seconds",
                ..
            })
        ));
        assert!(matches!(
            parse("state_directory = 'here'"),
            Err(ConfigError::Value { .. })
        ));
        assert!(matches!(
            parse("[spool]\nmebibytes = 18446744073709551615"),
            Err(ConfigError::Parse { .. } | ConfigError::Value { .. })
        ));
    }

    #[test]
    fn a_named_file_must_exist() {
        let error = Config::load(Some(Path::new("/nowhere/agent.toml")));
        assert!(matches!(error, Err(ConfigError::Read { .. })));
    }
}
