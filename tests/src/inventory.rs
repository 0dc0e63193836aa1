//! What simulated machines report: believable content that differs from machine to machine.

use freehold_agent::snapshot::Collected;
use freehold_proto::v1::{
    Accounts, Antivirus, Hardware, Network, OperatingSystem, Protection, Services, Software,
    System,
    accounts::{Account, Group, Privilege, privilege},
    antivirus::{Product, product},
    hardware::{Disk, MemoryModule, Processor, Volume},
    network::{Adapter, Route},
    section::{Kind, Status},
    services::{ListeningSocket, Service},
    software::{Package, package},
    system::ChassisKind,
    toggle::State,
};
use prost_types::Timestamp;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

use crate::machine::section;

/// Packages of a usual Debian desktop.
const PACKAGES: usize = 1000;
/// Packages there are to choose from.
const CATALOGUE: u32 = 1400;

/// The content of one machine, the same for the same seed.
#[derive(Clone, Debug)]
pub struct Inventory {
    seed: u64,
    /// Counts the changes made to it.
    pub revision: u64,
    /// How many packages it has.
    pub packages: usize,
    /// Its name.
    pub host_name: String,
}

impl Inventory {
    /// A machine with a thousand packages.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            revision: 0,
            packages: PACKAGES,
            host_name: format!("pc-{seed:05}"),
        }
    }

    /// A machine with a few packages, for tests that are about something else.
    pub fn small(seed: u64) -> Self {
        Self {
            packages: 12,
            ..Self::new(seed)
        }
    }

    /// Upgrades a package: the software section is another one from now on.
    pub fn upgrade_a_package(&mut self) {
        self.revision += 1;
    }

    /// All sections.
    pub fn sections(&self) -> Vec<Collected> {
        let mut random = StdRng::seed_from_u64(self.seed);
        vec![
            section(Kind::System, &self.system(&mut random)),
            section(Kind::Hardware, &self.hardware(&mut random)),
            self.software(),
            section(Kind::Antivirus, &antivirus(&mut random)),
            section(Kind::Accounts, &accounts(&mut random)),
            section(Kind::Network, &self.network(&mut random)),
            section(Kind::Services, &services(&mut random)),
            section(Kind::Protection, &unsupported_protection()),
        ]
    }

    /// The software section alone.
    pub fn software(&self) -> Collected {
        let mut random = StdRng::seed_from_u64(self.seed ^ 0x5eed);
        let wanted = self.packages as f64 / f64::from(CATALOGUE);
        let mut packages: Vec<_> = (0..CATALOGUE)
            .filter(|_| random.random_bool(wanted.min(1.0)))
            .map(|index| {
                package_of(
                    index,
                    &mut StdRng::seed_from_u64(self.seed ^ u64::from(index)),
                )
            })
            .collect();
        let mut extra = 0;
        while packages.len() < self.packages {
            packages.push(package_of(CATALOGUE + extra, &mut random));
            extra += 1;
        }
        packages.truncate(self.packages);
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        if self.revision > 0 {
            let at = self.revision as usize % packages.len();
            packages[at].version = format!("99.{}", self.revision);
        }
        let status = Status::Complete.into();
        section(
            Kind::Software,
            &Software {
                status,
                packages,
                ..Software::default()
            },
        )
    }

    fn system(&self, random: &mut StdRng) -> System {
        System {
            status: Status::Complete.into(),
            host_name: self.host_name.clone(),
            fqdn: format!("{}.practice.example", self.host_name),
            machine_id: hex(random, 16),
            operating_system: Some(OperatingSystem {
                id: "debian".into(),
                name: "Debian GNU/Linux".into(),
                version: "12".into(),
                build: "12.11".into(),
                code_name: "bookworm".into(),
                ..OperatingSystem::default()
            }),
            kernel: "6.1.0-37-amd64".into(),
            architecture: "x86_64".into(),
            installed_at: Some(past(random)),
            booted_at: Some(past(random)),
            time_zone: "Europe/Berlin".into(),
            locale: "de_DE.UTF-8".into(),
            virtualization: "none".into(),
            chassis: ChassisKind::Desktop.into(),
            pending_reboot: State::Off.into(),
            agent_version: "0.1.0".into(),
            ..System::default()
        }
    }

    fn hardware(&self, random: &mut StdRng) -> Hardware {
        let serial = hex(random, 4).to_uppercase();
        Hardware {
            status: Status::Complete.into(),
            product: Some(freehold_proto::v1::hardware::Product {
                maker: "Dell Inc.".into(),
                model: "OptiPlex 7090".into(),
                serial: serial.clone(),
                uuid: hex(random, 16),
                source: "smbios".into(),
                ..Default::default()
            }),
            memory_bytes: Some(16_688_775_168),
            processors: vec![Processor {
                socket: "CPU0".into(),
                maker: "GenuineIntel".into(),
                model: "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz".into(),
                cores: Some(6),
                threads: Some(12),
                source: "/proc/cpuinfo".into(),
                ..Processor::default()
            }],
            memory_modules: (0..2)
                .map(|slot| MemoryModule {
                    slot: format!("DIMM{slot}"),
                    size_bytes: Some(8 << 30),
                    kind: "DDR4".into(),
                    serial: hex(random, 4),
                    source: "smbios".into(),
                    ..MemoryModule::default()
                })
                .collect(),
            disks: vec![Disk {
                name: "nvme0n1".into(),
                model: "Samsung SSD 980 500GB".into(),
                serial: format!("S64D{serial}{}", self.seed),
                size_bytes: Some(500_107_862_016),
                rotational: State::Off.into(),
                source: "/sys/class/block/nvme0n1".into(),
                ..Disk::default()
            }],
            volumes: ["/", "/boot/efi", "/home"]
                .map(|mount| volume(mount, random))
                .into(),
            ..Hardware::default()
        }
    }

    fn network(&self, random: &mut StdRng) -> Network {
        let host = self.seed % 250 + 2;
        Network {
            status: Status::Complete.into(),
            adapters: vec![Adapter {
                name: "enp3s0".into(),
                mac: format!(
                    "d8:bb:c1:{:02x}:{:02x}:{:02x}",
                    random.random::<u8>(),
                    host,
                    self.seed % 256
                ),
                up: State::On.into(),
                addresses: vec![format!("192.168.{}.{host}/24", self.seed / 250 % 256)],
                source: "/sys/class/net/enp3s0".into(),
                ..Adapter::default()
            }],
            routes: vec![Route {
                destination: "0.0.0.0/0".into(),
                gateway: "192.168.1.1".into(),
                adapter: "enp3s0".into(),
                source: "/proc/net/route".into(),
                ..Route::default()
            }],
            ..Network::default()
        }
    }
}

