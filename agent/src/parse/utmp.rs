//! utmp: who is signed in, and wtmp: who was (the layout of glibc on Linux).

/// Someone signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Account.
    pub account: String,
    /// Terminal, such as "tty1" or "pts/0".
    pub terminal: String,
    /// Process of the session.
    pub process: u32,
    /// Since when, seconds since 1970-01-01 UTC.
    pub since: i64,
}

/// Where records end and times stand: 32-bit times on most architectures, 64-bit ones on a few.
struct Layout {
    record: usize,
    seconds: usize,
    wide: bool,
}

const COMPACT: Layout = Layout {
    record: 384,
    seconds: 340,
    wide: false,
};
const WIDE: Layout = Layout {
    record: 400,
    seconds: 344,
    wide: true,
};

/// Bytes of the end of a file in which records begin where they do in the whole, in either layout.
pub const TAIL: u64 = 9_600 * 50;

/// Reads the people signed in. A partial record at the end is passed over.
pub fn logins(bytes: &[u8]) -> Vec<Login> {
    logins_of(bytes, bytes.len() as u64)
}

/// Reads those of the end of a file of some length: no more than [`TAIL`] bytes, which divides by both layouts.
pub fn logins_of(bytes: &[u8], file: u64) -> Vec<Login> {
    let read = |layout: &Layout| -> Vec<Login> {
        let records = bytes.chunks_exact(layout.record);
        records.filter_map(|record| login(record, layout)).collect()
    };
    let divides = |layout: &Layout| file.is_multiple_of(layout.record as u64);
    match (divides(&COMPACT), divides(&WIDE)) {
        (true, true) => {
            let (compact, wide) = (read(&COMPACT), read(&WIDE));
            if wide.len() > compact.len() {
                wide
            } else {
                compact
            }
        }
        (false, true) => read(&WIDE),
        _ => read(&COMPACT),
    }
}

fn login(record: &[u8], layout: &Layout) -> Option<Login> {
    const USER_PROCESS: u16 = 7;
    let kind = u16::from_ne_bytes(*record.first_chunk()?);
    let process = u32::from_ne_bytes(*record.get(4..)?.first_chunk()?);
    let account = text(record.get(44..76)?);
    let time = record.get(layout.seconds..)?;
    let since = if layout.wide {
        i64::from_ne_bytes(*time.first_chunk()?)
    } else {
        u32::from_ne_bytes(*time.first_chunk()?).into()
    };
    (kind == USER_PROCESS && !account.is_empty()).then(|| Login {
        account,
        terminal: text(record.get(8..40).unwrap_or_default()),
        process,
        since,
    })
}

fn text(field: &[u8]) -> String {
    let end = field
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(layout: &Layout, kind: u16, account: &str) -> Vec<u8> {
        let mut record = vec![0; layout.record];
        record[..2].copy_from_slice(&kind.to_ne_bytes());
        record[4..8].copy_from_slice(&77_u32.to_ne_bytes());
        record[8..12].copy_from_slice(b"tty1");
        record[44..44 + account.len()].copy_from_slice(account.as_bytes());
        let seconds = layout.seconds;
        if layout.wide {
            record[seconds..seconds + 8].copy_from_slice(&1_772_352_900_i64.to_ne_bytes());
        } else {
            record[seconds..seconds + 4].copy_from_slice(&1_772_352_900_u32.to_ne_bytes());
        }
        record
    }

    #[test]
    fn people_are_read_in_both_layouts_and_the_dead_are_not() {
        for layout in [COMPACT, WIDE] {
            let bytes = [record(&layout, 2, "reboot"), record(&layout, 7, "anna")].concat();
            let expected = Login {
                account: "anna".into(),
                terminal: "tty1".into(),
                process: 77,
                since: 1_772_352_900,
            };
            assert_eq!(logins(&bytes), [expected]);
        }
    }

    #[test]
    fn the_end_of_a_long_file_is_read_in_its_own_layout() {
        for layout in [COMPACT, WIDE] {
            let records = 9_600 / layout.record;
            let bytes = record(&layout, 7, "anna").repeat(records);
            let found = logins_of(&bytes, 9_600 * 77);
            assert_eq!(found.len(), records);
            assert!(found.iter().all(|login| login.account == "anna"));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..2500)) {
            logins(&bytes);
        }

        #[test]
        fn what_is_printed_is_read_again(
            people in prop::collection::vec(("[a-z]{1,32}", "[a-z0-9/]{0,32}", any::<u32>(), any::<u32>()), 0..5)
        ) {
            let (mut bytes, mut expected) = (Vec::new(), Vec::new());
            for (account, terminal, process, since) in people {
                let mut record = [0_u8; COMPACT.record];
                record[..2].copy_from_slice(&7_u16.to_ne_bytes());
                record[4..8].copy_from_slice(&process.to_ne_bytes());
                record[8..8 + terminal.len()].copy_from_slice(terminal.as_bytes());
                record[44..44 + account.len()].copy_from_slice(account.as_bytes());
                record[340..344].copy_from_slice(&since.to_ne_bytes());
                bytes.extend(record);
                expected.push(Login { account, terminal, process, since: since.into() });
            }
            prop_assert_eq!(logins(&bytes), expected);
        }
    }
}
