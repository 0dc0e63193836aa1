//! What the computer is called, whom it belongs to and which language it speaks.
#![allow(unsafe_code)]

use std::{io, ptr};

use windows_sys::Win32::{
    Globalization::GetSystemDefaultLocaleName,
    NetworkManagement::NetManagement::{
        NETSETUP_JOIN_STATUS, NetApiBufferFree, NetGetJoinInformation, NetSetupDomainName,
        NetSetupUnjoined, NetSetupWorkgroupName,
    },
    System::SystemInformation::{
        COMPUTER_NAME_FORMAT, ComputerNamePhysicalDnsDomain, ComputerNamePhysicalDnsHostname,
        GetComputerNameExW,
    },
};

/// Longest name: a DNS name has 255 characters.
const NAME_UNITS: usize = 1024;
/// Longest name of a locale, as documented, with its NUL.
const LOCALE_UNITS: usize = 85;

/// What the computer is a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// Windows does not tell.
    Unknown,
    /// Nothing.
    Nothing,
    /// A workgroup.
    Workgroup,
    /// A domain.
    Domain,
}

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
    Ok(text(&name))
}

/// What the computer is a member of, and the name of that.
pub(crate) fn membership() -> io::Result<(Membership, String)> {
    let mut buffer: *mut u16 = ptr::null_mut();
    let mut status: NETSETUP_JOIN_STATUS = 0;
    // SAFETY: no server means this computer; the out pointers are valid.
    let code = unsafe { NetGetJoinInformation(ptr::null(), &raw mut buffer, &raw mut status) };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    let mut name = [0_u16; NAME_UNITS];
    if !buffer.is_null() {
        for (at, unit) in name.iter_mut().take(NAME_UNITS - 1).enumerate() {
            // SAFETY: the text ends with a NUL, at which this stops.
            *unit = unsafe { *buffer.add(at) };
            if *unit == 0 {
                break;
            }
        }
    }
    // SAFETY: the call above allocated the buffer so; null is allowed.
    unsafe { NetApiBufferFree(buffer.cast()) };
    #[allow(non_upper_case_globals, reason = "Windows names them so")]
    let membership = match status {
        NetSetupUnjoined => Membership::Nothing,
        NetSetupWorkgroupName => Membership::Workgroup,
        NetSetupDomainName => Membership::Domain,
        _ => Membership::Unknown,
    };
    Ok((membership, text(&name)))
}

/// The locale of the system, such as "de-DE".
pub(crate) fn locale() -> io::Result<String> {
    let mut name = [0_u16; LOCALE_UNITS];
    // SAFETY: the buffer is writable and as long as stated.
    if unsafe { GetSystemDefaultLocaleName(name.as_mut_ptr(), LOCALE_UNITS as i32) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(text(&name))
}

fn text(units: &[u16]) -> String {
    let end = units.iter().position(|unit| *unit == 0);
    String::from_utf16_lossy(&units[..end.unwrap_or(units.len())])
}
