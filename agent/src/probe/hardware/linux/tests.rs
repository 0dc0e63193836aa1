//! /sys and /proc trees written by the test after the kernel's documentation, not recorded.

use freehold_proto::v1::{
    hardware::{disk::Health, firmware::Mode},
    toggle::State,
};

use super::*;
use crate::probe::fixture::{root_with, write};

const CPUINFO: &[u8] = b"processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: 0\ncore id\t\t: 0\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\nphysical id\t: 1\ncore id\t\t: 0\n";
const MEMINFO: &[u8] = b"MemTotal:       16384 kB\nMemFree:  1 kB\n";

/// System information and end marker, as the standard lays them out.
fn smbios() -> Vec<u8> {
    let mut table = vec![1, 27, 1, 0, 1, 2, 0, 3];
    table.extend([7; 16]);
    table.extend([6, 0, 0]);
    table.extend(b"Dell Inc.\0OptiPlex 7090\0ABC1234\0\0");
    table.extend([127, 4, 0, 127, 0, 0]);
    table
}

fn machine() -> (tempfile::TempDir, Root) {
    root_with(&[
        ("/proc/cpuinfo", CPUINFO),
        ("/proc/meminfo", MEMINFO),
        ("/proc/self/mountinfo", b""),
        ("/sys/block/sda/size", b"2048\n"),
    ])
}

fn reasons(hardware: &Hardware) -> String {
    let reasons: Vec<_> = hardware
        .diagnostics
        .iter()
        .map(|d| d.reason.as_str())
        .collect();
    reasons.join("\n")
}

#[test]
fn a_machine_without_smbios_is_partial_with_a_reason_and_the_rest_complete() {
    let (_directory, root) = machine();
    let hardware = read(&root);
    assert_eq!(hardware.status(), Status::Partial);
    assert_eq!(hardware.diagnostics.len(), 1, "{}", reasons(&hardware));
    assert!(reasons(&hardware).contains("no SMBIOS tables"));
    assert_eq!(hardware.product, None);
    assert_eq!(hardware.memory_bytes, Some(16 * 1024 * 1024));
    assert_eq!(hardware.processors.len(), 2);
    assert_eq!(hardware.disks[0].size_bytes, Some(1024 * 1024));
}

#[test]
fn a_machine_with_smbios_is_complete() {
    let (directory, root) = machine();
    write(directory.path(), "/sys/firmware/dmi/tables/DMI", &smbios());
    write(directory.path(), "/sys/firmware/efi/runtime", b"");
    let hardware = read(&root);
    assert_eq!(
        hardware.status(),
        Status::Complete,
        "{}",
        reasons(&hardware)
    );
    assert_eq!(hardware.product.unwrap().serial, "ABC1234");
    assert_eq!(hardware.firmware.unwrap().mode(), Mode::Uefi);
}

#[test]
fn truncated_smbios_keeps_what_was_whole_and_is_partial() {
    let (directory, root) = machine();
    let table = smbios();
    write(
        directory.path(),
        "/sys/firmware/dmi/tables/DMI",
        &table[..40],
    );
    let hardware = read(&root);
    assert_eq!(hardware.status(), Status::Partial);
    assert!(reasons(&hardware).contains("cut off"));
    assert_eq!(hardware.product, None);
    assert_eq!(hardware.processors.len(), 2);
}

#[test]
fn the_kernels_extract_stands_in_for_unreadable_tables() {
    let (directory, root) = machine();
    write(
        directory.path(),
        "/sys/class/dmi/id/sys_vendor",
        b"LENOVO\n",
    );
    write(
        directory.path(),
        "/sys/class/dmi/id/product_serial",
        b"Default string\n",
    );
    write(
        directory.path(),
        "/sys/class/dmi/id/bios_date",
        b"04/01/2014\n",
    );
    let hardware = read(&root);
    assert_eq!(hardware.status(), Status::Partial);
    let product = hardware.product.unwrap();
    assert_eq!(
        (product.maker.as_str(), product.serial.as_str()),
        ("LENOVO", "")
    );
    assert_eq!(hardware.firmware.unwrap().released_on, "2014-04-01");
}

#[test]
fn a_small_board_is_named_by_its_device_tree() {
    let (directory, root) = machine();
    write(
        directory.path(),
        "/proc/device-tree/model",
        b"Raspberry Pi 4 Model B Rev 1.4\0",
    );
    write(
        directory.path(),
        "/proc/device-tree/serial-number",
        b"10000000abcdef01\0",
    );
    let product = read(&root).product.unwrap();
    assert_eq!(product.model, "Raspberry Pi 4 Model B Rev 1.4");
    assert_eq!(product.serial, "10000000abcdef01");
}

