//! The service manager, asked for no right but to read.

use windows::{
    Win32::{
        Foundation::ERROR_MORE_DATA,
        System::Services::{
            CloseServiceHandle, ENUM_SERVICE_STATUS_PROCESSW, EnumServicesStatusExW,
            OpenSCManagerW, OpenServiceW, QUERY_SERVICE_CONFIGW, QueryServiceConfig2W,
            QueryServiceConfigW, SC_ENUM_PROCESS_INFO, SC_HANDLE, SC_MANAGER_CONNECT,
            SC_MANAGER_ENUMERATE_SERVICE, SERVICE_CONFIG_TRIGGER_INFO, SERVICE_QUERY_CONFIG,
            SERVICE_STATE_ALL, SERVICE_TRIGGER_INFO, SERVICE_WIN32,
        },
    },
    core::PCWSTR,
};

use super::{
    buffer::Buffer,
    failed,
    text::{from_pointer, wide},
};
use crate::rows::{Answer, ROWS, Row, Unread};

/// Size of one answer: what Windows takes at most.
const ANSWER: u32 = 256 * 1024;
/// Largest set-up of a service: what Windows gives at most.
const SETUP: u32 = 8 * 1024;
/// Longest text of one field.
const TEXT: usize = 16 * 1024;

/// A handle of the service manager. Closed when dropped.
#[derive(Debug)]
pub(super) struct Handle(pub(super) SC_HANDLE);

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it was opened by us and is not used any more.
        let _ = unsafe { CloseServiceHandle(self.0) };
    }
}

/// Every service that is no driver.
pub(crate) fn list() -> Answer<Vec<Row>> {
    let manager = manager(SC_MANAGER_ENUMERATE_SERVICE)?;
    let mut rows = Vec::new();
    let mut buffer = Buffer::new(ANSWER);
    let mut resume = 0;
    loop {
        let (mut needed, mut number) = (0, 0);
        // SAFETY: the buffer is aligned and as long as its slice; the rest are variables of ours.
        let answer = unsafe {
            EnumServicesStatusExW(
                manager.0,
                SC_ENUM_PROCESS_INFO,
                SERVICE_WIN32,
                SERVICE_STATE_ALL,
                Some(buffer.bytes_mut()),
                &raw mut needed,
                &raw mut number,
                Some(&raw mut resume),
                PCWSTR::null(),
            )
        };
        let more = match answer {
            Ok(()) => false,
            Err(error) if error.code() == ERROR_MORE_DATA.to_hresult() => true,
            Err(error) => return Err(failed(&error)),
        };
        let items = buffer.pointer::<ENUM_SERVICE_STATUS_PROCESSW>();
        for at in 0..number as usize {
            // SAFETY: Windows wrote `number` structures to the beginning of the buffer.
            rows.push(service(unsafe { &*items.add(at) }));
        }
        if !more {
            return Ok(rows);
        }
        if number == 0 || rows.len() > ROWS {
            let what = "it never comes to an end".into();
            return Err(Unread::Senseless { what });
        }
    }
}

fn service(service: &ENUM_SERVICE_STATUS_PROCESSW) -> Row {
    // SAFETY: both point into the buffer, to text that ends with NUL.
    let (name, display_name) = unsafe {
        (
            from_pointer(service.lpServiceName.0, TEXT),
            from_pointer(service.lpDisplayName.0, TEXT),
        )
    };
    let status = &service.ServiceStatusProcess;
    Row::of([
        ("Name", name.as_str()),
        ("DisplayName", display_name.as_str()),
    ])
    .with("State", status.dwCurrentState.0)
    .with("Type", status.dwServiceType.0)
    .with("ProcessId", status.dwProcessId)
}

/// How a service is set up.
pub(crate) fn setup(name: &str) -> Answer<Vec<Row>> {
    let service = open(name, SERVICE_QUERY_CONFIG)?;
    let mut buffer = Buffer::new(SETUP);
    let mut needed = 0;
    // SAFETY: the buffer is aligned and as long as said.
    unsafe {
        QueryServiceConfigW(
            service.0,
            Some(buffer.pointer_mut()),
            buffer.size(),
            &raw mut needed,
        )
    }
    .map_err(|error| failed(&error))?;
    // SAFETY: Windows wrote one structure to the beginning of the buffer.
    let setup = unsafe { &*buffer.pointer::<QUERY_SERVICE_CONFIGW>() };
    // SAFETY: both are null or point into the buffer, to text that ends with NUL.
    let (program, account) = unsafe {
        (
            from_pointer(setup.lpBinaryPathName.0, TEXT),
            from_pointer(setup.lpServiceStartName.0, TEXT),
        )
    };
    let row = Row::of([("Program", program.as_str()), ("Account", account.as_str())])
        .with("Start", setup.dwStartType.0)
        .with("Triggered", is_triggered(&service));
    Ok(vec![row])
}

/// Whether events start the service; no where that is not told.
fn is_triggered(service: &Handle) -> bool {
    let mut buffer = Buffer::new(SETUP);
    let mut needed = 0;
    // SAFETY: the buffer is aligned and as long as its slice.
    let answer = unsafe {
        QueryServiceConfig2W(
            service.0,
            SERVICE_CONFIG_TRIGGER_INFO,
            Some(buffer.bytes_mut()),
            &raw mut needed,
        )
    };
    // SAFETY: where it was answered, the structure stands at the beginning of the buffer; else zeroes.
    answer.is_ok() && unsafe { &*buffer.pointer::<SERVICE_TRIGGER_INFO>() }.cTriggers > 0
}

/// A service, with the rights asked for.
pub(super) fn open(name: &str, access: u32) -> Answer<Handle> {
    let manager = manager(SC_MANAGER_CONNECT)?;
    let name = wide(name);
    // SAFETY: the name ends with NUL and lives through the call.
    let service = unsafe { OpenServiceW(manager.0, PCWSTR(name.as_ptr()), access) };
    service.map(Handle).map_err(|error| failed(&error))
}

fn manager(access: u32) -> Answer<Handle> {
    // SAFETY: null stands for this computer and its active services.
    let manager = unsafe { OpenSCManagerW(PCWSTR::null(), PCWSTR::null(), access) };
    manager.map(Handle).map_err(|error| failed(&error))
}
