//! Fixtures are written from documentation of the kernel's /sys and of the programs' settings.

mod encryption;
mod locks;
mod remote;
mod updates;

use std::{fs, os::unix::fs::symlink, path::Path};

use freehold_proto::v1::{
    protection::VolumeEncryption,
    section::{Kind, Status},
};
use prost::Message as _;
use tempfile::TempDir;

use super::*;
use crate::probe::fixture::{root_with, write};

/// A machine's files, block devices included.
struct Machine {
    directory: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        machine.file("/proc/1/mountinfo", "");
        machine.folder("/sys/firmware");
        machine
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        write(self.path(), path, text.as_bytes());
        self
    }

    fn folder(&self, path: &str) -> &Self {
        fs::create_dir_all(self.path().join(path.trim_start_matches('/'))).unwrap();
        self
    }

    fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        self
    }

    /// A block device: its number, its place among the devices, and what it is made of.
    fn device(&self, number: &str, place: &str, slaves: &[&str]) -> &Self {
        let name = place.rsplit('/').next().unwrap();
        let folder = format!("/sys/devices/{place}");
        self.folder(&format!("{folder}/slaves"));
        for slave in slaves {
            self.file(&format!("{folder}/slaves/{slave}"), "");
        }
        self.link(
            &format!("/sys/class/block/{name}"),
            &format!("../../devices/{place}"),
        );
        self.link(
            &format!("/sys/dev/block/{number}"),
            &format!("../../devices/{place}"),
        )
    }

    fn partition(&self, number: &str, place: &str) -> &Self {
        self.device(number, place, &[]);
        self.file(&format!("/sys/devices/{place}/partition"), "1\n")
    }

    fn mapped(&self, number: &str, name: &str, identifier: &str, slaves: &[&str]) -> &Self {
        self.device(number, &format!("virtual/block/{name}"), slaves);
        self.file(
            &format!("/sys/devices/virtual/block/{name}/dm/uuid"),
            identifier,
        )
    }

    fn mounts(&self, mounts: &[(&str, &str, &str, &str)]) -> &Self {
        let lines = mounts.iter().map(|(number, point, kind, device)| {
            format!("1 0 {number} / {point} rw - {kind} {device} rw\n")
        });
        self.file("/proc/1/mountinfo", &lines.collect::<String>())
    }

    fn collect(&self, processes: &[&str]) -> Protection {
        let root = Root::at(self.path());
        let mut diagnostics = Diagnostics::new();
        let mut scene = Scene::read(&root, &mut diagnostics);
        scene.processes = Some(Processes::of(processes));
        collect_in(&scene, diagnostics)
    }

    fn volumes(&self) -> Vec<(String, State, String)> {
        let told = |volume: VolumeEncryption| {
            let state = volume.encrypted();
            (volume.mount, state, volume.method)
        };
        self.collect(&[])
            .volume_encryption
            .into_iter()
            .map(told)
            .collect()
    }
}

const LUKS: &str = "CRYPT-LUKS2-0123456789abcdef0123456789abcdef-luks\n";
const LVM: &str = "LVM-abcdef\n";

/// A laptop as Debian's installer sets it up: LVM on LUKS, /boot beside it.
fn laptop() -> Machine {
    let machine = Machine::new();
    machine
        .device("259:0", "pci/nvme0n1", &[])
        .partition("259:2", "pci/nvme0n1/nvme0n1p2")
        .partition("259:3", "pci/nvme0n1/nvme0n1p3")
        .mapped("254:0", "dm-0", LUKS, &["nvme0n1p3"])
        .mapped("254:1", "dm-1", LVM, &["dm-0"])
        .mapped("254:2", "dm-2", LVM, &["dm-0"])
        .link("/dev/dm-2", "none")
        .mounts(&[
            ("254:1", "/", "ext4", "/dev/mapper/vg-root"),
            ("259:2", "/boot", "ext4", "/dev/nvme0n1p2"),
            ("0:44", "/run", "tmpfs", "tmpfs"),
            ("7:0", "/snap/core/1", "squashfs", "/dev/loop0"),
        ])
        .file(
            "/proc/swaps",
            "Filename Type Size Used Priority\n/dev/dm-2 partition 8 0 -2\n/dev/zram0 partition 8 0 100\n",
        );
    fs::remove_file(machine.path().join("dev/dm-2")).unwrap();
    machine
}

const SECURE_BOOT: &str =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

const UPGRADES: &str = "Unattended-Upgrade::Origins-Pattern { \"origin=Debian\"; };";
const PERIODIC: &str = "APT::Periodic::Unattended-Upgrade \"1\";";
const TIMER: &str = "/etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer";

