//! SMBIOS tables: what the firmware tells about the machine.
//!
//! The structures are taken apart by smbios-lib; here they become messages, and what a maker left in as
//! a placeholder is dropped. Tables cut off or with lengths that lie yield what stands before the fault.

mod memory;
mod placeholder;

use freehold_proto::v1::{
    hardware::{Board, Firmware, MemoryModule, Product},
    system::ChassisKind,
};
use smbioslib::{
    ChassisType, ChassisTypeData, SMBiosBaseboardInformation, SMBiosData, SMBiosInformation,
    SMBiosProcessorInformation, SMBiosString, SMBiosStruct as _, SMBiosSystemChassisInformation,
    SMBiosSystemInformation, SMBiosVersion, SystemUuidData,
};

pub use placeholder::meaningful;

/// Where these facts come from, as `source` of the items.
pub const SOURCE: &str = "smbios";

/// What the tables tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// The machine as a product.
    pub product: Option<Product>,
    /// The main board.
    pub board: Option<Board>,
    /// The firmware; its mode is not told here.
    pub firmware: Option<Firmware>,
    /// Kind of machine.
    pub chassis: ChassisKind,
    /// Names of the sockets that hold a processor, in the order of the tables.
    pub sockets: Vec<String>,
    /// Memory slots.
    pub memory_modules: Vec<MemoryModule>,
    /// What is wrong with the tables, as sentences.
    pub faults: Vec<String>,
}

/// Version of the tables, from their entry point; `None` when that makes no sense.
pub fn version(entry_point: &[u8]) -> Option<(u8, u8)> {
    match entry_point {
        [b'_', b'S', b'M', b'3', b'_', _, _, major, minor, ..]
        | [b'_', b'S', b'M', b'_', _, _, major, minor, ..] => Some((*major, *minor)),
        _ => None,
    }
}

/// Reads the tables.
pub fn parse(table: &[u8], version: Option<(u8, u8)>) -> Tables {
    let whole = whole_structures(table);
    let data = SMBiosData::from_vec_and_version(
        table[..whole.length].to_vec(),
        version.map(|(major, minor)| SMBiosVersion::new(major, minor, 0)),
    );
    let chassis = data.first::<SMBiosSystemChassisInformation<'_>>();
    let mut tables = Tables {
        product: product(&data, chassis.as_ref(), version),
        board: data.first().as_ref().map(board),
        firmware: data.first().as_ref().map(firmware),
        chassis: chassis
            .as_ref()
            .and_then(|chassis| chassis.parts().get_field_byte(0x05))
            .map_or_else(Default::default, chassis_kind),
        sockets: sockets(&data),
        memory_modules: memory::modules(&data),
        faults: Vec::new(),
    };
    tables.faults.extend(whole.fault);
    tables
}

/// How much of a table can be relied on.
struct Whole {
    length: usize,
    fault: Option<String>,
}

/// Walks the structures up to the end marker, or to the first that does not fit.
fn whole_structures(table: &[u8]) -> Whole {
    const END_OF_TABLE: u8 = 127;
    let mut length = 0;
    let mut count = 0;
    loop {
        let Some([kind, formatted, ..]) = table.get(length..) else {
            let reason = if count == 0 {
                "the tables are empty".to_owned()
            } else {
                format!(
                    "the tables end after structure {count} without an end marker, so later ones may be missing"
                )
            };
            return Whole {
                length,
                fault: Some(reason),
            };
        };
        let (kind, formatted) = (*kind, usize::from(*formatted));
        let strings = length + formatted;
        let end = table
            .get(strings..)
            .and_then(|rest| rest.windows(2).position(|pair| pair == [0, 0]));
        match end {
            Some(end) if formatted >= 4 => {
                length = strings + end + 2;
                count += 1;
            }
            // The end marker has no strings; some firmware leaves out what should follow it.
            _ if kind == END_OF_TABLE && formatted >= 4 && strings <= table.len() => {}
            _ => {
                return Whole {
                    length,
                    fault: Some(format!(
                        "structure {} (type {kind}) at byte {length} is cut off or lies about its length, so it and all after it are missing",
                        count + 1
                    )),
                };
            }
        }
        if kind == END_OF_TABLE {
            return Whole {
                length,
                fault: None,
            };
        }
    }
}

