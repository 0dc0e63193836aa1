//! The boot's identifier and the counter since it, from the kernel.

use std::{sync::OnceLock, time::Duration};

use crate::sys::windows::boot;

/// Identifies this boot: the time at which it began by the clock as it was then. Where the kernel does not
/// tell, a process counts as a boot of its own: then the wall clock decides about everything older.
pub(super) fn boot() -> [u8; 16] {
    static BOOT: OnceLock<[u8; 16]> = OnceLock::new();
    *BOOT.get_or_init(|| match boot::times() {
        Some(times) => {
            let began = times.began - times.set_since;
            let mut id = *b"boot\0\0\0\0\0\0\0\0\0\0\0\0";
            id[8..].copy_from_slice(&began.to_le_bytes());
            id
        }
        None => rand::random(),
    })
}

/// Time since this boot, sleep included.
pub(super) fn since_boot() -> Duration {
    boot::elapsed()
}
