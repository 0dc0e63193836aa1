//! The tables are built byte by byte from the DMTF specification (DSP0134), not recorded from a machine;
//! all but [`QEMU`].

use base64::{Engine as _, prelude::BASE64_STANDARD};
use proptest::prelude::*;

use super::*;

/// A structure: type, formatted area behind the four bytes of its header, strings.
fn structure(kind: u8, handle: u16, formatted: &[u8], strings: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![kind, (formatted.len() + 4) as u8];
    bytes.extend(handle.to_le_bytes());
    bytes.extend(formatted);
    for string in strings {
        bytes.extend(*string);
        bytes.push(0);
    }
    if strings.is_empty() {
        bytes.push(0);
    }
    bytes.push(0);
    bytes
}

fn bios() -> Vec<u8> {
    let mut area = vec![1, 2, 0, 0, 3, 0];
    area.resize(20, 0);
    structure(0, 0, &area, &[b"Dell Inc.", b"1.14.1", b"07/21/2023"])
}

fn system(strings: &[&[u8]]) -> Vec<u8> {
    let mut area = vec![1, 2, 0, 3];
    area.extend([0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66]);
    area.extend([0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]);
    area.extend([6, 4, 0]);
    structure(1, 1, &area, strings)
}

fn memory(size: u16, extended: u32, locator: &[u8]) -> Vec<u8> {
    let mut area = vec![0; 0x24];
    area[..2].copy_from_slice(&0x1000_u16.to_le_bytes());
    area[8..10].copy_from_slice(&size.to_le_bytes());
    area[12] = 1;
    area[13] = 2;
    area[14] = 0x1a;
    area[17..19].copy_from_slice(&3200_u16.to_le_bytes());
    area[19..23].copy_from_slice(&[3, 4, 0, 5]);
    area[24..28].copy_from_slice(&extended.to_le_bytes());
    area[28..30].copy_from_slice(&2933_u16.to_le_bytes());
    structure(
        17,
        0x1100,
        &area,
        &[locator, b"BANK 0", b"Samsung", b"12345678", b"M378A1K43EB2"],
    )
}

fn memory_array(usage: u8) -> Vec<u8> {
    structure(16, 0x1000, &[3, usage, 3, 0, 0, 0, 0, 0, 0, 2, 0], &[])
}

fn end() -> Vec<u8> {
    structure(127, 0x7f00, &[], &[])
}

fn office_machine() -> Vec<u8> {
    let chassis = [1, 3, 0, 2, 3, 3, 3, 3, 3];
    [
        bios(),
        system(&[b"Dell Inc.", b"OptiPlex 7090", b"ABC1234", b"0A5C"]),
        structure(
            2,
            2,
            &[1, 2, 3, 4, 0],
            &[b"Dell Inc.", b"0J37VM", b"A01", b"/ABC1234/"],
        ),
        structure(3, 3, &chassis, &[b"Dell Inc.", b"ABC1234"]),
        memory_array(3),
        memory(0x7fff, 65_536, b"DIMM1"),
        memory(0, 0, b"DIMM2"),
        end(),
    ]
    .concat()
}

#[test]
fn a_whole_table_yields_every_fact() {
    let tables = parse(&office_machine(), Some((3, 2)));
    assert_eq!(tables.faults, Vec::<String>::new());
    let product = tables.product.unwrap();
    assert_eq!(product.maker, "Dell Inc.");
    assert_eq!(product.model, "OptiPlex 7090");
    assert_eq!(product.serial, "ABC1234");
    assert_eq!(product.chassis_serial, "ABC1234");
    assert_eq!(product.uuid, "00112233-4455-6677-8899-aabbccddeeff");
    assert_eq!(tables.board.unwrap().model, "0J37VM");
    assert_eq!(tables.firmware.unwrap().released_on, "2023-07-21");
    assert_eq!(tables.chassis, ChassisKind::Desktop);
}

