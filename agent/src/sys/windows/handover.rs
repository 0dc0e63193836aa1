//! Texts in the registry that are read once and then erased.
#![allow(unsafe_code)]

use std::{io, ptr};

use windows_sys::Win32::{
    Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS, WIN32_ERROR},
    System::Registry::{
        HKEY, HKEY_LOCAL_MACHINE, KEY_SET_VALUE, KEY_WOW64_64KEY, RRF_RT_REG_SZ,
        RRF_SUBKEY_WOW6464KEY, RegCloseKey, RegDeleteValueW, RegFlushKey, RegGetValueW,
        RegOpenKeyExW,
    },
};
use zeroize::Zeroizing;

use super::text::wide;

/// Longest text: a join string has a few hundred characters.
const UNITS: usize = 16 * 1024;

/// A text of a key of `HKEY_LOCAL_MACHINE`; `None` where there is none.
pub(crate) fn read(key: &str, name: &str) -> io::Result<Option<Zeroizing<String>>> {
    let (key, name) = (wide(key), wide(name));
    let mut units = Zeroizing::new(vec![0_u16; UNITS]);
    let mut bytes = (UNITS * 2) as u32;
    // SAFETY: both names end with a NUL; the buffer is writable and as long as stated.
    let code = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            name.as_ptr(),
            RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY,
            ptr::null_mut(),
            units.as_mut_ptr().cast(),
            &raw mut bytes,
        )
    };
    match code {
        ERROR_SUCCESS => {
            let end = units.iter().position(|unit| *unit == 0).unwrap_or(UNITS);
            Ok(Some(Zeroizing::new(String::from_utf16_lossy(
                &units[..end],
            ))))
        }
        ERROR_FILE_NOT_FOUND => Ok(None),
        code => Err(error(code)),
    }
}

/// Removes values of a key of `HKEY_LOCAL_MACHINE`; when this returns they are gone from the disk.
pub(crate) fn erase(key: &str, names: &[&str]) -> io::Result<()> {
    let key = wide(key);
    let mut handle: HKEY = ptr::null_mut();
    // SAFETY: the name ends with a NUL and the out pointer is valid.
    let code = unsafe {
        RegOpenKeyExW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            0,
            KEY_SET_VALUE | KEY_WOW64_64KEY,
            &raw mut handle,
        )
    };
    match code {
        ERROR_SUCCESS => {}
        ERROR_FILE_NOT_FOUND => return Ok(()),
        code => return Err(error(code)),
    }
    let mut outcome = Ok(());
    for name in names {
        let name = wide(name);
        // SAFETY: the key is open and the name ends with a NUL.
        match unsafe { RegDeleteValueW(handle, name.as_ptr()) } {
            ERROR_SUCCESS | ERROR_FILE_NOT_FOUND => {}
            code => outcome = Err(error(code)),
        }
    }
    // SAFETY: the key is open; it is closed here and not used any more.
    unsafe {
        RegFlushKey(handle);
        RegCloseKey(handle);
    }
    outcome
}

fn error(code: WIN32_ERROR) -> io::Error {
    io::Error::from_raw_os_error(code.cast_signed())
}
