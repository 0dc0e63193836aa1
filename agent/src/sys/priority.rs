//! Staying out of the way of the machine's real work.
#![allow(unsafe_code)]

use std::io;

/// Everybody else comes first, but a change of administrators is still told within seconds.
const NICENESS: i32 = 10;

const WHO_PROCESS: libc::c_int = 1;
const CLASS_SHIFT: u32 = 13;
const CLASS_IDLE: libc::c_int = 3;

/// Has this thread, and those it starts from now on, use the processor and the disks when others do not.
/// A lower priority that somebody set already stays.
pub(crate) fn step_back() -> io::Result<()> {
    if rustix::process::getpriority_process(None)? < NICENESS {
        rustix::process::setpriority_process(None, NICENESS)?;
    }
    // SAFETY: ioprio_set takes three integers and touches no memory of ours; 0 names the calling thread.
    let refused = unsafe {
        libc::syscall(
            libc::SYS_ioprio_set,
            WHO_PROCESS,
            0 as libc::c_int,
            CLASS_IDLE << CLASS_SHIFT,
        )
    } != 0;
    if refused {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
