//! Services that start, stop or go away, as the service manager tells.

use std::{
    cell::Cell,
    collections::BTreeMap,
    ffi::c_void,
    io,
    os::windows::io::{AsRawHandle as _, OwnedHandle},
    sync::Arc,
    thread,
};

use windows::Win32::System::Services::{
    NotifyServiceStatusChangeW, QueryServiceStatus, SERVICE_NOTIFY, SERVICE_NOTIFY_2W,
    SERVICE_NOTIFY_DELETE_PENDING, SERVICE_NOTIFY_PAUSED, SERVICE_NOTIFY_RUNNING,
    SERVICE_NOTIFY_STATUS_CHANGE, SERVICE_NOTIFY_STOP_PENDING, SERVICE_NOTIFY_STOPPED,
    SERVICE_QUERY_STATUS, SERVICE_RUNNING, SERVICE_STATUS,
};
use windows_sys::Win32::{
    Foundation::{WAIT_IO_COMPLETION, WAIT_OBJECT_0},
    System::Threading::{INFINITE, SetEvent, SleepEx, WaitForMultipleObjectsEx},
};

use super::{
    changes::event,
    services::{self, Handle},
};

/// The thread does little but wait.
const STACK_BYTES: usize = 256 * 1024;

/// Most services that are followed.
const SERVICES: usize = 64;

/// Ends the following when dropped.
#[derive(Debug)]
pub(crate) struct Following {
    stop: Arc<OwnedHandle>,
    again: Arc<OwnedHandle>,
}

impl Following {
    /// Says that there may be other services than before.
    pub(crate) fn look_again(&self) {
        // SAFETY: the event is open as long as this handle.
        unsafe { SetEvent(self.again.as_raw_handle()) };
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // SAFETY: the event is open as long as this handle.
        unsafe { SetEvent(self.stop.as_raw_handle()) };
    }
}

/// Calls `told`, on a thread of its own, whenever one of the services that are `wanted` begins or ceases to run.
/// Those that cannot be followed are left out.
pub(crate) fn follow(
    wanted: fn(&str) -> bool,
    told: impl Fn() + Send + 'static,
) -> io::Result<Following> {
    let (stop, again) = (Arc::new(event()?), Arc::new(event()?));
    let following = Following {
        stop: stop.clone(),
        again: again.clone(),
    };
    thread::Builder::new()
        .name("services".into())
        .stack_size(STACK_BYTES)
        .spawn(move || wait(&stop, &again, wanted, &told))?;
    Ok(following)
}

fn wait(stop: &OwnedHandle, again: &OwnedHandle, wanted: fn(&str) -> bool, told: &impl Fn()) {
    const AGAIN: u32 = WAIT_OBJECT_0 + 1;
    let mut followed = BTreeMap::new();
    take_up(&mut followed, wanted);
    let events = [stop.as_raw_handle(), again.as_raw_handle()];
    loop {
        // SAFETY: both events are open while this waits, and their number is as stated.
        let woken = unsafe {
            WaitForMultipleObjectsEx(events.len() as u32, events.as_ptr(), 0, INFINITE, 1)
        };
        match woken {
            AGAIN => take_up(&mut followed, wanted),
            WAIT_IO_COMPLETION => {}
            _ => return,
        }
        let before = followed.len();
        let mut changed = false;
        followed.retain(|_, service: &mut Followed| {
            let fired = service.fired.take();
            changed |= fired;
            !fired || service.arm(&mut changed)
        });
        if changed || followed.len() != before {
            told();
        }
    }
}

/// Follows those that are not followed yet.
fn take_up(followed: &mut BTreeMap<String, Followed>, wanted: fn(&str) -> bool) {
    for row in services::list().unwrap_or_default() {
        let name = row.text("Name");
        if followed.len() >= SERVICES || !wanted(name) || followed.contains_key(name) {
            continue;
        }
        if let Some(service) = Followed::new(name) {
            followed.insert(name.to_owned(), service);
        }
    }
}

/// A service that tells of its next change. Belongs to one thread, which is told while it waits.
struct Followed {
    /// Closed first, so that nobody writes to what lies below any more.
    service: Option<Handle>,
    /// Where Windows says what happened.
    notice: Box<SERVICE_NOTIFY_2W>,
    /// Something happened.
    fired: Box<Cell<bool>>,
}

impl Followed {
    fn new(name: &str) -> Option<Self> {
        let service = services::open(name, SERVICE_QUERY_STATUS).ok()?;
        let mut followed = Self {
            service: Some(service),
            notice: Box::default(),
            fired: Box::default(),
        };
        followed.arm(&mut false).then_some(followed)
    }

    /// Asks for the next change; it is told once. False when the service is about to be removed, or cannot be asked: it
    /// would stay as long as it is held open. `changed` becomes true when it has changed meanwhile.
    fn arm(&mut self, changed: &mut bool) -> bool {
        let (Some(runs), Some(service)) = (self.runs(), &self.service) else {
            return false;
        };
        *self.notice = SERVICE_NOTIFY_2W {
            dwVersion: SERVICE_NOTIFY_STATUS_CHANGE,
            pfnNotifyCallback: Some(noticed),
            pContext: (&raw const *self.fired).cast_mut().cast(),
            ..SERVICE_NOTIFY_2W::default()
        };
        // SAFETY: the service is open; the structure stays where it is until it was told or the service is closed.
        let code = unsafe {
            NotifyServiceStatusChangeW(service.0, awaited(runs), &raw const *self.notice)
        };
        *changed |= self.runs().is_some_and(|now| now != runs);
        code == 0
    }

    fn runs(&self) -> Option<bool> {
        let mut status = SERVICE_STATUS::default();
        // SAFETY: the service is open, and the structure is a variable of ours.
        unsafe { QueryServiceStatus(self.service.as_ref()?.0, &raw mut status) }.ok()?;
        Some(status.dwCurrentState == SERVICE_RUNNING)
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.service = None;
        // SAFETY: no pointer is passed. What was told before the service was closed is delivered now, while there is
        // somebody to take it.
        unsafe { SleepEx(0, 1) };
    }
}

/// What is worth knowing next. The state it is in is not among it: some versions would tell that at once.
fn awaited(runs: bool) -> SERVICE_NOTIFY {
    let other = if runs {
        SERVICE_NOTIFY_STOPPED | SERVICE_NOTIFY_STOP_PENDING | SERVICE_NOTIFY_PAUSED
    } else {
        SERVICE_NOTIFY_RUNNING
    };
    other | SERVICE_NOTIFY_DELETE_PENDING
}

unsafe extern "system" fn noticed(notice: *const c_void) {
    // SAFETY: Windows passes the structure that was handed over, which is still there, on the thread that handed it over;
    // what it points to belongs to the same service.
    unsafe {
        (*(*notice.cast::<SERVICE_NOTIFY_2W>())
            .pContext
            .cast::<Cell<bool>>())
        .set(true)
    };
}
