//! lastlog: a record for each user id, with the time of the last sign-in (the layout of glibc on Linux).

const COMPACT: usize = 292;
const WIDE: usize = 296;

/// Length of a record, by the length of the file: with 32-bit times on most architectures, with 64-bit ones on a few.
pub fn record_length(file: u64) -> usize {
    let divides = |length: usize| file > 0 && file.is_multiple_of(length as u64);
    if divides(WIDE) && !divides(COMPACT) {
        WIDE
    } else {
        COMPACT
    }
}

/// When the user of a record signed in last, in seconds since 1970-01-01 UTC; `None` for never.
pub fn signed_in(record: &[u8]) -> Option<i64> {
    let seconds = match record.len() {
        WIDE => i64::from_ne_bytes(*record.first_chunk()?),
        _ => u32::from_ne_bytes(*record.first_chunk()?).into(),
    };
    (seconds > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_layouts_are_told_apart_by_the_length_of_the_file() {
        assert_eq!(record_length(292 * 1001), 292);
        assert_eq!(record_length(296 * 1001), 296);
        assert_eq!(record_length(0), 292);
        let mut record = [0; COMPACT];
        assert_eq!(signed_in(&record), None);
        record[..4].copy_from_slice(&1_772_352_900_u32.to_ne_bytes());
        assert_eq!(signed_in(&record), Some(1_772_352_900));
        let mut wide = [0; WIDE];
        wide[..8].copy_from_slice(&5_000_000_000_i64.to_ne_bytes());
        assert_eq!(signed_in(&wide), Some(5_000_000_000));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400), length: u64) {
            signed_in(&bytes);
            record_length(length);
        }

        #[test]
        fn what_is_printed_is_read_again(seconds in 1_u32.., wide: bool) {
            let mut record = vec![0; if wide { WIDE } else { COMPACT }];
            let bytes = if wide {
                i64::from(seconds).to_ne_bytes().to_vec()
            } else {
                seconds.to_ne_bytes().to_vec()
            };
            record[..bytes.len()].copy_from_slice(&bytes);
            prop_assert_eq!(record_length(record.len() as u64), record.len());
            prop_assert_eq!(signed_in(&record), Some(seconds.into()));
        }
    }
}
