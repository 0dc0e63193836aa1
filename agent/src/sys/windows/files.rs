//! Files and the folders that Windows keeps for programs.
#![allow(unsafe_code)]

use std::{
    io,
    os::windows::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    ptr,
};

use windows_sys::Win32::{
    Storage::FileSystem::{MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW},
    System::Com::CoTaskMemFree,
    UI::Shell::{FOLDERID_ProgramData, SHGetKnownFolderPath},
};

use super::text::from_pointer;

/// Longest path that Windows knows.
const PATH_UNITS: usize = 32 * 1024;

/// Renames a file over another. With `durable` it returns once the change is on the disk.
pub(crate) fn rename(from: &Path, to: &Path, durable: bool) -> io::Result<()> {
    let (from, to) = (wide(from), wide(to));
    let flags = if durable {
        MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH
    } else {
        MOVEFILE_REPLACE_EXISTING
    };
    // SAFETY: both names end with a NUL and outlive the call.
    if unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), flags) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Where programs keep data of the whole computer, usually `C:\ProgramData`. Not taken from the environment,
/// which whoever starts a program can set.
pub fn program_data() -> Option<PathBuf> {
    let folder = FOLDERID_ProgramData;
    let mut text: *mut u16 = ptr::null_mut();
    // SAFETY: the identifier outlives the call, no token means the current user, the out pointer is valid.
    let code =
        unsafe { SHGetKnownFolderPath(&raw const folder, 0, ptr::null_mut(), &raw mut text) };
    // SAFETY: null, or a text that ends with a NUL; Windows knows no longer path.
    let path = unsafe { from_pointer(text, PATH_UNITS) };
    // SAFETY: the text is to be freed so whatever the outcome; null is allowed.
    unsafe { CoTaskMemFree(text.cast()) };
    (code >= 0 && !path.is_empty()).then(|| path.into())
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}
