//! The packages, installed on a booted Debian with systemd and firmware tables.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

use freehold_agent::identity::JoinString;
use freehold_tests::{Guest, TestCollector, guest::HOST};
use serde_json::Value;

/// The package that `deploy/build` made.
fn package(name: &str, ending: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/packages");
    let entries = std::fs::read_dir(&folder).expect("target/packages; run deploy/build");
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            file.starts_with(name) && file.ends_with(ending)
        })
        .unwrap_or_else(|| panic!("there is no {name}*{ending} in {}", folder.display()))
}

fn section<'a>(shown: &'a Value, name: &str) -> &'a Value {
    &shown["sections"][name]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the packages that deploy/build makes; tests/run packages runs it"]
async fn packages_install_join_survive_a_reboot_and_leave_nothing() {
    let collector = TestCollector::start().await;
    let guest = Guest::new(collector.scratch());
    let join = JoinString {
        addresses: vec![format!("{HOST}:{}", collector.address().port())],
        ..collector.token(&[]).await
    };
    guest.write("/root/join", &join.encode());
    guest.write("/root/proof", include_str!("../guest/proof"));
    guest.put(
        &package("freehold-agent", ".deb"),
        "/root/freehold-agent.deb",
    );
    guest.put(
        &package("freehold-collector", ".deb"),
        "/root/freehold-collector.deb",
    );
    guest.assemble();

    tokio::task::block_in_place(|| guest.boot());
    println!("{}", guest.result("1.log"));
    assert_eq!(
        guest.result("1.notes").lines().collect::<Vec<_>>(),
        [
            "freehold-collector is active and enabled",
            "first run 600 root",
            "installing without a join string",
            "without one it is inactive",
            "freehold-agent is active and enabled",
            "state directory 700 root",
        ]
    );
    assert!(guest.result("unjoined").contains("no collector yet"));
    let id = collector.only_machine().await;
    let first = collector.show(&id).await;
    the_hardware_is_the_guests(&first);
    the_unit_hides_nothing(&first, &guest);
    the_units_are_hardened(&guest);

    tokio::task::block_in_place(|| guest.boot());
    println!("{}", guest.result("2.log"));
    assert_eq!(
        guest.result("2.notes").lines().collect::<Vec<_>>(),
        [
            "freehold-agent is active and enabled",
            "freehold-collector is active and enabled",
        ]
    );
    let second = collector.show(&id).await;
    assert_ne!(first["last_seen"], second["last_seen"]);
    assert_eq!(collector.only_machine().await, id);
}

fn the_hardware_is_the_guests(shown: &Value) {
    let hardware = section(shown, "hardware").to_string();
    for fact in ["Dell", "OptiPlex 7090", "ABC1234", "WD-1234"] {
        assert!(hardware.contains(fact), "{fact} is not in {hardware}");
    }
}

/// What the hardened unit reports is what root reads without its limits.
fn the_unit_hides_nothing(shown: &Value, guest: &Guest) {
    let text = guest.result("snapshot.json");
    let outside: Value = serde_json::from_str(&text).expect("a snapshot");
    for name in outside["sections"].as_object().expect("sections").keys() {
        let (inside, outside) = (section(shown, name), section(&outside, name));
        for what in ["status", "diagnostics"] {
            assert_eq!(inside[what], outside[what], "{what} of {name}");
        }
    }
    for (name, list) in [
        ("software", "packages"),
        ("accounts", "accounts"),
        ("accounts", "privileges"),
        ("antivirus", "products"),
        ("hardware", "disks"),
        ("services", "listeners"),
    ] {
        assert_eq!(
            section(shown, name)[list],
            section(&outside, name)[list],
            "{list} of {name}"
        );
    }
}

fn the_units_are_hardened(guest: &Guest) {
    for (unit, most) in [("agent", 6.0), ("collector", 2.5)] {
        let report = guest.result(&format!("{unit}-security"));
        let line = report.lines().last().unwrap_or_default().to_owned();
        println!("{line}");
        let exposure = line.split_whitespace().find_map(|word| word.parse().ok());
        let exposure: f32 = exposure.unwrap_or_else(|| panic!("no exposure in {report}"));
        assert!(exposure <= most, "{report}");
    }
    println!("the installed agent: {}", guest.result("resident").trim());
}
