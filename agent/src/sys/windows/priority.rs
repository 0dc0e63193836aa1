//! Staying out of the way of the machine's real work.
#![allow(unsafe_code)]

use std::io;

use windows_sys::Win32::System::Threading::{
    BELOW_NORMAL_PRIORITY_CLASS, GetCurrentProcess, PROCESS_MODE_BACKGROUND_BEGIN, SetPriorityClass,
};

/// Has this process use the disks and the processor when others do not; where that is not to be had, at least
/// the processor.
pub(crate) fn step_back() -> io::Result<()> {
    let set = |class| {
        // SAFETY: the pseudo handle of the own process is always valid.
        unsafe { SetPriorityClass(GetCurrentProcess(), class) != 0 }
    };
    if set(PROCESS_MODE_BACKGROUND_BEGIN) || set(BELOW_NORMAL_PRIORITY_CLASS) {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
