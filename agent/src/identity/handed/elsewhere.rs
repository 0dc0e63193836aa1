//! Elsewhere installers leave a join string in its file and nowhere else.

use std::io;

use super::Left;

pub(super) const PLACE: &str = "";

#[allow(clippy::unnecessary_wraps, reason = "the same for every system")]
pub(super) fn left() -> io::Result<Option<Left>> {
    Ok(None)
}

#[allow(clippy::unnecessary_wraps, reason = "the same for every system")]
pub(super) fn erase() -> io::Result<bool> {
    Ok(false)
}
