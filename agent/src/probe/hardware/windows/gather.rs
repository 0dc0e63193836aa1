//! Asks the system for what the section is made of.

use freehold_proto::v1::hardware::firmware::Mode;

use super::{GRAPHICS, Rows, devices, disks, firmware, processors};
use crate::{
    rows::{Answer, Query, Row, Unread},
    sys::windows::{
        devices as connected, machine, power,
        registry::{self, Key, Tree, View},
        tpm, volumes, wmi,
    },
};

/// All rows.
pub(super) fn rows() -> Rows {
    let tables = tables();
    let mut wmi = wmi::all(&[disks::QUERY, GRAPHICS]);
    let graphics = wmi.pop().unwrap_or(Err(Unread::Absent));
    let disks = wmi.pop().unwrap_or(Err(Unread::Absent));
    Rows {
        instead: tables.is_err().then(instead),
        drives: disks
            .as_ref()
            .map_or(true, Vec::is_empty)
            .then(|| wmi::query(&disks::OLDER)),
        mode: mode(),
        memory: machine::memory().map(|memory| memory.size),
        processors: processors::Rows {
            arrangement: machine::arrangement(),
            threads: below(processors::KEY, &processors::VALUES),
            megahertz: machine::megahertz(),
        },
        volumes: volumes::all(),
        monitors: monitors(),
        usb: connected::present("USB", &["FriendlyName", "DeviceDesc", "Mfg", "Service"]),
        printers: below(devices::PRINTERS, &devices::PRINTER_VALUES),
        batteries: power::batteries(),
        tpm: tpm::version(),
        tables,
        disks,
        graphics,
    }
}

/// The firmware's tables.
pub(super) fn tables() -> Answer<Vec<u8>> {
    machine::firmware_tables()
}

fn below(key: &str, values: &[&str]) -> Answer<crate::rows::Below> {
    registry::below(Tree::Machine, key, View::Bits64, values)
}

fn instead() -> firmware::Instead {
    let queries: [Query; 4] = firmware::INSTEAD;
    let mut answers = wmi::all(&queries).into_iter();
    queries.map(|_| answers.next().unwrap_or(Err(Unread::Absent)))
}

/// How the machine started, as the loader told the kernel.
fn mode() -> Option<Mode> {
    const CONTROL: &str = r"SYSTEM\CurrentControlSet\Control";
    const NAME: &str = "PEFirmwareType";
    let row = registry::some_values(Tree::Machine, CONTROL, View::Bits64, &[NAME]).ok()?;
    match row.number(NAME)? {
        1_u32 => Some(Mode::Legacy),
        2 => Some(Mode::Uefi),
        _ => None,
    }
}

/// The connected monitors with what each tells about itself.
fn monitors() -> Answer<Vec<Row>> {
    const ENUM: &str = r"SYSTEM\CurrentControlSet\Enum";
    let mut rows = connected::present("DISPLAY", &[])?;
    for row in &mut rows {
        let path = format!(r"{ENUM}\{}\Device Parameters", row.name);
        let key = Key::open(Tree::Machine, &path, View::Bits64);
        let told = match key.and_then(|key| key.some_values(&["EDID"])) {
            Err(Unread::Absent) => Row::default(),
            told => told?,
        };
        *row = Row {
            name: std::mem::take(&mut row.name),
            ..told
        };
    }
    Ok(rows)
}
