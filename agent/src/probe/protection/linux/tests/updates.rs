//! What installs updates.

use super::*;

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
