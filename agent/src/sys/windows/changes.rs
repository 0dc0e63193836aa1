//! Changes of registry keys, as Windows tells them.

use std::{
    io,
    os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle},
    ptr,
    sync::Arc,
    thread,
};

use windows_sys::Win32::{
    Foundation::{ERROR_SUCCESS, WAIT_OBJECT_0},
    System::{
        Registry::{
            HKEY, HKEY_LOCAL_MACHINE, KEY_NOTIFY, KEY_WOW64_64KEY, REG_NOTIFY_CHANGE_LAST_SET,
            REG_NOTIFY_CHANGE_NAME, RegCloseKey, RegNotifyChangeKeyValue, RegOpenKeyExW,
        },
        Threading::{CreateEventW, INFINITE, SetEvent, WaitForMultipleObjects},
    },
};

use super::text::wide;

/// The thread does nothing but wait.
const STACK_BYTES: usize = 128 * 1024;

/// A key below `HKEY_LOCAL_MACHINE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    /// Its path.
    pub(crate) path: &'static str,
    /// The keys below it, too.
    pub(crate) tree: bool,
}

/// Ends the watching when dropped.
#[derive(Debug)]
pub(crate) struct Watching(Arc<OwnedHandle>);

impl Drop for Watching {
    fn drop(&mut self) {
        // SAFETY: the event is open as long as this handle.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

/// Calls `told` with the position of each key that changes, on a thread of its own. Keys that cannot be watched
/// are left out.
pub(crate) fn watch(
    keys: &'static [Watched],
    told: impl Fn(usize) + Send + 'static,
) -> io::Result<Watching> {
    let stop = Arc::new(event()?);
    let watching = Watching(stop.clone());
    thread::Builder::new()
        .name("registry".into())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let armed = keys
                .iter()
                .enumerate()
                .filter_map(|(position, key)| Armed::new(position, *key).ok())
                .collect();
            wait(&stop, armed, &told);
        })?;
    Ok(watching)
}

/// An open key that tells of its next change.
struct Armed {
    position: usize,
    tree: bool,
    key: HKEY,
    event: OwnedHandle,
}

impl Armed {
    fn new(position: usize, watched: Watched) -> io::Result<Self> {
        let path = wide(watched.path);
        let event = event()?;
        let mut key: HKEY = ptr::null_mut();
        // SAFETY: the path ends with a NUL and the out pointer is valid.
        let code = unsafe {
            RegOpenKeyExW(
                HKEY_LOCAL_MACHINE,
                path.as_ptr(),
                0,
                KEY_NOTIFY | KEY_WOW64_64KEY,
                &raw mut key,
            )
        };
        if code != ERROR_SUCCESS {
            return Err(io::Error::from_raw_os_error(code.cast_signed()));
        }
        let armed = Self {
            position,
            tree: watched.tree,
            key,
            event,
        };
        armed.arm()?;
        Ok(armed)
    }

    /// Asks for the next change. It is told once.
    fn arm(&self) -> io::Result<()> {
        // SAFETY: key and event are open as long as this; the thread that asks is the one that waits.
        let code = unsafe {
            RegNotifyChangeKeyValue(
                self.key,
                i32::from(self.tree),
                REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET,
                self.event.as_raw_handle(),
                1,
            )
        };
        if code != ERROR_SUCCESS {
            return Err(io::Error::from_raw_os_error(code.cast_signed()));
        }
        Ok(())
    }
}

impl Drop for Armed {
    fn drop(&mut self) {
        // SAFETY: the key was opened by `new` and is closed once.
        unsafe { RegCloseKey(self.key) };
    }
}

fn wait(stop: &OwnedHandle, mut armed: Vec<Armed>, told: &impl Fn(usize)) {
    loop {
        let events: Vec<_> = [stop.as_raw_handle()]
            .into_iter()
            .chain(armed.iter().map(|armed| armed.event.as_raw_handle()))
            .collect();
        // SAFETY: all handles are open while this waits, and their number is as stated.
        let woken =
            unsafe { WaitForMultipleObjects(events.len() as u32, events.as_ptr(), 0, INFINITE) };
        let Some(index) = (woken.wrapping_sub(WAIT_OBJECT_0) as usize).checked_sub(1) else {
            return;
        };
        let Some(changed) = armed.get(index) else {
            return;
        };
        // Armed first: what changes from here on is told again.
        let is_armed = changed.arm().is_ok();
        told(changed.position);
        if !is_armed {
            // The key was removed.
            armed.remove(index);
        }
    }
}

/// An event that falls back by itself once somebody was woken by it.
pub(super) fn event() -> io::Result<OwnedHandle> {
    // SAFETY: neither attributes nor a name are given.
    let handle = unsafe { CreateEventW(ptr::null(), 0, 0, ptr::null()) };
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the event was just made and belongs to nobody else.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