#[test]
fn an_unreadable_machine_says_so_instead_of_having_nothing() {
    let (_directory, root) = root_with(&[]);
    let hardware = read(&root);
    assert_eq!(hardware.status(), Status::Unreadable);
    let sources: Vec<_> = hardware
        .diagnostics
        .iter()
        .map(|d| d.source.as_str())
        .collect();
    for source in [
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/sys/block",
        "/proc/self/mountinfo",
    ] {
        assert!(sources.contains(&source), "{source} is not in {sources:?}");
    }
}

#[test]
fn disks_are_told_from_what_is_made_of_them() {
    let (directory, root) = machine();
    let file = |path: &str, bytes: &[u8]| write(directory.path(), path, bytes);
    for composed in ["loop0", "dm-0", "md0", "ram0"] {
        file(&format!("/sys/block/{composed}/size"), b"8\n");
    }
    let nvme = "/sys/devices/pci0000:00/0000:01:00.0/nvme/nvme0/nvme0n1";
    file(&format!("{nvme}/size"), b"1000215216\n");
    file(
        &format!("{nvme}/device/model"),
        b"Samsung SSD 980 PRO 500GB               \n",
    );
    file(&format!("{nvme}/device/serial"), b"S5GXNX0T123456      \n");
    file(&format!("{nvme}/device/firmware_rev"), b"5B2QGXA7\n");
    file(&format!("{nvme}/wwid"), b"eui.002538b411b2c3d4\n");
    file(&format!("{nvme}/queue/rotational"), b"0\n");
    let usb =
        "/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb";
    file(&format!("{usb}/size"), b"3907029168\n");
    file(&format!("{usb}/queue/rotational"), b"1\n");
    file(&format!("{usb}/removable"), b"0\n");
    file(&format!("{usb}/device/vpd_pg80"), b"\0\x80\0\x08WX1234AB");
    file(&format!("{usb}/device/wwid"), b"naa.50014ee2b5e7a001\n");
    let link = |target: &str, name: &str| {
        let path = directory.path().join("sys/block").join(name);
        std::os::unix::fs::symlink(target.replace("/sys/", "../"), path).unwrap();
    };
    link(nvme, "nvme0n1");
    link(usb, "sdb");

    let disks = read(&root).disks;
    let names: Vec<_> = disks.iter().map(|disk| disk.name.as_str()).collect();
    assert_eq!(names, ["nvme0n1", "sda", "sdb"]);
    let (nvme, usb) = (&disks[0], &disks[2]);
    assert_eq!(
        (nvme.bus.as_str(), nvme.model.as_str()),
        ("nvme", "Samsung SSD 980 PRO 500GB")
    );
    assert_eq!(
        (nvme.serial.as_str(), nvme.wwn.as_str()),
        ("S5GXNX0T123456", "eui.002538b411b2c3d4")
    );
    assert_eq!(
        (nvme.rotational(), nvme.health()),
        (State::Off, Health::Unknown)
    );
    assert_eq!((usb.bus.as_str(), usb.serial.as_str()), ("usb", "WX1234AB"));
    assert_eq!((usb.rotational(), usb.removable()), (State::On, State::On));
    assert_eq!(usb.wwn, "0x50014ee2b5e7a001");
}

#[test]
fn volumes_are_what_holds_data() {
    let (directory, root) = machine();
    let mounts = b"20 1 0:20 / /proc rw - proc proc rw\n\
        21 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
        22 1 8:2 / /home rw - xfs /dev/sda2 rw\n\
        23 1 8:2 /x /srv/bound rw - xfs /dev/sda2 rw\n\
        24 1 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro\n\
        25 1 0:40 /sub /mnt/share rw - cifs //srv/share rw\n\
        28 1 0:42 / /mnt/play rw - fuse.play /dev/sda9 rw\n\
        26 1 0:41 / /run rw - tmpfs tmpfs rw\n";
    write(directory.path(), "/proc/self/mountinfo", mounts);
    write(directory.path(), "/sys/class/block/sda1/dev", b"8:1\n");
    write(
        directory.path(),
        "/run/udev/data/b8:1",
        b"S:disk\nE:ID_FS_LABEL=system\nE:ID_FS_UUID=1234\n",
    );
    let volumes = read(&root).volumes;
    let told: Vec<_> = volumes
        .iter()
        .map(|volume| (volume.mount.as_str(), volume.device.as_str()))
        .collect();
    let expected = [
        ("/", "/dev/sda1"),
        ("/home", "/dev/sda2"),
        ("/mnt/play", "/dev/sda9"),
        ("/mnt/share", "//srv/share"),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        (volumes[0].label.as_str(), volumes[0].uuid.as_str()),
        ("system", "1234")
    );
    assert_eq!((volumes[2].size_bytes, volumes[3].size_bytes), (None, None));
}

