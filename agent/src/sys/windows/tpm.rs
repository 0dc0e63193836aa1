//! The security chip.

use super::library::{Function, Library};
use crate::rows::{Answer, Unread};

/// `TPM_DEVICE_INFO` of `tbs.h`.
#[repr(C)]
#[derive(Debug, Default)]
struct DeviceInfo {
    struct_version: u32,
    tpm_version: u32,
    interface: u32,
    revision: u32,
}

type GetDeviceInfo = unsafe extern "system" fn(u32, *mut DeviceInfo) -> u32;

/// Version of its specification: 1 for 1.2, 2 for 2.0, 0 where there is none.
pub(crate) fn version() -> Answer<u32> {
    const NOT_FOUND: u32 = 0x8028_400f;
    let library = Library::open("tbs.dll")?;
    let function = library.function(c"Tbsi_GetDeviceInfo")?;
    // SAFETY: `tbs.h` declares the function of this name with this type.
    let function = unsafe { std::mem::transmute::<Function, GetDeviceInfo>(function) };
    let mut info = DeviceInfo::default();
    // SAFETY: `info` is passed with its length and written to before the call returns; the library is loaded.
    let code = unsafe { function(size_of::<DeviceInfo>() as u32, &raw mut info) };
    match code {
        0 if info.tpm_version == 0 => {
            let what = "a chip of version 0".into();
            Err(Unread::Senseless { what })
        }
        0 => Ok(info.tpm_version),
        NOT_FOUND => Ok(0),
        code => Err(Unread::from_code(code)),
    }
}
