//! Files of the configuration, bounded.

use crate::probe::{Root, root::is_absent, section::Diagnostics};

/// Longest file that is read. Nobody writes longer ones by hand.
const FILE_BYTES: u64 = 1024 * 1024;

/// The text of a file: `None` when there is none, and, with a note, when it could not be read. `missing`
/// completes "so … missing".
pub(super) fn text(
    root: &Root,
    path: &str,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let bytes = bytes(root, path, missing, diagnostics)?;
    Some(match String::from_utf8(bytes) {
        Ok(text) => text,
        // Remarked where a value of it is used: comments in other encodings are common.
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn bytes(root: &Root, path: &str, missing: &str, diagnostics: &mut Diagnostics) -> Option<Vec<u8>> {
    match root.read_at_most(path, FILE_BYTES) {
        Ok(bytes) => Some(bytes),
        Err(error) if is_absent(&error) => None,
        Err(error) => {
            diagnostics.unreadable(path, &error, missing);
            None
        }
    }
}

/// Whether there is something at a path; what may not be looked at is noted and counts as absent.
pub(super) fn exists(
    root: &Root,
    path: &str,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> bool {
    root.exists(path).unwrap_or_else(|error| {
        diagnostics.unreadable(path, &error, missing);
        false
    })
}
