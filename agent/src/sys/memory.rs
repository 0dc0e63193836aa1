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

/// Has what is at least so large get pages of its own where a heap would have to grow for it, and heaps grow by no
/// more than they need. Such pages take memory only as far as they are written to, which those that are used
/// again inside a heap do from the start. For programs that hold thousands of buffers that are hardly used; to be
/// called after [`share_heaps`].
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn map_apart(bytes: u16) {
    const PAGE: libc::c_int = 4096;
    // SAFETY: mallopt has no preconditions; M_MMAP_THRESHOLD and M_TOP_PAD take any positive value.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, libc::c_int::from(bytes));
        libc::mallopt(libc::M_TOP_PAD, PAGE);
    }
}

/// Other allocators have no such setting.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn map_apart(_bytes: u16) {}

/// Other allocators have no such setting.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn share_heaps(_heaps: u8) {}
