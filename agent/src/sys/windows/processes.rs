//! Processes and their programs.

use windows::{
    Win32::{
        Foundation::{CloseHandle, HANDLE},
        System::{
            Diagnostics::ToolHelp::{
                CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW,
                TH32CS_SNAPPROCESS,
            },
            Threading::{
                OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION,
                QueryFullProcessImageNameW,
            },
        },
    },
    core::PWSTR,
};

use super::failed;
use crate::rows::{Answer, ROWS, Row, utf16};

/// Longest path of a program.
const PATH: usize = 32_768;

/// A handle. Closed when dropped.
struct Handle(HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it was opened by us and is not used any more.
        let _ = unsafe { CloseHandle(self.0) };
    }
}

/// Every process: its number and the name of its program.
pub(crate) fn list() -> Answer<Vec<Row>> {
    // SAFETY: takes no pointer.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    let snapshot = Handle(snapshot.map_err(|error| failed(&error))?);
    let mut entry = PROCESSENTRY32W {
        dwSize: size_of::<PROCESSENTRY32W>() as u32,
        ..PROCESSENTRY32W::default()
    };
    let mut rows = Vec::new();
    // SAFETY: the structure says its own size.
    let mut next = unsafe { Process32FirstW(snapshot.0, &raw mut entry) };
    while next.is_ok() && rows.len() < ROWS {
        let name = utf16(&entry.szExeFile);
        rows.push(Row::of([("Name", name.as_str())]).with("ProcessId", entry.th32ProcessID));
        // SAFETY: as above.
        next = unsafe { Process32NextW(snapshot.0, &raw mut entry) };
    }
    Ok(rows)
}

/// The program file of a process.
pub(crate) fn program(process: u32) -> Answer<Vec<Row>> {
    // SAFETY: takes no pointer.
    let handle = unsafe { OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, false, process) };
    let handle = Handle(handle.map_err(|error| failed(&error))?);
    let mut path = vec![0_u16; PATH];
    let mut length = PATH as u32;
    // SAFETY: the buffer is as long as said.
    unsafe {
        QueryFullProcessImageNameW(
            handle.0,
            PROCESS_NAME_WIN32,
            PWSTR(path.as_mut_ptr()),
            &raw mut length,
        )
    }
    .map_err(|error| failed(&error))?;
    Ok(vec![Row::of([("Program", utf16(&path).as_str())])])
}
