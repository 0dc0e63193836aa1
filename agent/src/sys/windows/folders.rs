//! Single files, drives, and paths with variables in them.

use std::{fs, io, path::Path};

use windows::{
    Win32::{
        Storage::FileSystem::{GetDriveTypeW, GetLogicalDrives},
        System::Environment::ExpandEnvironmentStringsW,
    },
    core::PCWSTR,
};

use super::{file::Fixed, text::wide};
use crate::{
    parse::hive::ReadAt as _,
    rows::{Answer, Row, Unread, Value, utf16},
};

/// Longest file that is read.
pub(super) const FILE: u64 = 1024 * 1024;
/// Longest path with its variables replaced.
const PATH: usize = 32_768;
/// `DRIVE_FIXED`.
const FIXED: u32 = 3;

/// A path with its variables replaced; as it is where that fails.
pub(crate) fn expand(path: &str) -> String {
    let source = wide(path);
    let mut expanded = vec![0_u16; PATH];
    // SAFETY: the source ends with NUL; the buffer is as long as its slice.
    let length = unsafe { ExpandEnvironmentStringsW(PCWSTR(source.as_ptr()), Some(&mut expanded)) };
    if length == 0 || length as usize > PATH {
        return path.to_owned();
    }
    utf16(&expanded)
}

/// A file.
pub(crate) fn file(path: &str) -> Answer<Vec<Row>> {
    let bytes = contents(&expand(path))?;
    Ok(vec![Row::default().with("Bytes", Value::Bytes(bytes))])
}

/// The bytes of an ordinary file.
pub(super) fn contents(path: &str) -> Answer<Vec<u8>> {
    let file = Fixed::open(path)?;
    let length = fs::metadata(path).map_err(|error| unread(&error))?.len();
    if length > FILE {
        let what = format!("longer than {FILE} bytes");
        return Err(Unread::Senseless { what });
    }
    let mut bytes = vec![0; length as usize];
    file.read_at(0, &mut bytes)
        .map_err(|error| unread(&error))?;
    Ok(bytes)
}

/// Whether a file exists.
pub(crate) fn exists(path: &str) -> Answer<Vec<Row>> {
    match fs::symlink_metadata(Path::new(&expand(path))) {
        Ok(_) => Ok(vec![Row::default()]),
        Err(error) => Err(unread(&error)),
    }
}

/// Drives of the computer itself.
pub(crate) fn drives() -> Answer<Vec<Row>> {
    // SAFETY: takes no pointer.
    let drives = unsafe { GetLogicalDrives() };
    let letters = ('A'..='Z').enumerate();
    let roots = letters
        .filter(|(bit, _)| drives >> bit & 1 == 1)
        .map(|(_, letter)| format!("{letter}:\\"));
    let own = roots.filter(|root| {
        let root = wide(root);
        // SAFETY: the path ends with NUL.
        (unsafe { GetDriveTypeW(PCWSTR(root.as_ptr())) }) == FIXED
    });
    Ok(own.map(|root| Row::of([("Root", root.as_str())])).collect())
}

pub(super) fn unread(error: &io::Error) -> Unread {
    let code = error.raw_os_error().unwrap_or_default();
    Unread::from_code(code.cast_unsigned())
}
