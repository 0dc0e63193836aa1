//! The packages, installed on a booted Debian with systemd and firmware tables, and below a root of rpm's own.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use freehold_agent::identity::JoinString;
use freehold_tests::{
    Guest, Machine, TestCollector,
    guest::{HOST, base},
};
use serde_json::Value;

const MEBIBYTE: u64 = 1024 * 1024;

/// Most that a package of the agent, the program in it, and the idle service may take.
const PACKAGE: u64 = 3 * MEBIBYTE;
const PROGRAM: u64 = 6 * MEBIBYTE;
const RESIDENT: u64 = 8 * MEBIBYTE;

/// How exposed the units may be, as `systemd-analyze security` counts it from 0 to 10.
const EXPOSURE: [(&str, f32); 2] = [("agent", 4.0), ("collector", 2.0)];

/// Where the packages of programs that are handed out lie; their size and memory are promised.
const RELEASED: &str = "target/packages";

/// The folder of the packages, as `tests/run` names it: those that are handed out, or those of a build for debugging.
#[allow(
    clippy::disallowed_methods,
    reason = "which packages are tried is said by the environment"
)]
fn folder() -> String {
    std::env::var("FREEHOLD_PACKAGES").unwrap_or_else(|_| RELEASED.to_owned())
}

/// The package that `deploy/build` made.
fn package(version: Version, name: &str, ending: &str) -> PathBuf {
    let mut folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder());
    if version == Version::Earlier {
        folder.push("earlier");
    }
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("{} is missing; run tests/run packages", folder.display()));
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            file.starts_with(name) && file.ends_with(ending)
        })
        .unwrap_or_else(|| panic!("there is no {name}*{ending} in {}", folder.display()))
}

/// Of the agent there is an earlier one to upgrade from.
#[derive(Clone, Copy, PartialEq)]
enum Version {
    Current,
    Earlier,
}

fn section<'a>(shown: &'a Value, name: &str) -> &'a Value {
    &shown["sections"][name]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the packages that deploy/build makes; tests/run packages runs it"]
async fn packages_install_join_survive_a_reboot_and_leave_nothing() {
    let collector = reached_from_the_guest().await;
    let other = reached_from_the_guest().await;
    let guest = Guest::new(collector.scratch());
    leave_join_strings(&guest, &collector, &other).await;
    guest.write("/root/proof", include_str!("../guest/proof"));
    for (version, name, to) in [
        (
            Version::Current,
            "freehold-agent",
            "/root/freehold-agent.deb",
        ),
        (Version::Current, "freehold_", "/root/freehold.deb"),
        (
            Version::Current,
            "freehold-collector",
            "/root/freehold-collector.deb",
        ),
        (
            Version::Earlier,
            "freehold-agent",
            "/root/freehold-agent-earlier.deb",
        ),
    ] {
        guest.put(&package(version, name, "_amd64.deb"), to);
    }
    guest.assemble();

    tokio::task::block_in_place(|| guest.boot());
    println!("{}\n{}", guest.console(), guest.result("1.log"));
    assert_notes(&guest.result("1.notes"), &FIRST_BOOT);
    assert!(guest.result("unjoined").contains("no collector yet"));
    let id = collector.only_machine().await;
    let first = collector.show(&id).await;
    the_hardware_is_the_guests(&first);
    the_unit_hides_nothing(&first, &guest);
    the_units_are_hardened(&guest);
    the_agent_is_small(&guest);

    tokio::task::block_in_place(|| guest.boot());
    println!("{}\n{}", guest.console(), guest.result("2.log"));
    assert_notes(&guest.result("2.notes"), &SECOND_BOOT);
    assert_eq!(collector.only_machine().await, id);
    let second = collector.show(&id).await;
    assert_ne!(first["last_seen"], second["last_seen"]);
    let changes = collector.changes(&id).await;
    assert!(
        changes.iter().any(|change| change.contains("while-away")),
        "what happened while the collector was out of reach is missing: {changes:?}"
    );
}

/// A collector that tells its agents the address under which the guest finds it.
async fn reached_from_the_guest() -> TestCollector {
    let mut collector = TestCollector::initialised(&[]).await;
    let settings = format!("addresses = [\"{HOST}:{}\"]\n", collector.address().port());
    fs::write(collector.data().join("collector.toml"), settings).expect("its settings");
    collector.resume().await;
    collector
}

/// Join strings that lead to the collector, and such that lead nowhere.
async fn leave_join_strings(guest: &Guest, collector: &TestCollector, other: &TestCollector) {
    let from_guest = |join: JoinString| JoinString {
        addresses: join
            .addresses
            .iter()
            .map(|address| address.replace("127.0.0.1", HOST))
            .collect(),
        ..join
    };
    let good = collector.token(&[]).await;
    let used = other.token(&[]).await;
    Machine::join(other.target(), &used, "somebody-else")
        .await
        .expect("it joins");
    let expired = other.token(&["--expires", "1s"]).await;
    let nowhere = JoinString {
        addresses: vec![format!("{HOST}:1")],
        ..other.token(&[]).await
    };
    guest.write("/root/join", &from_guest(good).encode());
    guest.write("/root/join-wrong", "freehold1:nonsense\n");
    guest.write("/root/join-used", &from_guest(used).encode());
    guest.write("/root/join-expired", &from_guest(expired).encode());
    guest.write("/root/join-nowhere", &nowhere.encode());
}

