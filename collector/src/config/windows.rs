//! Where things belong on Windows.

use std::path::PathBuf;

use freehold_agent::{program_data, state};

use super::environment;

/// What opens a page in the browser of whoever sits there; the address is added.
pub(crate) const BROWSER: (&str, &[&str]) = ("rundll32.exe", &["url.dll,FileProtocolHandler"]);

/// Whether a browser could be opened for the person at this terminal.
pub(crate) fn has_display() -> bool {
    true
}

/// Where the collector's own installer puts the agent's packages: beside the program.
pub(super) fn packages() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|program| Some(program.parent()?.join("packages")));
    beside.unwrap_or_else(|| r"C:\Program Files\Freehold Collector\packages".into())
}

/// `C:\ProgramData\Freehold\Collector` for administrators, else below `%LOCALAPPDATA%`.
pub(super) fn data_directory() -> Option<PathBuf> {
    if state::is_administrator().unwrap_or(false) {
        return Some(program_data()?.join(r"Freehold\Collector"));
    }
    let local = environment("LOCALAPPDATA").map(PathBuf::from)?;
    Some(local.join(r"Freehold\Collector"))
}

/// `%LOCALAPPDATA%\Freehold`: keys belong to this computer and do not travel with the person's profile.
pub(super) fn device_directory() -> Option<PathBuf> {
    let local = environment("LOCALAPPDATA").map(PathBuf::from)?;
    Some(local.join("Freehold"))
}
