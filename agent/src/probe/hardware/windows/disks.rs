//! Disks: as the storage service knows them; where it does not answer, as older systems do.

use freehold_proto::v1::{
    hardware::{Disk, disk::Health},
    toggle::State,
};

use crate::{
    parse::smbios::meaningful,
    probe::section::Diagnostics,
    rows::{Answer, Query, Row},
};

/// Disks of the storage service: their own answers, those below storage spaces included.
pub(super) const QUERY: Query = Query {
    namespace: r"root\Microsoft\Windows\Storage",
    class: "MSFT_PhysicalDisk",
    properties: &[
        "DeviceId",
        "FriendlyName",
        "Model",
        "SerialNumber",
        "UniqueId",
        "UniqueIdFormat",
        "FirmwareVersion",
        "Size",
        "MediaType",
        "SpindleSpeed",
        "BusType",
        "HealthStatus",
    ],
    condition: "",
};

/// Disks as every Windows tells them.
pub(super) const OLDER: Query = Query {
    namespace: r"root\cimv2",
    class: "Win32_DiskDrive",
    properties: &[
        "Index",
        "Model",
        "SerialNumber",
        "FirmwareRevision",
        "Size",
        "InterfaceType",
        "MediaType",
        "Status",
    ],
    condition: "",
};

/// The disks, ordered by name.
pub(super) fn read(
    disks: &Answer<Vec<Row>>,
    older: Option<&Answer<Vec<Row>>>,
    diagnostics: &mut Diagnostics,
) -> Vec<Disk> {
    // A Windows that names no disk runs from one all the same.
    let why = match disks {
        Ok(rows) if rows.is_empty() => Some("names no disk".to_owned()),
        Ok(_) => None,
        Err(unread) => Some(unread.to_string()),
    };
    let mut found: Vec<Disk> = match (why, older) {
        (None, _) => disks.iter().flatten().map(disk).collect(),
        (Some(why), Some(Ok(rows))) if !rows.is_empty() => {
            let reason = format_args!(
                "{why}; {OLDER} answers instead, which tells neither bus nor kind nor health of most disks"
            );
            diagnostics.note(QUERY, "", reason);
            rows.iter().map(older_disk).collect()
        }
        (Some(why), older) => {
            diagnostics.note(QUERY, "", format_args!("{why}, so the disks are missing"));
            if let Some(Err(unread)) = older {
                let reason = format_args!("{unread}, so the disks are missing");
                diagnostics.note(OLDER, "", reason);
            }
            Vec::new()
        }
    };
    for disk in &mut found {
        let Disk {
            name,
            model,
            serial,
            wwn,
            firmware,
            ..
        } = disk;
        for text in [name, model, serial, wwn, firmware] {
            *text = diagnostics.fit(QUERY, "", std::mem::take(text));
        }
    }
    found.sort_by_cached_key(|disk| (disk.name.len(), disk.name.clone(), disk.serial.clone()));
    found
}

fn text(row: &Row, name: &str) -> String {
    meaningful(row.text(name)).to_owned()
}

fn name(number: &str) -> String {
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        format!("PhysicalDrive{number}")
    } else {
        number.to_owned()
    }
}

fn disk(row: &Row) -> Disk {
    let bus = bus(row.number("BusType").unwrap_or_default());
    let model = text(row, "Model");
    Disk {
        name: name(row.text("DeviceId")),
        model: if model.is_empty() {
            text(row, "FriendlyName")
        } else {
            model
        },
        serial: text(row, "SerialNumber"),
        wwn: wwn(row),
        firmware: text(row, "FirmwareVersion"),
        size_bytes: row.number("Size"),
        rotational: rotational(row, bus).into(),
        bus: bus.into(),
        removable: removable(bus).into(),
        health: health(row.number("HealthStatus"), bus).into(),
        source: QUERY.to_string(),
    }
}

/// Buses by their number in the documentation of the storage service.
fn bus(number: u32) -> &'static str {
    match number {
        1 => "scsi",
        2 => "atapi",
        3 => "ata",
        4 => "ieee1394",
        5 => "ssa",
        6 => "fc",
        7 => "usb",
        8 => "raid",
        9 => "iscsi",
        10 => "sas",
        11 => "sata",
        12 | 13 => "mmc",
        14 | 15 => "virtual",
        16 => "spaces",
        17 => "nvme",
        18 => "scm",
        19 => "ufs",
        _ => "",
    }
}

fn removable(bus: &str) -> State {
    match bus {
        "" => State::Unknown,
        "usb" | "mmc" | "ieee1394" => State::On,
        _ => State::Off,
    }
}

/// By the kind of medium; where that is not told, by the speed of its spindle.
fn rotational(row: &Row, bus: &str) -> State {
    const DISK: u32 = 3;
    const SOLID: u32 = 4;
    const MEMORY: u32 = 5;
    const UNKNOWN_SPEED: u32 = u32::MAX;
    match (row.number("MediaType"), row.number("SpindleSpeed")) {
        _ if bus == "virtual" => State::Unknown,
        (Some(DISK), _) => State::On,
        (Some(SOLID | MEMORY), _) => State::Off,
        (_, Some(UNKNOWN_SPEED) | None) => State::Unknown,
        (_, Some(0_u32)) if bus == "nvme" => State::Off,
        (_, Some(0)) => State::Unknown,
        (_, Some(_)) => State::On,
    }
}

fn health(told: Option<u32>, bus: &str) -> Health {
    match told {
        _ if bus == "virtual" => Health::Unspecified,
        Some(0) => Health::Good,
        Some(1) => Health::Warning,
        Some(2) => Health::Failing,
        _ => Health::Unknown,
    }
}

/// The world-wide name as tools write it, where the format says that it is one.
fn wwn(row: &Row) -> String {
    const EUI_64: u32 = 2;
    const FIBRE_CHANNEL: u32 = 3;
    let told = text(row, "UniqueId");
    let is_hexadecimal = !told.is_empty() && told.bytes().all(|byte| byte.is_ascii_hexdigit());
    match row.number("UniqueIdFormat") {
        _ if told.starts_with("eui.") => told.to_lowercase(),
        Some(EUI_64) if is_hexadecimal => format!("eui.{}", told.to_lowercase()),
        Some(FIBRE_CHANNEL) if is_hexadecimal => format!("0x{}", told.to_lowercase()),
        _ => String::new(),
    }
}

/// A disk as every Windows tells it: disks of any bus behind a controller count as SCSI there.
fn older_disk(row: &Row) -> Disk {
    let bus = match row.text("InterfaceType") {
        "USB" => "usb",
        "1394" => "ieee1394",
        _ => "",
    };
    let medium = row.text("MediaType").to_ascii_lowercase();
    let removable = if medium.starts_with("removable") || medium.starts_with("external") {
        State::On
    } else {
        removable(bus)
    };
    let number = row.number::<u32>("Index").map(|number| number.to_string());
    Disk {
        name: name(&number.unwrap_or_default()),
        model: text(row, "Model"),
        serial: text(row, "SerialNumber"),
        firmware: text(row, "FirmwareRevision"),
        size_bytes: row.number("Size"),
        rotational: State::Unknown.into(),
        bus: bus.into(),
        removable: removable.into(),
        health: match row.text("Status") {
            "Pred Fail" | "Error" => Health::Failing,
            "Degraded" => Health::Warning,
            _ => Health::Unknown,
        }
        .into(),
        source: OLDER.to_string(),
        ..Disk::default()
    }
}
