//! Ways in from elsewhere.

use super::*;

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
        // What counts for some alone says nothing about the others.
        (
            "Match User anna\nPasswordAuthentication no\nPermitRootLogin yes\n",
            "",
            State::On,
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
        let mut said = protection.diagnostics.iter();
        let varies = said.any(|one| one.reason.contains("for some connections only"));
        assert_eq!(varies, main.contains("Match"), "{main}");
        assert_eq!(protection.remote_desktop(), State::Off);
    }
}

#[test]
fn settings_that_cannot_be_read_leave_it_open_who_may_sign_in() {
    let machine = Machine::new();
    machine
        .file("/usr/sbin/sshd", "")
        .folder("/etc/ssh/sshd_config");
    let protection = machine.collect(&["sshd"]);
    let openssh = &protection.remote_access[0];
    let told = (openssh.password_sign_in(), openssh.root_password_sign_in());
    assert_eq!(told, (State::Unknown, State::Unknown));
    assert_eq!(protection.status(), Status::Partial);
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
    assert_eq!(machine.collect(&[]).remote_desktop(), State::Off);
    let unseen = collect(&Root::at(machine.path())).remote_desktop();
    assert_eq!(
        unseen,
        State::Unknown,
        "something may run that has no files here"
    );
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
