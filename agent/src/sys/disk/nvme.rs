//! What an `NVMe` disk says about its health, through the kernel.
#![allow(unsafe_code)]

use std::{
    io,
    os::fd::{AsRawFd as _, OwnedFd},
};

use super::TIMEOUT_MS;
use crate::parse::disk_health::nvme::LOG_BYTES;

/// `struct nvme_passthru_cmd` of `linux/nvme_ioctl.h`.
#[repr(C)]
#[derive(Default)]
struct Command {
    opcode: u8,
    flags: u8,
    reserved: u16,
    namespace: u32,
    words: [u32; 2],
    metadata: u64,
    address: u64,
    metadata_length: u32,
    data_length: u32,
    more_words: [u32; 6],
    timeout_ms: u32,
    result: u32,
}

/// `NVME_IOCTL_ADMIN_CMD`: `_IOWR('N', 0x41, struct nvme_passthru_cmd)`.
const ADMIN_COMMAND: libc::c_ulong =
    3 << 30 | (size_of::<Command>() as libc::c_ulong) << 16 | 0x4e << 8 | 0x41;

const GET_LOG_PAGE: u8 = 0x02;
const HEALTH: u32 = 0x02;
const WHOLE_CONTROLLER: u32 = u32::MAX;

/// The health log. A question: the disk changes nothing.
pub(super) fn health_log(disk: &OwnedFd) -> io::Result<Vec<u8>> {
    let mut log = vec![0; LOG_BYTES];
    let mut command = Command {
        opcode: GET_LOG_PAGE,
        namespace: WHOLE_CONTROLLER,
        address: log.as_mut_ptr() as u64,
        data_length: LOG_BYTES as u32,
        timeout_ms: TIMEOUT_MS,
        ..Command::default()
    };
    // Number of four-byte words less one, and which log.
    command.more_words[0] = (LOG_BYTES as u32 / 4 - 1) << 16 | HEALTH;
    // SAFETY: the command has the layout and size that the number of the call names; the kernel writes at most
    // data_length bytes to the address, which is that of a buffer of that length that outlives the call.
    let answer = unsafe { libc::ioctl(disk.as_raw_fd(), ADMIN_COMMAND as _, &raw mut command) };
    match answer {
        0 => Ok(log),
        answer if answer < 0 => Err(io::Error::last_os_error()),
        // The disk itself refuses.
        _ => Err(io::ErrorKind::Unsupported.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_has_the_size_that_the_kernel_expects() {
        assert_eq!(size_of::<Command>(), 72);
        assert_eq!(ADMIN_COMMAND, 0xc048_4e41);
    }
}
