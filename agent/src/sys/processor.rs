//! Processor time.

use std::time::Duration;

/// Processor time that this thread has taken; none where that is not known.
#[cfg(unix)]
pub(crate) fn of_this_thread() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Processor time that this thread has taken; none where that is not known.
#[cfg(not(unix))]
pub(crate) fn of_this_thread() -> Duration {
    Duration::ZERO
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_this_thread_goes_on_only_while_it_works() {
        let before = of_this_thread();
        std::thread::sleep(Duration::from_millis(30));
        assert!(of_this_thread().saturating_sub(before) < Duration::from_millis(20));
    }
}