fn package_of(index: u32, random: &mut StdRng) -> Package {
    const STEMS: [&str; 20] = [
        "apache", "audio", "boost", "crypt", "cups", "font", "gnome", "gtk", "image", "java",
        "kde", "ldap", "mail", "office", "perl", "python3", "qt", "ssl", "video", "xorg",
    ];
    const KINDS: [&str; 8] = [
        "common", "data", "dev", "bin", "utils", "tools", "plugins", "core",
    ];
    const MAINTAINERS: [&str; 6] = [
        "Debian GNOME Maintainers <pkg-gnome-maintainers@lists.alioth.debian.example>",
        "Debian Perl Group <pkg-perl-maintainers@lists.alioth.debian.example>",
        "Debian Python Team <team+python@tracker.debian.example>",
        "Debian QA Group <packages@qa.debian.example>",
        "Debian X Strike Force <debian-x@lists.debian.example>",
        "Matthias Maintainer <matthias@debian.example>",
    ];
    let mut fixed = StdRng::seed_from_u64(u64::from(index));
    let stem = STEMS.choose(&mut fixed).expect("a stem");
    let kind = KINDS.choose(&mut fixed).expect("a kind");
    let patch = fixed.random_range(0..12) + u32::from(random.random_bool(0.1));
    Package {
        name: format!("lib{stem}-{kind}{index}"),
        version: format!(
            "{}.{}.{patch}",
            fixed.random_range(0..30),
            fixed.random_range(0..40)
        ),
        release: format!(
            "{}+deb12u{}",
            fixed.random_range(1..5),
            fixed.random_range(1..9)
        ),
        architecture: if fixed.random_bool(0.7) {
            "amd64"
        } else {
            "all"
        }
        .into(),
        publisher: MAINTAINERS
            .choose(&mut fixed)
            .expect("a maintainer")
            .to_string(),
        installed_at: Some(past(random)),
        size_bytes: Some(fixed.random_range(20..90_000) * 1024),
        source: package::Source::Dpkg.into(),
        source_package: if fixed.random_bool(0.4) {
            format!("{stem}-{index}")
        } else {
            String::new()
        },
        state: package::State::Installed.into(),
        ..Package::default()
    }
}

