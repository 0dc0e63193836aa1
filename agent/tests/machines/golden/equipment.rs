//! Real computers.

use super::super::{
    edid,
    smbios::{Slot, Tables},
    tree::Tree,
};

/// Debian 12's files as its base system installs them, written from its documentation.
pub(super) fn debian(tree: Tree, name: &str) -> Tree {
    let release = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";
    tree.file("/usr/lib/os-release", release)
        .link("/etc/os-release", "../usr/lib/os-release")
        .file("/etc/debian_version", "12.8\n")
        .file("/etc/hostname", format!("{name}\n"))
        .file(
            "/etc/hosts",
            format!("127.0.0.1 localhost\n127.0.1.1 {name}.praxis.example {name}\n"),
        )
        .file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        .file("/etc/default/locale", "LANG=de_DE.UTF-8\n")
        .link("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin")
        .file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:Anna,,,:/home/anna:/bin/bash\n",
        )
        .file("/etc/group", "root:x:0:\nsudo:x:27:anna\nanna:x:1000:\n")
        .file(
            "/etc/shadow",
            "root:*:19700:0:99999:7:::\nanna:!:19700:0:99999:7:::\n",
        )
        .file(
            "/etc/sudoers",
            "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n",
        )
}

/// What the kernel tells of itself; the time of the start is a round one.
pub(super) fn kernel(tree: Tree, release: &str, architecture: &str) -> Tree {
    tree.values(
        "/proc/sys/kernel",
        &[
            ("osrelease", release),
            ("arch", architecture),
            ("hostname", "recorded"),
        ],
    )
    .file(
        "/proc/stat",
        "cpu  1 2 3 4\nbtime 1761984000\nprocesses 4242\n",
    )
}

/// Threads of one model on several sockets, as x86 kernels list them.
pub(super) fn cpuinfo(maker: &str, model: &str, sockets: u32, cores: u32, per_core: u32) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for number in 0..sockets * cores * per_core {
        let (socket, core) = (number / cores % sockets, number % cores);
        let _ = write!(
            text,
            "processor\t: {number}\nvendor_id\t: {maker}\nmodel name\t: {model}\nmicrocode\t: 0xf8\nphysical id\t: {socket}\ncore id\t\t: {core}\nflags\t\t: fpu vme lm\n\n"
        );
    }
    text
}

fn with_tables(tree: Tree, tables: &Tables) -> Tree {
    tree.file("/sys/firmware/dmi/tables/DMI", tables.table())
        .file(
            "/sys/firmware/dmi/tables/smbios_entry_point",
            tables.entry_point(0x7f00_0000),
        )
}

/// A SATA disk as libata shows it. The page 0x80 is that of the SCSI standard.
fn sata(tree: Tree, name: &str, port: u32, model: &str, serial: &str, facts: [&str; 4]) -> Tree {
    let [firmware, wwn, sectors, rotational] = facts;
    let device = format!(
        "/sys/devices/pci0000:00/0000:00:17.0/ata{port}/host{port}/target{port}:0:0/{port}:0:0:0/block/{name}"
    );
    let mut page = vec![0, 0x80, 0, serial.len() as u8];
    page.extend(serial.bytes());
    tree.values(
        &device,
        &[
            ("size", sectors),
            ("queue/rotational", rotational),
            ("removable", "0"),
            ("device/model", model),
            ("device/rev", firmware),
            ("device/wwid", wwn),
        ],
    )
    .file(&format!("{device}/device/vpd_pg80"), page)
    .link(
        &format!("/sys/block/{name}"),
        &device.replacen("/sys/", "../", 1),
    )
}

/// Tables of a Dell OptiPlex 7090 small form factor.
pub(crate) fn dell_tables() -> Tables {
    let module = |slot| Slot {
        slot,
        bank: "",
        mib: 8192,
        kind: 0x1a,
        speeds: (3200, 2933),
        strings: ["Samsung", "03A1B2C4", "M378A1K43EB2-CWE"],
    };
    let empty = |slot| Slot {
        slot,
        ..Slot::default()
    };
    Tables::new()
        .bios(["Dell Inc.", "1.14.1", "07/21/2023"])
        .system([
            "Dell Inc.",
            "OptiPlex 7090",
            "",
            "ABC1234",
            "0A5C",
            "OptiPlex",
        ])
        .board(["Dell Inc.", "0J37VM", "A01", "/ABC1234/CNWS2001234567/", ""])
        .chassis(3, ["Dell Inc.", "", "ABC1234", "PRAXIS-017"])
        .processor(
            6,
            12,
            4500,
            [
                "CPU 1",
                "Intel(R) Corporation",
                "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz",
            ],
        )
        .memory(&[
            module("DIMM1"),
            empty("DIMM2"),
            module("DIMM3"),
            empty("DIMM4"),
        ])
}