fn product(
    data: &SMBiosData,
    chassis: Option<&SMBiosSystemChassisInformation<'_>>,
    version: Option<(u8, u8)>,
) -> Option<Product> {
    let system = data.first::<SMBiosSystemInformation<'_>>();
    if system.is_none() && chassis.is_none() {
        return None;
    }
    let mut product = Product {
        source: SOURCE.into(),
        ..Product::default()
    };
    if let Some(system) = system {
        product.maker = text(&system.manufacturer());
        product.model = text(&system.product_name());
        product.serial = text(&system.serial_number());
        product.sku = text(&system.sku_number());
        if product.sku.is_empty() {
            product.sku = text(&system.family());
        }
        product.uuid = uuid(&system, version);
    }
    if let Some(chassis) = chassis {
        product.chassis_serial = text(&chassis.serial_number());
        product.asset_tag = text(&chassis.asset_tag_number());
    }
    if product.asset_tag.is_empty()
        && let Some(board) = data.first::<SMBiosBaseboardInformation<'_>>()
    {
        product.asset_tag = text(&board.asset_tag());
    }
    Some(product)
}

/// The UUID in the byte order of the tables' version: the first three fields are little-endian since 2.6.
fn uuid(system: &SMBiosSystemInformation<'_>, version: Option<(u8, u8)>) -> String {
    let Some(SystemUuidData::Uuid(uuid)) = system.uuid() else {
        return String::new();
    };
    let text = match system.parts().get_field_data(0x08, 0x18) {
        Some(raw) if version.is_some_and(|version| version < (2, 6)) => {
            let hex: Vec<String> = raw.iter().map(|byte| format!("{byte:02x}")).collect();
            let fields = [0..4, 4..6, 6..8, 8..10, 10..16].map(|range| hex[range].concat());
            fields.join("-")
        }
        _ => uuid.to_string(),
    };
    if placeholder::is_placeholder_uuid(&text) {
        return String::new();
    }
    text
}

fn board(board: &SMBiosBaseboardInformation<'_>) -> Board {
    Board {
        maker: text(&board.manufacturer()),
        model: text(&board.product()),
        version: text(&board.version()),
        serial: text(&board.serial_number()),
    }
}

fn firmware(firmware: &SMBiosInformation<'_>) -> Firmware {
    Firmware {
        vendor: text(&firmware.vendor()),
        version: text(&firmware.version()),
        released_on: date(&text(&firmware.release_date())),
        ..Firmware::default()
    }
}

/// "2023-07-21" out of "07/21/2023"; two-digit years are those of the last century, by the standard.
/// Anything else stays as it is.
pub fn date(text: &str) -> String {
    let numbers: Vec<Option<u16>> = text.split('/').map(|part| part.parse().ok()).collect();
    match numbers[..] {
        [Some(month @ 1..=12), Some(day @ 1..=31), Some(year)] => {
            let year = if year < 100 { 1900 + year } else { year };
            format!("{year:04}-{month:02}-{day:02}")
        }
        _ => text.to_owned(),
    }
}

/// Kind of machine by the standard's chassis type.
pub fn chassis_kind(number: u8) -> ChassisKind {
    match ChassisTypeData::from(number).value {
        ChassisType::Unknown | ChassisType::None => ChassisKind::Unspecified,
        ChassisType::Desktop
        | ChassisType::LowProfileDesktop
        | ChassisType::PizzaBox
        | ChassisType::MiniTower
        | ChassisType::Tower
        | ChassisType::AllInOne
        | ChassisType::SpaceSaving
        | ChassisType::LunchBox
        | ChassisType::SealedCasePC
        | ChassisType::MiniPC
        | ChassisType::StickPC => ChassisKind::Desktop,
        ChassisType::Portable
        | ChassisType::Laptop
        | ChassisType::Notebook
        | ChassisType::SubNotebook
        | ChassisType::DockingStation => ChassisKind::Laptop,
        ChassisType::MainServerChassis
        | ChassisType::RaidChassis
        | ChassisType::RackMountChassis
        | ChassisType::MultiSystemChassis
        | ChassisType::CompactPci
        | ChassisType::AdvancedTca
        | ChassisType::Blade
        | ChassisType::BladeEnclosure => ChassisKind::Server,
        ChassisType::HandHeld
        | ChassisType::Tablet
        | ChassisType::Convertible
        | ChassisType::Detachable => ChassisKind::Tablet,
        _ => ChassisKind::Other,
    }
}

fn sockets(data: &SMBiosData) -> Vec<String> {
    const CENTRAL_PROCESSOR: u8 = 3;
    const POPULATED: u8 = 0x40;
    data.filter_map(|processor: SMBiosProcessorInformation<'_>| {
        let parts = processor.parts();
        let central = parts.get_field_byte(0x05) == Some(CENTRAL_PROCESSOR);
        let populated = parts
            .get_field_byte(0x18)
            .is_some_and(|status| status & POPULATED != 0);
        (central && populated).then(|| text(&processor.socket_designation()))
    })
    .collect()
}

/// A string without placeholders; what is no UTF-8 is shown as U+FFFD.
fn text(string: &SMBiosString) -> String {
    meaningful(&string.to_utf8_lossy().unwrap_or_default()).to_owned()
}

#[cfg(test)]
mod tests;
