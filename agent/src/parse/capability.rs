//! The `security.capability` attribute of a file: rights of root that a program has whoever starts it.

/// Capabilities by number, as the kernel counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// A bit for each that the program may use.
    pub permitted: u64,
    /// They are in force from the start, without the program asking for them.
    pub effective: bool,
}

impl Capabilities {
    /// Whether one of them is permitted.
    pub fn has(self, number: u32) -> bool {
        number < u64::BITS && self.permitted >> number & 1 == 1
    }
}

/// Reads the attribute: revisions 1 (32 capabilities), 2 (64) and 3 (64 for a user namespace). Those of a
/// namespace give nothing outside of it and are none here.
pub fn parse(bytes: &[u8]) -> Option<Capabilities> {
    let word = |index: usize| -> Option<u32> {
        let start = 4 * index;
        Some(u32::from_le_bytes(*bytes.get(start..)?.first_chunk()?))
    };
    let magic = word(0)?;
    let permitted = match (magic >> 24, bytes.len()) {
        (1, 12) => u64::from(word(1)?),
        (2, 20) => u64::from(word(1)?) | u64::from(word(3)?) << 32,
        (3, 24) if word(5)? == 0 => u64::from(word(1)?) | u64::from(word(3)?) << 32,
        (3, 24) => 0,
        _ => return None,
    };
    Some(Capabilities {
        permitted,
        effective: magic & 1 == 1,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Written by `setcap cap_setuid+ep` on Debian 12.
    const SETUID: [u8; 20] = [
        1, 0, 0, 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn capabilities_are_read_in_each_revision() {
        let setuid = parse(&SETUID).unwrap();
        assert!(setuid.effective && setuid.has(7) && !setuid.has(6) && !setuid.has(64));
        let mut high = SETUID;
        (high[0], high[12]) = (0, 0x80);
        let high = parse(&high).unwrap();
        assert!(!high.effective && high.has(39) && high.has(7));
        assert!(parse(&[0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0]).unwrap().has(2));
    }

    #[test]
    fn those_of_a_namespace_give_nothing() {
        let mut bytes = SETUID.to_vec();
        bytes[3] = 3;
        bytes.extend([0, 0, 0, 0]);
        assert!(parse(&bytes).unwrap().has(7));
        bytes[20] = 1;
        assert_eq!(parse(&bytes).unwrap().permitted, 0);
    }

    #[test]
    fn other_lengths_are_refused() {
        for length in (0..32).filter(|length| *length != 20) {
            let bytes: Vec<_> = SETUID.iter().copied().cycle().take(length).collect();
            assert_eq!(parse(&bytes), None, "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            parse(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(permitted: u64, effective: bool) {
            let (low, high) = (permitted as u32, (permitted >> 32) as u32);
            let magic = 2 << 24 | u32::from(effective);
            let words = [magic, low, 7, high, 9].map(u32::to_le_bytes);
            prop_assert_eq!(parse(&words.concat()), Some(Capabilities { permitted, effective }));
        }
    }
}
