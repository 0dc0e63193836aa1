//! What a SATA disk answers through SCSI's sense data (SCSI/ATA Translation, "ATA Status Return" descriptor, and the
//! fixed format of the same).

use super::Health;

/// Registers of the disk after a command, as far as they matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Registers {
    count: u8,
    middle: u8,
    high: u8,
}

/// "ATA PASS-THROUGH INFORMATION AVAILABLE": additional sense code and its qualifier.
const INFORMATION_AVAILABLE: [u8; 2] = [0x00, 0x1d];

/// Whether the disk is well, from the sense data after SMART RETURN STATUS; `None` when it does not say.
pub fn health(sense: &[u8]) -> Option<Health> {
    let registers = registers(sense)?;
    match (registers.middle, registers.high) {
        (0x4f, 0xc2) => Some(Health::Good),
        // A threshold was exceeded: the disk expects to fail.
        (0xf4, 0x2c) => Some(Health::Failing),
        _ => None,
    }
}

/// Whether the disk stands still, from the sense data after CHECK POWER MODE; `None` when it does not say.
pub fn rests(sense: &[u8]) -> Option<bool> {
    let registers = registers(sense)?;
    // Standby, standby of a disk that answers from its own memory, and that memory at work with the disk standing still.
    Some(matches!(registers.count, 0x00 | 0x01 | 0x40))
}

fn registers(sense: &[u8]) -> Option<Registers> {
    match sense.first()? & 0x7f {
        0x70 | 0x71 => fixed(sense),
        0x72 | 0x73 => described(sense),
        _ => None,
    }
}

/// The registers stand where other commands have "information" and "command-specific information".
fn fixed(sense: &[u8]) -> Option<Registers> {
    (sense.get(12..14)? == INFORMATION_AVAILABLE).then(|| Registers {
        count: sense[6],
        middle: sense[10],
        high: sense[11],
    })
}

/// The registers are a descriptor among others.
fn described(sense: &[u8]) -> Option<Registers> {
    const ATA_STATUS: u8 = 0x09;
    let length = usize::from(*sense.get(7)?);
    let rest = sense.get(8..)?;
    let mut rest = rest.get(..length).unwrap_or(rest);
    while let [kind, length, content @ ..] = rest {
        let content = content.get(..usize::from(*length))?;
        if *kind == ATA_STATUS && content.len() >= 12 {
            return Some(Registers {
                count: content[3],
                middle: content[7],
                high: content[9],
            });
        }
        rest = rest.get(2 + content.len()..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As a disk answers through its controller, written from the standard.
    fn descriptor(count: u8, middle: u8, high: u8) -> Vec<u8> {
        let mut sense = vec![0x72, 0x01, 0x00, 0x1d, 0, 0, 0, 14];
        sense.extend([0x09, 12, 0, 0, 0, count, 0, 0, 0, middle, 0, high, 0, 0x50]);
        sense
    }

    fn old(count: u8, middle: u8, high: u8) -> Vec<u8> {
        let mut sense = vec![0x70, 0, 0x01, 0, 0x50, 0, count, 10, 0, 0, middle, high];
        sense.extend([0x00, 0x1d, 0, 0, 0, 0]);
        sense
    }

    #[test]
    fn a_disk_that_expects_to_fail_is_told_from_one_that_is_well_in_both_formats() {
        for format in [descriptor, old] {
            assert_eq!(health(&format(0, 0x4f, 0xc2)), Some(Health::Good));
            assert_eq!(health(&format(0, 0xf4, 0x2c)), Some(Health::Failing));
            assert_eq!(health(&format(0, 0, 0)), None, "SMART is switched off");
        }
        let mut refused = old(0, 0x4f, 0xc2);
        (refused[2], refused[12], refused[13]) = (0x05, 0x20, 0x00);
        assert_eq!(health(&refused), None, "these are no registers");
        assert_eq!(health(&[]), None);
    }

    #[test]
    fn a_disk_that_stands_still_is_known() {
        for format in [descriptor, old] {
            assert_eq!(rests(&format(0x00, 0, 0)), Some(true));
            assert_eq!(rests(&format(0x80, 0, 0)), Some(false));
            assert_eq!(rests(&format(0xff, 0, 0)), Some(false));
        }
        assert_eq!(rests(&[0x72, 0x05, 0x20, 0x00, 0, 0, 0, 0]), None);
    }

    #[test]
    fn other_descriptors_are_passed_over() {
        let mut sense = vec![0x72, 0x01, 0x00, 0x1d, 0, 0, 0, 18, 0x02, 2, 0, 0];
        sense.extend(descriptor(0, 0xf4, 0x2c).split_off(8));
        assert_eq!(health(&sense), Some(Health::Failing));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            health(&bytes);
            rests(&bytes);
        }
    }
}
