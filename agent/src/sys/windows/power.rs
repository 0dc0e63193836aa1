//! Batteries, asked through their driver.

use std::{
    ffi::c_void,
    fs::{File, OpenOptions},
    os::windows::{fs::OpenOptionsExt as _, io::AsRawHandle as _},
};

use windows::Win32::{
    Foundation::HANDLE,
    System::{
        IO::DeviceIoControl,
        Power::{
            BATTERY_INFORMATION, BATTERY_QUERY_INFORMATION, BATTERY_QUERY_INFORMATION_LEVEL,
            BATTERY_STATUS, BATTERY_WAIT_STATUS, BatteryDeviceName, BatteryInformation,
            BatteryManufactureName, BatterySerialNumber, GUID_DEVICE_BATTERY,
            IOCTL_BATTERY_QUERY_INFORMATION, IOCTL_BATTERY_QUERY_STATUS, IOCTL_BATTERY_QUERY_TAG,
        },
    },
};

use super::{devices, failed};
use crate::rows::{Answer, Row, Unread, Value, utf16};

/// Amounts are shares of something the maker did not tell.
const RELATIVE: u32 = 0x4000_0000;
/// Most batteries of one machine.
const BATTERIES: usize = 16;

/// The batteries in place: a row each, named by the path of its device. Amounts are milliwatt-hours unless
/// "Relative".
pub(crate) fn batteries() -> Answer<Vec<Row>> {
    let mut rows = Vec::new();
    for path in devices::interfaces(&GUID_DEVICE_BATTERY)?
        .into_iter()
        .take(BATTERIES)
    {
        if let Some(row) = battery(&path)? {
            rows.push(Row { name: path, ..row });
        }
    }
    Ok(rows)
}

/// `None` for an empty bay.
fn battery(path: &str) -> Answer<Option<Row>> {
    const READ_AND_WRITE: u32 = 0xc000_0000;
    const SHARED: u32 = 3;
    // The driver wants to be opened for writing even by those who only ask.
    let file = OpenOptions::new()
        .access_mode(READ_AND_WRITE)
        .read(true)
        .write(true)
        .share_mode(SHARED)
        .open(path)
        .map_err(|error| {
            Unread::from_code(error.raw_os_error().unwrap_or_default().cast_unsigned())
        })?;
    let wait = 0_u32;
    let tag: u32 = match ask(&file, IOCTL_BATTERY_QUERY_TAG, &wait) {
        Ok(0) | Err(Unread::Absent) => return Ok(None),
        answer => answer?,
    };
    let facts: BATTERY_INFORMATION = information(&file, tag, BatteryInformation)?;
    let letters: String = facts
        .Chemistry
        .iter()
        .take_while(|byte| **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    let mut row = Row::of([
        ("Design", facts.DesignedCapacity),
        ("Full", facts.FullChargedCapacity),
        ("Cycles", facts.CycleCount),
    ])
    .with("Relative", facts.Capabilities & RELATIVE != 0)
    .with("Chemistry", letters.as_str());
    for (name, level) in [
        ("Maker", BatteryManufactureName),
        ("Model", BatteryDeviceName),
        ("Serial", BatterySerialNumber),
    ] {
        // Makers leave out what they like.
        if let Ok(text) = information::<[u16; 256]>(&file, tag, level) {
            row.push(name, Value::Text(utf16(&text)));
        }
    }
    let wait = BATTERY_WAIT_STATUS {
        BatteryTag: tag,
        ..BATTERY_WAIT_STATUS::default()
    };
    if let Ok(status) = ask::<_, BATTERY_STATUS>(&file, IOCTL_BATTERY_QUERY_STATUS, &wait) {
        row.push("Charge", Value::Number(status.Capacity.into()));
    }
    Ok(Some(row))
}

fn information<T: Plain>(
    file: &File,
    tag: u32,
    level: BATTERY_QUERY_INFORMATION_LEVEL,
) -> Answer<T> {
    let question = BATTERY_QUERY_INFORMATION {
        BatteryTag: tag,
        InformationLevel: level,
        ..BATTERY_QUERY_INFORMATION::default()
    };
    ask(file, IOCTL_BATTERY_QUERY_INFORMATION, &question)
}

/// Types of which every pattern of bits is a value, zero included.
///
/// # Safety
/// Only for structures of integers.
unsafe trait Plain {
    fn zero() -> Self;
}

// SAFETY: an integer.
unsafe impl Plain for u32 {
    fn zero() -> Self {
        0
    }
}

// SAFETY: integers.
unsafe impl Plain for [u16; 256] {
    fn zero() -> Self {
        [0; 256]
    }
}

// SAFETY: a structure of integers.
unsafe impl Plain for BATTERY_INFORMATION {
    fn zero() -> Self {
        Self::default()
    }
}

// SAFETY: a structure of integers.
unsafe impl Plain for BATTERY_STATUS {
    fn zero() -> Self {
        Self::default()
    }
}

fn ask<Q, A: Plain>(file: &File, what: u32, question: &Q) -> Answer<A> {
    let mut answer = A::zero();
    // SAFETY: both structures live until the call returns and are passed with their lengths; any bytes that
    // are written make a valid answer.
    unsafe {
        DeviceIoControl(
            HANDLE(file.as_raw_handle()),
            what,
            Some((&raw const *question).cast::<c_void>()),
            size_of::<Q>() as u32,
            Some((&raw mut answer).cast::<c_void>()),
            size_of::<A>() as u32,
            None,
            None,
        )
    }
    .map_err(|error| failed(&error))?;
    Ok(answer)
}
