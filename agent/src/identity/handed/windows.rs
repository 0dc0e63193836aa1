//! What the MSI was given on its command line lies in the registry until the agent takes it up.

use std::io;

use zeroize::Zeroizing;

use super::Left;
use crate::sys::windows::handover;

/// Where the MSI leaves it, as people write it. Only the system and administrators may read that key.
pub(super) const PLACE: &str = r"HKEY_LOCAL_MACHINE\SOFTWARE\Freehold\Agent";

const KEY: &str = r"SOFTWARE\Freehold\Agent";
const JOIN: &str = "Join";
const COLLECTOR: &str = "Collector";
const LABELS: &str = "Labels";

/// What an installer left; `None` when it left nothing.
pub(super) fn left() -> io::Result<Option<Left>> {
    let read = |name| Ok::<_, io::Error>(handover::read(KEY, name)?.unwrap_or_default());
    let text: Zeroizing<String> = read(JOIN)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(Left {
        text,
        collector: read(COLLECTOR)?.trim().to_owned(),
        labels: read(LABELS)?.trim().to_owned(),
    }))
}

/// Erases it. Whether there was a join string.
pub(super) fn erase() -> io::Result<bool> {
    let was_there = left()?.is_some();
    handover::erase(KEY, &[JOIN, COLLECTOR, LABELS])?;
    Ok(was_there)
}
