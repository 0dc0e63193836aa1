//! Every parser of untrusted bytes, by the name of its fuzz target.
//!
//! `agent/tests/corpus.rs` includes this file, so that stable Rust replays the same inputs.

use freehold_agent::parse::{
    anacrontab, apk, appimage, apt_conf, authorized_keys, capability, cpu, crontab, cups, cvd,
    debian_version, disk_health, doas, dpkg, edid, exports, flatpak, glob, group, hive, hosts, ini,
    init_script, key_value, lastlog, lease, mounts, netfilter, netlink, os_release, pacman, pam,
    passwd, pci_ids, pkla, polkit, proc_status, registry_value, resolv_conf, rpm, rpm_macros,
    samba_registry, settings, shadow, smb_conf, smbios, snap, sockets, sqlite, sshd_config, status,
    sudoers, systemd_unit, task, uevent, unit, utmp, version_lock, when,
};

/// A target: its name, which is that of the parser's module, and what it does with some bytes.
pub type Target = (&'static str, fn(&[u8]));

/// The program that fuzzes a target.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            let named = |target: &&freehold_agent_fuzz::Target| target.0 == $name;
            let (_, parse) = freehold_agent_fuzz::TARGETS.iter().find(named).unwrap();
            parse(bytes);
        });
    };
}

/// All targets, ordered by name.
pub const TARGETS: &[Target] = &[
    ("anacrontab", |bytes| drop(anacrontab::jobs(&text(bytes)))),
    ("apk", |bytes| {
        let mut records = apk::Records::new(bytes);
        while let Ok(Some(_)) = records.advance() {}
        assert!(records.problems().len() <= 201);
    }),
    ("appimage", |bytes| {
        appimage::architecture(bytes);
        appimage::title(&text(bytes));
    }),
    ("apt_conf", |bytes| {
        let mut settings = apt_conf::Settings::default();
        settings.read(&text(bytes));
        settings.is_true("apt::periodic::unattended-upgrade", false);
        settings.all().for_each(drop);
    }),
    ("authorized_keys", |bytes| {
        drop(authorized_keys::parse(bytes));
    }),
    ("capability", |bytes| {
        let _ = capability::parse(bytes).map(|found| found.has(21));
    }),
    ("cpu", |bytes| {
        let text = text(bytes);
        cpu::cpuinfo(&text);
        assert!(cpu::list(&text).len() <= 65_536);
    }),
    ("crontab", |bytes| {
        let text = text(bytes);
        for with_user in [false, true] {
            drop(crontab::parse(&text, with_user));
        }
        crontab::senseless(&text, true);
        crontab::programs(&text);
    }),
    ("cups", |bytes| drop(cups::printers(&text(bytes)))),
    ("cvd", |bytes| {
        let _ = cvd::parse(bytes);
    }),
    ("debian_version", |bytes| {
        if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
            let (older, newer) = (&bytes[..at], &bytes[at + 1..]);
            let order = debian_version::compare(older, newer);
            assert_eq!(order, debian_version::compare(newer, older).reverse());
        }
    }),
    ("disk_health", |bytes| {
        disk_health::nvme::health(bytes);
        disk_health::scsi::health(bytes);
        disk_health::ata::health(bytes);
        disk_health::ata::rests(bytes);
    }),
    ("doas", |bytes| drop(doas::parse(&text(bytes)))),
    ("dpkg", dpkg),
    ("edid", |bytes| drop(edid::parse(bytes))),
    ("exports", |bytes| drop(exports::folders(&text(bytes)))),
    ("flatpak", |bytes| {
        flatpak::Deployment::parse(bytes);
        let text = text(bytes);
        flatpak::Masks::parse(&text).hold(["app", "org.example.App", "x86_64", "stable"]);
    }),
    ("glob", |bytes| {
        // Pattern and text are on both sides of the first NUL.
        if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
            glob::matches(&bytes[..at], &bytes[at + 1..]);
        }
    }),
    ("group", |bytes| drop(group::parse(bytes))),
    ("hive", hive),
    ("hosts", |bytes| {
        hosts::qualified(&text(bytes), "front-desk");
    }),
    ("ini", |bytes| {
        let text = text(bytes);
        ini::value(&ini::settings(&text), "global", "realm");
    }),
    ("init_script", |bytes| {
        init_script::read(&text(bytes));
    }),
    ("key_value", |bytes| {
        key_value::pairs(&text(bytes)).for_each(drop);
    }),
    ("lastlog", |bytes| {
        lastlog::signed_in(bytes);
        lastlog::record_length(bytes.len() as u64);
    }),
    ("lease", |bytes| {
        lease::packet(bytes);
        lease::key_value(&text(bytes));
        lease::dhclient(&text(bytes));
    }),
    ("mounts", |bytes| drop(mounts::parse(bytes))),
    ("netfilter", |bytes| {
        netfilter::chain(bytes);
        netfilter::rule(bytes);
        netfilter::saved(&text(bytes), 2);
    }),
    ("netlink", netlink),
    ("os_release", |bytes| drop(os_release::parse(&text(bytes)))),
    ("pacman", |bytes| {
        if let Some(package) = pacman::Package::parse(bytes) {
            package.source_name();
        }
        pacman::Configuration::parse(&text(bytes));
    }),
    ("pam", |bytes| {
        for entry in pam::parse(&text(bytes)) {
            entry.is_sufficient();
            entry.included();
            entry.value("group");
        }
    }),
    ("passwd", |bytes| drop(passwd::parse(bytes))),
    ("pci_ids", |bytes| {
        drop(pci_ids::look_up(bytes, "8086", "9bc8"));
    }),
    ("pkla", |bytes| drop(pkla::parse(&text(bytes)))),
    ("polkit", |bytes| {
        polkit::parse(&text(bytes));
        polkit::identities(&text(bytes));
    }),
    ("proc_status", |bytes| {
        proc_status::users(bytes);
    }),
    ("registry_value", |bytes| {
        for kind in 0..12 {
            registry_value::decode(kind, bytes);
        }
    }),
    ("resolv_conf", |bytes| {
        drop(resolv_conf::name_servers(&text(bytes)));
    }),
    ("rpm", |bytes| drop(rpm::parse(bytes))),
    ("rpm_macros", |bytes| {
        let text = text(bytes);
        rpm_macros::value(&text, "_dbpath").and_then(rpm_macros::folder);
    }),
    ("samba_registry", |bytes| {
        drop(samba_registry::sections(bytes));
    }),
    ("settings", |bytes| settings::lines(bytes).for_each(drop)),
    ("shadow", |bytes| drop(shadow::parse(bytes))),
    ("smb_conf", |bytes| {
        drop(smb_conf::items(&text(bytes)));
        smb_conf::is_yes(&text(bytes));
    }),
    ("smbios", smbios),
    ("snap", |bytes| {
        snap::Description::parse(&text(bytes));
        snap::State::parse(bytes);
    }),
    ("sockets", |bytes| {
        text(bytes).lines().for_each(|line| {
            sockets::line(line);
        });
        sockets::inode(bytes);
    }),
    ("sqlite", |bytes| {
        let _ = sqlite::rows(bytes, "Lastlog2", ["Name", "Time"], |_| {});
    }),
    ("sshd_config", |bytes| {
        for condition in [None, Some("user anna")] {
            let file = sshd_config::parse(&text(bytes), condition);
            for directive in &file.directives {
                directive.choice();
            }
            assert!(file.problems.len() <= 200);
        }
    }),
    ("status", |bytes| drop(status::facts(bytes))),
    ("sudoers", sudoers),
    ("systemd_unit", |bytes| {
        let text = text(bytes);
        for setting in systemd_unit::settings(&text) {
            systemd_unit::command(&setting.value);
        }
        systemd_unit::command(&text);
    }),
    ("task", |bytes| {
        let _ = task::parse(bytes);
    }),
    ("uevent", |bytes| {
        uevent::event(bytes);
    }),
    ("unit", |bytes| {
        let text = text(bytes);
        unit::Facts::default().apply(&text);
        unit::expand(&text, "name@instance.service");
    }),
    ("utmp", |bytes| {
        utmp::logins(bytes);
        utmp::logins_of(bytes, 9_600);
    }),
    ("version_lock", |bytes| {
        let mut locks = version_lock::Locks::default();
        locks.add_versionlock(&text(bytes));
        let _ = locks.add_toml(&text(bytes));
        locks.add_zypper(bytes);
        rpm::parse(b"a\x0b\x0b1\x0b2\x0b\x0b\x0b\x0b\x0b\x0b\x0c")
            .0
            .iter()
            .for_each(|package| {
                locks.hold(package);
            });
    }),
    ("when", |bytes| {
        when::seconds(&text(bytes));
    }),
];

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn dpkg(bytes: &[u8]) {
    let mut paragraphs = dpkg::Paragraphs::new(bytes);
    while let Ok(Some(paragraph)) = paragraphs.advance() {
        dpkg::version(&paragraph.version);
        paragraph.source_name();
    }
    assert!(paragraphs.problems().len() <= 200);
    dpkg::state(bytes);
}

