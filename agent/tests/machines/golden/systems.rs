//! Virtual machines, containers, old systems, disks without a computer.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::{
    super::tree::Tree,
    equipment::{cpuinfo, debian, kernel},
};

/// A guest of KVM that was started without any firmware, as Firecracker does. Written from the kernel's
/// documentation of /sys.
pub(super) fn vm_without_smbios() -> Tree {
    let disk = "/sys/devices/platform/virtio-mmio.0/virtio0/block/vda";
    let guest = cpuinfo("AuthenticAMD", "AMD EPYC", 1, 2, 1).replace("lm\n", "lm hypervisor\n");
    kernel(debian(Tree::new(), "microvm"), "6.1.102", "x86_64")
        .file("/proc/cpuinfo", guest)
        .file("/proc/meminfo", "MemTotal:        2031616 kB\n")
        .values(
            disk,
            &[
                ("size", "20971520"),
                ("queue/rotational", "1"),
                ("removable", "0"),
            ],
        )
        .link("/sys/block/vda", &disk.replacen("/sys/", "../", 1))
        .file(
            "/proc/1/mountinfo",
            "21 1 254:0 / / rw - ext4 /dev/vda rw\n",
        )
}

/// /sys/firmware/dmi/tables/DMI of a guest of QEMU 7.2 with `SeaBIOS` 1.16.2, Linux 6.1, given maker, model
/// and serial numbers on QEMU's command line. Recorded.
pub(crate) fn qemu_table() -> Vec<u8> {
    const RECORDED: &str = "ABgAAAECAOgDAAgAAAAAAAAAAAQAAP//U2VhQklPUwAxLjE2LjItZGViaWFuLTEuMTYuMi0xADA0\
        LzAxLzIwMTQAAAEbAAEBAgMEMyIRAFVEd2aImaq7zN3u/wYAAERlbGwgSW5jLgBPcHRpUGxleCA3\
        MDkwAHBjLWk0NDBmeC03LjIAQUJDMTIzNAAAAg8AAgECAwQAAQAAAwoARGVsbCBJbmMuADBKMzdW\
        TQBwYy1pNDQwZngtNy4yAC9BQkMxMjM0LwAAAxYAAwEBAgMEAwMDAgAAAAAAAAAAAERlbGwgSW5j\
        LgBwYy1pNDQwZngtNy4yAENILTc3AEZyb250IGRlc2sAAAQqAAQBAwECsQ8GAP37iwcDAAAA0AfQ\
        B0EB////////AAAAAgICAgABAENQVSAwAFFFTVUAcGMtaTQ0MGZ4LTcuMgAAEBcAEAEDBgAAEAD+\
        /wEAAAAAAAAAAAAAABEoABEAEP7//////wAECQABAAcCAHULAgMABAAAAAAAdQsAAAAAAABESU1N\
        IDAAU2Ftc3VuZwAxMjM0NTY3OABNMzc4QTFLNDNFQjIAABMfABMAAAAA//8PAAAQAQAAAAAAAAAA\
        AAAAAAAAAAAAACALACAAAAAAAAAAAAB/BAB/AAA=";
    BASE64_STANDARD.decode(RECORDED).unwrap()
}

/// A guest of QEMU whose tables (recorded, see [`qemu_table`]) end in the middle of a memory module, as
/// after a faulty update of the hypervisor.
pub(super) fn vm_with_truncated_smbios() -> Tree {
    let table = qemu_table();
    let cut = table.len() - 90;
    let disk = "/sys/devices/pci0000:00/0000:00:05.0/virtio2/block/vda";
    kernel(debian(Tree::new(), "guest"), "6.1.0-27-amd64", "x86_64")
        .file(
            "/proc/cpuinfo",
            cpuinfo("GenuineIntel", "QEMU Virtual CPU version 2.5+", 1, 2, 1),
        )
        .file("/proc/meminfo", "MemTotal:        1000100 kB\n")
        .file("/sys/firmware/dmi/tables/DMI", &table[..cut])
        .file(
            "/sys/firmware/dmi/tables/smbios_entry_point",
            b"_SM_\0\x1f\x02\x08",
        )
        .values(
            "/sys/class/dmi/id",
            &[("sys_vendor", "QEMU"), ("chassis_type", "1")],
        )
        .values(
            disk,
            &[
                ("size", "41943040"),
                ("queue/rotational", "1"),
                ("serial", "vm-disk-1"),
            ],
        )
        .link("/sys/block/vda", &disk.replacen("/sys/", "../", 1))
        .file(
            "/proc/1/mountinfo",
            "21 1 254:1 / / rw - ext4 /dev/vda1 rw\n",
        )
}