/// A Dell OptiPlex with an SSD, a disk, an optical drive, two monitors and a TPM. Written from the
/// DMTF's and VESA's standards and the kernel's documentation of /sys, with the kinds of text that Dell uses.
pub(crate) fn dell_office_pc() -> Tree {
    let tree = kernel(
        debian(Tree::new(), "front-desk"),
        "6.1.0-27-amd64",
        "x86_64",
    );
    let tree = with_tables(tree, &dell_tables());
    let model = "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz";
    let mut tree = tree
        .file("/proc/cpuinfo", cpuinfo("GenuineIntel", model, 1, 6, 2))
        .file(
            "/proc/meminfo",
            "MemTotal:       16115580 kB\nMemFree:         123456 kB\n",
        )
        .values(
            "/sys/class/dmi/id",
            &[
                ("sys_vendor", "Dell Inc."),
                ("product_name", "OptiPlex 7090"),
                ("chassis_type", "3"),
                ("bios_vendor", "Dell Inc."),
                ("bios_version", "1.14.1"),
                ("bios_date", "07/21/2023"),
            ],
        )
        .folder("/sys/firmware/efi/efivars")
        .values("/sys/class/tpm/tpm0", &[("tpm_version_major", "2")]);
    for cpu in 0..12 {
        let folder = format!("/sys/devices/system/cpu/cpu{cpu}");
        let siblings = format!("{},{}", cpu % 6, cpu % 6 + 6);
        tree = tree.values(
            &folder,
            &[
                ("topology/core_cpus_list", siblings.as_str()),
                ("cpufreq/cpuinfo_max_freq", "4500000"),
            ],
        );
    }
    tree = sata(
        tree,
        "sda",
        1,
        "Samsung SSD 870",
        "S5Y1NJ0R912345",
        ["SVT02B6Q", "naa.5002538f31234567", "976773168", "0"],
    );
    tree = sata(
        tree,
        "sdb",
        2,
        "ST2000DM008-2FR1",
        "ZFL3ABCD",
        ["0001", "naa.5000c500c1234567", "3907029168", "1"],
    );
    let optical = "/sys/devices/pci0000:00/0000:00:17.0/ata3/host3/target3:0:0/3:0:0:0/block/sr0";
    tree = tree
        .values(optical, &[("size", "2097151"), ("removable", "1"), ("device/model", "DVDRAM GUD1N"), ("device/rev", "AS04")])
        .link("/sys/block/sr0", &optical.replacen("/sys/", "../", 1))
        .file("/proc/1/mountinfo", "20 1 0:20 / /proc rw - proc proc rw\n21 1 8:2 / / rw - ext4 /dev/sda2 rw\n22 21 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n23 21 8:17 / /srv/patients\\040old ro - xfs /dev/sdb1 ro\n24 21 0:50 / /mnt/office rw - cifs //server/office rw\n")
        .values("/sys/class/block/sda2", &[("dev", "8:2")])
        .file("/run/udev/data/b8:2", "S:disk/by-label/system\nE:ID_FS_LABEL=system\nE:ID_FS_UUID=2f1b7c3e-0001-4000-8000-00000000000a\n");
    screens_and_ports(tree)
}

