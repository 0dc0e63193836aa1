//! Elsewhere no place is known: the settings must name one.

use std::path::PathBuf;

/// Where the settings are looked for unless the command line names another file.
pub(super) fn settings_file() -> PathBuf {
    "/etc/freehold/agent.toml".into()
}

/// Where an installer leaves a join string unless the settings name another file.
pub(super) fn join_file() -> PathBuf {
    "/etc/freehold/join".into()
}

pub(super) fn default_directory() -> Option<PathBuf> {
    None
}
