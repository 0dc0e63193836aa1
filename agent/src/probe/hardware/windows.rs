//! Windows: firmware tables, what the kernel tells of processors and volumes, WMI for disks and graphics, the
//! registry for what is plugged in.

mod devices;
mod disks;
mod firmware;
#[cfg(windows)]
mod gather;
mod processors;
#[cfg(test)]
mod tests;
mod volumes;

use freehold_proto::v1::{
    Hardware,
    hardware::{GraphicsAdapter, firmware::Mode},
};

pub(in crate::probe) use devices::{battery_id, energy_of_battery, percent_of_battery};
pub(in crate::probe) use volumes::name as volume_name;

use crate::{
    parse::smbios::meaningful,
    probe::section::Diagnostics,
    rows::{Answer, Below, Query, Row, volume::Volume},
};

/// Most items in each list. No machine has so many; a broken one may say so.
const ITEMS: usize = 10_000;

/// What the system answers.
#[derive(Debug)]
struct Rows {
    /// The firmware's tables, behind the header that Windows puts before them.
    tables: Answer<Vec<u8>>,
    /// What WMI tells instead, asked only where there are no tables.
    instead: Option<firmware::Instead>,
    /// How the machine starts, where the system tells.
    mode: Option<Mode>,
    /// Bytes of main memory.
    memory: Answer<u64>,
    processors: processors::Rows,
    /// Disks as the storage service knows them.
    disks: Answer<Vec<Row>>,
    /// Disks as older systems know them, asked only where the former does not answer.
    drives: Option<Answer<Vec<Row>>>,
    volumes: Answer<Vec<Volume>>,
    graphics: Answer<Vec<Row>>,
    /// Connected monitors, each row named by its identifier as a device.
    monitors: Answer<Vec<Row>>,
    /// Connected USB devices, named alike.
    usb: Answer<Vec<Row>>,
    printers: Answer<Below>,
    batteries: Answer<Vec<Row>>,
    /// Version of the security chip's specification by the number that Windows gives it; 0 where there is none.
    tpm: Answer<u32>,
}

/// Graphics adapters.
const GRAPHICS: Query = Query {
    namespace: r"root\cimv2",
    class: "Win32_VideoController",
    properties: &[
        "Name",
        "AdapterCompatibility",
        "InfFilename",
        "DriverVersion",
        "PNPDeviceID",
    ],
    condition: "",
};

#[cfg(windows)]
pub(super) fn collect(root: &crate::probe::Root) -> Hardware {
    if root.is_live() {
        assemble(&gather::rows())
    } else {
        super::unsupported::collect(root)
    }
}

/// What identifies the machine across a reinstallation, as far as the firmware tells: its UUID, its serial
/// number and that of the board; empty where unknown.
#[cfg(windows)]
pub(in crate::probe) fn firmware_identity(root: &crate::probe::Root) -> [String; 3] {
    if !root.is_live() {
        return Default::default();
    }
    let tables = gather::tables();
    firmware::identity(tables.as_deref().unwrap_or_default())
}

/// Kind of machine by the firmware; unspecified where it does not tell.
#[cfg(windows)]
pub(in crate::probe) fn chassis() -> freehold_proto::v1::system::ChassisKind {
    let tables = gather::tables();
    firmware::chassis(tables.as_deref().unwrap_or_default())
}

/// Makes the section out of what the system answers.
fn assemble(rows: &Rows) -> Hardware {
    let mut diagnostics = Diagnostics::new();
    let notes = &mut diagnostics;
    let tables = firmware::read(&rows.tables, rows.instead.as_ref(), rows.mode, notes);
    let mut hardware = Hardware {
        processors: processors::read(&rows.processors, &tables.sockets, notes),
        product: tables.product,
        board: tables.board,
        firmware: tables.firmware,
        memory_bytes: known(
            &rows.memory,
            "GlobalMemoryStatusEx",
            "the size of main memory is",
            notes,
        )
        .copied(),
        memory_modules: tables.memory_modules,
        disks: disks::read(&rows.disks, rows.drives.as_ref(), notes),
        volumes: volumes::read(&rows.volumes, notes),
        graphics_adapters: graphics(&rows.graphics, notes),
        monitors: devices::monitors(&rows.monitors, notes),
        batteries: devices::batteries(&rows.batteries, notes),
        printers: devices::printers(&rows.printers, notes),
        usb_devices: devices::usb(&rows.usb, notes),
        tpm: Some(devices::tpm(&rows.tpm, notes)),
        ..Hardware::default()
    };
    limit(&mut hardware, notes);
    let any_source_read = hardware.memory_bytes.is_some() || !hardware.processors.is_empty();
    hardware.status = diagnostics.status(any_source_read).into();
    hardware.diagnostics = diagnostics.finish();
    hardware
}

/// The answer, or a note that `missing` ("the disks are") missing.
fn known<'a, T>(
    answer: &'a Answer<T>,
    source: impl std::fmt::Display,
    missing: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'a T> {
    match answer {
        Ok(found) => Some(found),
        Err(unread) => {
            diagnostics.note(source, "", format_args!("{unread}, so {missing} missing"));
            None
        }
    }
}

/// The graphics adapters, ordered by model. Those that show a screen to somebody far away are none.
fn graphics(answer: &Answer<Vec<Row>>, diagnostics: &mut Diagnostics) -> Vec<GraphicsAdapter> {
    let rows = known(answer, GRAPHICS, "the graphics adapters are", diagnostics);
    let rows = rows.map(Vec::as_slice).unwrap_or_default().iter();
    let mut adapters: Vec<_> = rows
        .filter(|row| !row.text("PNPDeviceID").starts_with(r"SWD\"))
        .map(|row| {
            let mut text = |name| {
                let text = meaningful(row.text(name)).to_owned();
                diagnostics.fit(GRAPHICS, name, text)
            };
            let driver = [text("InfFilename"), text("DriverVersion")].join(" ");
            GraphicsAdapter {
                maker: text("AdapterCompatibility"),
                model: text("Name"),
                driver: driver.trim().into(),
                source: GRAPHICS.to_string(),
            }
        })
        .collect();
    adapters.sort_by(|a, b| (&a.model, &a.driver).cmp(&(&b.model, &b.driver)));
    adapters
}

fn limit(hardware: &mut Hardware, diagnostics: &mut Diagnostics) {
    let smbios = crate::parse::smbios::SOURCE;
    let modules = &mut hardware.memory_modules;
    diagnostics.limit(smbios, "memory modules", modules, ITEMS);
    diagnostics.limit(disks::QUERY, "disks", &mut hardware.disks, ITEMS);
    diagnostics.limit(volumes::SOURCE, "volumes", &mut hardware.volumes, ITEMS);
    let adapters = &mut hardware.graphics_adapters;
    diagnostics.limit(GRAPHICS, "graphics adapters", adapters, ITEMS);
    diagnostics.limit(devices::DEVICES, "monitors", &mut hardware.monitors, ITEMS);
    let usb = &mut hardware.usb_devices;
    diagnostics.limit(devices::DEVICES, "USB devices", usb, ITEMS);
    let printers = &mut hardware.printers;
    diagnostics.limit(devices::PRINTERS, "printers", printers, ITEMS);
}