fn debian(parts: &[(&str, &str)]) -> Machine {
    let machine = Machine::new();
    machine
        .file("/var/lib/dpkg/status", "")
        .file("/usr/bin/unattended-upgrade", "")
        .file(TIMER, "");
    for (name, text) in parts {
        machine.file(&format!("/etc/apt/apt.conf.d/{name}"), text);
    }
    machine
}

#[test]
fn backups_tell_their_last_success_where_they_record_it() {
    let machine = Machine::new();
    machine
        .file("/usr/bin/duplicity", "")
        .file(
            "/root/.cache/duplicity/a/duplicity-full.20240102T030405Z.manifest",
            "",
        )
        .file(
            "/root/.cache/duplicity/a/duplicity-full.20250102T030405Z.manifest.part",
            "",
        )
        .file("/usr/bin/rsnapshot", "")
        .file(
            "/var/log/rsnapshot.log",
            "x\n[2024] rsnapshot daily: ERROR\n",
        )
        .file("/usr/bin/restic", "")
        .file(
            "/etc/systemd/system/timers.target.wants/restic-backup.timer",
            "",
        )
        .file("/etc/systemd/system/restic-backup.timer", "");
    let products = machine.collect(&[]).backup_products;
    let told: Vec<_> = products
        .iter()
        .map(|it| {
            (
                it.name.as_str(),
                it.last_success_at.map(|at| at.seconds),
                it.scheduled(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Duplicity", Some(1_704_164_645), State::Unknown),
            ("restic", None, State::On),
            ("rsnapshot", None, State::Unknown),
        ]
    );
    machine.file(
        "/var/log/rsnapshot.log",
        "[2024] rsnapshot daily: completed successfully\n",
    );
    assert!(
        machine.collect(&[]).backup_products[2]
            .last_success_at
            .is_some()
    );
}

#[test]
fn an_empty_system_claims_nothing() {
    let (_directory, root) = root_with(&[]);
    let protection = collect(&root);
    assert_eq!(protection.status(), Status::Partial);
    assert!(protection.volume_encryption.is_empty());
    let sources: Vec<_> = protection
        .diagnostics
        .iter()
        .map(|it| it.source.as_str())
        .collect();
    assert_eq!(
        sources,
        [
            "/proc/self/mountinfo",
            "firewall",
            "/sys/firmware",
            "updates"
        ]
    );
}

#[test]
fn a_laptop_as_an_office_has_it() {
    let machine = laptop();
    machine
        .file(SECURE_BOOT, "\x06\0\0\0\x01")
        .file("/var/lib/dpkg/status", "")
        .file("/etc/apt/apt.conf.d/20auto-upgrades", PERIODIC)
        .file("/etc/apt/apt.conf.d/50unattended-upgrades", UPGRADES)
        .file("/usr/bin/unattended-upgrade", "")
        .file(TIMER, "")
        .file("/etc/ufw/ufw.conf", "ENABLED=yes\n")
        .file("/etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n")
        .file("/usr/share/wayland-sessions/gnome.desktop", "")
        .file("/usr/sbin/sshd", "")
        .file("/usr/lib/systemd/system/ssh.service", "")
        .file("/etc/ssh/sshd_config", "PasswordAuthentication no\n")
        .file("/usr/bin/deja-dup", "")
        .file("/usr/bin/anydesk", "");
    let body = machine.collect(&["sshd", "anydesk"]).encode_to_vec();
    let at = prost_types::Timestamp::default();
    let json = crate::snapshot::section_json(Kind::Protection, &body, at).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn settings_that_say_nothing_are_not_taken_for_off() {
    let machine = Machine::new();
    machine
        .file("/usr/sbin/sshd", "")
        .file("/etc/ufw/ufw.conf", "M\u{fffd}=x\n\u{1}\n")
        .file("/etc/default/ufw", "IPV6=yes\n")
        .file(
            "/etc/ssh/sshd_config",
            "\u{fffd}\u{2}=\nPasswordAuthentication no\n",
        );
    let section = machine.collect(&[]);
    let ufw = section
        .firewalls
        .iter()
        .find(|it| it.name == "ufw")
        .unwrap();
    assert_eq!(ufw.enabled(), State::Unknown);
    let said: Vec<_> = section
        .diagnostics
        .iter()
        .map(|one| (one.source.as_str(), one.position.as_str()))
        .collect();
    for place in [
        ("/etc/ufw/ufw.conf", "ENABLED"),
        ("/etc/default/ufw", "DEFAULT_INPUT_POLICY"),
        ("/etc/ssh/sshd_config", "line 1, column 1"),
    ] {
        assert!(said.contains(&place), "{said:?}");
    }
    assert_eq!(section.status(), Status::Partial);
}
