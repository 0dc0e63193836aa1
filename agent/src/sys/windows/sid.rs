//! Security identifiers and what they are called.

use windows::{
    Win32::{
        Foundation::{HLOCAL, LocalFree},
        Security::{
            Authorization::{ConvertSidToStringSidW, ConvertStringSidToSidW},
            LookupAccountNameW, LookupAccountSidW, PSID, SID_NAME_USE,
        },
    },
    core::{PCWSTR, PWSTR},
};

use super::{
    buffer::Buffer,
    text::{from_pointer, wide},
};
use crate::rows::{Answer, Row, Unread, utf16};

/// Longest name or domain.
const NAME: usize = 1024;
/// Longest identifier in bytes, and as text.
const SID: u32 = 256;
const SID_TEXT: usize = 512;

/// The computer itself, in its own words.
pub(crate) const HERE: PCWSTR = PCWSTR::null();

/// An identifier as text; empty for a null pointer or what is no identifier.
///
/// # Safety
/// `sid` is null or points to an identifier that lives through the call.
pub(super) unsafe fn text(sid: PSID) -> String {
    if sid.is_invalid() {
        return String::new();
    }
    let mut text = PWSTR::null();
    // SAFETY: the caller vouches for `sid`; `text` takes what has to be freed with `LocalFree`.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) }.is_err() {
        return String::new();
    }
    // SAFETY: Windows handed out text that ends with NUL.
    let shown = unsafe { from_pointer(text.0, SID_TEXT) };
    // SAFETY: it was allocated for us and is not used any more.
    unsafe { LocalFree(Some(HLOCAL(text.0.cast()))) };
    shown
}

/// What an identifier stands for: `Name`, `Domain`, `Use`.
pub(crate) fn name_of(text: &str) -> Answer<Vec<Row>> {
    let wanted = wide(text);
    let mut sid = PSID::default();
    // SAFETY: `wanted` ends with NUL; `sid` takes what has to be freed with `LocalFree`.
    unsafe { ConvertStringSidToSidW(PCWSTR(wanted.as_ptr()), &raw mut sid) }.map_err(unread)?;
    let (mut name, mut domain) = ([0_u16; NAME], [0_u16; NAME]);
    let (mut name_length, mut domain_length) = (NAME as u32, NAME as u32);
    let mut usage = SID_NAME_USE::default();
    // SAFETY: `sid` is an identifier; the buffers are as long as the lengths say.
    let found = unsafe {
        LookupAccountSidW(
            HERE,
            sid,
            Some(PWSTR(name.as_mut_ptr())),
            &raw mut name_length,
            Some(PWSTR(domain.as_mut_ptr())),
            &raw mut domain_length,
            &raw mut usage,
        )
    };
    // SAFETY: it was allocated for us and is not used any more.
    unsafe { LocalFree(Some(HLOCAL(sid.0))) };
    found.map_err(unread)?;
    let row = Row::of([
        ("Name", utf16(&name).as_str()),
        ("Domain", utf16(&domain).as_str()),
    ]);
    Ok(vec![row.with("Use", usage.0.cast_unsigned())])
}

/// The identifier of a name: `Sid`, `Domain`, `Use`.
pub(crate) fn of_name(name: &str) -> Answer<Vec<Row>> {
    let wanted = wide(name);
    let mut sid = Buffer::new(SID);
    let mut domain = [0_u16; NAME];
    let (mut size, mut domain_length) = (SID, NAME as u32);
    let mut usage = SID_NAME_USE::default();
    let pointer = PSID(sid.pointer_mut());
    // SAFETY: `wanted` ends with NUL; the buffers are as long as the lengths say.
    unsafe {
        LookupAccountNameW(
            HERE,
            PCWSTR(wanted.as_ptr()),
            Some(pointer),
            &raw mut size,
            Some(PWSTR(domain.as_mut_ptr())),
            &raw mut domain_length,
            &raw mut usage,
        )
    }
    .map_err(unread)?;
    // SAFETY: Windows wrote an identifier into the buffer, which lives on.
    let shown = unsafe { text(pointer) };
    let row = Row::of([("Sid", shown.as_str()), ("Domain", utf16(&domain).as_str())]);
    Ok(vec![row.with("Use", usage.0.cast_unsigned())])
}

#[expect(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
fn unread(error: windows::core::Error) -> Unread {
    // No name for this identifier, or no identifier for this name.
    const NONE_MAPPED: u32 = 0x8007_0534;
    match error.code().0.cast_unsigned() {
        NONE_MAPPED => Unread::Absent,
        code => Unread::from_code(code),
    }
}
