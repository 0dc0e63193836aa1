//! Giving memory back.
#![allow(unsafe_code)]

/// Returns freed memory to the operating system. A snapshot needs some megabytes once; an idle agent
/// should not hold on to them.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn trim() {
    // SAFETY: malloc_trim has no preconditions and may be called from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators return memory by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn trim() {}

/// Has all threads share one heap, so that those of short-lived threads do not add up. For programs
/// that are an agent and nothing else; to be called before any thread is started.
pub fn share_one_heap() {
    share_heaps(1);
}

/// Has all threads share so many heaps; to be called before any thread is started.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn share_heaps(heaps: u8) {
    // SAFETY: mallopt has no preconditions; M_ARENA_MAX and M_MMAP_THRESHOLD take any positive value.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, i32::from(heaps.max(1)));
        libc::mallopt(libc::M_MMAP_THRESHOLD, 128 * 1024);
    }
}

/// Other allocators have no such setting.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn share_heaps(_heaps: u8) {}
