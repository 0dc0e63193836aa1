//! Volumes of this machine.

use std::{io, path::Path};

use windows::{
    Win32::{
        Foundation::{ERROR_NO_MORE_FILES, HANDLE},
        Storage::FileSystem::{
            FindFirstVolumeW, FindNextVolumeW, FindVolumeClose, GetDiskFreeSpaceExW, GetDriveTypeW,
            GetVolumeInformationW, GetVolumePathNamesForVolumeNameW,
        },
    },
    core::PCWSTR,
};

use super::{failed, text::wide};
use crate::rows::{
    Answer, utf16,
    volume::{Content, Volume},
};

/// Most volumes that are looked at.
const VOLUMES: usize = 1000;
/// Longest list of the places where a volume is mounted.
const PLACES: usize = 32 * 1024;
/// Longest name of a volume, label or file system, with its NUL.
const NAME: usize = 300;

/// Volumes that are being counted; ended when dropped.
struct Search(HANDLE);

impl Drop for Search {
    fn drop(&mut self) {
        // SAFETY: the handle came from `FindFirstVolumeW` and is closed once.
        let _ = unsafe { FindVolumeClose(self.0) };
    }
}

/// The volumes that are mounted. What is in a drive is asked of those of this machine only: a server that went
/// away would not answer.
pub(crate) fn all() -> Answer<Vec<Volume>> {
    let mut name = [0_u16; NAME];
    // SAFETY: the buffer is passed with its length.
    let search = unsafe { FindFirstVolumeW(&mut name) }.map_err(|error| failed(&error))?;
    let search = Search(search);
    let mut volumes = Vec::new();
    loop {
        let device = utf16(&name);
        volumes.extend(volume(device));
        name = [0; NAME];
        // SAFETY: the search is open, and the buffer is passed with its length.
        let more = unsafe { FindNextVolumeW(search.0, &mut name) };
        match more {
            Ok(()) if volumes.len() < VOLUMES => {}
            Err(error) if error.code() != ERROR_NO_MORE_FILES.to_hresult() => {
                return Err(failed(&error));
            }
            _ => return Ok(volumes),
        }
    }
}

fn volume(device: String) -> Option<Volume> {
    const REMOTE: u32 = 4;
    let mounts = mounts(&device);
    let place = mounts.first()?;
    // Wine knows the kind of a drive by its letter only.
    let kind = kind(place);
    if kind == REMOTE {
        return None;
    }
    Some(Volume {
        content: content(place),
        kind,
        device,
        mounts,
    })
}

/// What the file system at a place tells. A drive without a medium answers with an error.
fn content(place: &str) -> Answer<Content> {
    const READ_ONLY: u32 = 0x0008_0000;
    let path = wide(place);
    let (mut label, mut file_system) = ([0_u16; NAME], [0_u16; NAME]);
    let mut flags = 0;
    // SAFETY: the path ends with NUL; the buffers are passed with their lengths.
    unsafe {
        GetVolumeInformationW(
            PCWSTR(path.as_ptr()),
            Some(&mut label),
            None,
            None,
            Some(&raw mut flags),
            Some(&mut file_system),
        )
    }
    .map_err(|error| failed(&error))?;
    Ok(Content {
        label: utf16(&label),
        file_system: utf16(&file_system),
        read_only: flags & READ_ONLY != 0,
        space: space(place),
    })
}

/// Bytes free on the volume at a place, for this user.
pub fn free_bytes(place: &Path) -> io::Result<u64> {
    let place = place.to_string_lossy();
    space(&place)
        .map(|(_, free)| free)
        .ok_or_else(io::Error::last_os_error)
}

/// Bytes in all and free of the volume at a place.
fn space(place: &str) -> Option<(u64, u64)> {
    let path = wide(place);
    let (mut size, mut free) = (0, 0);
    // SAFETY: the path ends with NUL; both numbers are written to before the call returns.
    let told = unsafe {
        GetDiskFreeSpaceExW(
            PCWSTR(path.as_ptr()),
            None,
            Some(&raw mut size),
            Some(&raw mut free),
        )
    };
    told.is_ok().then_some((size, free))
}

fn kind(place: &str) -> u32 {
    let path = wide(place);
    // SAFETY: the path ends with NUL.
    unsafe { GetDriveTypeW(PCWSTR(path.as_ptr())) }
}

fn mounts(device: &str) -> Vec<String> {
    let path = wide(device);
    let mut places = vec![0_u16; PLACES];
    let mut length = 0;
    // SAFETY: the path ends with NUL; the buffer is passed with its length.
    let told = unsafe {
        GetVolumePathNamesForVolumeNameW(PCWSTR(path.as_ptr()), Some(&mut places), &raw mut length)
    };
    if told.is_err() {
        return Vec::new();
    }
    let places = places.split(|unit| *unit == 0);
    let places = places.take_while(|place| !place.is_empty());
    places.map(String::from_utf16_lossy).collect()
}
