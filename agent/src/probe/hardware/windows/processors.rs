//! Processors: the kernel's description of how they are arranged, and the keys that it makes of each thread.

use freehold_proto::v1::hardware::Processor;

use crate::{
    probe::section::Diagnostics,
    rows::{Answer, Below, Row},
};

/// Where the kernel describes each thread, in a key named by its number.
pub(super) const KEY: &str = r"HARDWARE\DESCRIPTION\System\CentralProcessor";
/// Values asked for of each.
#[cfg_attr(not(windows), allow(dead_code, reason = "asked for on Windows"))]
pub(super) const VALUES: [&str; 3] = ["ProcessorNameString", "VendorIdentifier", "Update Revision"];

const ARRANGEMENT: &str = "GetLogicalProcessorInformationEx";

/// What the system answers.
#[derive(Debug)]
pub(super) struct Rows {
    /// How threads make cores and cores make processors, as the kernel hands it over.
    pub(super) arrangement: Answer<Vec<u8>>,
    /// The key of each thread.
    pub(super) threads: Answer<Below>,
    /// Highest rated frequency of each thread; empty where it is not told.
    pub(super) megahertz: Vec<u32>,
}

/// Threads of one group, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Threads {
    group: u16,
    mask: u64,
}

/// Several threads that belong together.
type Set = Vec<Threads>;

/// The processors, one entry a socket. `sockets` are the names that the firmware gives to the filled ones.
pub(super) fn read(
    rows: &Rows,
    sockets: &[String],
    diagnostics: &mut Diagnostics,
) -> Vec<Processor> {
    let arrangement = rows.arrangement.as_deref().unwrap_or_default();
    let (cores, packages) = (sets(arrangement, CORE), sets(arrangement, PACKAGE));
    if packages.is_empty() {
        let reason = match &rows.arrangement {
            Err(unread) => format!("{unread}, so the processors are missing"),
            Ok(_) => "names no processor, so the processors are missing".into(),
        };
        diagnostics.note(ARRANGEMENT, "", reason);
        return Vec::new();
    }
    if let Err(unread) = &rows.threads {
        let reason = format_args!("{unread}, so makers and models of processors are missing");
        diagnostics.note(KEY, "", reason);
    }
    let named = sockets.len() == packages.len();
    let packages = packages.iter().enumerate();
    packages
        .map(|(number, package)| {
            let own = cores.iter().filter(|core| meet(core, package));
            let socket = sockets.get(number).filter(|name| named && !name.is_empty());
            Processor {
                socket: socket.cloned().unwrap_or_else(|| format!("CPU{number}")),
                cores: u32::try_from(own.count()).ok(),
                threads: Some(
                    package
                        .iter()
                        .map(|threads| threads.mask.count_ones())
                        .sum(),
                ),
                ..describe(rows, first(package))
            }
        })
        .collect()
}

fn meet(one: &Set, other: &Set) -> bool {
    one.iter().any(|a| {
        other
            .iter()
            .any(|b| a.group == b.group && a.mask & b.mask != 0)
    })
}

/// Number of the first thread, as its key is named.
fn first(package: &Set) -> u32 {
    let first = package.iter().find(|threads| threads.mask != 0);
    first.map_or(0, |threads| {
        u32::from(threads.group) * 64 + threads.mask.trailing_zeros()
    })
}

fn describe(rows: &Rows, thread: u32) -> Processor {
    let threads = rows.threads.as_ref().ok();
    let named = |row: &&Row| row.name.parse() == Ok(thread);
    let row = threads.and_then(|below| below.rows.iter().find(named));
    let row = row.cloned().unwrap_or_default();
    let megahertz = rows.megahertz.get(thread as usize);
    Processor {
        maker: row.text("VendorIdentifier").into(),
        model: row
            .text("ProcessorNameString")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        microcode: microcode(row.bytes("Update Revision").unwrap_or_default()),
        max_mhz: megahertz.copied().filter(|megahertz| *megahertz > 0),
        source: format!(r"{ARRANGEMENT}, HKEY_LOCAL_MACHINE\{KEY}"),
        ..Processor::default()
    }
}