#[test]
fn large_modules_use_the_extended_size_and_empty_slots_stay() {
    let modules = parse(&office_machine(), Some((3, 2))).memory_modules;
    assert_eq!(modules.len(), 2);
    assert_eq!(modules[0].slot, "DIMM1");
    assert_eq!(modules[0].size_bytes, Some(64 * 1024 * 1024 * 1024));
    assert_eq!(modules[0].kind, "DDR4");
    assert_eq!(modules[0].speed_mts, Some(2933));
    assert_eq!(modules[0].part_number, "M378A1K43EB2");
    assert_eq!(modules[1].size_bytes, Some(0));
    assert_eq!(modules[1].maker, "");
}

#[test]
fn slots_of_the_same_name_are_told_apart_by_their_bank() {
    let table = [
        memory(4096, 0, b"DIMM 0"),
        memory(4096, 0, b"DIMM 0"),
        end(),
    ]
    .concat();
    let modules = parse(&table, None).memory_modules;
    assert_eq!(modules[0].slot, "BANK 0 DIMM 0");
}

#[test]
fn the_chip_that_holds_the_firmware_is_no_memory_module() {
    const FLASH: u8 = 5;
    let table = [memory_array(FLASH), memory(16, 0, b"ROM"), end()].concat();
    assert_eq!(parse(&table, None).memory_modules, []);
}

#[test]
fn old_tables_have_their_uuid_in_the_other_byte_order() {
    let product = parse(&office_machine(), Some((2, 4))).product.unwrap();
    assert_eq!(product.uuid, "33221100-5544-7766-8899-aabbccddeeff");
}

#[test]
fn placeholders_are_absent() {
    let strings: [&[u8]; 4] = [
        b"System manufacturer",
        b"To Be Filled By O.E.M.",
        b"Default string",
        b"0000000",
    ];
    let product = parse(&[system(&strings), end()].concat(), None)
        .product
        .unwrap();
    assert_eq!((product.maker.as_str(), product.model.as_str()), ("", ""));
    assert_eq!((product.serial.as_str(), product.sku.as_str()), ("", ""));
}

#[test]
fn a_truncated_table_keeps_what_stands_before_the_cut_and_says_where() {
    let table = office_machine();
    let cut = bios().len() + 20;
    let tables = parse(&table[..cut], Some((3, 2)));
    assert_eq!(tables.firmware.unwrap().version, "1.14.1");
    assert_eq!(tables.product, None);
    assert_eq!(tables.faults.len(), 1);
    assert!(
        tables.faults[0].contains("structure 2 (type 1)"),
        "{:?}",
        tables.faults
    );
}

#[test]
fn a_table_cut_between_structures_is_noticed_too() {
    let tables = parse(&bios(), None);
    assert!(tables.faults[0].contains("without an end marker"));
    assert!(parse(b"", None).faults[0].contains("empty"));
}

#[test]
fn a_length_below_the_header_is_a_fault_and_no_endless_loop() {
    let tables = parse(&[9, 2, 0, 0, 0, 0, 0, 0], None);
    assert!(tables.faults[0].contains("lies about its length"));
}

#[test]
fn an_end_marker_without_its_zeros_is_whole() {
    let table = [bios(), vec![127, 4, 0, 0]].concat();
    assert_eq!(parse(&table, None).faults, Vec::<String>::new());
}

#[test]
fn what_is_no_utf8_is_shown_and_a_missing_string_is_absent() {
    let product = parse(&[system(&[b"M\xfcller", b"X1"]), end()].concat(), None)
        .product
        .unwrap();
    assert_eq!(product.maker, "M\u{fffd}ller");
    assert_eq!(product.serial, "");
}

