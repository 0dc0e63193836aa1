//! Connected devices.

use windows::{
    Win32::Devices::{
        DeviceAndDriverInstallation::{
            DIGCF_ALLCLASSES, DIGCF_DEVICEINTERFACE, DIGCF_PRESENT, HDEVINFO,
            SP_DEVICE_INTERFACE_DATA, SP_DEVICE_INTERFACE_DETAIL_DATA_W, SP_DEVINFO_DATA,
            SetupDiDestroyDeviceInfoList, SetupDiEnumDeviceInfo, SetupDiEnumDeviceInterfaces,
            SetupDiGetClassDevsW, SetupDiGetDeviceInstanceIdW, SetupDiGetDeviceInterfaceDetailW,
            SetupDiGetDevicePropertyW,
        },
        Properties::{DEVPKEY_Device_BusReportedDeviceDesc, DEVPROP_TYPE_STRING, DEVPROPTYPE},
    },
    Win32::Foundation::ERROR_NO_MORE_ITEMS,
    core::{GUID, PCWSTR},
};

use super::{
    failed,
    registry::{Key, Tree, View},
    text::wide,
};
use crate::{
    parse::registry_value::units,
    rows::{Answer, Row, Value, utf16},
};

/// Most devices that are looked at.
const DEVICES: u32 = 5000;
/// Longest identifier, path or description of a device, with its NUL.
const TEXT: usize = 1024;
/// Where the facts on each device stand.
const KEY: &str = r"SYSTEM\CurrentControlSet\Enum";

/// A set of devices. Given back when dropped.
struct Set(HDEVINFO);

impl Drop for Set {
    fn drop(&mut self) {
        // SAFETY: the set came from `SetupDiGetClassDevsW` and is given back once.
        let _ = unsafe { SetupDiDestroyDeviceInfoList(self.0) };
    }
}

/// The connected devices of an enumerator, such as "USB": a row each, named by the device's identifier, with
/// the values asked for and what the device calls itself ("Reported").
pub(crate) fn present(enumerator: &str, values: &[&str]) -> Answer<Vec<Row>> {
    let name = wide(enumerator);
    let flags = DIGCF_PRESENT | DIGCF_ALLCLASSES;
    // SAFETY: the name ends with NUL; no class and no window are given.
    let set = unsafe { SetupDiGetClassDevsW(None, PCWSTR(name.as_ptr()), None, flags) };
    let set = Set(set.map_err(|error| failed(&error))?);
    let mut rows = Vec::new();
    for index in 0..DEVICES {
        let mut device = SP_DEVINFO_DATA {
            cbSize: size_of::<SP_DEVINFO_DATA>() as u32,
            ..SP_DEVINFO_DATA::default()
        };
        // SAFETY: the set is open; `device` states its length and is written to before the call returns.
        let more = unsafe { SetupDiEnumDeviceInfo(set.0, index, &raw mut device) };
        if !is_there(&more)? {
            break;
        }
        let Some(identifier) = identifier(&set, &device) else {
            continue;
        };
        let key = Key::open(Tree::Machine, &format!(r"{KEY}\{identifier}"), View::Bits64);
        let mut row = key
            .and_then(|key| key.some_values(values))
            .unwrap_or_default();
        row.name = identifier;
        if let Some(reported) = reported(&set, &device) {
            row.push("Reported", Value::Text(reported));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Paths of the connected devices that offer an interface.
pub(crate) fn interfaces(class: &GUID) -> Answer<Vec<String>> {
    let flags = DIGCF_PRESENT | DIGCF_DEVICEINTERFACE;
    // SAFETY: the class lives until the call returns; no enumerator and no window are given.
    let set = unsafe { SetupDiGetClassDevsW(Some(class), PCWSTR::null(), None, flags) };
    let set = Set(set.map_err(|error| failed(&error))?);
    let mut paths = Vec::new();
    for index in 0..DEVICES {
        let mut interface = SP_DEVICE_INTERFACE_DATA {
            cbSize: size_of::<SP_DEVICE_INTERFACE_DATA>() as u32,
            ..SP_DEVICE_INTERFACE_DATA::default()
        };
        // SAFETY: the set is open; `interface` states its length and is written to before the call returns.
        let more =
            unsafe { SetupDiEnumDeviceInterfaces(set.0, None, class, index, &raw mut interface) };
        if !is_there(&more)? {
            break;
        }
        paths.extend(path(&set, &interface));
    }
    Ok(paths)
}

/// Whether there was one more; the end is told as an error of its own.
fn is_there(more: &windows::core::Result<()>) -> Answer<bool> {
    match more {
        Ok(()) => Ok(true),
        Err(error) if error.code() == ERROR_NO_MORE_ITEMS.to_hresult() => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn identifier(set: &Set, device: &SP_DEVINFO_DATA) -> Option<String> {
    let mut text = [0_u16; TEXT];
    // SAFETY: the set is open and `device` one of it; the buffer is passed with its length.
    unsafe { SetupDiGetDeviceInstanceIdW(set.0, device, Some(&mut text), None) }.ok()?;
    Some(utf16(&text))
}

/// What the device calls itself on its bus.
fn reported(set: &Set, device: &SP_DEVINFO_DATA) -> Option<String> {
    let mut kind = DEVPROPTYPE::default();
    let mut bytes = [0_u8; TEXT];
    // SAFETY: the set is open and `device` one of it; the buffer is passed with its length.
    unsafe {
        SetupDiGetDevicePropertyW(
            set.0,
            device,
            &DEVPKEY_Device_BusReportedDeviceDesc,
            &raw mut kind,
            Some(&mut bytes),
            None,
            0,
        )
    }
    .ok()?;
    (kind == DEVPROP_TYPE_STRING).then(|| utf16(&units(&bytes)))
}

fn path(set: &Set, interface: &SP_DEVICE_INTERFACE_DATA) -> Option<String> {
    // Units of eight bytes are aligned as the structure has to be.
    let mut buffer = [0_u64; TEXT / 4];
    let detail: *mut SP_DEVICE_INTERFACE_DETAIL_DATA_W = buffer.as_mut_ptr().cast();
    // SAFETY: the buffer is aligned and longer than the structure, whose own length is set as documented.
    unsafe { (*detail).cbSize = size_of::<SP_DEVICE_INTERFACE_DETAIL_DATA_W>() as u32 };
    let length = size_of_val(&buffer) as u32;
    // SAFETY: the set is open and `interface` one of it; the buffer is passed with its length.
    unsafe { SetupDiGetDeviceInterfaceDetailW(set.0, interface, Some(detail), length, None, None) }
        .ok()?;
    let bytes: Vec<u8> = buffer
        .iter()
        .flat_map(|eight| eight.to_le_bytes())
        .collect();
    // The path stands behind the length.
    Some(utf16(&units(bytes.get(size_of::<u32>()..)?)))
}
