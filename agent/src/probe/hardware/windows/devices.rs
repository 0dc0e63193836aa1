//! Monitors, USB devices, printers, batteries, the security chip.

use freehold_proto::v1::{
    hardware::{Battery, Monitor, Printer, Tpm, UsbDevice},
    toggle::State,
};

use super::known;
use crate::{
    parse::{edid, smbios::meaningful},
    probe::section::Diagnostics,
    rows::{Answer, Below, Row},
};

/// Where connected devices come from.
pub(super) const DEVICES: &str = "SetupDiGetClassDevs";
/// Where the printers set up are listed.
pub(super) const PRINTERS: &str = r"SYSTEM\CurrentControlSet\Control\Print\Printers";
/// Values asked for of each.
#[cfg_attr(not(windows), allow(dead_code, reason = "asked for on Windows"))]
pub(super) const PRINTER_VALUES: [&str; 3] = ["Name", "Printer Driver", "Port"];
const BATTERIES: &str = "IOCTL_BATTERY_QUERY_INFORMATION";
const TPM: &str = "Tbsi_GetDeviceInfo";

/// The connected monitors, ordered by model and serial number.
pub(super) fn monitors(answer: &Answer<Vec<Row>>, diagnostics: &mut Diagnostics) -> Vec<Monitor> {
    let rows = known(answer, DEVICES, "the monitors are", diagnostics);
    let mut found = Vec::new();
    for row in rows.map(Vec::as_slice).unwrap_or_default() {
        let source = format!(r"SYSTEM\CurrentControlSet\Enum\{}", row.name);
        let Some(bytes) = row.bytes("EDID") else {
            // Projectors, remote screens and the like tell nothing about themselves.
            continue;
        };
        match edid::parse(bytes) {
            Some(monitor) => found.push(Monitor {
                source: diagnostics.fit(&source, "", source.clone()),
                ..monitor
            }),
            None => diagnostics.note(source, "EDID", "is damaged, so a monitor is missing"),
        }
    }
    found.sort_by(|a, b| (&a.model, &a.serial, &a.source).cmp(&(&b.model, &b.serial, &b.source)));
    found
}

/// The connected USB devices without hubs and without the functions of a device that has several, ordered by
/// identifier.
pub(super) fn usb(answer: &Answer<Vec<Row>>, diagnostics: &mut Diagnostics) -> Vec<UsbDevice> {
    let rows = known(answer, DEVICES, "the USB devices are", diagnostics);
    let rows = rows.map(Vec::as_slice).unwrap_or_default().iter();
    let mut found: Vec<UsbDevice> = rows
        .filter(|row| !row.text("Service").to_ascii_lowercase().contains("hub"))
        .filter_map(|row| {
            let mut text = |name: &str| {
                let text = meaningful(described(row.text(name))).to_owned();
                diagnostics.fit(DEVICES, &row.name, text)
            };
            let models = ["Reported", "FriendlyName", "DeviceDesc"].map(&mut text);
            Some(UsbDevice {
                // In brackets stands that no maker is known, in the system's language.
                maker: Some(text("Mfg"))
                    .filter(|maker| !maker.starts_with('('))
                    .unwrap_or_default(),
                model: models
                    .into_iter()
                    .find(|model| !model.is_empty())
                    .unwrap_or_default(),
                ..identified(&row.name)?
            })
        })
        .collect();
    found.sort_by(|a, b| a.source.cmp(&b.source));
    found
}

