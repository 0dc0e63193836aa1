//! Samba's registry, in which it can keep its configuration: a file of the trivial database (TDB), in which keys of the
//! registry are records.

use std::collections::HashMap;

/// Most records looked at.
const RECORDS: usize = 200_000;

const MAGIC: &[u8] = b"TDB file\n\0";
const VERSION: u32 = 0x2601_1967 + 6;
/// Length of the header; a list of free space begins behind it, then the chains of records.
const HEADER: usize = 168;
const RECORD: usize = 24;
const RECORD_MAGIC: u32 = 0x2601_1999;

/// Where the configuration is in the registry.
const CONFIGURATION: &str = "hklm\\software\\samba\\smbconf";
const VALUES: &str = "samba_regval\\";

/// Kinds of values that are text.
const TEXT: u32 = 1;

/// A section of the configuration, such as a share, as smb.conf would have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Name.
    pub name: String,
    /// Its settings that are text.
    pub settings: Vec<(String, String)>,
}

/// Reads the sections, in the order of the registry; `None` when the bytes are no such database.
pub fn sections(bytes: &[u8]) -> Option<Vec<Section>> {
    let records = records(bytes)?;
    let Some(names) = records.get(CONFIGURATION) else {
        return Some(Vec::new());
    };
    let (_, names) = number(names)?;
    let names = names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty());
    let sections = names.map(|name| {
        let name = String::from_utf8_lossy(name).into_owned();
        let key = format!("{VALUES}{CONFIGURATION}\\{}", name.to_lowercase());
        let settings = records.get(&key).map(|values| settings(values));
        Section {
            settings: settings.unwrap_or_default(),
            name,
        }
    });
    Some(sections.collect())
}

/// The records by their key in lower case.
fn records(bytes: &[u8]) -> Option<HashMap<String, &[u8]>> {
    let at = |place: usize| Some(number(bytes.get(place..)?)?.0);
    if !bytes.starts_with(MAGIC) || at(32)? != VERSION {
        return None;
    }
    let chains = at(36)? as usize;
    let heads = bytes.get(HEADER + 4..)?;
    let heads = heads.get(..chains.checked_mul(4)?)?;
    let mut found = HashMap::new();
    let mut left = RECORDS.min(bytes.len() / RECORD);
    for head in heads.as_chunks::<4>().0 {
        let mut place = u32::from_le_bytes(*head) as usize;
        while place != 0 && left > 0 {
            left -= 1;
            let Some((next, key, data)) = record(bytes, place) else {
                break;
            };
            let key = key.strip_suffix(b"\0").unwrap_or(key);
            found.insert(String::from_utf8_lossy(key).to_lowercase(), data);
            place = next;
        }
    }
    Some(found)
}

/// A record: the place of the next, its key and its content.
fn record(bytes: &[u8], place: usize) -> Option<(usize, &[u8], &[u8])> {
    let head = bytes.get(place..)?.first_chunk::<RECORD>()?;
    let field = |index: usize| Some(number(head.get(index * 4..)?)?.0);
    let (next, key, data) = (field(0)?, field(2)? as usize, field(3)? as usize);
    if field(5)? != RECORD_MAGIC {
        return None;
    }
    let content = bytes.get(place + RECORD..)?;
    let (key, rest) = content.split_at_checked(key)?;
    Some((next as usize, key, rest.get(..data)?))
}

/// The values of a key: their number, then of each its name, its kind, its length and its bytes.
fn settings(values: &[u8]) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    let mut rest = number(values).map_or(&[][..], |(_, rest)| rest);
    while let Some((name, kind, content, after)) = value(rest) {
        if kind == TEXT {
            let (units, _) = content.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
            let text: String = char::decode_utf16(units)
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            let name = String::from_utf8_lossy(name).into_owned();
            settings.push((name, text.trim_end_matches('\0').to_owned()));
        }
        rest = after;
    }
    settings
}

type Value<'a> = (&'a [u8], u32, &'a [u8], &'a [u8]);

fn value(bytes: &[u8]) -> Option<Value<'_>> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let (kind, rest) = number(bytes.get(end + 1..)?)?;
    let (length, rest) = number(rest)?;
    let (content, rest) = rest.split_at_checked(length as usize)?;
    Some((&bytes[..end], kind, content, rest))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The records that `net conf` of Samba 4.17 wrote, without the free space between them.
    const RECORDED: &[u8] = include_bytes!("../../fuzz/corpus/samba_registry/recorded");

    #[test]
    fn what_net_conf_wrote_is_what_net_conf_lists() {
        let sections = sections(RECORDED).unwrap();
        let told: Vec<_> = sections
            .iter()
            .map(|section| {
                let settings = section.settings.iter();
                let settings: Vec<_> = settings
                    .map(|(key, value)| format!("{key}={value}"))
                    .collect();
                format!("{}: {}", section.name, settings.join(", "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "patients: path=/srv/patients, comment=The patients, guest ok=no, read only=no, available=no",
                "Daten Büro: path=/srv/daten, guest ok=no, read only=yes",
                "global: workgroup=PRAXIS",
                "scans: printable=yes",
            ]
        );
    }

    #[test]
    fn what_is_no_such_database_is_none() {
        assert_eq!(sections(b""), None);
        assert_eq!(sections(&RECORDED[..100]), None);
        let mut other = RECORDED.to_vec();
        other[33] ^= 1;
        assert_eq!(sections(&other), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(changes in proptest::collection::vec((0..RECORDED.len(), any::<u8>()), 0..60)) {
            let mut bytes = RECORDED.to_vec();
            for (place, byte) in changes {
                bytes[place] = byte;
            }
            sections(&bytes);
        }
    }
}
