//! Encryption of volumes and swap, in trees that look like /sys.

use super::*;

fn volume(mount: &str, state: State, method: &str) -> (String, State, String) {
    (mount.to_owned(), state, method.to_owned())
}

#[test]
fn encryption_is_found_below_logical_volumes_and_swap() {
    assert_eq!(
        laptop().volumes(),
        [
            volume("/", State::On, "LUKS2"),
            volume("/boot", State::Off, ""),
            volume("[SWAP] /dev/dm-2", State::On, "LUKS2"),
        ]
    );
}

#[test]
fn a_volume_of_which_one_part_is_in_clear_text_is_not_encrypted() {
    let machine = Machine::new();
    machine
        .device("8:0", "pci/sda", &[])
        .device("8:16", "pci/sdb", &[])
        .mapped("254:0", "dm-0", LUKS, &["sda"])
        .mapped("254:1", "dm-1", LVM, &["dm-0", "sdb"])
        .mounts(&[("254:1", "/", "ext4", "/dev/mapper/vg-root")]);
    assert_eq!(machine.volumes(), [volume("/", State::Off, "")]);
}

#[test]
fn a_file_system_that_is_mounted_twice_is_told_by_the_shortest_place() {
    for places in [["/srv", "/srv/a/b"], ["/srv/a/b", "/srv"]] {
        let machine = Machine::new();
        machine.device("8:0", "pci/sda", &[]);
        machine.mounts(&places.map(|place| ("8:0", place, "ext4", "/dev/sda")));
        assert_eq!(machine.volumes(), [volume("/srv", State::Off, "")]);
    }
}

#[test]
fn checking_is_not_encrypting() {
    let machine = Machine::new();
    machine
        .device("8:0", "pci/sda", &[])
        .mapped("254:0", "dm-0", "CRYPT-VERITY-0123-usr", &["sda"])
        .mounts(&[("254:0", "/", "ext4", "/dev/mapper/usr")]);
    assert_eq!(machine.volumes(), [volume("/", State::Off, "")]);
}

#[test]
fn what_cannot_be_followed_to_the_bottom_is_not_called_unencrypted() {
    for (identifier, slaves) in [
        ("", &["sda"][..]),
        ("CRYPT-NEW-1-x", &["sda"]),
        (LVM, &["gone"]),
    ] {
        let machine = Machine::new();
        machine
            .device("8:0", "pci/sda", &[])
            .mapped("254:0", "dm-0", identifier, slaves)
            .mounts(&[("254:0", "/", "ext4", "/dev/mapper/x")]);
        let protection = machine.collect(&[]);
        assert_eq!(
            protection.volume_encryption[0].encrypted(),
            State::Unknown,
            "{identifier}"
        );
        assert_eq!(protection.status(), Status::Partial);
        let reasons = protection.diagnostics.iter().map(|it| it.reason.as_str());
        assert!(
            reasons
                .clone()
                .any(|reason| reason.contains("whether / is encrypted")),
            "{identifier}"
        );
    }
}

#[test]
fn a_mapping_that_goes_in_circles_comes_to_an_end() {
    let machine = Machine::new();
    machine
        .mapped("254:0", "dm-0", LVM, &["dm-1"])
        .mapped("254:1", "dm-1", LVM, &["dm-0"])
        .mounts(&[("254:0", "/", "ext4", "/dev/mapper/x")]);
    assert_eq!(machine.volumes(), [volume("/", State::Unknown, "")]);
}

#[test]
fn a_file_used_as_a_disk_lies_where_its_file_system_does() {
    let machine = laptop();
    machine.device("7:1", "virtual/block/loop1", &[]);
    machine.file(
        "/sys/devices/virtual/block/loop1/loop/backing_file",
        "/srv/disk.img\n",
    );
    machine.mounts(&[
        ("254:1", "/", "ext4", "/dev/mapper/vg-root"),
        ("259:2", "/boot", "ext4", "/dev/nvme0n1p2"),
        ("7:1", "/mnt/image", "ext4", "/dev/loop1"),
    ]);
    machine.file("/proc/swaps", "Filename Type\n/boot/swapfile file 8 0 -2\n");
    assert_eq!(
        machine.volumes()[2..],
        [
            volume("/mnt/image", State::On, "LUKS2"),
            volume("[SWAP] /boot/swapfile", State::Off, ""),
        ]
    );
}

#[test]
fn file_systems_of_several_devices_and_encrypting_ones_are_known() {
    let machine = Machine::new();
    machine
        .device("8:0", "pci/sda", &[])
        .device("8:16", "pci/sdb", &[])
        .mapped("254:0", "dm-0", LUKS, &["sda"])
        .file("/sys/fs/btrfs/1234/devices/dm-0", "")
        .file("/sys/fs/btrfs/1234/devices/sdb", "")
        .link("/dev/mapper/one", "../dm-0")
        .mounts(&[
            ("0:30", "/", "btrfs", "/dev/mapper/one"),
            ("0:31", "/home/anna", "ecryptfs", "/home/.ecryptfs/anna"),
            ("0:32", "/tank", "zfs", "tank"),
        ]);
    assert_eq!(
        machine.volumes(),
        [
            volume("/", State::Off, ""),
            volume("/home/anna", State::On, "eCryptfs"),
            // Another root has no program to ask.
            volume("/tank", State::Unknown, ""),
        ]
    );
}

#[test]
fn the_disk_of_a_container_is_its_hosts() {
    let machine = Machine::new();
    machine.mounts(&[("0:50", "/", "overlay", "overlay")]);
    let protection = machine.collect(&[]);
    assert_eq!(protection.volume_encryption[0].encrypted(), State::Unknown);
    assert!(
        protection
            .diagnostics
            .iter()
            .any(|it| it.reason.contains("outside of this machine"))
    );
}
