//! Where things belong on Unix.

use std::path::PathBuf;

use super::environment;

/// What opens a page in the browser of whoever sits there; the address is added.
pub(crate) const BROWSER: (&str, &[&str]) = ("xdg-open", &[]);

/// Whether a browser could be opened for the person at this terminal.
pub(crate) fn has_display() -> bool {
    environment("DISPLAY").is_some() || environment("WAYLAND_DISPLAY").is_some()
}

/// Where the collector's own package puts the agent's packages.
pub(super) fn packages() -> PathBuf {
    "/usr/share/freehold/packages".into()
}

/// `/var/lib/freehold-collector` for root, else below `$XDG_DATA_HOME` or `~/.local/share`.
pub(super) fn data_directory() -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some("/var/lib/freehold-collector".into());
    }
    let home = || environment("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    environment("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(home)
        .map(|base| base.join("freehold-collector"))
}

/// `$XDG_CONFIG_HOME/freehold`, else `~/.config/freehold`.
pub(super) fn device_directory() -> Option<PathBuf> {
    let home = || environment("HOME").map(|home| PathBuf::from(home).join(".config"));
    environment("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(home)
        .map(|base| base.join("freehold"))
}
