//! The health log of an `NVMe` disk (log page 02h of the NVM Express base specification).

use super::Health;

/// Length of the log.
pub const LOG_BYTES: usize = 512;

/// Bits of the critical warning: the spare blocks are nearly used up, the disk is unreliable, it only lets itself be
/// read, its cache is not saved when power fails. That it is hot, the second bit, passes by itself and is no matter of
/// health.
const SPARE: u8 = 1;
const UNRELIABLE: u8 = 1 << 2;
const READ_ONLY: u8 = 1 << 3;
const UNSAVED: u8 = 1 << 4;

/// From this share of the expected life on, in percent, a disk counts as worn.
const WORN: u8 = 100;

/// Reads a log; `None` when it is too short, or empty as some virtual disks' are.
pub fn health(log: &[u8]) -> Option<Health> {
    let log = log.get(..LOG_BYTES)?;
    let (warning, spare, threshold, used) = (log[0], log[3], log[4], log[5]);
    if log.iter().all(|byte| *byte == 0) {
        return None;
    }
    Some(if warning & (UNRELIABLE | READ_ONLY) != 0 {
        Health::Failing
    } else if warning & (SPARE | UNSAVED) != 0 || used >= WORN || spare < threshold {
        Health::Warning
    } else {
        Health::Good
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn log(warning: u8, spare: u8, used: u8) -> [u8; LOG_BYTES] {
        let mut log = [0; LOG_BYTES];
        (log[0], log[1], log[3], log[4], log[5]) = (warning, 0x35, spare, 10, used);
        log
    }

    #[test]
    fn warnings_of_the_disk_are_told_and_heat_is_not() {
        for (warning, spare, used, expected) in [
            (0, 100, 3, Health::Good),
            (1 << 1, 100, 3, Health::Good),
            (SPARE, 5, 3, Health::Warning),
            (0, 9, 3, Health::Warning),
            (0, 100, 100, Health::Warning),
            (UNSAVED, 100, 3, Health::Warning),
            (UNRELIABLE | SPARE, 5, 120, Health::Failing),
            (READ_ONLY, 100, 3, Health::Failing),
        ] {
            assert_eq!(health(&log(warning, spare, used)), Some(expected));
        }
        assert_eq!(health(&[0; LOG_BYTES]), None);
        assert_eq!(health(&[1; 100]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            health(&bytes);
        }
    }
}
