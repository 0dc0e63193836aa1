//! EDID: what a monitor tells about itself (VESA E-EDID 1.4, the base block).

use freehold_proto::v1::hardware::Monitor;

const BLOCK: usize = 128;
const MAGIC: [u8; 8] = [0, 255, 255, 255, 255, 255, 255, 0];

/// Reads the base block; `None` when the bytes are no EDID or its checksum is wrong. Connector and
/// source stay empty.
pub fn parse(bytes: &[u8]) -> Option<Monitor> {
    let block = bytes.first_chunk::<BLOCK>()?;
    let sum = block.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if !block.starts_with(&MAGIC) || sum != 0 {
        return None;
    }
    let number = u32::from_le_bytes([block[12], block[13], block[14], block[15]]);
    Some(Monitor {
        maker: maker([block[8], block[9]]),
        model: descriptor(block, 0xfc)
            .unwrap_or_else(|| format!("{:04x}", u16::from_le_bytes([block[10], block[11]]))),
        serial: descriptor(block, 0xff)
            .or_else(|| plausible(number).then(|| number.to_string()))
            .unwrap_or_default(),
        year: year(block[17]),
        ..Monitor::default()
    })
}

/// Three letters, five bits each.
fn maker(bytes: [u8; 2]) -> String {
    let packed = u16::from_be_bytes(bytes);
    let letters = [packed >> 10, packed >> 5, packed].map(|five| (five & 31) as u8);
    if letters.iter().all(|letter| (1..=26).contains(letter)) {
        letters
            .iter()
            .map(|letter| char::from(b'@' + letter))
            .collect()
    } else {
        String::new()
    }
}

/// Text of the display descriptor with a tag, up to its line feed.
fn descriptor(block: &[u8; BLOCK], tag: u8) -> Option<String> {
    block[54..126].chunks_exact(18).find_map(|chunk| {
        let [0, 0, 0, found, 0, text @ ..] = chunk else {
            return None;
        };
        if *found != tag {
            return None;
        }
        let text = text.split(|byte| *byte == b'\n').next()?;
        let text: String = text.iter().copied().map(char::from).collect();
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        (!text.is_empty()).then(|| text.to_owned())
    })
}

fn plausible(serial: u32) -> bool {
    !matches!(serial, 0 | 0x0101_0101 | u32::MAX)
}

fn year(since_1990: u8) -> Option<u32> {
    (since_1990 != 0).then(|| 1990 + u32::from(since_1990))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(serial: u32) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..8].copy_from_slice(&MAGIC);
        block[8..10].copy_from_slice(&[0x10, 0xac]);
        block[10..12].copy_from_slice(&[0x34, 0x12]);
        block[12..16].copy_from_slice(&serial.to_le_bytes());
        block[17] = 31;
        block[72..77].copy_from_slice(&[0, 0, 0, 0xfc, 0]);
        block[77..90].copy_from_slice(b"DELL U2720Q\n ");
        seal(block)
    }

    fn seal(mut block: Vec<u8>) -> Vec<u8> {
        block[127] = 0;
        let sum = block.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        block[127] = sum.wrapping_neg();
        block
    }

    #[test]
    fn maker_model_serial_and_year_are_read() {
        let monitor = parse(&block(4242)).unwrap();
        assert_eq!(monitor.maker, "DEL");
        assert_eq!(monitor.model, "DELL U2720Q");
        assert_eq!(monitor.serial, "4242");
        assert_eq!(monitor.year, Some(2021));
    }

    #[test]
    fn a_placeholder_serial_is_absent_and_damage_is_no_monitor() {
        assert_eq!(parse(&block(0x0101_0101)).unwrap().serial, "");
        let mut damaged = block(1);
        damaged[20] ^= 1;
        assert_eq!(parse(&damaged), None);
        assert_eq!(parse(&block(1)[..100]), None);
    }

    proptest! {
        #[test]
        fn any_block_is_survived(mut bytes in proptest::collection::vec(any::<u8>(), BLOCK)) {
            parse(&bytes);
            bytes[..8].copy_from_slice(&MAGIC);
            prop_assert!(parse(&seal(bytes)).is_some());
        }
    }
}
