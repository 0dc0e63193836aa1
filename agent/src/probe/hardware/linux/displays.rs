//! Graphics adapters and the monitors connected to them.

use std::{fs::File, io::BufReader, path::Path};

use freehold_proto::v1::hardware::{GraphicsAdapter, Monitor};

use crate::{
    order,
    parse::{
        edid,
        pci_ids::{self, Names},
    },
    probe::{Root, section::Diagnostics, sysfs},
};

const PCI: &str = "/sys/bus/pci/devices";
const DRM: &str = "/sys/class/drm";

/// Where distributions keep the names of PCI devices.
const NAMES: [&str; 3] = [
    "/usr/share/hwdata/pci.ids",
    "/usr/share/misc/pci.ids",
    "/usr/share/pci.ids",
];
/// Longest such list; the usual one has 1.5 MB.
const NAMES_BYTES: u64 = 8 * 1024 * 1024;

/// The graphics adapters, ordered by PCI address.
pub(super) fn adapters(root: &Root, diagnostics: &mut Diagnostics) -> Vec<GraphicsAdapter> {
    const DISPLAY_CONTROLLER: u64 = 0x03;
    let addresses = diagnostics.list_optional(root, PCI, "the graphics adapters are");
    addresses
        .into_iter()
        .map(|address| format!("{PCI}/{address}"))
        .filter(|path| {
            let class = sysfs::hexadecimal(root, &format!("{path}/class"));
            class.is_some_and(|class| class >> 16 == DISPLAY_CONTROLLER)
        })
        .map(|path| adapter(root, path))
        .collect()
}

fn adapter(root: &Root, path: String) -> GraphicsAdapter {
    let id = |name: &str| {
        let number = sysfs::hexadecimal(root, &format!("{path}/{name}"));
        number.map_or_else(String::new, |number| format!("{number:04x}"))
    };
    let (vendor, device) = (id("vendor"), id("device"));
    let names = names(root, &vendor, &device);
    let known = |name: String, id| if name.is_empty() { id } else { name };
    GraphicsAdapter {
        maker: known(names.vendor, vendor),
        model: known(names.device, device),
        driver: sysfs::link_name(root, &format!("{path}/driver")).unwrap_or_default(),
        source: path,
    }
}

fn names(root: &Root, vendor: &str, device: &str) -> Names {
    let list = NAMES
        .iter()
        .find_map(|path| root.open(Path::new(path)).ok());
    let is_sane = |file: &File| {
        let length = file.metadata().map(|metadata| metadata.len());
        length.is_ok_and(|length| length <= NAMES_BYTES)
    };
    list.filter(is_sane)
        .and_then(|file| pci_ids::look_up(BufReader::new(file), vendor, device).ok())
        .unwrap_or_default()
}

/// The connected monitors that name themselves, ordered by connector.
pub(super) fn monitors(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Monitor> {
    let mut monitors = Vec::new();
    for name in diagnostics.list_optional(root, DRM, "the monitors are") {
        let folder = format!("{DRM}/{name}");
        let Some((_, connector)) = name.split_once('-') else {
            continue;
        };
        if sysfs::value(root, &format!("{folder}/status")).as_deref() != Some("connected") {
            continue;
        }
        let path = format!("{folder}/edid");
        match root.read_at_most(&path, 64 * 1024) {
            Ok(bytes) if bytes.is_empty() => {}
            Ok(bytes) => match edid::parse(&bytes) {
                Some(monitor) => monitors.push(Monitor {
                    connector: connector.to_owned(),
                    source: path,
                    ..monitor
                }),
                None => diagnostics.note(path, "", "is damaged, so a monitor is missing"),
            },
            Err(error) => diagnostics.unreadable(path, &error, "a monitor is"),
        }
    }
    order::sort_by(&mut monitors, |a, b| {
        (&a.connector, &a.source).cmp(&(&b.connector, &b.source))
    });
    monitors
}
