//! What the kernel tells of the machine as a whole.

use windows::Win32::{
    Foundation::ERROR_INSUFFICIENT_BUFFER,
    System::{
        Power::{CallNtPowerInformation, PROCESSOR_POWER_INFORMATION, ProcessorInformation},
        SystemInformation::{
            GetLogicalProcessorInformationEx, GetSystemFirmwareTable, GetTickCount64,
            GlobalMemoryStatusEx, MEMORYSTATUSEX, RSMB, RelationAll,
            SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX,
        },
    },
};

use super::{failed, last_error};
use crate::rows::{Answer, Unread};

/// Longest firmware tables that are read; those of large servers fill a tenth of it.
const TABLES: usize = 1024 * 1024;
/// Longest description of processors; one of 1,024 threads fills a tenth of it.
const ARRANGEMENT: u32 = 1024 * 1024;
/// Most threads that are told their frequency.
const THREADS: usize = 4096;

/// Bytes of main memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) size: u64,
    pub(crate) available: u64,
}

/// The SMBIOS tables behind Windows' header.
pub(crate) fn firmware_tables() -> Answer<Vec<u8>> {
    // SAFETY: without a buffer nothing is written; the length is answered.
    let length = unsafe { GetSystemFirmwareTable(RSMB, 0, None) } as usize;
    if length == 0 {
        return Err(last_error());
    }
    let mut buffer = vec![0; length.min(TABLES)];
    // SAFETY: the buffer is passed with its length.
    let written = unsafe { GetSystemFirmwareTable(RSMB, 0, Some(&mut buffer)) } as usize;
    if written == 0 {
        return Err(last_error());
    }
    if written > buffer.len() {
        let what = format!("{written} bytes of tables");
        return Err(Unread::Senseless { what });
    }
    buffer.truncate(written);
    Ok(buffer)
}

/// Main memory.
pub(crate) fn memory() -> Answer<Memory> {
    let mut status = MEMORYSTATUSEX {
        dwLength: size_of::<MEMORYSTATUSEX>() as u32,
        ..MEMORYSTATUSEX::default()
    };
    // SAFETY: `status` states its own length and is written to before the call returns.
    unsafe { GlobalMemoryStatusEx(&raw mut status) }.map_err(|error| failed(&error))?;
    Ok(Memory {
        size: status.ullTotalPhys,
        available: status.ullAvailPhys,
    })
}

/// Seconds since the system started.
pub(crate) fn uptime() -> u64 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { GetTickCount64() / 1000 }
}

/// How threads make cores and cores make processors, as records of varying length.
pub(crate) fn arrangement() -> Answer<Vec<u8>> {
    let mut length = 0;
    // SAFETY: without a buffer nothing but the length is written.
    let asked = unsafe { GetLogicalProcessorInformationEx(RelationAll, None, &raw mut length) };
    match asked {
        Err(error) if error.code() != ERROR_INSUFFICIENT_BUFFER.to_hresult() => {
            return Err(failed(&error));
        }
        _ => {}
    }
    if length == 0 || length > ARRANGEMENT {
        let what = format!("{length} bytes on processors");
        return Err(Unread::Senseless { what });
    }
    // Units of eight bytes are aligned as the records have to be.
    let mut buffer = vec![0_u64; length.div_ceil(8) as usize];
    let records: *mut SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX = buffer.as_mut_ptr().cast();
    // SAFETY: the buffer is aligned and at least `length` bytes long.
    unsafe { GetLogicalProcessorInformationEx(RelationAll, Some(records), &raw mut length) }
        .map_err(|error| failed(&error))?;
    let mut bytes: Vec<u8> = buffer
        .iter()
        .flat_map(|eight| eight.to_ne_bytes())
        .collect();
    bytes.truncate(length as usize);
    Ok(bytes)
}

/// Highest rated frequency of each thread in MHz, by its number; empty where the system does not tell.
pub(crate) fn megahertz() -> Vec<u32> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut buffer = vec![PROCESSOR_POWER_INFORMATION::default(); threads.min(THREADS)];
    let length = size_of_val(buffer.as_slice()) as u32;
    // SAFETY: the buffer is passed with its length, and nothing else is.
    let status = unsafe {
        CallNtPowerInformation(
            ProcessorInformation,
            None,
            0,
            Some(buffer.as_mut_ptr().cast()),
            length,
        )
    };
    if status.is_err() {
        return Vec::new();
    }
    buffer.iter().map(|thread| thread.MaxMhz).collect()
}
