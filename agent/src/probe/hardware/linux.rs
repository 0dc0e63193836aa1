//! Linux: firmware tables, and what /sys and /proc show of the equipment.

mod devices;
mod disks;
mod displays;
mod firmware;
mod processors;
mod volumes;

use freehold_proto::v1::{Hardware, section::Status};

pub(in crate::probe) use devices::{battery_names, energy as battery_energy};
pub(in crate::probe) use firmware::identity as firmware_identity;
pub(in crate::probe) use volumes::local as local_volumes;

use crate::probe::{Root, section::Diagnostics};

/// Most items in each list. No machine has so many; a broken one may say so.
const ITEMS: usize = 10_000;

/// Collects the section.
pub(super) fn collect(root: &Root) -> Hardware {
    if root.shows_machine() {
        return read(root);
    }
    let mut diagnostics = Diagnostics::new();
    let printers = devices::printers(root, &mut diagnostics);
    let reason = "another root file system does not tell what hardware it runs on, so everything but the printers is missing";
    diagnostics.note("/sys", "", reason);
    let status = if printers.is_empty() {
        Status::Unsupported
    } else {
        Status::Partial
    };
    Hardware {
        printers,
        status: status.into(),
        diagnostics: diagnostics.finish(),
        ..Hardware::default()
    }
}

/// Reads the equipment from /sys and /proc below a root.
fn read(root: &Root) -> Hardware {
    let mut diagnostics = Diagnostics::new();
    let tables = firmware::read(root, &mut diagnostics);
    let memory_bytes = memory(root, &mut diagnostics);
    let mut hardware = Hardware {
        processors: processors::read(root, &tables.sockets, &mut diagnostics),
        product: tables.product,
        board: tables.board,
        firmware: tables.firmware,
        memory_bytes,
        memory_modules: tables.memory_modules,
        disks: disks::read(root, &mut diagnostics),
        volumes: volumes::read(root, &mut diagnostics),
        graphics_adapters: displays::adapters(root, &mut diagnostics),
        monitors: displays::monitors(root, &mut diagnostics),
        batteries: devices::batteries(root, &mut diagnostics),
        printers: devices::printers(root, &mut diagnostics),
        usb_devices: devices::usb(root, &mut diagnostics),
        tpm: Some(devices::tpm(root, &mut diagnostics)),
        ..Hardware::default()
    };
    limit(&mut hardware, &mut diagnostics);
    let any_source_read = memory_bytes.is_some() || !hardware.processors.is_empty();
    hardware.status = diagnostics.status(any_source_read).into();
    hardware.diagnostics = diagnostics.finish();
    hardware
}

/// Main memory as the kernel counts it.
fn memory(root: &Root, diagnostics: &mut Diagnostics) -> Option<u64> {
    let path = "/proc/meminfo";
    let bytes = diagnostics.read_required(root, path, "the size of main memory is")?;
    let text = String::from_utf8_lossy(&bytes);
    let value = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = value.and_then(|value| value.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    if kib.is_none() {
        let reason = "makes no sense, so the size of main memory is missing";
        diagnostics.note(path, "MemTotal", reason);
    }
    kib.map(|kib| kib.saturating_mul(1024))
}

fn limit(hardware: &mut Hardware, diagnostics: &mut Diagnostics) {
    let smbios = crate::parse::smbios::SOURCE;
    diagnostics.limit(
        smbios,
        "memory modules",
        &mut hardware.memory_modules,
        ITEMS,
    );
    diagnostics.limit("/sys/block", "disks", &mut hardware.disks, ITEMS);
    diagnostics.limit(
        "/proc/self/mountinfo",
        "volumes",
        &mut hardware.volumes,
        ITEMS,
    );
    let printers = &mut hardware.printers;
    diagnostics.limit("/etc/cups/printers.conf", "printers", printers, ITEMS);
    let usb = &mut hardware.usb_devices;
    diagnostics.limit("/sys/bus/usb/devices", "USB devices", usb, ITEMS);
}

#[cfg(test)]
mod tests;
