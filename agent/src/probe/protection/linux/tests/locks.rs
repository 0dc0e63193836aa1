//! Secure Boot, screen lock and firewalls.

use super::*;

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
    for (zone, inbound) in [
        ("<zone target=\"ACCEPT\"></zone>", "accept"),
        ("<zone></zone>", "reject"),
    ] {
        machine.file("/etc/firewalld/zones/home.xml", zone);
        assert_eq!(told(&["firewalld"]), (State::On, inbound.to_owned()));
    }
}
