//! Libraries that not every edition of Windows has: a program that names them in its head would not start there.

use windows::{
    Win32::{
        Foundation::{FreeLibrary, HMODULE},
        System::LibraryLoader::{GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExW},
    },
    core::PCSTR,
};

use super::{failed, text::wide};
use crate::rows::{Answer, Unread};

/// A library of the system. Let go when dropped.
#[derive(Debug)]
pub(crate) struct Library(HMODULE);

/// The address of a function of unknown type.
pub(crate) type Function = unsafe extern "system" fn() -> isize;

impl Library {
    /// Loads a library from the system's own folder and from nowhere else.
    pub(crate) fn open(name: &str) -> Answer<Self> {
        let name = wide(name);
        // SAFETY: the name ends with NUL. Libraries of the system may be loaded at any time.
        let library = unsafe {
            LoadLibraryExW(
                windows::core::PCWSTR(name.as_ptr()),
                None,
                LOAD_LIBRARY_SEARCH_SYSTEM32,
            )
        };
        library.map(Self).map_err(|error| failed(&error))
    }

    /// A function of it. `name` ends with NUL. What is found must be called as documented, and not after the
    /// library was let go.
    pub(crate) fn function(&self, name: &std::ffi::CStr) -> Answer<Function> {
        // SAFETY: the library is loaded and the name ends with NUL.
        let found = unsafe { GetProcAddress(self.0, PCSTR(name.as_ptr().cast())) };
        found.ok_or(Unread::Absent)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: the library was loaded by `open` and is let go once.
        let _ = unsafe { FreeLibrary(self.0) };
    }
}