/// "`USB\VID_046D&PID_C52B\4C530001`"; what Windows itself made up as a serial number holds an ampersand.
fn identified(device: &str) -> Option<UsbDevice> {
    let upper = device.to_ascii_uppercase();
    let (identifiers, _) = upper.strip_prefix(r"USB\")?.split_once('\\')?;
    let serial = device.rsplit('\\').next()?;
    if identifiers.contains("&MI_") {
        return None;
    }
    let identifier = |beginning: &str| {
        let part = identifiers
            .split('&')
            .find_map(|part| part.strip_prefix(beginning))?;
        let is_number = part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_number.then(|| part.to_ascii_lowercase())
    };
    Some(UsbDevice {
        vendor_id: identifier("VID_")?,
        product_id: identifier("PID_")?,
        serial: if serial.contains('&') {
            String::new()
        } else {
            meaningful(serial).to_owned()
        },
        source: device.into(),
        ..UsbDevice::default()
    })
}

/// Descriptions refer to the file they come from: "`@input.inf,%usb\class_03%;USB Input Device`".
fn described(text: &str) -> &str {
    if text.starts_with('@') {
        text.rsplit(';').next().unwrap_or(text)
    } else {
        text
    }
}

/// The printers set up, ordered by name. Which is the default, each person decides.
pub(super) fn printers(answer: &Answer<Below>, diagnostics: &mut Diagnostics) -> Vec<Printer> {
    let below = known(answer, PRINTERS, "the printers are", diagnostics);
    let Some(below) = below else {
        return Vec::new();
    };
    for (name, unread) in &below.unread {
        let reason = format_args!("{unread}, so a printer is missing");
        diagnostics.note(PRINTERS, name, reason);
    }
    let mut found: Vec<Printer> = below
        .rows
        .iter()
        .map(|row| {
            let told = row.text("Name");
            let name = if told.is_empty() { &row.name } else { told };
            Printer {
                name: diagnostics.fit(PRINTERS, "", name.to_owned()),
                model: diagnostics.fit(PRINTERS, name, row.text("Printer Driver").to_owned()),
                connection: connection(row.text("Port")).into(),
                is_default: State::Unknown.into(),
                source: PRINTERS.into(),
            }
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// How a printer is reached, by the beginning of its port's name, which can hold addresses and names of people.
fn connection(port: &str) -> &'static str {
    let port = port.to_ascii_uppercase();
    let kinds = [
        ("USB", "usb"),
        ("WSD", "wsd"),
        ("IP_", "tcp"),
        ("HTTP:", "ipp"),
        ("HTTPS:", "ipp"),
        ("IPP", "ipp"),
        ("LPT", "parallel"),
        ("COM", "serial"),
        (r"\\", "smb"),
        ("FILE:", "file"),
        ("PORTPROMPT:", "file"),
        ("NUL:", "file"),
        ("TS", "remote desktop"),
    ];
    let kind = kinds
        .into_iter()
        .find(|(beginning, _)| port.starts_with(beginning));
    match kind {
        Some((_, kind)) => kind,
        None if port.parse::<std::net::IpAddr>().is_ok() => "tcp",
        None => "",
    }
}

/// The batteries, ordered by name.
pub(super) fn batteries(answer: &Answer<Vec<Row>>, diagnostics: &mut Diagnostics) -> Vec<Battery> {
    let rows = known(answer, BATTERIES, "the batteries are", diagnostics);
    let rows = rows.map(Vec::as_slice).unwrap_or_default().iter();
    let mut found: Vec<Battery> = rows
        .map(|row| {
            let text = |name| meaningful(row.text(name)).to_owned();
            Battery {
                name: battery_id(row),
                maker: text("Maker"),
                model: text("Model"),
                serial: text("Serial"),
                chemistry: chemistry(row.text("Chemistry")).into(),
                design_mwh: energy_of_battery(row, "Design"),
                source: BATTERIES.into(),
            }
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// A battery's name: that of its device, such as "`ACPI#PNP0C0A#1`".
pub(in crate::probe) fn battery_id(row: &Row) -> String {
    let path = row.name.trim_start_matches(r"\\?\");
    let device = path.split("#{").next().unwrap_or(path);
    device.to_ascii_uppercase()
}

/// Charge in percent; `None` where the battery does not tell.
pub(in crate::probe) fn percent_of_battery(row: &Row) -> Option<u32> {
    const UNKNOWN: u64 = 0xffff_ffff;
    let amount = |name| row.number::<u64>(name).filter(|amount| *amount != UNKNOWN);
    let (charge, full) = (amount("Charge")?, amount("Full").filter(|full| *full > 0)?);
    u32::try_from(charge.min(full) * 100 / full).ok()
}

/// An amount of energy in milliwatt-hours; batteries that count in shares of their own tell none.
pub(in crate::probe) fn energy_of_battery(row: &Row, name: &str) -> Option<u64> {
    const UNKNOWN: u64 = 0xffff_ffff;
    let amount = row.number::<u64>(name)?;
    let is_told = amount != 0 && amount != UNKNOWN && row.flag("Relative") != Some(true);
    is_told.then_some(amount)
}

/// Four letters, of which makers have their own ideas.
fn chemistry(letters: &str) -> &str {
    match letters.to_ascii_uppercase().as_str() {
        "LION" | "LI-I" | "LIIO" => "Li-ion",
        "LIP" | "LIPO" | "LI-P" => "Li-poly",
        "NIMH" => "NiMH",
        "NICD" => "NiCd",
        "PBAC" => "lead acid",
        _ => letters,
    }
}

/// The security chip.
pub(super) fn tpm(answer: &Answer<u32>, diagnostics: &mut Diagnostics) -> Tpm {
    let (present, version) = match known(answer, TPM, "the security chip is", diagnostics) {
        None => (State::Unknown, ""),
        Some(0) => (State::Off, ""),
        Some(1) => (State::On, "1.2"),
        Some(2) => (State::On, "2.0"),
        Some(_) => (State::On, ""),
    };
    Tpm {
        present: present.into(),
        version: version.into(),
        source: TPM.into(),
    }
}