/// The revision stands in the upper half of eight bytes, or alone; written as Linux writes it.
fn microcode(bytes: &[u8]) -> String {
    let number = match *bytes {
        [a, b, c, d] | [_, _, _, _, a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
        _ => 0,
    };
    if number == 0 {
        return String::new();
    }
    format!("{number:#x}")
}

const CORE: u32 = 0;
const PACKAGE: u32 = 3;

/// The sets of threads of one kind: records of a kind, a length and, behind 24 bytes, how many groups there are
/// and the threads of each (`winnt.h`, on 64-bit systems).
fn sets(bytes: &[u8], wanted: u32) -> Vec<Set> {
    let number = |record: &[u8], at: usize| {
        let four = record.get(at..at + 4)?;
        Some(u32::from_le_bytes(four.try_into().ok()?))
    };
    let mut found = Vec::new();
    let mut rest = bytes;
    while let (Some(kind), Some(length)) = (number(rest, 0), number(rest, 4)) {
        let Some(record) = rest
            .get(..length as usize)
            .filter(|record| record.len() >= 8)
        else {
            break;
        };
        if kind == wanted {
            found.extend(set(record));
        }
        rest = &rest[record.len()..];
    }
    found
}

fn set(record: &[u8]) -> Option<Set> {
    const GROUPS: usize = 30;
    const FIRST: usize = 32;
    const LENGTH: usize = 16;
    let groups = u16::from_le_bytes(record.get(GROUPS..FIRST)?.try_into().ok()?);
    let groups = record
        .get(FIRST..)?
        .chunks_exact(LENGTH)
        .take(groups.into());
    let threads = groups.map(|group| {
        let (mask, group) = group.split_at(8);
        Some(Threads {
            mask: u64::from_le_bytes(mask.try_into().ok()?),
            group: u16::from_le_bytes([group[0], group[1]]),
        })
    });
    threads.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A record as `winnt.h` describes it.
    pub(in super::super) fn record(kind: u32, mask: u64) -> Vec<u8> {
        let mut record = vec![0; 48];
        record[..4].copy_from_slice(&kind.to_le_bytes());
        record[4..8].copy_from_slice(&48_u32.to_le_bytes());
        record[30] = 1;
        record[32..40].copy_from_slice(&mask.to_le_bytes());
        record
    }

    fn rows(arrangement: Answer<Vec<u8>>) -> Rows {
        let thread = |number: u32, model: &str| {
            let mut row = Row::named(number.to_string()).with("ProcessorNameString", model);
            let revision = vec![0, 0, 0, 0, 0xea, 0, 0, 0];
            row.push("Update Revision", crate::rows::Value::Bytes(revision));
            row.with("VendorIdentifier", "GenuineIntel")
        };
        Rows {
            arrangement,
            threads: Ok(Below::of([
                thread(0, "Intel(R) Xeon(R)   CPU E5  "),
                thread(4, "other"),
            ])),
            megahertz: vec![3100; 8],
        }
    }

    #[test]
    fn sockets_cores_and_threads_are_counted() {
        let records = [
            (3, 0x0f),
            (3, 0xf0),
            (0, 0x03),
            (0, 0x0c),
            (0, 0x30),
            (0, 0xc0),
            (2, 0xff),
        ];
        let bytes = records.map(|(kind, mask)| record(kind, mask)).concat();
        let mut diagnostics = Diagnostics::new();
        let found = read(&rows(Ok(bytes)), &[], &mut diagnostics);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].cores, found[0].threads), (Some(2), Some(4)));
        assert_eq!(found[0].model, "Intel(R) Xeon(R) CPU E5");
        assert_eq!(found[0].microcode, "0xea");
        assert_eq!(
            (found[1].socket.as_str(), found[1].model.as_str()),
            ("CPU1", "other")
        );
        assert_eq!(found[1].max_mhz, Some(3100));
        assert!(diagnostics.finish().is_empty());
    }

    #[test]
    fn no_answer_is_said() {
        for answer in [Err(crate::rows::Unread::Absent), Ok(Vec::new())] {
            let mut diagnostics = Diagnostics::new();
            assert!(read(&rows(answer), &[], &mut diagnostics).is_empty());
            assert_eq!(diagnostics.finish().len(), 1);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            read(&rows(Ok(bytes)), &[], &mut Diagnostics::new());
        }
    }
}
