use proptest::prelude::*;

use super::{
    fixture::{Listing, Tree},
    *,
};

const UNINSTALL: &str = r"Software\Microsoft\Windows\CurrentVersion\Uninstall";

/// A person's hive with two programs, below a list of some kind.
fn hive(listing: Listing) -> Vec<u8> {
    Tree::key("ROOT")
        .with(
            Tree::key("Uninstall")
                .listed(listing)
                .with(
                    Tree::key("{A}")
                        .text("DisplayName", "Zeichenprogramm für Kinder")
                        .number("EstimatedSize", 42),
                )
                .with(
                    Tree::key("会計")
                        .text("DisplayName", "会計ソフト")
                        .text("Unasked", "x"),
                )
                .with(Tree::key("größer").value("Empty", 1, &[]))
                .under(r"Software\Microsoft\Windows\CurrentVersion"),
        )
        .with(Tree::key("Environment").text("Path", r"C:\"))
        .hive()
}

fn place(hive: &[u8], what: &[u8]) -> usize {
    hive.windows(what.len())
        .position(|window| window == what)
        .unwrap()
}

fn fault(hive: &[u8]) -> String {
    let hive = Hive::open(hive).unwrap();
    let faults = match hive.key(UNINSTALL) {
        Err(fault) => return fault.to_string(),
        Ok(None) => return "nothing there".into(),
        Ok(Some(key)) => {
            let keys = hive.keys(&key);
            let values = keys
                .found
                .iter()
                .flat_map(|key| hive.values(key, &["DisplayName"]).faults);
            let values: Vec<_> = values.collect();
            keys.faults.into_iter().chain(values)
        }
    };
    faults
        .map(|fault| fault.to_string())
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn keys_and_wanted_values_are_read_from_every_kind_of_list() {
    for listing in [Listing::Hashed, Listing::Nested, Listing::Bare] {
        let bytes = hive(listing);
        let hive = Hive::open(bytes.as_slice()).unwrap();
        assert!(hive.is_clean());
        let key = hive.key(&UNINSTALL.to_uppercase()).unwrap().unwrap();
        assert_eq!(key.written, Some(1_709_280_000));
        let keys = hive.keys(&key);
        assert!(keys.faults.is_empty(), "{listing:?}: {:?}", keys.faults);
        let names: Vec<_> = keys.found.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["{A}", "会計", "größer"]);
        let rows: Vec<Row> = keys
            .found
            .iter()
            .map(|key| {
                hive.values(key, &["displayname", "EstimatedSize", "Empty"])
                    .found
            })
            .collect();
        assert_eq!(rows[0].text("DisplayName"), "Zeichenprogramm für Kinder");
        assert_eq!(rows[0].number::<u32>("EstimatedSize"), Some(42));
        assert_eq!(rows[1].text("DisplayName"), "会計ソフト");
        assert_eq!(rows[1].value("Unasked"), None);
        assert_eq!(rows[2].text("Empty"), "");
        assert_eq!(hive.key(r"Software\Nothing").unwrap(), None);
    }
}

/// Keys and values that hivex 1.3.23 wrote into an empty hive: not Windows, but not this project either.
#[test]
fn a_hive_that_another_program_wrote_is_read() {
    let bytes = include_bytes!("../../../fuzz/corpus/hive/written_by_hivex");
    let hive = Hive::open(bytes.as_slice()).unwrap();
    let keys = hive.keys(&hive.key(UNINSTALL).unwrap().unwrap());
    assert!(keys.faults.is_empty());
    let wanted = ["DisplayName", "EstimatedSize", "SystemComponent", "Icon"];
    let rows: Vec<Row> = keys
        .found
        .iter()
        .map(|key| hive.values(key, &wanted).found)
        .collect();
    assert_eq!(rows[0].name, "Acme");
    assert_eq!(rows[0].text("DisplayName"), "Acme Zeichenprogramm");
    assert_eq!(rows[0].number::<u32>("EstimatedSize"), Some(42));
    assert_eq!(rows[0].bytes("Icon"), Some(&[0, 1, 2, 3, 4, 5, 6, 7][..]));
    assert_eq!(rows[1].name, "{AAAA}_is1");
    assert_eq!(rows[1].flag("SystemComponent"), Some(true));
}

#[test]
fn a_hive_that_was_not_closed_says_so() {
    let mut bytes = hive(Listing::Hashed);
    bytes[4] += 1;
    assert!(!Hive::open(bytes.as_slice()).unwrap().is_clean());
}

#[test]
fn what_is_no_hive_is_refused() {
    for bytes in [
        &b""[..],
        b"regf",
        b"WINE REGISTRY Version 2\n;; All keys relative to \\\\User\\\\",
    ] {
        assert!(matches!(Hive::open(bytes), Err(Fault::NoHive)));
    }
}

#[test]
fn a_hive_cut_off_yields_a_fault_wherever_the_cut_is() {
    let whole = hive(Listing::Hashed);
    let used = 4096 + place(&whole[4096..], b"Environment");
    for length in (4096..used).step_by(8) {
        assert_ne!(fault(&whole[..length]), "", "cut off at {length}");
    }
}

#[test]
fn a_list_that_names_a_key_again_and_again_is_a_fault() {
    let mut bytes = hive(Listing::Hashed);
    let list = place(&bytes, b"lh\x03\x00") + 4;
    let first = bytes[list..list + 4].to_vec();
    bytes[list + 8..list + 12].copy_from_slice(&first);
    assert!(
        fault(&bytes).contains("a key that stands twice"),
        "{}",
        fault(&bytes)
    );
}

#[test]
fn a_list_of_lists_that_contains_itself_ends() {
    let mut bytes = hive(Listing::Nested);
    let list = place(&bytes, b"ri\x02\x00");
    let itself = u32::try_from(list - 4 - 4096).unwrap();
    bytes[list + 4..list + 8].copy_from_slice(&itself.to_le_bytes());
    assert!(
        fault(&bytes).contains("no list of keys"),
        "{}",
        fault(&bytes)
    );
}

#[test]
fn a_list_of_lists_that_names_one_list_without_end_is_left() {
    // One list of 20 keys, named 60,000 times by a list of lists.
    let keys = (0..20).fold(Tree::key("R").listed(Listing::Nested), |tree, number| {
        tree.with(Tree::key(&format!("{number}")))
    });
    let mut bytes = keys.hive();
    let list = place(&bytes, b"lf\x02\x00");
    let offset = u32::try_from(list - 4 - 4096).unwrap();
    let at = u32::try_from(bytes.len() - 4096).unwrap();
    let mut cell = (-(8 + 4 * 60_000_i32)).to_le_bytes().to_vec();
    cell.extend(b"ri");
    cell.extend(60_000_u16.to_le_bytes());
    cell.extend(offset.to_le_bytes().repeat(60_000));
    bytes.extend(cell);
    let length = u32::try_from(bytes.len() - 4096).unwrap();
    bytes[40..44].copy_from_slice(&length.to_le_bytes());
    // The root is written last.
    let root = last(&bytes, b"nk") + 28;
    bytes[root..root + 4].copy_from_slice(&at.to_le_bytes());
    let hive = Hive::open(bytes.as_slice()).unwrap();
    let key = hive.key("").unwrap().unwrap();
    assert!(matches!(hive.keys(&key).faults[0], Fault::Endless));
}

fn last(hive: &[u8], what: &[u8]) -> usize {
    hive.windows(what.len())
        .rposition(|window| window == what)
        .unwrap()
}

#[test]
fn cells_that_are_free_or_of_impossible_size_are_faults() {
    let whole = hive(Listing::Hashed);
    let cell = place(&whole, b"lh\x03\x00") - 4;
    for (size, what) in [
        (64_i32, "not in use"),
        (-4, "cannot be"),
        (i32::MIN, "cannot be"),
        (-0x0100_0000, "cannot be"),
    ] {
        let mut bytes = whole.clone();
        bytes[cell..cell + 4].copy_from_slice(&size.to_le_bytes());
        assert!(fault(&bytes).contains(what), "{size}: {}", fault(&bytes));
    }
}

#[test]
fn a_value_too_long_to_be_wanted_is_named() {
    let bytes = Tree::key("R")
        .value("DisplayName", 1, &vec![0x41; 20_000])
        .hive();
    let hive = Hive::open(bytes.as_slice()).unwrap();
    let key = hive.key("").unwrap().unwrap();
    let row = hive.values(&key, &["DisplayName"]).found;
    assert_eq!(row.too_long().collect::<Vec<_>>(), ["DisplayName"]);
}

/// Reads whatever can be reached within three levels.
fn walk(bytes: &[u8]) {
    let Ok(hive) = Hive::open(bytes) else { return };
    let mut keys = Vec::from_iter(hive.key("").ok().flatten());
    for _ in 0..3 {
        keys = keys
            .iter()
            .take(50)
            .flat_map(|key| hive.keys(key).found)
            .collect();
        for key in &keys {
            let _ = hive.values(key, &["DisplayName"]);
        }
    }
}

proptest! {
    #[test]
    fn any_change_of_a_hive_is_survived(
        changes in proptest::collection::vec((4096_usize..5400, any::<u8>()), 1..40),
        nested in any::<bool>(),
    ) {
        let mut bytes = hive(if nested { Listing::Nested } else { Listing::Hashed });
        for (at, byte) in changes {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        walk(&bytes);
        fault(&bytes);
    }

    #[test]
    fn any_bytes_behind_the_signature_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..6000)) {
        walk(&[b"regf", bytes.as_slice()].concat());
    }
}
