//! People who are signed in.

use windows::{
    Win32::System::RemoteDesktop::{
        WTS_INFO_CLASS, WTS_SESSION_INFOW, WTSActive, WTSDisconnected, WTSEnumerateSessionsW,
        WTSFreeMemory, WTSINFOW, WTSQuerySessionInformationW, WTSSessionInfo,
    },
    core::PWSTR,
};

use super::{failed, text::from_pointer};
use crate::rows::{Answer, file_time, session::Session, utf16};

/// Longest name of a session's station.
const NAME: usize = 256;

/// Memory that the service handed out. Given back when dropped.
struct Memory<T>(*mut T);

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer is null or came from the service, and is given back once.
        unsafe { WTSFreeMemory(self.0.cast()) };
    }
}

/// The sessions with somebody in them, connected or not.
pub(crate) fn all() -> Answer<Vec<Session>> {
    let mut list: *mut WTS_SESSION_INFOW = std::ptr::null_mut();
    let mut count = 0;
    // SAFETY: asks the machine itself; both results are written to before the call returns.
    let told = unsafe { WTSEnumerateSessionsW(None, 0, 1, &raw mut list, &raw mut count) };
    told.map_err(|error| failed(&error))?;
    let list = Memory(list);
    if list.0.is_null() {
        return Ok(Vec::new());
    }
    // SAFETY: the service answered with that many sessions, which live until `list` is dropped.
    let sessions = unsafe { std::slice::from_raw_parts(list.0, count as usize) };
    let open = sessions
        .iter()
        .filter(|session| session.State == WTSActive || session.State == WTSDisconnected);
    Ok(open.filter_map(session).collect())
}

/// `None` for a session in which nobody is.
fn session(listed: &WTS_SESSION_INFOW) -> Option<Session> {
    let info = info(listed.SessionId)?;
    let account = utf16(&info.UserName);
    // SAFETY: the name lives as long as the list that it is part of, and ends with NUL.
    let station = unsafe { from_pointer(listed.pWinStationName.0, NAME) };
    (!account.is_empty()).then(|| Session {
        domain: utf16(&info.Domain),
        account,
        station,
        since: file_time(info.LogonTime.cast_unsigned()),
    })
}

fn info(session: u32) -> Option<WTSINFOW> {
    let (memory, length) = ask(session, WTSSessionInfo)?;
    if (length as usize) < size_of::<WTSINFOW>() || memory.0.is_null() {
        return None;
    }
    // SAFETY: the answer is at least as long as the structure, which it is documented to be.
    Some(unsafe { memory.0.cast::<WTSINFOW>().read_unaligned() })
}

fn ask(session: u32, what: WTS_INFO_CLASS) -> Option<(Memory<u16>, u32)> {
    let mut text = PWSTR::null();
    let mut length = 0;
    // SAFETY: asks the machine itself; both results are written to before the call returns.
    let told =
        unsafe { WTSQuerySessionInformationW(None, session, what, &raw mut text, &raw mut length) };
    told.ok()?;
    Some((Memory(text.0), length))
}