/// Reads what can be reached within four levels, a few keys of each.
fn hive(bytes: &[u8]) {
    let Ok(hive) = hive::Hive::open(bytes) else {
        return;
    };
    let mut keys = Vec::from_iter(hive.key("").ok().flatten());
    for _ in 0..4 {
        keys = keys
            .iter()
            .take(20)
            .flat_map(|key| hive.keys(key).found)
            .collect();
        for key in keys.iter().take(100) {
            let row = hive.values(key, &["DisplayName", "SystemComponent"]).found;
            assert!(row.values().count() <= 2000);
        }
    }
    let _ = hive.key(r"Software\Microsoft\Windows\CurrentVersion\Uninstall");
}

fn netlink(bytes: &[u8]) {
    for message in netlink::messages(bytes) {
        if let netlink::Message::Item(item) = message {
            netlink::address(item);
            netlink::route(item);
            netlink::neighbour(item);
            netlink::family(item, "nl80211");
            netlink::wireless(item);
        }
    }
}

fn smbios(bytes: &[u8]) {
    for version in [None, Some((2, 4)), Some((3, 6))] {
        smbios::parse(bytes, version);
    }
    smbios::version(bytes);
    smbios::meaningful(&text(bytes));
    smbios::date(&text(bytes));
}

/// What was understood and is printed again is understood the same.
fn sudoers(bytes: &[u8]) {
    let first = sudoers::parse(&text(bytes));
    for entry in &first.entries {
        let printed = entry.kind.to_string();
        let again = sudoers::parse(&printed);
        let same = again.entries.first().map(|entry| &entry.kind);
        assert_eq!(same, Some(&entry.kind), "{printed}");
    }
}
