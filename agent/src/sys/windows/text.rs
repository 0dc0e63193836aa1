//! Text for and from Windows: UTF-16, ended by NUL.

use crate::rows::utf16;

/// Text as Windows takes it. What stands behind a NUL would be lost there, so it is cut here.
pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16()
        .take_while(|unit| *unit != 0)
        .chain([0])
        .collect()
}

/// Text behind a pointer that Windows handed out; empty for a null pointer. Reads at most `limit` units.
///
/// # Safety
/// `text` is null, or points to units up to a NUL or to `limit` of them.
pub(crate) unsafe fn from_pointer(text: *const u16, limit: usize) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller vouches that every unit up to the NUL, or `limit`, can be read.
    let end = (0..limit).find(|&at| unsafe { *text.add(at) } == 0);
    // SAFETY: as above; the units before the NUL were just read.
    let units = unsafe { std::slice::from_raw_parts(text, end.unwrap_or(limit)) };
    utf16(units)
}
