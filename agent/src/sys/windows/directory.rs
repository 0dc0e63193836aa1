//! The directory of the domain controller that this computer is. Entries are asked for by their names; nothing is
//! searched for, however large the directory is.

use std::ptr;

use windows::{
    Win32::Networking::Ldap::{
        LDAP, LDAP_OPT_PROTOCOL_VERSION, LDAP_OPT_REFERRALS, LDAP_OPT_SIGN, LDAP_PORT,
        LDAP_RETCODE, LDAP_SCOPE_BASE, LDAP_TIMEVAL, LDAP_VERSION3, LDAPMessage, LdapGetLastError,
        LdapMapErrorToWin32, ldap_bind_sW, ldap_first_entry, ldap_get_valuesW, ldap_initW,
        ldap_msgfree, ldap_search_ext_sW, ldap_set_optionW, ldap_unbind, ldap_value_freeW,
    },
    core::{PCWSTR, PWSTR, w},
};

use super::text::{from_pointer, wide};
use crate::rows::{Answer, Row, Unread};

const SUCCESS: u32 = 0;
/// `LDAP_AUTH_NEGOTIATE` of `winldap.h`: Kerberos, or NTLM where there is none.
const LDAP_AUTH_NEGOTIATE: u32 = 0x0486;
/// Seconds for one entry.
const TIME: i32 = 5;
/// Longest value, in UTF-16 units.
const TEXT: usize = 8192;

/// A connection to a directory, as the agent's own account. Ends when dropped.
pub(crate) struct Directory(*mut LDAP);

impl Directory {
    /// Connects to the directory of this computer.
    pub(crate) fn here() -> Answer<Self> {
        // SAFETY: the name ends with NUL.
        let session = unsafe { ldap_initW(w!("localhost"), LDAP_PORT) };
        if session.is_null() {
            // SAFETY: takes nothing.
            return Err(failed(unsafe { LdapGetLastError() }));
        }
        let directory = Self(session);
        let (version, off, on) = (LDAP_VERSION3, 0_usize, 1_usize);
        // SAFETY: the session is open; the first option is a number behind the pointer, the others the pointer itself.
        unsafe {
            ldap_set_optionW(
                session,
                LDAP_OPT_PROTOCOL_VERSION.cast_signed(),
                ptr::from_ref(&version).cast(),
            );
            // Domain controllers may refuse who does not sign.
            ldap_set_optionW(session, LDAP_OPT_SIGN.cast_signed(), on as *const _);
            // Other servers are nobody's business.
            ldap_set_optionW(session, LDAP_OPT_REFERRALS.cast_signed(), off as *const _);
        }
        // SAFETY: the session is open; without names it is the account that the agent runs as.
        let code =
            unsafe { ldap_bind_sW(session, PCWSTR::null(), PCWSTR::null(), LDAP_AUTH_NEGOTIATE) };
        match code {
            SUCCESS => Ok(directory),
            code => Err(failed(code)),
        }
    }

    /// The first value of each of these attributes of an entry; the entry of the directory itself has no name.
    pub(crate) fn entry(&self, name: &str, attributes: &[&str]) -> Answer<Row> {
        let wide_name = wide(name);
        let texts: Vec<Vec<u16>> = attributes.iter().map(|name| wide(name)).collect();
        let mut asked: Vec<*const u16> = texts.iter().map(|text| text.as_ptr()).collect();
        asked.push(ptr::null());
        let mut time = LDAP_TIMEVAL {
            tv_sec: TIME,
            tv_usec: 0,
        };
        let mut found = Found(ptr::null_mut());
        // SAFETY: the session is open; names end with NUL and their list with a null pointer; the rest is written to
        // before the call returns.
        let code = unsafe {
            ldap_search_ext_sW(
                self.0,
                PCWSTR(wide_name.as_ptr()),
                LDAP_SCOPE_BASE,
                w!("(objectClass=*)"),
                asked.as_ptr(),
                0,
                None,
                None,
                &raw mut time,
                1,
                &raw mut found.0,
            )
        };
        if code != SUCCESS {
            return Err(failed(code));
        }
        // SAFETY: the session is open and this is what it answered.
        let entry = unsafe { ldap_first_entry(self.0, found.0) };
        if entry.is_null() {
            return Err(Unread::Absent);
        }
        let row = Row::named(name);
        let values = attributes.iter().zip(&texts);
        Ok(values.fold(row, |row, (attribute, text)| {
            match self.value(entry, text) {
                Some(value) => row.with(*attribute, value.as_str()),
                None => row,
            }
        }))
    }

    /// The first value of an attribute, whose name ends with NUL.
    fn value(&self, entry: *mut LDAPMessage, attribute: &[u16]) -> Option<String> {
        // SAFETY: the session is open, the entry is one of its answers, and the name ends with NUL.
        let values = unsafe { ldap_get_valuesW(self.0, entry, PCWSTR(attribute.as_ptr())) };
        if values.is_null() {
            return None;
        }
        // SAFETY: a list of texts that end with NUL, which itself ends with a null pointer.
        let first: PWSTR = unsafe { *values };
        // SAFETY: null, or text that ends with NUL.
        let text = (!first.is_null()).then(|| unsafe { from_pointer(first.0, TEXT) });
        // SAFETY: handed out above and not used any more.
        unsafe { ldap_value_freeW(Some(values.cast_const().cast())) };
        text
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // SAFETY: opened by `ldap_initW` and ended once.
        unsafe { ldap_unbind(self.0) };
    }
}

/// An answer of a directory.
struct Found(*mut LDAPMessage);

impl Drop for Found {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: handed out by a search and not used any more.
            unsafe { ldap_msgfree(self.0) };
        }
    }
}

/// Why a directory did not answer.
fn failed(code: u32) -> Unread {
    // SAFETY: takes a number.
    let code = unsafe { LdapMapErrorToWin32(LDAP_RETCODE(code.cast_signed())) };
    Unread::from_code(code.0)
}