/// What each line of the first boot's notes holds.
const FIRST_BOOT: [&str; 14] = [
    "freehold-collector is active and enabled",
    "it runs as freehold-collector, its records are 700 freehold-collector",
    "first run 600 root",
    "the dashboard says: No computers yet",
    "it hands out SHA256SUMS freehold-0.1.0-1.x86_64.rpm freehold-agent",
    "freehold 0.1.0",
    "without a join string it is inactive",
    "wrong: what was in /etc/freehold/join is no join string; it was removed",
    "used: the collector refused: ",
    "expired: the collector refused: ",
    "nowhere: has not joined its collector yet, which does not answer; trying again in",
    "nowhere: the service is active",
    "freehold-agent is active and enabled",
    "state directory 700 root",
];

/// And of the second's.
const SECOND_BOOT: [&str; 10] = [
    "freehold-agent is active and enabled",
    "freehold-collector is active and enabled",
    "upgraded to 0.1.0",
    "a second agent ends with 1: another agent is already running",
    "away: does not answer; trying again in",
    "away: wait to be sent",
    "damaged: the service is failed: this computer's identity in",
    "disk full: 0 blocks were free",
    "slow: The clock is wrong: ",
    "the collector knows 1 computer",
];

fn assert_notes(notes: &str, expected: &[&str]) {
    let lines: Vec<&str> = notes.lines().collect();
    let fits = lines.len() == expected.len()
        && lines
            .iter()
            .zip(expected)
            .all(|(line, part)| line.contains(part));
    assert!(
        fits,
        "the guest noted:\n{notes}\ninstead of:\n{expected:#?}"
    );
}

fn the_hardware_is_the_guests(shown: &Value) {
    let hardware = section(shown, "hardware").to_string();
    for fact in ["Dell", "OptiPlex 7090", "ABC1234", "WD-1234"] {
        assert!(hardware.contains(fact), "{fact} is not in {hardware}");
    }
}