/// A server of 2015 with CentOS 7: kernel 3.10, legacy BIOS, LVM, no systemd file for the locale.
/// Written from Red Hat's documentation.
pub(super) fn centos_7() -> Tree {
    let release = "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\n";
    let disk = "/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda";
    Tree::new()
        .file("/etc/os-release", release)
        .file("/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n")
        .file("/etc/hostname", "files.example.org\n")
        .file("/etc/machine-id", "fedcba9876543210fedcba9876543210\n")
        .file("/etc/sysconfig/i18n", "LANG=\"en_US.UTF-8\"\n")
        .link("/etc/localtime", "../usr/share/zoneinfo/America/New_York")
        .file("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\nops:x:1000:10:Operations:/home/ops:/bin/bash\n")
        .file("/etc/group", "root:x:0:\nbin:x:1:\nwheel:x:10:\n")
        .file("/etc/shadow", "root:!!:16000::::::\nbin:*:16000::::::\nops:!!:16000:0:99999:7:::\n")
        .file("/etc/sudoers", "Defaults !visiblepw\nroot ALL=(ALL) ALL\n%wheel ALL=(ALL) NOPASSWD: ALL\n#includedir /etc/sudoers.d\n")
        .values("/proc/sys/kernel", &[("osrelease", "3.10.0-1160.el7.x86_64")])
        .file("/proc/stat", "cpu 1 2 3 4\nbtime 1700000040\n")
        .file("/proc/cpuinfo", cpuinfo("GenuineIntel", "Intel(R) Xeon(R) CPU E3-1220 v3 @ 3.10GHz", 1, 4, 1))
        .file("/proc/meminfo", "MemTotal:        8008596 kB\n")
        .values("/sys/class/dmi/id", &[
            ("sys_vendor", "FUJITSU"), ("product_name", "PRIMERGY TX1310 M1"), ("product_serial", "YLVT001234"),
            ("product_uuid", "00020003-0004-0005-0006-000700080009"), ("board_vendor", "FUJITSU"), ("board_name", "D3219-A1"),
            ("bios_vendor", "FUJITSU // American Megatrends Inc."), ("bios_version", "V4.6.5.4 R1.8.0 for D3219-A1x"),
            ("bios_date", "03/24/2015"), ("chassis_type", "17"), ("chassis_asset_tag", "System Asset Tag"),
        ])
        .values(disk, &[("size", "1953525168"), ("queue/rotational", "1"), ("device/model", "WDC WD1003FBYX-5"), ("device/rev", "1V02")])
        .link("/sys/block/sda", &disk.replacen("/sys/", "../", 1))
        .file("/proc/1/mountinfo", "21 1 253:0 / / rw - xfs /dev/mapper/centos-root rw\n22 21 8:1 / /boot rw - xfs /dev/sda1 rw\n")
}

/// A container made from Alpine's image: no systemd, no sudo, the host's processor and memory. Written from
/// Alpine's and Docker's documentation.
pub(super) fn alpine_container() -> Tree {
    kernel(Tree::new(), "6.8.0-48-generic", "x86_64")
        .file("/etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n")
        .file("/etc/hostname", "4f1c2b3a4d5e\n")
        .file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n")
        .file("/etc/group", "root:x:0:root\nwheel:x:10:root\nnobody:x:65534:\n")
        .file("/etc/shadow", "root:*::0:::::\nnobody:!::0:::::\n")
        .file("/etc/doas.conf", "permit persist :wheel\n")
        .file("/.dockerenv", "")
        .link("/proc/self/ns/pid", "pid:[4026532201]")
        .file("/proc/cpuinfo", cpuinfo("GenuineIntel", "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz", 1, 6, 1))
        .file("/proc/meminfo", "MemTotal:       16115580 kB\n")
        .file("/proc/self/mountinfo", "600 550 0:61 / / rw - overlay overlay rw\n601 600 8:2 /var/lib/docker/containers/4f1c/hostname /etc/hostname rw - ext4 /dev/sda2 rw\n")
        .folder("/sys/block")
}

/// The disk of a machine that is switched off: /proc and /sys are empty.
pub(super) fn disk_image() -> Tree {
    debian(Tree::new(), "switched-off")
        .folder("/proc")
        .folder("/sys")
        .folder("/dev")
        .folder("/run")
}
