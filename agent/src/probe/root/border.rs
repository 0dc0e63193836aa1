//! What the running machine shows inside another root.
//!
//! A chroot often has this machine's /proc, /sys, /dev or /run mounted. They tell about this machine, and
//! reading them as the other one's would mix two computers in one report.

use std::os::fd::BorrowedFd;

/// Types of file systems that only a kernel fills: `f_type` of statfs(2).
const KERNEL: [u64; 16] = [
    0x0000_9fa0, // proc
    0x6265_6572, // sysfs
    0x0027_e0eb, // cgroup
    0x6367_7270, // cgroup2
    0x0000_1cd1, // devpts
    0x6462_6720, // debugfs
    0x7472_6163, // tracefs
    0x7363_6673, // securityfs
    0xf97c_ff8c, // selinuxfs
    0xde5e_81e4, // efivarfs
    0x6165_676c, // pstore
    0xcafe_4a11, // bpf
    0x6265_6570, // configfs
    0x1980_0202, // mqueue
    0x4249_4e4d, // binfmt_misc
    0x6e73_6673, // nsfs
];

/// Folders of this machine that live as long as it runs.
const FLEETING: [&str; 3] = ["/dev", "/run", "/tmp"];

/// Tells this machine's file systems from those of a root. By default there is no border: the root is
/// this machine's.
#[derive(Clone, Debug, Default)]
pub(super) struct Border {
    /// Device numbers of this machine's own /dev, /run and /tmp.
    ours: Option<Vec<u64>>,
}

impl Border {
    /// The border around a root directory.
    pub(super) fn around(root: BorrowedFd<'_>) -> std::io::Result<Self> {
        let root = rustix::fs::fstat(root)?.st_dev;
        let own = rustix::fs::stat("/")?.st_dev;
        let ours = FLEETING
            .iter()
            .filter_map(|path| Some(rustix::fs::stat(*path).ok()?.st_dev))
            // A root may lie in /tmp itself.
            .filter(|device| *device != root && *device != own)
            .collect();
        Ok(Self { ours: Some(ours) })
    }

    /// Whether an opened file belongs to the running machine.
    pub(super) fn is_beyond(&self, file: BorrowedFd<'_>) -> bool {
        let Some(ours) = &self.ours else {
            return false;
        };
        kind(file).is_some_and(|kind| KERNEL.contains(&kind))
            || rustix::fs::fstat(file).is_ok_and(|stat| ours.contains(&stat.st_dev))
    }
}

fn kind(file: BorrowedFd<'_>) -> Option<u64> {
    use std::os::fd::AsRawFd as _;
    let kind = rustix::fs::fstatfs(file).or_else(|_| {
        // Kernels before 3.12 do not answer for a descriptor that is only a place.
        let same = format!("/proc/self/fd/{}", file.as_raw_fd());
        rustix::fs::statfs(same)
    });
    // The type is a C long, whose upper half repeats the sign on some architectures.
    kind.ok().map(|stat| stat.f_type as u64 & 0xffff_ffff)
}