/// /sys/firmware/dmi/tables/DMI of a guest of QEMU 7.2 with `SeaBIOS` 1.16.2, Linux 6.1, given maker, model
/// and serial numbers on QEMU's command line.
const QEMU: &str = "ABgAAAECAOgDAAgAAAAAAAAAAAQAAP//U2VhQklPUwAxLjE2LjItZGViaWFuLTEuMTYuMi0xADA0\
    LzAxLzIwMTQAAAEbAAEBAgMEMyIRAFVEd2aImaq7zN3u/wYAAERlbGwgSW5jLgBPcHRpUGxleCA3\
    MDkwAHBjLWk0NDBmeC03LjIAQUJDMTIzNAAAAg8AAgECAwQAAQAAAwoARGVsbCBJbmMuADBKMzdW\
    TQBwYy1pNDQwZngtNy4yAC9BQkMxMjM0LwAAAxYAAwEBAgMEAwMDAgAAAAAAAAAAAERlbGwgSW5j\
    LgBwYy1pNDQwZngtNy4yAENILTc3AEZyb250IGRlc2sAAAQqAAQBAwECsQ8GAP37iwcDAAAA0AfQ\
    B0EB////////AAAAAgICAgABAENQVSAwAFFFTVUAcGMtaTQ0MGZ4LTcuMgAAEBcAEAEDBgAAEAD+\
    /wEAAAAAAAAAAAAAABEoABEAEP7//////wAECQABAAcCAHULAgMABAAAAAAAdQsAAAAAAABESU1N\
    IDAAU2Ftc3VuZwAxMjM0NTY3OABNMzc4QTFLNDNFQjIAABMfABMAAAAA//8PAAAQAQAAAAAAAAAA\
    AAAAAAAAAAAAACALACAAAAAAAAAAAAB/BAB/AAA=";

#[test]
fn the_tables_of_a_virtual_machine_are_read() {
    let table = BASE64_STANDARD.decode(QEMU).unwrap();
    let tables = parse(&table, Some((2, 8)));
    assert_eq!(tables.faults, Vec::<String>::new());
    let product = tables.product.unwrap();
    assert_eq!(
        (product.maker.as_str(), product.model.as_str()),
        ("Dell Inc.", "OptiPlex 7090")
    );
    assert_eq!(
        (product.serial.as_str(), product.chassis_serial.as_str()),
        ("ABC1234", "CH-77")
    );
    assert_eq!(product.asset_tag, "Front desk");
    assert_eq!(product.uuid, "00112233-4455-6677-8899-aabbccddeeff");
    assert_eq!(tables.board.unwrap().serial, "/ABC1234/");
    let firmware = tables.firmware.unwrap();
    assert_eq!(
        (firmware.vendor.as_str(), firmware.released_on.as_str()),
        ("SeaBIOS", "2014-04-01")
    );
    assert_eq!(tables.sockets, ["CPU 0"]);
    let module = &tables.memory_modules[0];
    assert_eq!(
        (module.slot.as_str(), module.size_bytes),
        ("DIMM 0", Some(1 << 30))
    );
    assert_eq!(
        (module.part_number.as_str(), module.speed_mts),
        ("M378A1K43EB2", Some(2933))
    );
}

#[test]
fn both_entry_points_tell_the_version() {
    assert_eq!(version(b"_SM3_\x00\x18\x03\x02\x00"), Some((3, 2)));
    assert_eq!(version(b"_SM_\x00\x1f\x02\x08"), Some((2, 8)));
    assert_eq!(version(b"_SM"), None);
}

#[test]
fn dates_are_normalised_where_they_are_dates() {
    assert_eq!(date("04/01/2014"), "2014-04-01");
    assert_eq!(date("12/31/99"), "1999-12-31");
    assert_eq!(date("2014-04-01"), "2014-04-01");
    assert_eq!(date("13/45/2020"), "13/45/2020");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        parse(&bytes, None);
        version(&bytes);
    }

    #[test]
    fn any_cut_and_any_flipped_byte_is_survived(cut in 0_usize..400, at in 0_usize..400, bits: u8) {
        let mut table = office_machine();
        let cut = cut.min(table.len());
        let at = at % table.len();
        table[at] ^= bits;
        parse(&table[..cut], Some((3, 2)));
    }

    #[test]
    fn any_structure_of_a_known_type_is_survived(
        kind in prop::sample::select(vec![0_u8, 1, 2, 3, 4, 16, 17]),
        area in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        parse(&[structure(kind, 7, &area, &[b"a", b"b"]), end()].concat(), None);
    }
}
