//! Limits of the kernel, and a filter for what may be asked of it.
#![allow(unsafe_code)]

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::filter;

/// Room for what is reserved but not used: stacks, heaps of threads, the program itself.
const RESERVED: u64 = 512 * 1024 * 1024;

pub(super) fn confine(memory: u64) -> io::Result<()> {
    for (resource, most) in [
        (Resource::Data, memory),
        (Resource::As, memory + RESERVED),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Memlock, 0),
        (Resource::Nofile, 3),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    close_others()?;
    // Nobody without special rights may look into it, also not as the same user.
    set(libc::PR_SET_DUMPABLE, 0)?;
    set(libc::PR_SET_NO_NEW_PRIVS, 1)?;
    filter::install()
}

fn set(option: libc::c_int, value: libc::c_ulong) -> io::Result<()> {
    let nothing: libc::c_ulong = 0;
    // SAFETY: these options take integers and touch no memory of ours.
    let refused = unsafe { libc::prctl(option, value, nothing, nothing, nothing) } != 0;
    if refused {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Closes whatever was handed over beside the three standard files.
fn close_others() -> io::Result<()> {
    const FIRST: libc::c_uint = 3;
    // SAFETY: three integers. Nothing in this process owns a file beyond the standard ones: it was just started and
    // has opened none.
    let refused = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            FIRST,
            libc::c_uint::MAX,
            0 as libc::c_uint,
        )
    } != 0;
    let error = io::Error::last_os_error();
    // Linux before 5.9 does not know the call; there, what Rust opens is not handed over in the first place.
    if refused && error.raw_os_error() != Some(libc::ENOSYS) {
        return Err(error);
    }
    Ok(())
}
