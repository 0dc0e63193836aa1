//! Wireless networks. Servers have this library only where the feature was added.

use std::{ffi::c_void, mem::transmute};

use windows::{
    Win32::{
        Foundation::HANDLE,
        NetworkManagement::WiFi::{
            WLAN_CONNECTION_ATTRIBUTES, WLAN_INTERFACE_INFO, WLAN_INTERFACE_INFO_LIST,
        },
    },
    core::GUID,
};

use super::library::{Function, Library};
use crate::rows::{Answer, Unread, network::Wireless};

/// Most wireless adapters that are asked.
const ADAPTERS: usize = 64;

type Open = unsafe extern "system" fn(u32, *const c_void, *mut u32, *mut HANDLE) -> u32;
type Close = unsafe extern "system" fn(HANDLE, *const c_void) -> u32;
type Enumerate =
    unsafe extern "system" fn(HANDLE, *const c_void, *mut *mut WLAN_INTERFACE_INFO_LIST) -> u32;
type Query = unsafe extern "system" fn(
    HANDLE,
    *const GUID,
    u32,
    *const c_void,
    *mut u32,
    *mut *mut c_void,
    *mut u32,
) -> u32;
type Free = unsafe extern "system" fn(*const c_void);

/// The functions of `wlanapi.h`, and a conversation with the service. Ended when dropped.
struct Service {
    handle: HANDLE,
    close: Close,
    enumerate: Enumerate,
    query: Query,
    free: Free,
    /// Let go last.
    _library: Library,
}

/// Memory that the service handed out.
struct Memory<'a, T>(*mut T, &'a Service);

impl<T> Drop for Memory<'_, T> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from the service and is given back once.
        unsafe { (self.1.free)(self.0.cast()) };
    }
}

/// The wireless adapters with the networks they are connected to.
pub(crate) fn all() -> Answer<Vec<Wireless>> {
    let service = Service::open()?;
    let mut list = std::ptr::null_mut();
    // SAFETY: the conversation is open, and `list` is written to before the call returns.
    checked(unsafe { (service.enumerate)(service.handle, std::ptr::null(), &raw mut list) })?;
    if list.is_null() {
        return Ok(Vec::new());
    }
    let list = Memory(list, &service);
    // SAFETY: the list holds as many entries as it says, from its first on, and lives until dropped.
    let adapters: &[WLAN_INTERFACE_INFO] = unsafe {
        let first = (&raw const (*list.0).InterfaceInfo).cast();
        std::slice::from_raw_parts(first, (*list.0).dwNumberOfItems as usize)
    };
    let adapters = adapters.iter().take(ADAPTERS);
    adapters.map(|adapter| service.wireless(adapter)).collect()
}

impl Service {
    fn open() -> Answer<Self> {
        const VISTA_AND_LATER: u32 = 2;
        let library = Library::open("wlanapi.dll")?;
        let open = library.function(c"WlanOpenHandle")?;
        // SAFETY: `wlanapi.h` declares the functions of these names with these types.
        let (open, close, enumerate, query, free) = unsafe {
            (
                transmute::<Function, Open>(open),
                transmute::<Function, Close>(library.function(c"WlanCloseHandle")?),
                transmute::<Function, Enumerate>(library.function(c"WlanEnumInterfaces")?),
                transmute::<Function, Query>(library.function(c"WlanQueryInterface")?),
                transmute::<Function, Free>(library.function(c"WlanFreeMemory")?),
            )
        };
        let (mut version, mut handle) = (0, HANDLE::default());
        // SAFETY: both results are written to before the call returns; the library is loaded.
        let code = unsafe {
            open(
                VISTA_AND_LATER,
                std::ptr::null(),
                &raw mut version,
                &raw mut handle,
            )
        };
        checked(code)?;
        Ok(Self {
            handle,
            close,
            enumerate,
            query,
            free,
            _library: library,
        })
    }

    fn wireless(&self, adapter: &WLAN_INTERFACE_INFO) -> Answer<Wireless> {
        const CONNECTED: i32 = 1;
        let id = format!("{{{:?}}}", adapter.InterfaceGuid);
        if adapter.isState.0 != CONNECTED {
            return Ok(Wireless {
                id,
                network: Vec::new(),
                signal: 0,
            });
        }
        let connection = self.connection(&adapter.InterfaceGuid)?;
        let associated = connection.wlanAssociationAttributes;
        let length = associated.dot11Ssid.uSSIDLength.min(32) as usize;
        Ok(Wireless {
            id,
            network: associated.dot11Ssid.ucSSID[..length].to_vec(),
            signal: associated.wlanSignalQuality.min(100),
        })
    }

    fn connection(&self, adapter: &GUID) -> Answer<WLAN_CONNECTION_ATTRIBUTES> {
        const CURRENT_CONNECTION: u32 = 7;
        let (mut length, mut answer) = (0, std::ptr::null_mut());
        // SAFETY: the conversation is open; both results are written to before the call returns.
        let code = unsafe {
            (self.query)(
                self.handle,
                adapter,
                CURRENT_CONNECTION,
                std::ptr::null(),
                &raw mut length,
                &raw mut answer,
                std::ptr::null_mut(),
            )
        };
        checked(code)?;
        let answer = Memory(answer.cast::<WLAN_CONNECTION_ATTRIBUTES>(), self);
        if answer.0.is_null() || (length as usize) < size_of::<WLAN_CONNECTION_ATTRIBUTES>() {
            let what = "a connection that is cut off".into();
            return Err(Unread::Senseless { what });
        }
        // SAFETY: the answer is at least as long as the structure, which it is documented to be.
        Ok(unsafe { answer.0.read_unaligned() })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // SAFETY: the conversation is open and is ended once, before the library is let go.
        unsafe { (self.close)(self.handle, std::ptr::null()) };
    }
}

fn checked(code: u32) -> Answer<()> {
    match code {
        0 => Ok(()),
        // The service is not running, as on a machine without wireless adapters.
        1062 => Err(Unread::Absent),
        code => Err(Unread::from_code(code)),
    }
}
