//! SCSI's log page of informational exceptions (2Fh of the SCSI primary commands), which SAS disks keep.

use super::Health;

/// Number of the page.
pub const EXCEPTIONS: u8 = 0x2f;

/// Length of what is asked for: the header and the first parameter, which is the one that counts.
pub const LOG_BYTES: usize = 64;

/// Reads the page; `None` when it is another one, or too short.
pub fn health(page: &[u8]) -> Option<Health> {
    const FAILURE_PREDICTED: u8 = 0x5d;
    const FALSE_ALARM: u8 = 0xff;
    const WARNING: u8 = 0x0b;
    const HOT: u8 = 0x01;
    let header = page.get(..4)?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let parameters = page.get(4..)?;
    let parameters = parameters.get(..length).unwrap_or(parameters);
    // Parameter 0: its number, control, length, then the additional sense code and its qualifier.
    let parameter = parameters.get(..6)?;
    if header[0] & 0x3f != EXCEPTIONS || parameter[..2] != [0, 0] || parameter[3] < 2 {
        return None;
    }
    Some(match (parameter[4], parameter[5]) {
        (FAILURE_PREDICTED, qualifier) if qualifier != FALSE_ALARM => Health::Failing,
        // Heat passes by itself and is no matter of health.
        (WARNING, qualifier) if qualifier != HOT => Health::Warning,
        _ => Health::Good,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The page as the standard has it.
    fn page(code: u8, qualifier: u8) -> Vec<u8> {
        vec![EXCEPTIONS, 0, 0, 8, 0, 0, 0x03, 4, code, qualifier, 31, 0]
    }

    #[test]
    fn exceptions_of_the_disk_are_told_and_heat_is_not() {
        for (code, qualifier, expected) in [
            (0x00, 0x00, Health::Good),
            (0x5d, 0x10, Health::Failing),
            (0x5d, 0xff, Health::Good),
            (0x0b, 0x01, Health::Good),
            (0x0b, 0x02, Health::Warning),
        ] {
            assert_eq!(health(&page(code, qualifier)), Some(expected));
        }
    }

    #[test]
    fn another_page_or_one_that_is_cut_off_tells_nothing() {
        let mut other = page(0x5d, 0x10);
        other[0] = 0x0d;
        assert_eq!(health(&other), None);
        let mut empty = page(0x5d, 0x10);
        empty[3] = 0;
        assert_eq!(health(&empty), None);
        assert_eq!(health(&page(0x5d, 0x10)[..9]), None);
        assert_eq!(health(&[]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            health(&bytes);
        }
    }
}
