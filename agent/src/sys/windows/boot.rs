//! When the kernel started.
#![allow(unsafe_code)]

use std::time::Duration;

use windows_sys::{
    Wdk::System::SystemInformation::{NtQuerySystemInformation, SystemTimeOfDayInformation},
    Win32::System::SystemInformation::GetTickCount64,
};

/// Length of what the kernel answers, and where in it the fields are.
const ANSWER_BYTES: usize = 48;
const BEGAN: usize = 0;
const SET_SINCE: usize = 32;

/// When the kernel started, in units of 100 ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// Since 1601-01-01 UTC; moves along when the clock is set.
    pub(crate) began: i64,
    /// By how much the clock was set since, so that the difference of both stays the same.
    pub(crate) set_since: i64,
}

/// `None` when the kernel does not tell.
pub(crate) fn times() -> Option<Times> {
    let mut answer = [0_u64; ANSWER_BYTES / 8];
    let mut length = 0;
    // SAFETY: the buffer is writable, aligned and as long as stated; the kernel never writes more.
    let status = unsafe {
        NtQuerySystemInformation(
            SystemTimeOfDayInformation,
            answer.as_mut_ptr().cast(),
            ANSWER_BYTES as u32,
            &raw mut length,
        )
    };
    let times = Times {
        began: answer[BEGAN / 8].cast_signed(),
        set_since: answer[SET_SINCE / 8].cast_signed(),
    };
    (status >= 0 && times.began > 0).then_some(times)
}

/// Time since the kernel started, sleep included, to some 15 ms.
pub(crate) fn elapsed() -> Duration {
    // SAFETY: the function has no preconditions.
    Duration::from_millis(unsafe { GetTickCount64() })
}
