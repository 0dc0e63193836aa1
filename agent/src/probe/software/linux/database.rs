//! Databases that distributions keep in more than one place.

use std::os::unix::fs::MetadataExt as _;

use crate::probe::{Root, root::is_absent, section::Diagnostics};

/// The place of a database that was written last. Links make several paths lead to one file; a second
/// database is a leftover, which is named because whatever only it holds is not listed.
pub(super) fn newest<'a>(
    root: &Root,
    paths: &'a [impl AsRef<str>],
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'a str> {
    let mut found: Vec<(&str, u64, u64, i64)> = Vec::new();
    for path in paths.iter().map(AsRef::as_ref) {
        match root.metadata(path) {
            Ok(metadata) => {
                let (device, number) = (metadata.dev(), metadata.ino());
                if !found.iter().any(|one| (one.1, one.2) == (device, number)) {
                    found.push((path, device, number, metadata.mtime()));
                }
            }
            Err(error) if is_absent(&error) => {}
            Err(error) => diagnostics.unreadable(path, &error, missing),
        }
    }
    let newest = found.iter().max_by_key(|one| one.3).map(|one| one.0)?;
    for (path, ..) in found.iter().filter(|one| one.0 != newest) {
        let reason =
            format!("is older than {newest} and not read, so what only it holds is missing");
        diagnostics.note(path, "", reason);
    }
    Some(newest)
}