fn screens_and_ports(tree: Tree) -> Tree {
    let gpu = "/sys/bus/pci/devices/0000:00:02.0";
    let usb = "/sys/bus/usb/devices";
    tree.values(gpu, &[("class", "0x030000"), ("vendor", "0x8086"), ("device", "0x9bc8")])
        .link(&format!("{gpu}/driver"), "../../../bus/pci/drivers/i915")
        .values("/sys/bus/pci/devices/0000:00:1f.6", &[("class", "0x020000"), ("vendor", "0x8086"), ("device", "0x0d4c")])
        .file("/usr/share/misc/pci.ids", "8086  Intel Corporation\n\t9bc8  CometLake-S GT2 [UHD Graphics 630]\n")
        .values("/sys/class/drm/card0-DP-1", &[("status", "connected")])
        .file("/sys/class/drm/card0-DP-1/edid", edid::block(*b"DEL", 0x41a8, 2021, "DELL P2422H", "7XYZ123"))
        .values("/sys/class/drm/card0-DP-2", &[("status", "connected")])
        .file("/sys/class/drm/card0-DP-2/edid", edid::block(*b"EIZ", 0x2b01, 2017, "EV2451", "31415926"))
        .values("/sys/class/drm/card0-HDMI-A-1", &[("status", "disconnected")])
        .values(&format!("{usb}/usb1"), &[("bDeviceClass", "09"), ("idVendor", "1d6b"), ("idProduct", "0002")])
        .values(&format!("{usb}/1-3"), &[("bDeviceClass", "00"), ("idVendor", "413c"), ("idProduct", "2113"), ("manufacturer", "Dell"), ("product", "KB216 Keyboard")])
        .values(&format!("{usb}/1-5"), &[("bDeviceClass", "00"), ("idVendor", "04f9"), ("idProduct", "02ec"), ("manufacturer", "Brother"), ("product", "MFC-L2710DW"), ("serial", "E78098C9N123456")])
        .values(&format!("{usb}/1-3:1.0"), &[("bInterfaceClass", "03")])
        .file("/etc/cups/printers.conf", "<DefaultPrinter Reception>\nMakeModel Brother MFC-L2710DW\nDeviceURI usb://Brother/MFC-L2710DW?serial=E78098C9N123456\n</DefaultPrinter>\n<Printer Copier>\nMakeModel Kyocera TASKalfa\nDeviceURI ipps://clerk:secret@copier.praxis.example:631/ipp\n</Printer>\n")
}

/// Tables of an HP EliteBook 840 G8.
pub(crate) fn hp_tables() -> Tables {
    let module = |slot, bank, serial| Slot {
        slot,
        bank,
        mib: 16384,
        kind: 0x1a,
        speeds: (3200, 3200),
        strings: ["Micron Technology", serial, "4ATF1G64HZ-3G2F1"],
    };
    Tables::new()
        .bios(["HP", "T37 Ver. 01.17.00", "05/09/2024"])
        .system([
            "HP",
            "HP EliteBook 840 G8 Notebook PC",
            "",
            "5CG1234XYZ",
            "3G2D4EA#ABD",
            "103C_5336AN HP EliteBook",
        ])
        .board(["HP", "8AB8", "KBC Version 30.47.00", "PNXYZ0123456", ""])
        .chassis(10, ["HP", "", "5CG1234XYZ", ""])
        .processor(
            4,
            8,
            4400,
            [
                "U3E1",
                "Intel(R) Corporation",
                "11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz",
            ],
        )
        .memory(&[
            module("Bottom-Slot 1(left)", "BANK 0", "2E1F0001"),
            module("Bottom-Slot 2(right)", "BANK 1", "2E1F0002"),
        ])
}

