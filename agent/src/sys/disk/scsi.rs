//! SCSI commands through the kernel's "SCSI generic" interface. The only ones that can be sent are those of
//! [`Question`], which move no data to the disk.
#![allow(unsafe_code)]

use std::{
    ffi::{c_int, c_uchar, c_uint, c_ushort, c_void},
    io,
    os::fd::{AsRawFd as _, OwnedFd},
    ptr::null_mut,
};

use super::TIMEOUT_MS;
use crate::parse::disk_health::scsi::{EXCEPTIONS, LOG_BYTES};

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// ATA's CHECK POWER MODE, which does not wake the disk: answered in the sense data.
    AtaPowerMode,
    /// ATA's SMART RETURN STATUS: answered in the sense data.
    AtaHealth,
    /// SCSI's LOG SENSE of the page of exceptions: answered with the page.
    ScsiHealth,
}

/// `struct sg_io_hdr` of `scsi/sg.h`.
#[repr(C)]
struct Header {
    interface_id: c_int,
    direction: c_int,
    command_length: c_uchar,
    sense_room: c_uchar,
    pieces: c_ushort,
    data_room: c_uint,
    data: *mut c_void,
    command: *mut c_uchar,
    sense: *mut c_uchar,
    timeout_ms: c_uint,
    flags: c_uint,
    pack: c_int,
    own: *mut c_void,
    status: c_uchar,
    masked_status: c_uchar,
    message_status: c_uchar,
    sense_length: c_uchar,
    host_status: c_ushort,
    driver_status: c_ushort,
    residual: c_int,
    duration: c_uint,
    info: c_uint,
}

const SG_IO: libc::c_ulong = 0x2285;
const NO_DATA: c_int = -1;
const FROM_DISK: c_int = -3;
const SENSE_BYTES: usize = 64;

impl Question {
    /// The command, and how many bytes it has the disk send.
    fn command(self) -> ([u8; 16], usize, usize) {
        match self {
            Self::AtaPowerMode => (ata(0xe5, 0, 0, 0), 16, 0),
            // These two numbers in the address make it one of the SMART commands.
            Self::AtaHealth => (ata(0xb0, 0xda, 0x4f, 0xc2), 16, 0),
            Self::ScsiHealth => {
                const LOG_SENSE: u8 = 0x4d;
                const CURRENT_VALUES: u8 = 1 << 6;
                let mut command = [0; 16];
                (command[0], command[2]) = (LOG_SENSE, CURRENT_VALUES | EXCEPTIONS);
                command[8] = LOG_BYTES as u8;
                (command, 10, LOG_BYTES)
            }
        }
    }
}

/// An ATA command that moves no data, with the wish to see the disk's registers afterwards.
fn ata(command: u8, feature: u8, middle: u8, high: u8) -> [u8; 16] {
    const PASS_THROUGH: u8 = 0x85;
    const NO_DATA: u8 = 3 << 1;
    const SHOW_REGISTERS: u8 = 1 << 5;
    let mut bytes = [0; 16];
    (bytes[0], bytes[1], bytes[2]) = (PASS_THROUGH, NO_DATA, SHOW_REGISTERS);
    (bytes[4], bytes[10], bytes[12], bytes[14]) = (feature, middle, high, command);
    bytes
}

/// Asks a disk. An answer of the disk that it will not do that is sense data, too.
pub(super) fn ask(disk: &OwnedFd, question: Question) -> io::Result<Vec<u8>> {
    let (mut command, command_length, data_length) = question.command();
    let mut sense = [0; SENSE_BYTES];
    let mut data = vec![0; data_length];
    let mut header = Header {
        interface_id: c_int::from(b'S'),
        direction: if data.is_empty() { NO_DATA } else { FROM_DISK },
        command_length: command_length as u8,
        sense_room: SENSE_BYTES as u8,
        pieces: 0,
        data_room: data.len() as c_uint,
        data: if data.is_empty() {
            null_mut()
        } else {
            data.as_mut_ptr().cast()
        },
        command: command.as_mut_ptr(),
        sense: sense.as_mut_ptr(),
        timeout_ms: TIMEOUT_MS,
        flags: 0,
        pack: 0,
        own: null_mut(),
        status: 0,
        masked_status: 0,
        message_status: 0,
        sense_length: 0,
        host_status: 0,
        driver_status: 0,
        residual: 0,
        duration: 0,
        info: 0,
    };
    // SAFETY: the header has the layout that the call expects; command, sense and data are buffers of the lengths that it
    // states and outlive the call. The kernel reads the command and writes no more than those lengths to the others.
    let answer = unsafe { libc::ioctl(disk.as_raw_fd(), SG_IO as _, &raw mut header) };
    if answer < 0 {
        return Err(io::Error::last_os_error());
    }
    if header.host_status != 0 {
        // The disk or the way to it failed, or it took too long.
        return Err(io::ErrorKind::TimedOut.into());
    }
    if data.is_empty() {
        return Ok(sense[..usize::from(header.sense_length).min(SENSE_BYTES)].to_vec());
    }
    if header.status != 0 {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let missing = usize::try_from(header.residual).unwrap_or_default();
    data.truncate(data_length.saturating_sub(missing));
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_header_has_the_size_that_the_kernel_expects() {
        assert_eq!(size_of::<Header>(), 88);
        assert_eq!(std::mem::offset_of!(Header, status), 64);
        assert_eq!(std::mem::offset_of!(Header, info), 80);
    }

    #[test]
    fn no_question_moves_data_to_the_disk_or_changes_it() {
        let (command, length, data) = Question::AtaHealth.command();
        assert_eq!((length, data), (16, 0));
        assert_eq!(command[..3], [0x85, 0x06, 0x20]);
        assert_eq!([command[4], command[10], command[12]], [0xda, 0x4f, 0xc2]);
        assert_eq!(command[14], 0xb0);
        let (command, ..) = Question::AtaPowerMode.command();
        assert_eq!((command[1], command[14]), (0x06, 0xe5));
        let (command, length, data) = Question::ScsiHealth.command();
        assert_eq!((command[0], command[2], length), (0x4d, 0x6f, 10));
        assert_eq!(usize::from(command[8]), data);
    }

    #[test]
    fn what_is_no_disk_refuses() {
        let null = std::fs::File::open("/dev/null").unwrap();
        let error = ask(&null.into(), Question::AtaHealth).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOTTY));
    }
}
