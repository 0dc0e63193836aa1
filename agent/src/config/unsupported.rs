//! Elsewhere no place is known: the settings must name one.

use std::path::PathBuf;

pub(super) fn default_directory() -> Option<PathBuf> {
    None
}
