//! The hardware section against dmidecode, from the same tables.
//!
//! Differences that are meant:
//! - What makers leave in place of a fact ("Default string") is absent here and printed by dmidecode.
//! - Slots of the same name are told apart by their bank.

use std::{collections::BTreeMap, path::Path, process::Command};

use freehold_agent::parse::smbios::{date, meaningful};
use serde_json::Value;

use super::{golden, program, smbios::Tables, tree::Tree};

/// A structure as dmidecode prints it.
struct Structure {
    kind: u32,
    fields: BTreeMap<String, String>,
}

impl Structure {
    fn text(&self, field: &str) -> String {
        let text = self.fields.get(field).map_or("", String::as_str);
        meaningful(text).to_owned()
    }
}

#[test]
fn the_tables_of_every_machine_agree_with_dmidecode() {
    if !program::has("dmidecode", "SMBIOS tables against dmidecode") {
        return;
    }
    for (name, tables) in [
        ("dell_office_pc", golden::dell_tables()),
        ("hp_laptop", golden::hp_tables()),
        ("white_box_pc", golden::white_box_tables()),
        ("server", golden::server_tables()),
    ] {
        let theirs = dmidecode(&tables);
        let ours = ours(&tables);
        product(name, &ours["product"], &theirs);
        board_and_firmware(name, &ours, &theirs);
        modules(name, &ours["memory_modules"], &theirs);
    }
}

fn dmidecode(tables: &Tables) -> Vec<Structure> {
    let directory = tempfile::tempdir().unwrap();
    let dump = directory.path().join("dump");
    std::fs::write(&dump, tables.dump()).unwrap();
    let text = asked(&dump);
    let mut structures = Vec::new();
    for block in text.split("\n\n") {
        let Some((_, rest)) = block.split_once("DMI type ") else {
            continue;
        };
        let kind = rest.split(',').next().unwrap().parse().unwrap();
        let lines = block.lines().filter_map(|line| line.strip_prefix('\t'));
        let fields = lines.filter_map(|line| {
            let (field, value) = line.split_once(':')?;
            Some((field.to_owned(), value.trim().to_owned()))
        });
        structures.push(Structure {
            kind,
            fields: fields.collect(),
        });
    }
    assert!(structures.len() > 4, "{text}");
    structures
}

fn asked(dump: &Path) -> String {
    let output = Command::new("dmidecode")
        .arg("--from-dump")
        .arg(dump)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let faults = ["TRUNCATED", "Wrong", "<BAD INDEX>", "checksum"];
    for fault in faults {
        assert!(!text.contains(fault), "the test's tables are wrong: {text}");
    }
    text
}

fn ours(tables: &Tables) -> Value {
    let tree = Tree::new()
        .file("/sys/firmware/dmi/tables/DMI", tables.table())
        .file(
            "/sys/firmware/dmi/tables/smbios_entry_point",
            tables.entry_point(0x1000),
        );
    program::sections(tree.root(), &["hardware"])["hardware"].take()
}

fn of_kind(theirs: &[Structure], kind: u32) -> impl Iterator<Item = &Structure> {
    theirs
        .iter()
        .filter(move |structure| structure.kind == kind)
}

fn product(name: &str, ours: &Value, theirs: &[Structure]) {
    let system = of_kind(theirs, 1).next().unwrap();
    let chassis = of_kind(theirs, 3).next().unwrap();
    let or = |first: String, second: String| if first.is_empty() { second } else { first };
    let board = of_kind(theirs, 2).next().unwrap();
    let expected = [
        ("maker", system.text("Manufacturer")),
        ("model", system.text("Product Name")),
        ("sku", or(system.text("SKU Number"), system.text("Family"))),
        ("serial", system.text("Serial Number")),
        ("uuid", system.text("UUID").to_lowercase()),
        ("chassis_serial", chassis.text("Serial Number")),
        (
            "asset_tag",
            or(chassis.text("Asset Tag"), board.text("Asset Tag")),
        ),
    ];
    for (field, value) in expected {
        assert_eq!(ours[field], value, "{name}: {field}");
    }
}

fn board_and_firmware(name: &str, ours: &Value, theirs: &[Structure]) {
    let board = of_kind(theirs, 2).next().unwrap();
    let firmware = of_kind(theirs, 0).next().unwrap();
    let expected = [
        ("board", "maker", board.text("Manufacturer")),
        ("board", "model", board.text("Product Name")),
        ("board", "version", board.text("Version")),
        ("board", "serial", board.text("Serial Number")),
        ("firmware", "vendor", firmware.text("Vendor")),
        ("firmware", "version", firmware.text("Version")),
        (
            "firmware",
            "released_on",
            date(&firmware.text("Release Date")),
        ),
    ];
    for (part, field, value) in expected {
        assert_eq!(ours[part][field], value, "{name}: {part}.{field}");
    }
}

fn modules(name: &str, ours: &Value, theirs: &[Structure]) {
    let ours = ours.as_array().unwrap();
    let theirs: Vec<_> = of_kind(theirs, 17).collect();
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        let slot = theirs.text("Locator");
        assert!(ours["slot"].as_str().unwrap().ends_with(&slot), "{name}");
        assert_eq!(
            ours["size_bytes"].as_u64(),
            size(&theirs.fields["Size"]),
            "{name} {slot}"
        );
        if ours["size_bytes"] == 0 {
            continue;
        }
        assert_eq!(ours["kind"], theirs.text("Type"), "{name} {slot}");
        let speed = theirs.text("Configured Memory Speed");
        let speed = speed
            .strip_suffix(" MT/s")
            .and_then(|rate| rate.parse::<u64>().ok());
        assert_eq!(ours["speed_mts"].as_u64(), speed, "{name} {slot}");
        for (field, theirs) in [
            ("maker", theirs.text("Manufacturer")),
            ("serial", theirs.text("Serial Number")),
            ("part_number", theirs.text("Part Number")),
        ] {
            assert_eq!(ours[field], theirs, "{name} {slot}: {field}");
        }
    }
}

/// Bytes out of "64 GB".
fn size(text: &str) -> Option<u64> {
    if text == "No Module Installed" {
        return Some(0);
    }
    let (number, unit) = text.split_once(' ')?;
    let shift = match unit {
        "kB" => 10,
        "MB" => 20,
        "GB" => 30,
        "TB" => 40,
        _ => return None,
    };
    Some(number.parse::<u64>().ok()? << shift)
}
