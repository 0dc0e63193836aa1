//! Equipment.

use freehold_proto::v1::{
    Hardware,
    hardware::{
        Disk, Firmware, MemoryModule, Processor, Product, Raid, Volume, disk::Health,
        firmware::Mode,
    },
    section::{Kind, Status},
    system::ChassisKind,
    toggle::State,
};

use super::{Condition, extent};
use crate::demo::catalogue::Quirk;

const GIB: u64 = 1024 * 1024 * 1024;
const GB: u64 = 1000 * 1000 * 1000;

pub(super) fn of(condition: &Condition) -> Hardware {
    let source = source(condition);
    let (status, diagnostics) = extent(condition, Kind::Hardware, source);
    if status == Status::Unreadable {
        return Hardware {
            status: status.into(),
            diagnostics,
            ..Hardware::default()
        };
    }
    let (maker, model) = condition.computer.model;
    Hardware {
        status: status.into(),
        product: Some(Product {
            maker: maker.into(),
            model: model.into(),
            serial: condition.number("serial number", 4).to_uppercase(),
            uuid: condition.number("firmware", 16),
            source: source.into(),
            ..Product::default()
        }),
        firmware: Some(Firmware {
            vendor: maker.into(),
            version: "1.19.0".into(),
            mode: Mode::Uefi.into(),
            ..Firmware::default()
        }),
        memory_bytes: Some(condition.computer.size.0 * GIB),
        processors: vec![processor(condition)],
        memory_modules: memory(condition),
        disks: disks(condition),
        volumes: vec![Volume {
            mount: mount(condition).into(),
            device: if condition.is_windows() {
                ""
            } else {
                "/dev/nvme0n1p2"
            }
            .into(),
            file_system: if condition.is_windows() {
                "NTFS"
            } else {
                "ext4"
            }
            .into(),
            size_bytes: Some(disk_bytes(condition)),
            uuid: condition.number("volume", 16),
            read_only: State::Off.into(),
            source: source.into(),
            ..Volume::default()
        }],
        raids: raids(condition),
        ..Hardware::default()
    }
}

/// Where the disk is seen.
pub(super) fn mount(condition: &Condition) -> &'static str {
    if condition.is_windows() { "C:\\" } else { "/" }
}

/// Its size.
pub(super) fn disk_bytes(condition: &Condition) -> u64 {
    condition.computer.size.1 * GB
}

fn processor(condition: &Condition) -> Processor {
    let (model, cores) = match condition.computer.chassis {
        ChassisKind::Server => ("Intel(R) Xeon(R) E-2224 CPU @ 3.40GHz", 4),
        ChassisKind::Laptop => ("12th Gen Intel(R) Core(TM) i5-1235U", 10),
        _ => ("12th Gen Intel(R) Core(TM) i5-12500", 6),
    };
    Processor {
        socket: "CPU0".into(),
        maker: "GenuineIntel".into(),
        model: model.into(),
        cores: Some(cores),
        source: source(condition).into(),
        ..Processor::default()
    }
}

fn memory(condition: &Condition) -> Vec<MemoryModule> {
    let module = |slot| MemoryModule {
        slot: format!("DIMM{slot}"),
        size_bytes: Some(condition.computer.size.0 * GIB / 2),
        kind: "DDR4".into(),
        serial: condition.number(&format!("memory {slot}"), 4),
        source: source(condition).into(),
        ..MemoryModule::default()
    };
    (0..2).map(module).collect()
}

fn disks(condition: &Condition) -> Vec<Disk> {
    let count = if condition.has(Quirk::Array) {
        2 - condition.disks_missing.min(1)
    } else {
        1
    };
    // A disk that warned was replaced: the next one has another number.
    let generation = if condition.disk_warns {
        "first"
    } else {
        "present"
    };
    let disk = |number: u32| Disk {
        name: format!("disk{number}"),
        model: "Samsung SSD 870 EVO".into(),
        serial: condition
            .number(&format!("{generation} disk {number}"), 6)
            .to_uppercase(),
        size_bytes: Some(disk_bytes(condition)),
        rotational: State::Off.into(),
        health: if condition.disk_warns {
            Health::Warning
        } else {
            Health::Good
        }
        .into(),
        source: source(condition).into(),
        ..Disk::default()
    };
    (0..count).map(disk).collect()
}

fn raids(condition: &Condition) -> Vec<Raid> {
    let raid = || Raid {
        name: "Mirror".into(),
        level: "1".into(),
        disks: Some(2),
        missing: Some(condition.disks_missing),
        members: disks(condition)
            .into_iter()
            .map(|disk| disk.serial)
            .collect(),
        size_bytes: Some(disk_bytes(condition)),
        source: source(condition).into(),
    };
    condition.has(Quirk::Array).then(raid).into_iter().collect()
}

fn source(condition: &Condition) -> &'static str {
    if condition.is_windows() {
        "storage service"
    } else {
        "/sys"
    }
}
