//! Limits of a job object, which this process enters and never leaves.
#![allow(unsafe_code)]

use std::{io, mem, ptr};

use windows_sys::Win32::System::{
    JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_ACTIVE_PROCESS,
        JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION, JOB_OBJECT_LIMIT_PROCESS_MEMORY,
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
        SetInformationJobObject,
    },
    Threading::GetCurrentProcess,
};

pub(super) fn confine(memory: u64) -> io::Result<()> {
    let memory = usize::try_from(memory).unwrap_or(usize::MAX);
    // SAFETY: no attributes and no name are allowed; the handle is checked before it is used, and stays open until the
    // process ends, on purpose.
    let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a plain structure of integers, for which zero means no limit.
    let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = unsafe { mem::zeroed() };
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_MEMORY
        | JOB_OBJECT_LIMIT_ACTIVE_PROCESS
        | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    limits.BasicLimitInformation.ActiveProcessLimit = 1;
    limits.ProcessMemoryLimit = memory;
    // SAFETY: the job is open, and the structure is the one that this class of information is, with its length.
    let limited = unsafe {
        SetInformationJobObject(
            job,
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast(),
            size_of_val(&limits) as u32,
        )
    };
    // SAFETY: the job is open; the handle of the own process needs no closing.
    let entered =
        limited != 0 && unsafe { AssignProcessToJobObject(job, GetCurrentProcess()) } != 0;
    if entered {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
