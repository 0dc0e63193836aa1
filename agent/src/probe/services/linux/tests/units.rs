//! Units, as systemd itself would see them.

use freehold_proto::v1::services::service::StartKind;

use super::*;

const INSTALL: &str = "[Install]\nWantedBy=multi-user.target\n";

fn unit(settings: &str) -> String {
    format!("[Service]\nExecStart=/usr/bin/x\n{settings}\n{INSTALL}")
}

fn of<'a>(section: &'a Services, name: &str) -> &'a Service {
    let mut all = section.services.iter();
    all.find(|one| one.name == name)
        .unwrap_or_else(|| panic!("{name} is missing"))
}

#[test]
fn a_service_with_an_account_of_its_own_is_told_with_it() {
    let tree = Tree::new(&[
        ("/lib/systemd/system/own.service", &unit("DynamicUser=yes")),
        (
            "/lib/systemd/system/named.service",
            &unit("DynamicUser=yes\nUser=anna"),
        ),
        ("/lib/systemd/system/plain.service", &unit("")),
    ]);
    let section = tree.read(false);
    let accounts = ["own.service", "named.service", "plain.service"]
        .map(|name| of(&section, name).account.as_str());
    assert_eq!(accounts, ["own", "anna", "root"]);
}

#[test]
fn what_starts_a_service_decides_when_it_starts() {
    let tree = Tree::new(&[
        ("/lib/systemd/system/empty.service", ""),
        ("/lib/systemd/system/late.service", &unit("")),
        ("/lib/systemd/system/screen.service", &unit("")),
        ("/etc/systemd/system/over.service", &unit("")),
    ]);
    tree.enable("empty.service");
    tree.enable("over.service");
    // Of two files of one name the first counts, also when the other one masks.
    tree.link("/lib/systemd/system/over.service", "/dev/null");
    for (target, name) in [("shutdown", "late"), ("graphical", "screen")] {
        tree.link(
            &format!("/etc/systemd/system/{target}.target.wants/{name}.service"),
            &format!("/lib/systemd/system/{name}.service"),
        );
    }
    let section = tree.read(false);
    for (name, start) in [
        ("empty.service", StartKind::Disabled),
        ("late.service", StartKind::Manual),
        ("over.service", StartKind::Automatic),
        ("screen.service", StartKind::Automatic),
    ] {
        assert_eq!(of(&section, name).start(), start, "{name}");
    }
}

#[test]
fn a_fragment_that_is_masked_says_nothing() {
    let tree = Tree::new(&[
        ("/lib/systemd/system/app.service", &unit("")),
        (
            "/lib/systemd/system/app.service.d/x.conf",
            "[Service]\nUser=anna\n",
        ),
        // As in a copy of a system whose devices became files.
        ("/dev/null", "noise\n"),
    ]);
    tree.link("/etc/systemd/system/app.service.d/x.conf", "/dev/null");
    let section = tree.read(false);
    assert_eq!(of(&section, "app.service").account, "root");
    let sources: Vec<_> = section.diagnostics.iter().map(|one| &one.source).collect();
    assert_eq!(sources, ["/proc"], "{:?}", section.diagnostics);
}

#[test]
fn a_timer_that_is_masked_is_no_task() {
    let tree = Tree::new(&[
        (
            "/lib/systemd/system/on.timer",
            "[Timer]\nOnCalendar=daily\n",
        ),
        (
            "/lib/systemd/system/off.timer",
            "[Timer]\nOnCalendar=daily\n",
        ),
    ]);
    tree.link("/etc/systemd/system/off.timer", "/dev/null");
    for name in ["on", "off"] {
        tree.link(
            &format!("/etc/systemd/system/timers.target.wants/{name}.timer"),
            &format!("/lib/systemd/system/{name}.timer"),
        );
    }
    let section = tree.read(false);
    let names: Vec<_> = section
        .scheduled_tasks
        .iter()
        .map(|one| &one.name)
        .collect();
    assert_eq!(names, ["on.timer"]);
}

#[test]
fn of_several_names_for_an_account_the_first_is_told() {
    let mut tree = Tree::new(&[(
        "/etc/passwd",
        "root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n",
    )]);
    tree.process(1, "/usr/lib/systemd/systemd", "/init.scope", &[7]);
    tree.socket("tcp", [0, 0, 0, 0], 80, 7);
    let section = tree.read(true);
    assert_eq!(section.listening_sockets[0].account, "root");
}
