//! The event log of Windows.
#![allow(unsafe_code)]

use std::{io, ptr};

use windows_sys::Win32::{
    Foundation::HANDLE,
    System::EventLog::{
        DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE,
        EVENTLOG_WARNING_TYPE, RegisterEventSourceW, ReportEventW,
    },
};

use super::text::wide;

/// Longest text of an event, a little below what Windows takes.
const TEXT_UNITS: usize = 31_000;

/// How grave an event is. Its number is the identifier of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gravity {
    Information = 1,
    Warning = 2,
    Error = 3,
}

/// A name under which events are written.
#[derive(Debug)]
pub(crate) struct Source(HANDLE);

// SAFETY: the handle names an object of the operating system that any thread may use.
unsafe impl Send for Source {}
// SAFETY: as above; each call is one request of its own.
unsafe impl Sync for Source {}

impl Source {
    /// Opens the event log under a name.
    pub(crate) fn open(name: &str) -> io::Result<Self> {
        let name = wide(name);
        // SAFETY: the name ends with a NUL and outlives the call; no server means this computer.
        let handle = unsafe { RegisterEventSourceW(ptr::null(), name.as_ptr()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(handle))
    }

    /// Writes an event whose text is all there is to it.
    pub(crate) fn write(&self, gravity: Gravity, text: &str) -> io::Result<()> {
        let kind = match gravity {
            Gravity::Information => EVENTLOG_INFORMATION_TYPE,
            Gravity::Warning => EVENTLOG_WARNING_TYPE,
            Gravity::Error => EVENTLOG_ERROR_TYPE,
        };
        let units = text.encode_utf16().filter(|unit| *unit != 0);
        let text: Vec<u16> = units.take(TEXT_UNITS).chain([0]).collect();
        let texts = [text.as_ptr()];
        // SAFETY: the handle is open, one text ending with a NUL is passed as stated, and no raw data.
        let written = unsafe {
            ReportEventW(
                self.0,
                kind,
                0,
                gravity as u32,
                ptr::null_mut(),
                1,
                0,
                texts.as_ptr(),
                ptr::null(),
            )
        };
        if written == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and not used any more.
        unsafe { DeregisterEventSource(self.0) };
    }
}
