//! What the computer is called, whom it belongs to and which language it speaks.
#![allow(unsafe_code)]

use std::{io, ptr};

use windows_sys::Win32::{
    Globalization::GetSystemDefaultLocaleName,
    NetworkManagement::NetManagement::{
        NETSETUP_JOIN_STATUS, NetApiBufferFree, NetGetJoinInformation,
    },
    System::SystemInformation::{
        COMPUTER_NAME_FORMAT, ComputerNamePhysicalDnsDomain, ComputerNamePhysicalDnsHostname,
        GetComputerNameExW,
    },
};

use super::text::from_pointer;
use crate::rows::utf16;

/// Longest name: a DNS name has 255 characters.
const NAME_UNITS: usize = 1024;
/// Longest name of a locale, as documented, with its NUL.
const LOCALE_UNITS: usize = 85;

/// The name of the computer itself, whatever a cluster calls it.
pub(crate) fn host() -> io::Result<String> {
    computer(ComputerNamePhysicalDnsHostname)
}

/// The DNS domain that the computer's full name ends with; empty when there is none.
pub(crate) fn dns_domain() -> io::Result<String> {
    computer(ComputerNamePhysicalDnsDomain)
}

fn computer(format: COMPUTER_NAME_FORMAT) -> io::Result<String> {
    let mut name = [0_u16; NAME_UNITS];
    let mut length = NAME_UNITS as u32;
    // SAFETY: the buffer is writable and as long as stated.
    if unsafe { GetComputerNameExW(format, name.as_mut_ptr(), &raw mut length) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(utf16(&name))
}

/// What the computer is a member of, as a number of `NETSETUP_JOIN_STATUS`, and the name of that.
pub(crate) fn membership() -> io::Result<(i32, String)> {
    let mut buffer: *mut u16 = ptr::null_mut();
    let mut status: NETSETUP_JOIN_STATUS = 0;
    // SAFETY: no server means this computer; the out pointers are valid.
    let code = unsafe { NetGetJoinInformation(ptr::null(), &raw mut buffer, &raw mut status) };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    // SAFETY: the text ends with a NUL, and no name is longer.
    let name = unsafe { from_pointer(buffer, NAME_UNITS) };
    // SAFETY: the call above allocated the buffer so; null is allowed.
    unsafe { NetApiBufferFree(buffer.cast()) };
    Ok((status, name))
}

/// The locale of the system, such as "de-DE".
pub(crate) fn locale() -> io::Result<String> {
    let mut name = [0_u16; LOCALE_UNITS];
    // SAFETY: the buffer is writable and as long as stated.
    if unsafe { GetSystemDefaultLocaleName(name.as_mut_ptr(), LOCALE_UNITS as i32) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(utf16(&name))
}
