//! Fixtures are written from documentation of the kernel's /sys and of the programs' settings.

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

fn volume(mount: &str, state: State, method: &str) -> (String, State, String) {
    (mount.to_owned(), state, method.to_owned())
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

const SECURE_BOOT: &str =
    "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
const SET_UP: &str = "/sys/firmware/efi/efivars/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c";
const SHIM: &str = "/sys/firmware/efi/efivars/MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23";

#[test]
fn secure_boot_counts_only_where_something_is_checked() {
    let on = "\x06\0\0\0\x01";
    for (files, expected) in [
        (&[][..], State::Off),
        (&[(SECURE_BOOT, on)][..], State::On),
        (&[(SECURE_BOOT, "\x06\0\0\0\0")], State::Off),
        (&[(SECURE_BOOT, on), (SET_UP, on)], State::Off),
        (&[(SECURE_BOOT, on), (SHIM, on)], State::Off),
        (&[(SECURE_BOOT, "")], State::Unknown),
        (&[("/sys/firmware/efi/fw_vendor", "")], State::Unknown),
    ] {
        let machine = Machine::new();
        for (path, text) in files {
            machine.file(path, text);
        }
        assert_eq!(machine.collect(&[]).secure_boot(), expected, "{files:?}");
    }
    // Where there is no /sys at all, nothing is known.
    let (_directory, empty) = root_with(&[]);
    assert_eq!(collect(&empty).secure_boot(), State::Unknown);
}

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
fn updates_are_automatic_when_nothing_stands_in_their_way() {
    let parts = [
        ("20auto-upgrades", PERIODIC),
        ("50unattended-upgrades", UPGRADES),
    ];
    let whole = debian(&parts);
    whole.file("/var/lib/apt/periodic/unattended-upgrades-stamp", "");
    whole.file(
        "/var/lib/update-notifier/updates-available",
        "\n12 updates can be applied immediately.\n3 of these updates are standard security updates.\n",
    );
    let updates = whole.collect(&[]).updates.unwrap();
    assert_eq!(updates.automatic(), State::On);
    assert_eq!(updates.product, "unattended-upgrades");
    assert_eq!(updates.pending_security, Some(3));
    assert!(updates.last_success_at.is_some());

    for (path, problem) in [
        ("/usr/bin/unattended-upgrade", "not installed"),
        (TIMER, "is not enabled"),
        ("/etc/apt/apt.conf.d/50unattended-upgrades", "no source"),
    ] {
        let machine = debian(&parts);
        fs::remove_file(machine.path().join(path.trim_start_matches('/'))).unwrap();
        let updates = machine.collect(&[]).updates.unwrap();
        assert_eq!(updates.automatic(), State::Off, "{path}");
        assert!(
            updates.problem.contains(problem),
            "{path}: {}",
            updates.problem
        );
    }
}

#[test]
fn a_later_setting_of_apt_switches_updates_off() {
    let machine = debian(&[
        ("20auto-upgrades", PERIODIC),
        ("50unattended-upgrades", UPGRADES),
        ("99off", "APT::Periodic::Enable \"0\";"),
    ]);
    assert_eq!(
        machine.collect(&[]).updates.unwrap().automatic(),
        State::Off
    );
    let machine = debian(&[
        ("20auto-upgrades", PERIODIC),
        ("50unattended-upgrades", UPGRADES),
        ("99off.dpkg-old", "APT::Periodic::Enable \"0\";"),
    ]);
    assert_eq!(machine.collect(&[]).updates.unwrap().automatic(), State::On);
}

#[test]
fn settings_that_cannot_be_read_leave_updates_unknown() {
    // A folder in place of a file can be read by nobody.
    let machine = debian(&[("20auto-upgrades/x", "")]);
    let protection = machine.collect(&[]);
    assert_eq!(protection.status(), Status::Partial);
    assert_eq!(protection.updates.unwrap().automatic(), State::Unknown);
}

#[test]
fn updates_of_red_hat_need_a_timer_that_installs() {
    const SETTINGS: &str = "/etc/dnf/automatic.conf";
    const WANTS: &str = "/etc/systemd/system/timers.target.wants";
    for (timer, setting, expected) in [
        ("dnf-automatic.timer", "yes", State::On),
        ("dnf-automatic.timer", "no", State::Off),
        ("dnf-automatic-install.timer", "no", State::On),
        ("other.timer", "yes", State::Off),
    ] {
        let machine = Machine::new();
        machine
            .file("/var/lib/rpm/rpmdb.sqlite", "")
            .file(
                SETTINGS,
                &format!("[commands]\napply_updates = {setting}\n"),
            )
            .file(&format!("{WANTS}/{timer}"), "");
        let updates = machine.collect(&[]).updates.unwrap();
        assert_eq!(updates.automatic(), expected, "{timer} {setting}");
    }
}

#[test]
fn who_may_sign_in_with_a_password_is_read_as_the_server_reads_it() {
    const FILE: &str = "/etc/ssh/sshd_config";
    for (main, part, password, root) in [
        ("", "", State::On, State::Off),
        ("PasswordAuthentication no\n", "", State::Off, State::Off),
        ("PermitRootLogin yes\n", "", State::On, State::On),
        // The first value counts, and what is included comes first.
        (
            "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication no\n",
            "PasswordAuthentication yes\n",
            State::On,
            State::Off,
        ),
        (
            "PasswordAuthentication no\nMatch User anna\nPasswordAuthentication yes\nPermitRootLogin yes\n",
            "",
            State::Off,
            State::Off,
        ),
        (
            "UsePAM yes\nPasswordAuthentication no\n",
            "",
            State::On,
            State::Off,
        ),
    ] {
        let machine = Machine::new();
        machine
            .file("/usr/sbin/sshd", "")
            .file(FILE, main)
            .file("/etc/ssh/sshd_config.d/10.conf", part);
        let protection = machine.collect(&["sshd"]);
        let openssh = &protection.remote_access[0];
        assert_eq!(openssh.name, "OpenSSH");
        assert_eq!(openssh.enabled(), State::On);
        let told = (openssh.password_sign_in(), openssh.root_password_sign_in());
        assert_eq!(told, (password, root), "{main}");
        assert_eq!(protection.remote_desktop(), State::Off);
    }
}

#[test]
fn includes_that_go_in_circles_come_to_an_end() {
    let machine = Machine::new();
    machine
        .file("/usr/sbin/sshd", "")
        .file("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config\n");
    let protection = machine.collect(&[]);
    assert!(
        protection
            .diagnostics
            .iter()
            .any(|it| it.reason.contains("more than 100 files"))
    );
}

#[test]
fn a_program_that_shows_the_screen_makes_remote_desktop_a_fact() {
    let machine = Machine::new();
    machine.file("/opt/teamviewer/x", "");
    let protection = machine.collect(&[]);
    assert_eq!(protection.remote_desktop(), State::Off);
    assert_eq!(protection.remote_access[0].enabled(), State::Off);
    let protection = machine.collect(&["teamviewerd"]);
    assert_eq!(protection.remote_desktop(), State::On);
    // Without a view of the processes nobody can say that it is off.
    assert_eq!(
        collect(&Root::at(machine.path())).remote_desktop(),
        State::Unknown
    );
}

#[test]
fn the_screen_lock_is_told_where_the_machine_decides() {
    let dconf = "/etc/dconf/db/local.d/00";
    let locks = "/etc/dconf/db/local.d/locks/00";
    let on = "[org/gnome/desktop/screensaver]\nlock-enabled=true\n";
    let lock = "/org/gnome/desktop/screensaver/lock-enabled\n";
    for (files, expected) in [
        (&[][..], State::Unknown),
        (&[(dconf, on)][..], State::Unknown),
        (&[(dconf, on), (locks, lock)], State::On),
        (
            &[
                (
                    dconf,
                    "[org/gnome/desktop/screensaver]\nlock-enabled=false\n",
                ),
                (locks, lock),
            ],
            State::Off,
        ),
        (
            &[("/etc/systemd/logind.conf", "[Login]\nIdleAction=lock\n")],
            State::On,
        ),
        (
            &[("/etc/xdg/kscreenlockerrc", "[Daemon]\nAutolock[$i]=false\n")],
            State::Off,
        ),
    ] {
        let machine = Machine::new();
        machine.file("/usr/share/wayland-sessions/gnome.desktop", "");
        for (path, text) in files {
            machine.file(path, text);
        }
        assert_eq!(machine.collect(&[]).screen_lock(), expected, "{files:?}");
    }
    assert_eq!(
        Machine::new().collect(&[]).screen_lock(),
        State::Unspecified
    );
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
fn a_firewall_that_is_switched_on_in_its_settings_may_not_be_active() {
    let machine = Machine::new();
    machine
        .file("/etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low\n")
        .file("/etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n");
    let firewalls = machine.collect(&[]).firewalls;
    let ufw = firewalls.iter().find(|it| it.name == "ufw").unwrap();
    // Another root has no kernel to ask.
    assert_eq!(
        (ufw.enabled(), ufw.inbound.as_str()),
        (State::Unknown, "drop")
    );
    machine.file("/etc/ufw/ufw.conf", "ENABLED=no\n");
    let firewalls = machine.collect(&[]).firewalls;
    let ufw = firewalls.iter().find(|it| it.name == "ufw").unwrap();
    assert_eq!(ufw.enabled(), State::Off);
}

#[test]
fn firewalld_filters_while_it_runs() {
    let machine = Machine::new();
    machine
        .file("/etc/firewalld/firewalld.conf", "DefaultZone=home\n")
        .file(
            "/etc/firewalld/zones/home.xml",
            "<?xml?><zone target=\"DROP\"></zone>",
        );
    let told = |processes: &[&str]| {
        let all = machine.collect(processes).firewalls;
        let firewalld = all.iter().find(|it| it.name == "firewalld").unwrap();
        (firewalld.enabled(), firewalld.inbound.clone())
    };
    assert_eq!(told(&["firewalld"]), (State::On, "drop".to_owned()));
    assert_eq!(told(&[]), (State::Off, String::new()));
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
