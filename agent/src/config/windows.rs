//! Where things belong on Windows.

use std::path::PathBuf;

use crate::sys::windows::files;

/// Beside the program, where only administrators write: who could write the settings could have the agent,
/// which runs as the system, take any folder for its own.
pub(super) fn settings_file() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join("agent.toml")));
    beside.unwrap_or_else(|| r"C:\Program Files\Freehold Agent\agent.toml".into())
}

/// In the agent's own folder, which nobody but the system and administrators may enter.
pub(super) fn join_file() -> PathBuf {
    default_directory().map_or_else(|| "join".into(), |folder| folder.join("join"))
}

pub(super) fn default_directory() -> Option<PathBuf> {
    Some(files::program_data()?.join(r"Freehold\Agent"))
}
