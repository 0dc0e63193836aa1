//! What the firmware tells: SMBIOS tables; where Windows does not hand them over, what WMI made of them.

use freehold_proto::v1::{
    hardware::{Board, Firmware, MemoryModule, Product, firmware::Mode},
    system::ChassisKind,
};

use crate::{
    parse::smbios::{self, SOURCE, Tables, meaningful},
    probe::{hardware::tables, section::Diagnostics},
    rows::{Answer, Query, Row, wmi_time},
};

/// Header that Windows puts before the tables: how they were called, their version, their length.
const HEADER: usize = 8;

const NAMESPACE: &str = r"root\cimv2";

/// The machine as a product.
const PRODUCT: Query = Query {
    namespace: NAMESPACE,
    class: "Win32_ComputerSystemProduct",
    properties: &["Vendor", "Name", "IdentifyingNumber", "UUID", "SKUNumber"],
    condition: "",
};
/// The main board.
const BOARD: Query = Query {
    namespace: NAMESPACE,
    class: "Win32_BaseBoard",
    properties: &["Manufacturer", "Product", "Version", "SerialNumber"],
    condition: "",
};
/// The firmware.
const FIRMWARE: Query = Query {
    namespace: NAMESPACE,
    class: "Win32_BIOS",
    properties: &["Manufacturer", "SMBIOSBIOSVersion", "ReleaseDate"],
    condition: "",
};
/// Memory modules; empty slots are not among them.
const MEMORY: Query = Query {
    namespace: NAMESPACE,
    class: "Win32_PhysicalMemory",
    properties: &[
        "DeviceLocator",
        "BankLabel",
        "Capacity",
        "SMBIOSMemoryType",
        "ConfiguredClockSpeed",
        "Speed",
        "Manufacturer",
        "PartNumber",
        "SerialNumber",
    ],
    condition: "",
};

/// What is asked where there are no tables, in the order of [`Instead`].
pub(super) const INSTEAD: [Query; 4] = [PRODUCT, BOARD, FIRMWARE, MEMORY];

/// The answers to [`INSTEAD`].
pub(super) type Instead = [Answer<Vec<Row>>; 4];

/// Reads what the firmware tells.
pub(super) fn read(
    answer: &Answer<Vec<u8>>,
    instead: Option<&Instead>,
    mode: Option<Mode>,
    diagnostics: &mut Diagnostics,
) -> Tables {
    let mut tables = match answer {
        Ok(bytes) => parse(bytes),
        Err(unread) => {
            let reason = format_args!(
                "{unread}; what WMI tells is reported instead, without empty memory slots"
            );
            diagnostics.note(SOURCE, "", reason);
            instead.map_or_else(Tables::default, |answers| from_wmi(answers, diagnostics))
        }
    };
    for fault in tables.faults.drain(..) {
        diagnostics.note(SOURCE, "", fault);
    }
    if let Some(mode) = mode {
        tables.firmware.get_or_insert_default().set_mode(mode);
    }
    tables::shorten(&mut tables, diagnostics);
    tables
}

/// UUID, serial number and that of the board; empty where unknown.
#[cfg_attr(not(windows), allow(dead_code, reason = "asked for on Windows"))]
pub(super) fn identity(bytes: &[u8]) -> [String; 3] {
    let tables = parse(bytes);
    let product = tables.product.unwrap_or_default();
    let board = tables.board.unwrap_or_default();
    [product.uuid, product.serial, board.serial]
}

/// Kind of machine; unspecified where unknown.
#[cfg_attr(not(windows), allow(dead_code, reason = "asked for on Windows"))]
pub(super) fn chassis(bytes: &[u8]) -> ChassisKind {
    parse(bytes).chassis
}

fn parse(bytes: &[u8]) -> Tables {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Tables {
            faults: vec!["the tables are cut off before their header ends".into()],
            ..Tables::default()
        };
    };
    let [_, major, minor, _, a, b, c, d] = *header;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    smbios::parse(rest.get(..length).unwrap_or(rest), Some((major, minor)))
}

fn from_wmi(answers: &Instead, diagnostics: &mut Diagnostics) -> Tables {
    let mut rows = INSTEAD
        .iter()
        .zip(answers)
        .map(|(query, answer)| match answer {
            Ok(rows) => rows.as_slice(),
            Err(unread) => {
                let reason = format_args!("{unread}, so what it tells of the machine is missing");
                diagnostics.note(query, "", reason);
                &[]
            }
        });
    let mut next = || rows.next().unwrap_or_default();
    Tables {
        product: next().first().map(product),
        board: next().first().map(board),
        firmware: next().first().map(firmware),
        memory_modules: next().iter().map(module).collect(),
        ..Tables::default()
    }
}

fn text(row: &Row, name: &str) -> String {
    meaningful(row.text(name)).to_owned()
}

fn product(row: &Row) -> Product {
    let uuid = text(row, "UUID").to_lowercase();
    let is_filling = uuid
        .chars()
        .filter(|c| *c != '-')
        .all(|c| c == '0' || c == 'f');
    Product {
        maker: text(row, "Vendor"),
        model: text(row, "Name"),
        sku: text(row, "SKUNumber"),
        serial: text(row, "IdentifyingNumber"),
        uuid: if is_filling { String::new() } else { uuid },
        source: PRODUCT.to_string(),
        ..Product::default()
    }
}

fn board(row: &Row) -> Board {
    Board {
        maker: text(row, "Manufacturer"),
        model: text(row, "Product"),
        version: text(row, "Version"),
        serial: text(row, "SerialNumber"),
    }
}

fn firmware(row: &Row) -> Firmware {
    let day = row.text("ReleaseDate");
    let released = wmi_time(day).and(day.get(..8)).unwrap_or_default();
    Firmware {
        vendor: text(row, "Manufacturer"),
        version: text(row, "SMBIOSBIOSVersion"),
        released_on: match (released.get(..4), released.get(4..6), released.get(6..)) {
            (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
            _ => String::new(),
        },
        ..Firmware::default()
    }
}

fn module(row: &Row) -> MemoryModule {
    let speed = |name| row.number::<u32>(name).filter(|speed| *speed > 0);
    let locator = text(row, "DeviceLocator");
    MemoryModule {
        slot: if locator.is_empty() {
            text(row, "BankLabel")
        } else {
            locator
        },
        size_bytes: row.number("Capacity"),
        kind: kind(row.number("SMBIOSMemoryType").unwrap_or_default()).into(),
        speed_mts: speed("ConfiguredClockSpeed").or_else(|| speed("Speed")),
        maker: text(row, "Manufacturer"),
        part_number: text(row, "PartNumber"),
        serial: text(row, "SerialNumber"),
        source: MEMORY.to_string(),
    }
}

/// Kinds of memory by their number in SMBIOS.
fn kind(number: u32) -> &'static str {
    match number {
        18 => "DDR",
        19 => "DDR2",
        24 => "DDR3",
        26 => "DDR4",
        27 => "LPDDR",
        28 => "LPDDR2",
        29 => "LPDDR3",
        30 => "LPDDR4",
        34 => "DDR5",
        35 => "LPDDR5",
        _ => "",
    }
}
