//! Who owns a folder and who may do something with it.
#![allow(unsafe_code)]

use std::{ffi::c_void, io, os::windows::ffi::OsStrExt as _, path::Path, ptr};

use windows_sys::Win32::{
    Foundation::{CloseHandle, ERROR_ALREADY_EXISTS, ERROR_SUCCESS, HANDLE, LocalFree},
    Security::{
        ACCESS_ALLOWED_ACE, ACE_HEADER, ACL, ACL_SIZE_INFORMATION, AclSizeInformation,
        Authorization::{
            ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW,
            ConvertStringSidToSidW, GetNamedSecurityInfoW, SDDL_REVISION_1, SE_FILE_OBJECT,
            SetNamedSecurityInfoW,
        },
        CheckTokenMembership, DACL_SECURITY_INFORMATION, GetAce, GetAclInformation,
        GetSecurityDescriptorDacl, GetTokenInformation, OWNER_SECURITY_INFORMATION,
        PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, SECURITY_ATTRIBUTES,
        TOKEN_QUERY, TOKEN_USER, TokenUser,
    },
    Storage::FileSystem::CreateDirectoryW,
    System::Threading::{GetCurrentProcess, OpenProcessToken},
};

use super::text::{from_pointer, wide as wide_text};

/// Largest description of a process's user: a SID has at most 68 bytes.
const USER_BYTES: usize = 256;
/// Longest SID as text: fifteen numbers of ten digits.
const SID_CHARACTERS: usize = 200;
const ALLOWED: u8 = 0;
/// Kinds of entry that deny or only audit: they let nobody in.
const NOT_ALLOWING: [u8; 9] = [1, 2, 3, 6, 7, 10, 12, 13, 17];

/// Owner and beneficiaries of a folder, each as a SID such as "S-1-5-18".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// Who owns it.
    pub(crate) owner: String,
    /// Whom it lets do anything; an empty text for an entry of a kind that is not understood.
    pub(crate) granted: Vec<String>,
    /// It has no list of permissions, so everyone may do anything.
    pub(crate) open: bool,
}

/// Memory that Windows allocated with `LocalAlloc`.
struct Local(*mut c_void);

impl Drop for Local {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a function that says to free it with LocalFree; null is allowed.
        unsafe { LocalFree(self.0) };
    }
}

