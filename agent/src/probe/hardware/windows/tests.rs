//! All rows here are written from documentation; none was recorded on a real Windows.

use freehold_proto::v1::{hardware::disk::Health, section::Status, toggle::State};

use super::*;
use crate::rows::{Unread, Value, volume::Content};

/// Tables of a machine with a maker, behind Windows' header.
fn tables() -> Vec<u8> {
    let mut table = vec![1, 27, 0, 1, 1, 2, 0, 3];
    table.extend([0xab; 16]);
    table.extend([6, 0, 0]);
    table.extend(b"Dell Inc.\0OptiPlex 7090\0ABC1234\0\0");
    table.extend([127, 4, 1, 1, 0, 0]);
    let mut bytes = vec![0, 3, 2, 0];
    bytes.extend(u32::try_from(table.len()).unwrap().to_le_bytes());
    bytes.extend(table);
    bytes
}

fn volume(mount: &str, content: Answer<Content>) -> Volume {
    Volume {
        device: r"\\?\Volume{4C1B02C1-0000-0000-0000-100000000000}\".into(),
        mounts: vec![mount.into()],
        kind: 3,
        content,
    }
}

fn rows() -> Rows {
    let content = Content {
        label: "Système".into(),
        file_system: "NTFS".into(),
        read_only: false,
        space: Some((1000, 100)),
    };
    Rows {
        tables: Ok(tables()),
        instead: None,
        mode: Some(Mode::Uefi),
        memory: Ok(16 << 30),
        processors: processors::Rows {
            arrangement: Ok([
                processors::tests::record(3, 1),
                processors::tests::record(0, 1),
            ]
            .concat()),
            threads: Ok(Below::of([
                Row::named("0").with("ProcessorNameString", "CPU")
            ])),
            megahertz: vec![3000],
        },
        disks: Ok(vec![Row::of([("DeviceId", "0")])]),
        drives: None,
        volumes: Ok(vec![volume(r"C:\", Ok(content))]),
        graphics: Ok(Vec::new()),
        monitors: Ok(Vec::new()),
        usb: Ok(Vec::new()),
        printers: Ok(Below::default()),
        batteries: Ok(Vec::new()),
        tpm: Ok(2),
    }
}

#[test]
fn the_machine_its_start_and_its_chip_are_told() {
    let hardware = assemble(&rows());
    assert_eq!(
        hardware.status(),
        Status::Complete,
        "{:?}",
        hardware.diagnostics
    );
    let product = hardware.product.unwrap();
    assert_eq!(
        (product.maker.as_str(), product.serial.as_str()),
        ("Dell Inc.", "ABC1234")
    );
    assert_eq!(hardware.firmware.unwrap().mode(), Mode::Uefi);
    assert_eq!(hardware.memory_bytes, Some(16 << 30));
    assert_eq!(hardware.tpm.unwrap().version, "2.0");
    let volume = &hardware.volumes[0];
    assert_eq!(
        (volume.mount.as_str(), volume.file_system.as_str()),
        ("C:", "ntfs")
    );
    assert_eq!(volume.uuid, "4c1b02c1-0000-0000-0000-100000000000");
    assert_eq!(volume.label, "Système");
}

#[test]
fn firmware_that_lies_about_its_length_is_said() {
    for cut in [0, 4, 8, 20, tables().len() - 8] {
        let hardware = assemble(&Rows {
            tables: Ok(tables()[..cut].to_vec()),
            ..rows()
        });
        assert_eq!(hardware.status(), Status::Partial, "{cut}");
    }
    assert_eq!(firmware::identity(&tables())[1], "ABC1234");
    assert_eq!(firmware::identity(b""), ["", "", ""]);
}

#[test]
fn without_tables_wmi_tells_what_it_knows() {
    let product = Row::of([
        ("Vendor", "ASUS"),
        ("Name", "System Product Name"),
        ("UUID", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"),
    ]);
    let board = Row::of([
        ("Manufacturer", "ASUSTeK"),
        ("SerialNumber", "Default string"),
    ]);
    let firmware = Row::of([
        ("SMBIOSBIOSVersion", "1.7"),
        ("ReleaseDate", "20230721000000.000000+000"),
    ]);
    let memory = Row::of([("DeviceLocator", "DIMM 0"), ("Capacity", "8589934592")])
        .with("SMBIOSMemoryType", 26_u32);
    let hardware = assemble(&Rows {
        tables: Err(Unread::Denied),
        instead: Some([
            Ok(vec![product]),
            Ok(vec![board]),
            Ok(vec![firmware]),
            Ok(vec![memory]),
        ]),
        ..rows()
    });
    assert_eq!(hardware.status(), Status::Partial);
    let product = hardware.product.unwrap();
    assert_eq!(
        (
            product.maker.as_str(),
            product.model.as_str(),
            product.uuid.as_str()
        ),
        ("ASUS", "", "")
    );
    assert_eq!(hardware.board.unwrap().serial, "");
    assert_eq!(hardware.firmware.unwrap().released_on, "2023-07-21");
    let module = &hardware.memory_modules[0];
    assert_eq!(
        (module.size_bytes, module.kind.as_str()),
        (Some(8 << 30), "DDR4")
    );
}

#[test]
fn disks_are_told_with_bus_kind_and_health() {
    let nvme = Row::of([
        ("DeviceId", "0"),
        ("Model", "Samsung SSD 980 PRO 1TB"),
        ("SerialNumber", "0025_3857_01B0_0D8C."),
        ("UniqueId", "eui.0025385701B00D8C"),
        ("Size", "1000204886016"),
    ])
    .with("MediaType", 4_u32)
    .with("BusType", 17_u32)
    .with("HealthStatus", 0_u32);
    let platters = Row::of([("DeviceId", "10"), ("UniqueId", "5000C500A1B2C3D4")])
        .with("UniqueIdFormat", 3_u32)
        .with("MediaType", 0_u32)
        .with("SpindleSpeed", 7200_u32)
        .with("BusType", 7_u32)
        .with("HealthStatus", 2_u32);
    let unknown = Row::of([("DeviceId", "2")]).with("SpindleSpeed", u32::MAX);
    let hardware = assemble(&Rows {
        disks: Ok(vec![platters, unknown, nvme]),
        ..rows()
    });
    let [nvme, unknown, platters] = hardware.disks.as_slice() else {
        panic!("{:?}", hardware.disks)
    };
    assert_eq!(
        (nvme.name.as_str(), nvme.bus.as_str()),
        ("PhysicalDrive0", "nvme")
    );
    assert_eq!(
        (nvme.rotational(), nvme.health()),
        (State::Off, Health::Good)
    );
    assert_eq!(nvme.wwn, "eui.0025385701b00d8c");
    assert_eq!(nvme.size_bytes, Some(1_000_204_886_016));
    assert_eq!(
        (unknown.rotational(), unknown.health()),
        (State::Unknown, Health::Unknown)
    );
    assert_eq!(unknown.removable(), State::Unknown);
    assert_eq!(
        (platters.rotational(), platters.removable()),
        (State::On, State::On)
    );
    assert_eq!(
        (platters.health(), platters.wwn.as_str()),
        (Health::Failing, "0x5000c500a1b2c3d4")
    );
}

#[test]
fn an_older_source_of_disks_steps_in_and_both_failing_is_said() {
    let drive = Row::of([
        ("Model", "Virtual"),
        ("MediaType", "Fixed hard disk media"),
        ("Status", "Pred Fail"),
    ])
    .with("Index", 0_u32);
    let hardware = assemble(&Rows {
        disks: Err(Unread::Absent),
        drives: Some(Ok(vec![drive])),
        ..rows()
    });
    assert_eq!(hardware.disks[0].name, "PhysicalDrive0");
    assert_eq!(hardware.disks[0].health(), Health::Failing);
    assert_eq!(hardware.status(), Status::Partial);
    assert!(hardware.diagnostics[0].source.contains("MSFT_PhysicalDisk"));
    let hardware = assemble(&Rows {
        disks: Err(Unread::Late { seconds: 15 }),
        drives: Some(Err(Unread::Denied)),
        ..rows()
    });
    let sources: Vec<_> = hardware
        .diagnostics
        .iter()
        .map(|one| one.source.as_str())
        .collect();
    assert_eq!(
        sources,
        [
            r"root\Microsoft\Windows\Storage:MSFT_PhysicalDisk",
            r"root\cimv2:Win32_DiskDrive"
        ]
    );
}

#[test]
fn a_machine_without_a_disk_or_a_volume_is_not_believed() {
    let hardware = assemble(&Rows {
        disks: Ok(Vec::new()),
        drives: Some(Ok(Vec::new())),
        volumes: Ok(Vec::new()),
        ..rows()
    });
    assert_eq!(hardware.status(), Status::Partial);
    assert_eq!(hardware.diagnostics.len(), 2);
}

#[test]
fn volumes_that_are_locked_or_empty_are_told_from_each_other() {
    let locked = volume(r"D:\", Err(Unread::Failed { code: 0x8031_0000 }));
    let empty = volume(r"E:\", Err(Unread::Failed { code: 21 }));
    let hidden = Volume {
        mounts: Vec::new(),
        ..volume("", Ok(Content::default()))
    };
    let hardware = assemble(&Rows {
        volumes: Ok(vec![locked, empty, hidden]),
        ..rows()
    });
    assert_eq!(hardware.volumes.len(), 1);
    assert_eq!(
        (
            hardware.volumes[0].mount.as_str(),
            hardware.volumes[0].read_only()
        ),
        ("D:", State::Unknown)
    );
    assert_eq!(hardware.status(), Status::Partial);
}

#[test]
fn usb_devices_are_told_without_hubs_functions_and_made_up_numbers() {
    let device = |id: &str, name: &str| Row::named(id).with("DeviceDesc", name);
    let hardware = assemble(&Rows {
        usb: Ok(vec![
            device(r"USB\ROOT_HUB30\4&1&0&0", "Hub").with("Service", "USBHUB3"),
            device(r"USB\VID_046D&PID_C52B&MI_00\7&2f&0&0000", "Function"),
            device(
                r"USB\VID_046D&PID_C52B\5&2f&0&3",
                "@usb.inf,%usb\\composite.devicedesc%;USB-Verbundgerät",
            )
            .with(
                "Mfg",
                "@usb.inf,%generic.mfg%;(Standard-USB-Hostcontroller)",
            ),
            device(r"USB\VID_0781&PID_5581\4C530001230404117383", "Disk")
                .with("Reported", "Ultra USB 3.0")
                .with("Mfg", "SanDisk"),
            device(r"USB\odd", "Odd"),
        ]),
        ..rows()
    });
    let found: Vec<_> = hardware
        .usb_devices
        .iter()
        .map(|one| {
            (
                one.vendor_id.as_str(),
                one.model.as_str(),
                one.maker.as_str(),
                one.serial.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("046d", "USB-Verbundgerät", "", ""),
            ("0781", "Ultra USB 3.0", "SanDisk", "4C530001230404117383"),
        ]
    );
}

#[test]
fn printers_reveal_no_address() {
    let printer = |name: &str, port: &str| {
        Row::named(name)
            .with("Printer Driver", "HP")
            .with("Port", port)
    };
    let hardware = assemble(&Rows {
        printers: Ok(Below::of([
            printer("Zebra", "USB001"),
            printer("Büro", r"\\server\anna:secret"),
            printer("Netz", "192.168.1.9"),
        ])),
        ..rows()
    });
    let found: Vec<_> = hardware
        .printers
        .iter()
        .map(|one| (one.name.as_str(), one.connection.as_str()))
        .collect();
    assert_eq!(found, [("Büro", "smb"), ("Netz", "tcp"), ("Zebra", "usb")]);
    assert!(!format!("{:?}", hardware.printers).contains("secret"));
}

#[test]
fn a_damaged_monitor_and_batteries_of_shares_are_survived() {
    let mut monitor = Row::named(r"DISPLAY\DEL41A8\5&1");
    monitor.push("EDID", Value::Bytes(vec![0; 128]));
    let battery = Row::named(r"\\?\acpi#pnp0c0a#1#{72631e54}")
        .with("Design", 5000_u32)
        .with("Relative", true)
        .with("Chemistry", "LION");
    let hardware = assemble(&Rows {
        monitors: Ok(vec![monitor, Row::named(r"DISPLAY\NOEDID\1")]),
        batteries: Ok(vec![battery]),
        ..rows()
    });
    assert!(hardware.monitors.is_empty());
    assert_eq!(hardware.diagnostics.len(), 1);
    let battery = &hardware.batteries[0];
    assert_eq!(
        (battery.design_mwh, battery.chemistry.as_str()),
        (None, "Li-ion")
    );
}

#[test]
fn a_system_that_answers_nothing_is_unreadable_and_never_empty_and_complete() {
    let rows = Rows {
        tables: Err(Unread::Absent),
        instead: Some([const { Err(Unread::Absent) }; 4]),
        mode: None,
        memory: Err(Unread::Absent),
        processors: processors::Rows {
            arrangement: Err(Unread::Absent),
            threads: Err(Unread::Absent),
            megahertz: Vec::new(),
        },
        disks: Err(Unread::Absent),
        drives: Some(Err(Unread::Absent)),
        volumes: Err(Unread::Absent),
        graphics: Err(Unread::Absent),
        monitors: Err(Unread::Absent),
        usb: Err(Unread::Absent),
        printers: Err(Unread::Absent),
        batteries: Err(Unread::Absent),
        tpm: Err(Unread::Absent),
    };
    let hardware = assemble(&rows);
    assert_eq!(hardware.status(), Status::Unreadable);
    assert_eq!(hardware.tpm.as_ref().unwrap().present(), State::Unknown);
    assert!(
        hardware.diagnostics.len() >= 14,
        "{:?}",
        hardware.diagnostics
    );
}
