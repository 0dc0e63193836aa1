//! Disks, from /sys/block.

mod health;

use freehold_proto::v1::{
    hardware::{Disk, Raid},
    toggle::State,
};

use crate::{
    parse::{key_value, smbios::meaningful},
    probe::{Root, section::Diagnostics, sysfs},
};

const FOLDER: &str = "/sys/block";
const SECTOR: u64 = 512;

/// Beginnings of the names of what is made of other disks or files, and thus no disk of its own.
const COMPOSED: [&str; 5] = ["loop", "ram", "dm-", "md", "drbd"];

/// The disks, ordered by name.
pub(super) fn read(root: &Root, diagnostics: &mut Diagnostics) -> Vec<Disk> {
    let names = match root.list(FOLDER) {
        Ok(names) => names,
        Err(error) => {
            diagnostics.unreadable(FOLDER, &error, "the disks are");
            return Vec::new();
        }
    };
    names
        .into_iter()
        .filter_map(|name| name.into_string().ok())
        .filter(|name| is_disk(root, name))
        .map(|name| disk(root, name, diagnostics))
        .collect()
}

/// The arrays that the kernel's own RAID made, ordered by name.
pub(super) fn raids(root: &Root) -> Vec<Raid> {
    let names = sysfs::names(root, FOLDER).into_iter();
    names
        .filter(|name| name.starts_with("md"))
        .filter_map(|name| {
            let path = format!("{FOLDER}/{name}");
            Some(Raid {
                level: sysfs::value(root, &format!("{path}/md/level"))?,
                disks: sysfs::number(root, &format!("{path}/md/raid_disks")),
                missing: sysfs::number(root, &format!("{path}/md/degraded")),
                members: sysfs::names(root, &format!("{path}/slaves")),
                size_bytes: size(root, &name).filter(|size| *size > 0),
                source: path,
                name,
            })
        })
        .collect()
}

fn is_disk(root: &Root, name: &str) -> bool {
    let composed = COMPOSED.iter().any(|beginning| name.starts_with(beginning));
    let hidden = sysfs::value(root, &format!("{FOLDER}/{name}/hidden")).as_deref() == Some("1");
    let unused = name.starts_with("nbd") && size(root, name) == Some(0);
    !composed && !hidden && !unused
}

fn disk(root: &Root, name: String, diagnostics: &mut Diagnostics) -> Disk {
    let value = |path: &str| sysfs::value(root, &format!("{FOLDER}/{name}/{path}"));
    let first = |paths: &[&str]| {
        let told = paths
            .iter()
            .find_map(|path| value(path))
            .unwrap_or_default();
        meaningful(&told).to_owned()
    };
    let bus = bus(root, &name);
    let is_optical = name.starts_with("sr");
    let removable = value("removable").as_deref() == Some("1")
        || bus == "usb"
        || value("device/type").as_deref() == Some("SD");
    Disk {
        model: first(&["device/model", "device/name"]),
        serial: serial(root, &name),
        wwn: wwn(&first(&["wwid", "device/wwid"])),
        firmware: first(&["device/firmware_rev", "device/rev", "device/fwrev"]),
        // The size of an optical drive is that of the disc that happens to be in it.
        size_bytes: size(root, &name).filter(|_| !is_optical),
        rotational: rotational(value("queue/rotational").as_deref(), bus).into(),
        bus: bus.into(),
        removable: if removable { State::On } else { State::Off }.into(),
        health: health::of(root, &name, bus, diagnostics).into(),
        source: format!("{FOLDER}/{name}"),
        name,
    }
}

/// Virtual disks, which have neither platters nor a health of their own.
fn is_virtual(bus: &str) -> bool {
    matches!(bus, "virtio" | "xen" | "hyperv" | "memory" | "network")
}

/// The hosts of virtual disks leave the flag at its default, whatever lies below.
fn rotational(flag: Option<&str>, bus: &str) -> State {
    match flag {
        Some("0") => State::Off,
        Some("1") if !is_virtual(bus) => State::On,
        _ => State::Unknown,
    }
}

fn size(root: &Root, name: &str) -> Option<u64> {
    let sectors: u64 = sysfs::number(root, &format!("{FOLDER}/{name}/size"))?;
    Some(sectors.saturating_mul(SECTOR))
}

/// The serial number: `NVMe` and MMC, then virtio, then SCSI's page 0x80, then what udev found out.
fn serial(root: &Root, name: &str) -> String {
    let value = |path: &str| sysfs::value(root, &format!("{FOLDER}/{name}/{path}"));
    let told = value("device/serial")
        .or_else(|| value("serial"))
        .or_else(|| page_80(root, name))
        .or_else(|| {
            let number = value("dev")?;
            let record = sysfs::value(root, &format!("/run/udev/data/b{number}"))?;
            key_value::value(&record, "E:ID_SERIAL_SHORT")
        });
    meaningful(&told.unwrap_or_default()).to_owned()
}

/// SCSI's "unit serial number": four bytes of header, the length in the last two.
fn page_80(root: &Root, name: &str) -> Option<String> {
    let page = root
        .read_at_most(format!("{FOLDER}/{name}/device/vpd_pg80"), 4096)
        .ok()?;
    let (header, rest) = page.split_first_chunk::<4>()?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let text = String::from_utf8_lossy(rest.get(..length)?).into_owned();
    (!text.trim().is_empty()).then_some(text)
}

/// The world-wide name as tools write it. A name made up of model and serial number is none.
fn wwn(told: &str) -> String {
    match told.split_once('.') {
        Some(("naa", digits)) => format!("0x{digits}"),
        Some(("eui" | "nvme" | "uuid", _)) => told.to_owned(),
        _ => String::new(),
    }
}

/// The bus, from the chain of devices that leads to the disk.
fn bus(root: &Root, name: &str) -> &'static str {
    let target = root
        .read_link(format!("{FOLDER}/{name}"))
        .unwrap_or_default();
    let path = target.to_string_lossy();
    let mut bus = "";
    for part in path.split('/') {
        let numbered = |prefix: &str| {
            part.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        bus = match part {
            "virtual" if name.starts_with("zram") => "memory",
            "virtual" if name.starts_with("nbd") || name.starts_with("rbd") => "network",
            "virtual" => "virtual",
            _ if numbered("usb") => return "usb",
            _ if numbered("nvme") => return "nvme",
            _ if numbered("virtio") => return "virtio",
            _ if numbered("mmc") => return "mmc",
            _ if numbered("ata") => return "sata",
            _ if part.starts_with("end_device-") => return "sas",
            _ if numbered("session") => return "iscsi",
            _ if part.starts_with("rport-") => return "fc",
            _ if part.starts_with("vbd-") => return "xen",
            _ if part.starts_with("VMBUS") => "hyperv",
            _ if numbered("host") && bus.is_empty() => "scsi",
            _ => bus,
        };
    }
    bus
}
