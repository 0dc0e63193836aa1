//! The boot's identifier and the counter since it, from the kernel.

use std::{sync::OnceLock, time::Duration};

use rustix::time::{ClockId, clock_gettime};

/// Identifies this boot. Where the kernel tells none, a process counts as a boot of its own: then the
/// wall clock decides about everything older.
pub(super) fn boot() -> [u8; 16] {
    static BOOT: OnceLock<[u8; 16]> = OnceLock::new();
    *BOOT.get_or_init(|| {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .ok()
            .and_then(|text| uuid::Uuid::parse_str(text.trim()).ok())
            .map_or_else(rand::random, uuid::Uuid::into_bytes)
    })
}

/// Time since this boot, sleep included.
pub(super) fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}