/// An HP EliteBook with an `NVMe` disk and a battery that counts charge. Written from the DMTF's standard
/// and the kernel's documentation of /sys.
pub(super) fn hp_laptop() -> Tree {
    let tree = kernel(Tree::new(), "6.8.0-48-generic", "x86_64")
        .file("/etc/os-release", "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nVERSION=\"24.04.1 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n")
        .file("/etc/hostname", "laptop-2\n")
        .file("/etc/timezone", "Europe/Vienna\n");
    let nvme = "/sys/devices/pci0000:00/0000:00:06.0/0000:01:00.0/nvme/nvme0/nvme0n1";
    let battery = "/sys/class/power_supply/BAT0";
    let model = "11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz";
    with_tables(tree, &hp_tables())
        .file("/proc/cpuinfo", cpuinfo("GenuineIntel", model, 1, 4, 2))
        .file("/proc/meminfo", "MemTotal:       32600000 kB\n")
        .values(
            "/sys/class/dmi/id",
            &[
                ("sys_vendor", "HP"),
                ("product_name", "HP EliteBook 840 G8 Notebook PC"),
                ("chassis_type", "10"),
            ],
        )
        .folder("/sys/firmware/efi/efivars")
        .values(
            nvme,
            &[
                ("size", "1000215216"),
                ("queue/rotational", "0"),
                ("removable", "0"),
                ("wwid", "eui.002538b411b2c3d4"),
            ],
        )
        .values(
            nvme,
            &[
                ("device/model", "Samsung SSD 980 PRO 500GB"),
                ("device/serial", "S5GXNX0T123456"),
                ("device/firmware_rev", "5B2QGXA7"),
            ],
        )
        .link("/sys/block/nvme0n1", &nvme.replacen("/sys/", "../", 1))
        .file(
            "/proc/1/mountinfo",
            "21 1 253:1 / / rw - ext4 /dev/mapper/ubuntu--vg-root rw\n",
        )
        .values(
            battery,
            &[
                ("type", "Battery"),
                ("manufacturer", "Hewlett-Packard"),
                ("model_name", "Primary"),
                ("serial_number", "00352"),
                ("technology", "Li-ion"),
            ],
        )
        .values(
            battery,
            &[
                ("charge_full_design", "4539000"),
                ("charge_full", "4100000"),
                ("voltage_min_design", "11580000"),
                ("cycle_count", "212"),
                ("capacity", "83"),
            ],
        )
        .values(
            "/sys/class/power_supply/AC",
            &[("type", "Mains"), ("online", "1")],
        )
        .values(
            "/sys/class/power_supply/hidpp_battery_0",
            &[("type", "Battery"), ("scope", "Device")],
        )
        .values("/sys/class/drm/card1-eDP-1", &[("status", "connected")])
        .file(
            "/sys/class/drm/card1-eDP-1/edid",
            edid::block(*b"AUO", 0x5b2d, 2020, "B140HAN05", "0"),
        )
        .values("/sys/class/tpm/tpm0", &[("tpm_version_major", "2")])
        .folder("/etc/kernel/postinst.d")
        .file("/run/reboot-required", "*** System restart required ***\n")
}

/// Tables of a computer that a shop put together.
pub(crate) fn white_box_tables() -> Tables {
    let filled = "To Be Filled By O.E.M.";
    Tables::new()
        .bios(["American Megatrends Inc.", "P1.40", "10/12/2017"])
        .system([filled, filled, filled, filled, filled, filled])
        .board([
            "ASRock",
            "B250M Pro4",
            "",
            "M80-A5012345678",
            "Default string",
        ])
        .chassis(3, [filled, filled, filled, filled])
        .memory(&[Slot {
            slot: "ChannelA-DIMM0",
            bank: "BANK 0",
            mib: 8192,
            kind: 0x1a,
            speeds: (2400, 2400),
            strings: ["Undefined", "00000000", "F4-2400C15-8GVR"],
        }])
}

