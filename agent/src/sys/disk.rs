//! Questions to disks, through the kernel. None of them changes anything.

mod nvme;
mod scsi;

use std::{io, os::fd::OwnedFd, path::Path};

use rustix::fs::{FileType, Mode, OFlags};

pub(crate) use scsi::Question;

/// Longest time that the kernel waits for an answer before it does something about a disk that gives none.
const TIMEOUT_MS: u32 = 2_000;

/// A disk that was opened for reading.
#[derive(Debug)]
pub(crate) struct Disk(OwnedFd);

impl Disk {
    /// Opens the block device of a number, at a path below /dev; nothing else that may stand there.
    pub(crate) fn open(path: &Path, number: (u32, u32)) -> io::Result<Self> {
        let is_meant = |mode, device| {
            FileType::from_raw_mode(mode) == FileType::BlockDevice
                && (rustix::fs::major(device), rustix::fs::minor(device)) == number
        };
        let wrong = || io::Error::from(io::ErrorKind::NotFound);
        // Opening another device could have effects.
        let before = rustix::fs::lstat(path)?;
        if !is_meant(before.st_mode, before.st_rdev) {
            return Err(wrong());
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let disk = rustix::fs::open(path, flags, Mode::empty())?;
        let opened = rustix::fs::fstat(&disk)?;
        if is_meant(opened.st_mode, opened.st_rdev) {
            Ok(Self(disk))
        } else {
            Err(wrong())
        }
    }

    /// The health log of an `NVMe` disk. Only for administrators.
    pub(crate) fn nvme_health_log(&self) -> io::Result<Vec<u8>> {
        nvme::health_log(&self.0)
    }

    /// What a SATA or SAS disk answers: sense data, or the page that was asked for. Only for those who may send commands
    /// of any kind.
    pub(crate) fn ask(&self, question: Question) -> io::Result<Vec<u8>> {
        scsi::ask(&self.0, question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_device_that_is_meant_is_not_opened() {
        for path in ["/dev/null", "/etc/passwd", "/dev/nonexistent"] {
            let error = Disk::open(Path::new(path), (259, 0)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{path}");
        }
    }
}