/// Reads who owns a file or folder and who may do something with it.
pub(crate) fn access(path: &Path) -> io::Result<Access> {
    let name = wide(path);
    let (mut owner, mut list): (PSID, *mut ACL) = (ptr::null_mut(), ptr::null_mut());
    let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: `name` ends with a NUL and outlives the call; the out pointers are valid; owner and list point
    // into the descriptor, which is freed when `_held` goes.
    let code = unsafe {
        GetNamedSecurityInfoW(
            name.as_ptr(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            &raw mut list,
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    if code != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    let _held = Local(descriptor);
    Ok(Access {
        owner: sid_text(owner)?,
        granted: granted(list)?,
        open: list.is_null(),
    })
}

/// Makes a folder with a security descriptor from its text form. One that exists already is left as it is.
pub(crate) fn create_folder(path: &Path, descriptor: &str) -> io::Result<()> {
    let name = wide(path);
    let descriptor = parse(descriptor)?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: 0,
    };
    // SAFETY: `name` ends with a NUL; attributes and descriptor outlive the call.
    if unsafe { CreateDirectoryW(name.as_ptr(), &raw const attributes) } != 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() == Some(ERROR_ALREADY_EXISTS.cast_signed()) {
        return Ok(());
    }
    Err(error)
}

/// Replaces the permissions of a folder by those of a security descriptor, and has it inherit none.
pub(crate) fn set_permissions(path: &Path, descriptor: &str) -> io::Result<()> {
    let name = wide(path);
    let descriptor = parse(descriptor)?;
    let (mut present, mut defaulted) = (0, 0);
    let mut list: *mut ACL = ptr::null_mut();
    // SAFETY: the descriptor is valid and the out pointers are; the list points into the descriptor.
    let found = unsafe {
        GetSecurityDescriptorDacl(
            descriptor.0,
            &raw mut present,
            &raw mut list,
            &raw mut defaulted,
        )
    };
    if found == 0 {
        return Err(io::Error::last_os_error());
    }
    if present == 0 || list.is_null() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: `name` ends with a NUL; the list lives as long as the descriptor, which outlives the call.
    let code = unsafe {
        SetNamedSecurityInfoW(
            name.as_ptr(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
            ptr::null_mut(),
            ptr::null_mut(),
            list,
            ptr::null(),
        )
    };
    if code != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    Ok(())
}

/// The SID of the user that this process runs as.
pub(crate) fn user() -> io::Result<String> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the pseudo handle of the own process is always valid; the out pointer is.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut buffer = [0_u64; USER_BYTES / 8];
    let mut length = 0;
    // SAFETY: the buffer is aligned for TOKEN_USER and as long as stated; the token was just opened.
    let read = unsafe {
        GetTokenInformation(
            token,
            TokenUser,
            buffer.as_mut_ptr().cast(),
            USER_BYTES as u32,
            &raw mut length,
        )
    };
    let outcome = if read == 0 {
        Err(io::Error::last_os_error())
    } else {
        // SAFETY: the call filled the buffer with a TOKEN_USER whose SID lies in the same buffer.
        let user = unsafe { &*buffer.as_ptr().cast::<TOKEN_USER>() };
        sid_text(user.User.Sid)
    };
    // SAFETY: the handle is ours and not used any more.
    unsafe { CloseHandle(token) };
    outcome
}

/// Whether this process has the powers of a group, such as "S-1-5-32-544".
pub(crate) fn acts_for(group: &str) -> io::Result<bool> {
    let text = wide_text(group);
    let mut sid: PSID = ptr::null_mut();
    // SAFETY: the text ends with a NUL and the out pointer is valid.
    if unsafe { ConvertStringSidToSidW(text.as_ptr(), &raw mut sid) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let _held = Local(sid);
    let mut member = 0;
    // SAFETY: the SID is valid; no token means that of the calling thread.
    if unsafe { CheckTokenMembership(ptr::null_mut(), sid, &raw mut member) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(member != 0)
}

fn granted(list: *const ACL) -> io::Result<Vec<String>> {
    if list.is_null() {
        return Ok(Vec::new());
    }
    let mut size = ACL_SIZE_INFORMATION {
        AceCount: 0,
        AclBytesInUse: 0,
        AclBytesFree: 0,
    };
    // SAFETY: the list is valid, the structure is the one that this class of information fills.
    let read = unsafe {
        GetAclInformation(
            list,
            (&raw mut size).cast(),
            size_of::<ACL_SIZE_INFORMATION>() as u32,
            AclSizeInformation,
        )
    };
    if read == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut granted = Vec::new();
    for index in 0..size.AceCount {
        let mut entry: *mut c_void = ptr::null_mut();
        // SAFETY: the list is valid and the index below its count.
        if unsafe { GetAce(list, index, &raw mut entry) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: each entry of a list begins with a header.
        let kind = unsafe { (*entry.cast::<ACE_HEADER>()).AceType };
        if kind == ALLOWED {
            // SAFETY: entries of this kind hold the SID in place of their last field.
            let sid = unsafe { &raw const (*entry.cast::<ACCESS_ALLOWED_ACE>()).SidStart };
            granted.push(sid_text(sid.cast_mut().cast())?);
        } else if !NOT_ALLOWING.contains(&kind) {
            granted.push(String::new());
        }
    }
    Ok(granted)
}

fn parse(descriptor: &str) -> io::Result<Local> {
    let text = wide_text(descriptor);
    let mut parsed: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: the text ends with a NUL and the out pointer is valid.
    let converted = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &raw mut parsed,
            ptr::null_mut(),
        )
    };
    if converted == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Local(parsed))
}

fn sid_text(sid: PSID) -> io::Result<String> {
    let mut text: *mut u16 = ptr::null_mut();
    // SAFETY: the SID is valid as far as the callers know, and the function checks it.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let _held = Local(text.cast());
    // SAFETY: the text ends with a NUL, and no SID is longer.
    Ok(unsafe { from_pointer(text, SID_CHARACTERS) })
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}