fn antivirus(random: &mut StdRng) -> Antivirus {
    let products = random.random_bool(0.8).then(|| Product {
        name: "ClamAV".into(),
        version: "1.0.7".into(),
        signatures_at: Some(past(random)),
        running_mode: product::RunningMode::Active.into(),
        services: vec![
            "clamav-daemon: running".into(),
            "clamav-freshclam: running".into(),
        ],
        source: "/var/lib/clamav".into(),
        ..Product::default()
    });
    Antivirus {
        status: Status::Complete.into(),
        products: products.into_iter().collect(),
        ..Antivirus::default()
    }
}

fn accounts(random: &mut StdRng) -> Accounts {
    let people = ["anna", "bert", "carla", "dieter"];
    let account = |(index, name): (usize, &&str)| Account {
        name: (*name).into(),
        id: (1000 + index).to_string(),
        enabled: State::On.into(),
        password_set: State::On.into(),
        interactive: State::On.into(),
        shell: "/bin/bash".into(),
        home: format!("/home/{name}"),
        source: "/etc/passwd".into(),
        ..Account::default()
    };
    let administrator = people.choose(random).expect("a person");
    Accounts {
        status: Status::Complete.into(),
        accounts: people.iter().enumerate().map(account).collect(),
        groups: vec![Group {
            name: "sudo".into(),
            id: "27".into(),
            members: vec![(*administrator).into()],
            source: "/etc/group".into(),
        }],
        privileges: vec![Privilege {
            principal: (*administrator).into(),
            principal_kind: privilege::PrincipalKind::LocalUser.into(),
            mechanism: privilege::Mechanism::Sudo.into(),
            path: vec!["group sudo".into(), "sudoers".into()],
            scope: "everything".into(),
            source: "/etc/sudoers".into(),
            line: Some(50),
            full_control: State::On.into(),
            ..Privilege::default()
        }],
        ..Accounts::default()
    }
}

fn services(random: &mut StdRng) -> Services {
    let names = [
        "cron",
        "cups",
        "dbus",
        "NetworkManager",
        "ssh",
        "systemd-timesyncd",
        "udisks2",
    ];
    Services {
        status: Status::Complete.into(),
        services: names
            .map(|name| Service {
                name: format!("{name}.service"),
                running: if random.random_bool(0.9) {
                    State::On
                } else {
                    State::Off
                }
                .into(),
                account: "root".into(),
                source: "systemd".into(),
                ..Service::default()
            })
            .into(),
        listening_sockets: [22, 631]
            .map(|port| ListeningSocket {
                protocol: "tcp".into(),
                address: "0.0.0.0".into(),
                port,
                source: "/proc/net/tcp".into(),
                ..ListeningSocket::default()
            })
            .into(),
        ..Services::default()
    }
}

fn unsupported_protection() -> Protection {
    Protection {
        status: Status::Unsupported.into(),
        ..Protection::default()
    }
}

fn volume(mount: &str, random: &mut StdRng) -> Volume {
    Volume {
        mount: mount.into(),
        device: "/dev/nvme0n1p2".into(),
        file_system: "ext4".into(),
        size_bytes: Some(random.random_range(1..400) << 30),
        uuid: hex(random, 16),
        source: "/proc/self/mountinfo".into(),
        ..Volume::default()
    }
}

fn past(random: &mut StdRng) -> Timestamp {
    Timestamp {
        seconds: 1_700_000_000 + random.random_range(0..60_000_000),
        nanos: 0,
    }
}

fn hex(random: &mut StdRng, bytes: usize) -> String {
    let digits = b"0123456789abcdef";
    let digit = |_| char::from(digits[random.random_range(0..digits.len())]);
    (0..bytes * 2).map(digit).collect()
}