/// What the hardened unit reports is what root reads without its limits, but for what disks say of their health: asking
/// them takes the right to administer the whole system. It is unknown there, not good.
fn the_unit_hides_nothing(shown: &Value, guest: &Guest) {
    let text = guest.result("snapshot.json");
    let mut outside: Value = serde_json::from_str(&text).expect("a snapshot");
    for disk in outside["sections"]["hardware"]["disks"]
        .as_array_mut()
        .expect("disks")
    {
        disk["health"] = "UNKNOWN".into();
    }
    let mut shown = shown.clone();
    let said = shown["sections"]["hardware"]["diagnostics"].as_array_mut();
    let said = said.expect("diagnostics");
    let before = said.len();
    said.retain(|it| {
        it["position"] != "health" || !it["reason"].to_string().contains("CAP_SYS_ADMIN")
    });
    assert!(said.len() < before, "the unit says why it does not know");
    let mut differences = Vec::new();
    for (name, outside) in outside["sections"].as_object().expect("sections") {
        let inside = section(&shown, name);
        assert_eq!(
            inside.as_object().map(serde_json::Map::len),
            outside.as_object().map(serde_json::Map::len),
            "the keys of {name}"
        );
        for (key, outside) in outside.as_object().expect("a section") {
            if key != "collected_at" && inside[key] != *outside {
                differences.push(format!("{name}.{key}: {} outside: {outside}", inside[key]));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn the_units_are_hardened(guest: &Guest) {
    for (unit, most) in EXPOSURE {
        let report = guest.result(&format!("{unit}-security"));
        let line = report.lines().last().unwrap_or_default().to_owned();
        println!("{line}");
        let exposure = line.split_whitespace().find_map(|word| word.parse().ok());
        let exposure: f32 = exposure.unwrap_or_else(|| panic!("no exposure in {report}"));
        assert!(exposure <= most, "{report}");
    }
}

fn the_agent_is_small(guest: &Guest) {
    let status = guest.result("resident");
    let kibibytes = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        number.unwrap_or_else(|| panic!("{name} is not in {status}"))
    };
    let resident = kibibytes("VmRSS") * 1024;
    println!(
        "idle agent: {} KiB resident, {} KiB of them its own",
        kibibytes("VmRSS"),
        kibibytes("RssAnon")
    );
    assert!(
        folder() != RELEASED || resident <= RESIDENT,
        "the idle agent takes {resident} bytes"
    );
}

#[test]
#[ignore = "needs the packages that deploy/build makes; tests/run packages runs it"]
fn packages_and_programs_stay_small() {
    for ending in ["_amd64.deb", ".x86_64.rpm"] {
        for name in ["freehold-agent", "freehold-collector"] {
            let bytes = size(&package(Version::Current, name, ending));
            println!("{name}*{ending}: {bytes} bytes");
            let is_limited = name == "freehold-agent" && folder() == RELEASED;
            assert!(!is_limited || bytes <= PACKAGE, "{name}*{ending}");
        }
    }
    let tree = tempfile::tempdir().expect("a directory");
    run(Command::new("dpkg-deb")
        .arg("-x")
        .arg(package(Version::Current, "freehold-agent", "_amd64.deb"))
        .arg(tree.path()));
    let bytes = size(&tree.path().join("usr/bin/freehold-agent"));
    println!("freehold-agent: {bytes} bytes");
    assert!(folder() != RELEASED || bytes <= PROGRAM);
}

#[test]
#[ignore = "needs the packages that deploy/build makes; tests/run packages runs it"]
fn the_command_line_is_no_server() {
    // Where a program can fail it names the file of the crate it failed in.
    let holds = |package_name: &str, program: &str, part: &str| {
        let tree = tempfile::tempdir().expect("a directory");
        run(Command::new("dpkg-deb")
            .arg("-x")
            .arg(package(Version::Current, package_name, "_amd64.deb"))
            .arg(tree.path()));
        let bytes = fs::read(tree.path().join("usr/bin").join(program)).expect("the program");
        let part = format!("/{part}-");
        bytes
            .windows(part.len())
            .any(|window| window == part.as_bytes())
    };
    for part in ["sled", "axum", "askama", "argon2", "age"] {
        assert!(
            holds("freehold-collector", "freehold-collector", part),
            "{part}"
        );
        assert!(!holds("freehold_", "freehold", part), "{part}");
    }
    assert!(holds("freehold_", "freehold", "rustls"));
}

#[test]
#[ignore = "needs the packages that deploy/build makes; tests/run packages runs it"]
fn rpms_install_upgrade_and_erase() {
    let place = tempfile::tempdir().expect("a directory");
    let root = place.path().join("root");
    run(Command::new("cp")
        .arg("-a")
        .arg(base().join("root"))
        .arg(&root));
    let rpm = |arguments: &[&str], package: Option<&Path>| {
        let mut command = Command::new("rpm");
        // Debian's files are not in rpm's database.
        command
            .arg("--root")
            .arg(&root)
            .arg("--nodeps")
            .args(arguments);
        let output = command.args(package).output().expect("rpm");
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said}");
        println!("{said}");
        said.into_owned()
    };
    let there = |path: &str| {
        root.join(path.trim_start_matches('/'))
            .symlink_metadata()
            .is_ok()
    };
    let wanted =
        |name: &str| format!("/etc/systemd/system/multi-user.target.wants/freehold-{name}.service");

    let said = rpm(
        &["-U"],
        Some(&package(Version::Earlier, "freehold-agent", ".rpm")),
    );
    assert!(said.contains("no collector yet"), "{said}");
    assert!(there("/usr/bin/freehold-agent") && there(&wanted("agent")));
    let state = root.join("var/lib/freehold-agent");
    fs::create_dir_all(&state).expect("a state directory");
    fs::write(state.join("identity"), "kept").expect("an identity");
    fs::write(root.join("etc/freehold/agent.toml"), "").expect("settings");
    rpm(
        &["-U"],
        Some(&package(Version::Current, "freehold-agent", ".x86_64.rpm")),
    );
    assert_eq!(
        fs::read_to_string(state.join("identity")).expect("it"),
        "kept"
    );
    assert!(there("/usr/bin/freehold-agent") && there(&wanted("agent")));
    rpm(&["-e", "freehold-agent"], None);
    for path in [
        "/usr/bin/freehold-agent",
        "/usr/lib/systemd/system/freehold-agent.service",
        "/var/lib/freehold-agent",
        "/etc/freehold",
        &wanted("agent"),
    ] {
        assert!(!there(path), "{path} is left");
    }

    let said = rpm(
        &["-U"],
        Some(&package(
            Version::Current,
            "freehold-collector",
            ".x86_64.rpm",
        )),
    );
    assert!(said.contains("the dashboard is at https://"), "{said}");
    let notes = fs::read_to_string(root.join("root/freehold-collector-first-run")).expect("notes");
    assert!(notes.contains("Set-up code: ") && !said.contains("Set-up code: "));
    assert!(there(&wanted("collector")) && there("/usr/share/freehold/packages/SHA256SUMS"));
    rpm(&["-e", "freehold-collector"], None);
    assert!(
        there("/var/lib/freehold-collector/store"),
        "the records stay"
    );
    assert!(!there("/usr/bin/freehold-collector") && !there(&wanted("collector")));
}

fn size(path: &Path) -> u64 {
    path.metadata().expect("a file").len()
}

fn run(command: &mut Command) {
    let status = command.status().expect("it starts");
    assert!(status.success(), "{command:?} ended with {status}");
}
