//! Where state belongs on Linux and its like.

use std::path::PathBuf;

/// Where the settings are looked for unless the command line names another file.
pub(super) fn settings_file() -> PathBuf {
    "/etc/freehold/agent.toml".into()
}

/// Where an installer leaves a join string unless the settings name another file.
pub(super) fn join_file() -> PathBuf {
    "/etc/freehold/join".into()
}

/// What systemd assigned, else the system's place for root, else the user's own.
#[allow(clippy::disallowed_methods)] // Configuration is read here.
pub(super) fn default_directory() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if let Some(assigned) = variable("STATE_DIRECTORY") {
        return Some(assigned);
    }
    if rustix::process::geteuid().is_root() {
        return Some("/var/lib/freehold-agent".into());
    }
    variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")))
        .map(|base| base.join("freehold-agent"))
}