/// A computer that a shop put together: nobody filled in the firmware's fields. Written from what such
/// boards are known to answer.
pub(super) fn white_box_pc() -> Tree {
    let tree = kernel(debian(Tree::new(), "lager"), "6.1.0-27-amd64", "x86_64");
    let tree = with_tables(tree, &white_box_tables())
        .file(
            "/proc/cpuinfo",
            cpuinfo(
                "GenuineIntel",
                "Intel(R) Core(TM) i3-7100 CPU @ 3.90GHz",
                1,
                2,
                2,
            ),
        )
        .file("/proc/meminfo", "MemTotal:        8041304 kB\n")
        .file("/proc/1/mountinfo", "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
        .values("/sys/class/dmi/id", &[("chassis_type", "3")]);
    sata(
        tree,
        "sda",
        1,
        "KINGSTON SA400S3",
        "50026B7781234567",
        ["SBFKB1D2", "naa.50026b7781234567", "468862128", "0"],
    )
}

/// Tables of a Dell PowerEdge R750 with sixteen modules of 64 GiB.
pub(crate) fn server_tables() -> Tables {
    let names: Vec<String> = ["A", "B"]
        .iter()
        .flat_map(|bank| (1..=16).map(move |number| format!("{bank}{number}")))
        .collect();
    let slots: Vec<Slot<'_>> = names
        .iter()
        .enumerate()
        .map(|(number, slot)| {
            let module = Slot {
                slot,
                mib: 65_536,
                kind: 0x1a,
                speeds: (3200, 2933),
                strings: ["Hynix Semiconductor", "4D5E6F70", "HMAA8GR7AJR4N-XN"],
                ..Slot::default()
            };
            let empty = Slot {
                slot,
                ..Slot::default()
            };
            if number % 16 < 8 { module } else { empty }
        })
        .collect();
    let model = "Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz";
    Tables::new()
        .bios(["Dell Inc.", "1.13.2", "12/19/2023"])
        .system([
            "Dell Inc.",
            "PowerEdge R750",
            "",
            "SRV7890",
            "SKU=0A5D;ModelName=PowerEdge R750",
            "PowerEdge",
        ])
        .board(["Dell Inc.", "06V45N", "A04", ".SRV7890.CNIVC0012300AB.", ""])
        .chassis(23, ["Dell Inc.", "", "SRV7890", "RACK-1"])
        .processor(28, 56, 4000, ["CPU1", "Intel", model])
        .processor(28, 56, 4000, ["CPU2", "Intel", model])
        .memory(&slots)
}

/// A rack server with a RAID controller, a RAID of the kernel's own, and a terabyte of memory. Written from
/// the DMTF's standard and the kernel's documentation of /sys.
pub(super) fn server() -> Tree {
    let tree = kernel(debian(Tree::new(), "srv01"), "6.1.0-27-amd64", "x86_64");
    let raid =
        "/sys/devices/pci0000:30/0000:30:02.0/0000:31:00.0/host0/target0:2:0/0:2:0:0/block/sda";
    let mut tree = with_tables(tree, &server_tables())
        .file("/proc/cpuinfo", cpuinfo("GenuineIntel", "Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz", 2, 28, 1))
        .file("/proc/meminfo", "MemTotal:       1056320512 kB\n")
        .values("/sys/class/dmi/id", &[("chassis_type", "23")])
        .folder("/sys/firmware/efi/efivars")
        .values(raid, &[("size", "7812939776"), ("queue/rotational", "1"), ("removable", "0"), ("device/model", "PERC H745 Frnt"), ("device/rev", "5.16"), ("device/wwid", "naa.6f4ee0801234560029f0e1d2c3b4a596")])
        .link("/sys/block/sda", &raid.replacen("/sys/", "../", 1))
        .values("/sys/block/md0", &[("size", "1875120128"), ("md/level", "raid1"), ("md/raid_disks", "2"), ("md/degraded", "1"), ("md/array_state", "clean")])
        .values("/sys/block/dm-0", &[("size", "7812000000")])
        .file("/proc/1/mountinfo", "21 1 9:0 / / rw - ext4 /dev/md0 rw\n22 21 253:0 / /srv rw - xfs /dev/mapper/data-srv rw\n");
    for (name, serial) in [("nvme0n1", "PHAB0001"), ("nvme1n1", "PHAB0002")] {
        let controller = name.trim_end_matches("n1");
        let device =
            format!("/sys/devices/pci0000:c0/0000:c0:01.0/0000:c1:00.0/nvme/{controller}/{name}");
        tree = tree
            .values(
                &device,
                &[
                    ("size", "1875385008"),
                    ("queue/rotational", "0"),
                    ("device/model", "Dell BOSS-S2"),
                    ("device/serial", serial),
                    ("device/firmware_rev", "2.5.14.4"),
                ],
            )
            .link(
                &format!("/sys/block/{name}"),
                &device.replacen("/sys/", "../", 1),
            );
    }
    tree
}

/// A Raspberry Pi 4, which has a device tree in place of SMBIOS. Written from the device-tree specification
/// and the kernel's documentation.
pub(super) fn raspberry_pi() -> Tree {
    use std::fmt::Write as _;
    let mut cpus = String::new();
    for number in 0..4 {
        let _ = write!(
            cpus,
            "processor\t: {number}\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd08\n\n"
        );
    }
    cpus.push_str("Revision\t: c03114\nSerial\t\t: 10000000abcdef01\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n");
    let card = "/sys/devices/platform/emmc2bus/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0";
    kernel(debian(Tree::new(), "till"), "6.6.51+rpt-rpi-v8", "aarch64")
        .file("/proc/cpuinfo", cpus)
        .file("/proc/meminfo", "MemTotal:        3882068 kB\n")
        .file("/proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
        .file("/proc/device-tree/serial-number", "10000000abcdef01\0")
        .file("/proc/device-tree/compatible", "raspberrypi,4-model-b\0brcm,bcm2711\0")
        .values(card, &[("size", "62333952"), ("queue/rotational", "0"), ("removable", "0"), ("device/name", "SC32G"), ("device/serial", "0x1b2c3d4e"), ("device/fwrev", "0x8"), ("device/type", "SD")])
        .link("/sys/block/mmcblk0", &card.replacen("/sys/", "../", 1))
        .file("/proc/1/mountinfo", "21 1 179:2 / / rw - ext4 /dev/mmcblk0p2 rw\n22 21 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw\n")
}
