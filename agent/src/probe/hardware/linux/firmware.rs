//! What the firmware tells: SMBIOS tables, else the kernel's extract of them, else the device tree.

use std::io;

use freehold_proto::v1::hardware::{Board, Firmware, Product, firmware::Mode};

use crate::{
    parse::smbios::{self, SOURCE, Tables, meaningful},
    probe::{
        Root,
        hardware::tables,
        root::is_absent,
        section::{Diagnostics, explain},
        sysfs,
        system::architecture,
    },
};

const TABLES: &str = "/sys/firmware/dmi/tables/DMI";
/// Longest tables that are read; those of large servers fill a tenth of it.
const TABLES_BYTES: u64 = 1024 * 1024;
const EXTRACT: &str = "/sys/class/dmi/id";
const DEVICE_TREE: &str = "/proc/device-tree";

/// Reads what the firmware tells.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Tables {
    let mut tables = match root.read_at_most(TABLES, TABLES_BYTES) {
        Ok(bytes) => {
            let entry_point = root.read("/sys/firmware/dmi/tables/smbios_entry_point");
            let version = entry_point.ok().as_deref().and_then(smbios::version);
            smbios::parse(&bytes, version)
        }
        Err(error) => {
            diagnostics.note(SOURCE, "", without_tables(root, &error));
            other_sources(root)
        }
    };
    for fault in tables.faults.drain(..) {
        diagnostics.note(SOURCE, "", fault);
    }
    if let Some(mode) = mode(root) {
        tables.firmware.get_or_insert_default().set_mode(mode);
    }
    tables::shorten(&mut tables, diagnostics);
    tables
}

/// What identifies the machine across a reinstallation, as far as the firmware tells: its UUID, its
/// serial number and that of the board; empty where unknown.
pub(in crate::probe) fn identity(root: &Root) -> [String; 3] {
    let tables = read(root, &mut Diagnostics::new());
    let product = tables.product.unwrap_or_default();
    [
        product.uuid,
        product.serial,
        tables.board.unwrap_or_default().serial,
    ]
}

fn without_tables(root: &Root, error: &io::Error) -> String {
    let missing = if sysfs::exists(root, EXTRACT) {
        "memory modules and some serial numbers are missing"
    } else if sysfs::exists(root, DEVICE_TREE) {
        "board, firmware and memory modules are missing"
    } else {
        "maker, model, serial numbers, board, firmware and memory modules are missing"
    };
    if is_absent(error) {
        format!("this machine has no SMBIOS tables, so {missing}")
    } else {
        format!("{TABLES}: {}, so {missing}", explain(error))
    }
}

fn other_sources(root: &Root) -> Tables {
    if sysfs::exists(root, EXTRACT) {
        extract(root)
    } else {
        Tables {
            product: device_tree(root),
            ..Tables::default()
        }
    }
}

/// The kernel's extract of the tables; serial numbers in it are for root only.
fn extract(root: &Root) -> Tables {
    let value = |name: &str| {
        let text = sysfs::value(root, &format!("{EXTRACT}/{name}")).unwrap_or_default();
        meaningful(&text).to_owned()
    };
    let sku = value("product_sku");
    let tag = value("chassis_asset_tag");
    Tables {
        product: Some(Product {
            maker: value("sys_vendor"),
            model: value("product_name"),
            sku: if sku.is_empty() {
                value("product_family")
            } else {
                sku
            },
            serial: value("product_serial"),
            asset_tag: if tag.is_empty() {
                value("board_asset_tag")
            } else {
                tag
            },
            uuid: value("product_uuid").to_lowercase(),
            chassis_serial: value("chassis_serial"),
            source: EXTRACT.into(),
        })
        .filter(|product| {
            *product
                != Product {
                    source: EXTRACT.into(),
                    ..Product::default()
                }
        }),
        board: Some(Board {
            maker: value("board_vendor"),
            model: value("board_name"),
            version: value("board_version"),
            serial: value("board_serial"),
        })
        .filter(|board| *board != Board::default()),
        firmware: Some(Firmware {
            vendor: value("bios_vendor"),
            version: value("bios_version"),
            released_on: smbios::date(&value("bios_date")),
            ..Firmware::default()
        })
        .filter(|firmware| *firmware != Firmware::default()),
        ..Tables::default()
    }
}

/// Small boards have no SMBIOS; their model and serial number stand in the device tree.
fn device_tree(root: &Root) -> Option<Product> {
    let value = |name: &str| sysfs::value(root, &format!("{DEVICE_TREE}/{name}"));
    let model = value("model")?;
    Some(Product {
        serial: meaningful(&value("serial-number").unwrap_or_default()).to_owned(),
        model,
        source: DEVICE_TREE.into(),
        ..Product::default()
    })
}

/// UEFI where the kernel offers its services. Legacy is said only of machines that have a BIOS at all:
/// some virtual machines start without any firmware.
fn mode(root: &Root) -> Option<Mode> {
    if sysfs::exists(root, "/sys/firmware/efi") {
        return Some(Mode::Uefi);
    }
    let architecture = architecture(root);
    let is_pc = matches!(architecture.as_str(), "x86_64" | "i386" | "i586" | "i686");
    let has_bios = sysfs::exists(root, EXTRACT) || sysfs::exists(root, TABLES);
    (is_pc && has_bios).then_some(Mode::Legacy)
}