#[test]
fn threads_that_share_a_core_are_one_core() {
    let (directory, root) = machine();
    for cpu in 0..2 {
        let folder = format!("/sys/devices/system/cpu/cpu{cpu}");
        write(
            directory.path(),
            &format!("{folder}/topology/core_cpus_list"),
            b"0-1\n",
        );
        write(
            directory.path(),
            &format!("{folder}/cpufreq/cpuinfo_max_freq"),
            b"4500000\n",
        );
    }
    let one_socket =
        String::from_utf8_lossy(CPUINFO).replace("physical id\t: 1", "physical id\t: 0");
    write(directory.path(), "/proc/cpuinfo", one_socket.as_bytes());
    let processors = read(&root).processors;
    assert_eq!(processors.len(), 1);
    assert_eq!(
        (processors[0].cores, processors[0].threads),
        (Some(1), Some(2))
    );
    assert_eq!(processors[0].max_mhz, Some(4500));
}

#[test]
fn a_damaged_monitor_is_noted_and_other_devices_are_read() {
    let (directory, root) = machine();
    let file = |path: &str, bytes: &[u8]| write(directory.path(), path, bytes);
    file("/sys/class/drm/card0-HDMI-A-1/status", b"connected\n");
    file("/sys/class/drm/card0-HDMI-A-1/edid", b"\0\xff\xff");
    file("/sys/bus/pci/devices/0000:00:02.0/class", b"0x030000\n");
    file("/sys/bus/pci/devices/0000:00:02.0/vendor", b"0x8086\n");
    file("/sys/bus/pci/devices/0000:00:02.0/device", b"0x9a49\n");
    file(
        "/usr/share/misc/pci.ids",
        b"8086  Intel Corporation\n\t9a49  Iris Xe Graphics\n",
    );
    file("/sys/bus/usb/devices/1-1/idVendor", b"046D\n");
    file("/sys/bus/usb/devices/1-1/idProduct", b"c077\n");
    file("/sys/bus/usb/devices/usb1/bDeviceClass", b"09\n");
    file("/sys/bus/usb/devices/usb1/idVendor", b"1d6b\n");
    file("/sys/bus/usb/devices/1-1:1.0/bInterfaceClass", b"03\n");
    file("/sys/class/tpm/tpm0/tpm_version_major", b"2\n");
    file(
        "/etc/cups/printers.conf",
        b"<Printer Front>\nMakeModel HP\n</Printer>\n",
    );
    let hardware = read(&root);
    assert!(reasons(&hardware).contains("a monitor is missing"));
    assert_eq!(hardware.graphics_adapters[0].model, "Iris Xe Graphics");
    assert_eq!(hardware.usb_devices.len(), 1);
    assert_eq!(hardware.usb_devices[0].vendor_id, "046d");
    assert_eq!(hardware.tpm.unwrap().version, "2.0");
    assert_eq!(hardware.printers[0].name, "Front");
}

#[test]
fn another_root_tells_no_hardware_but_its_printers() {
    let (directory, root) = root_with(&[("/etc/os-release", b"ID=debian\n")]);
    assert_eq!(collect(&root).status(), Status::Unsupported);
    let printers = b"<Printer Front>\nMakeModel HP\n</Printer>\n";
    write(directory.path(), "/etc/cups/printers.conf", printers);
    let hardware = collect(&root);
    assert_eq!(hardware.status(), Status::Partial);
    assert_eq!(hardware.printers[0].name, "Front");
    assert_eq!(hardware.memory_bytes, None);
}

#[test]
fn volumes_of_a_recorded_machine_have_no_size_of_this_one() {
    let (directory, root) = machine();
    let mounts = b"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
    write(directory.path(), "/proc/self/mountinfo", mounts);
    let volumes = collect(&root).volumes;
    assert_eq!(volumes.len(), 1);
    assert_eq!(volumes[0].size_bytes, None);
}

#[test]
fn the_running_machine_is_read_the_same_twice() {
    let root = Root::live();
    let first = collect(&root);
    assert_eq!(first, collect(&root));
    assert!(!first.processors.is_empty() && first.memory_bytes.is_some());
}
