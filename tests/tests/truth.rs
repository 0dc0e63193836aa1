//! The agent tells the same facts as the system's own tools: nothing missing, nothing invented.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{collections::BTreeSet, process::Command};

use freehold_tests::{
    Agent,
    process::{Answer, agent_program},
};
use serde_json::Value;

async fn snapshot() -> Value {
    let mut command = tokio::process::Command::new(agent_program());
    command.args(["snapshot", "--format", "json"]);
    let output = Answer::of(command).await.expect();
    serde_json::from_str::<Value>(&output).expect("JSON")["sections"].clone()
}

/// Lines that a tool prints; `None`, with a message, where the tool is not there.
fn lines(program: &str, arguments: &[&str]) -> Option<Vec<String>> {
    let Ok(output) = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .output()
    else {
        eprintln!("NOT TESTED: {program} is not installed");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.lines().map(str::to_owned).collect())
}

fn list<'a>(section: &'a Value, name: &str) -> &'a [Value] {
    section[name]
        .as_array()
        .unwrap_or_else(|| panic!("no list '{name}' in {section}"))
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item[field].as_str().unwrap_or_default()
}

/// Epoch, version and release put together as dpkg writes them.
fn full_version(package: &Value) -> String {
    let epoch = package["epoch"]
        .as_u64()
        .map(|epoch| format!("{epoch}:"))
        .unwrap_or_default();
    let release = text(package, "release");
    let release = if release.is_empty() {
        String::new()
    } else {
        format!("-{release}")
    };
    format!("{epoch}{}{release}", text(package, "version"))
}

#[tokio::test]
async fn software_is_what_dpkg_query_lists() {
    let format = "${db:Status-Abbrev} ${Package} ${Version} ${Architecture}\n";
    let Some(rows) = lines("dpkg-query", &["--show", &format!("--showformat={format}")]) else {
        return;
    };
    let expected: BTreeSet<String> = rows
        .iter()
        .filter(|row| row.as_bytes().get(1) != Some(&b'n'))
        .map(|row| row.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
        .collect();
    let snapshot = snapshot().await;
    let packages = list(&snapshot["software"], "packages").iter();
    let reported: BTreeSet<String> = packages
        .filter(|package| package["source"] == "DPKG")
        .map(|it| {
            format!(
                "{} {} {}",
                text(it, "name"),
                full_version(it),
                text(it, "architecture")
            )
        })
        .collect();
    assert_eq!(reported, expected);
}

#[tokio::test]
async fn processors_are_what_lscpu_shows() {
    let Some(rows) = lines("lscpu", &[]) else {
        return;
    };
    let value = |label: &str| {
        let row = rows
            .iter()
            .find_map(|row| row.trim_start().strip_prefix(label)?.strip_prefix(':'));
        row.map(|value| value.trim().to_owned())
    };
    let snapshot = snapshot().await;
    let processors = list(&snapshot["hardware"], "processors");
    let threads: u64 = processors
        .iter()
        .filter_map(|it| it["threads"].as_u64())
        .sum();
    assert_eq!(Some(threads.to_string()), value("CPU(s)"));
    if let Some(model) = value("Model name").filter(|model| model != "-") {
        assert!(
            processors.iter().all(|it| text(it, "model") == model),
            "{model}: {processors:?}"
        );
    }
    if let Some(maker) = value("Vendor ID").filter(|maker| maker != "-") {
        assert!(processors.iter().all(|it| text(it, "maker") == maker));
    }
    let number = |label: &str| value(label).and_then(|value| value.parse::<u64>().ok());
    if let (Some(each), Some(sockets)) = (number("Core(s) per socket"), number("Socket(s)")) {
        let cores = processors.iter().filter_map(|it| it["cores"].as_u64());
        assert_eq!(cores.sum::<u64>(), each * sockets, "{processors:?}");
        assert_eq!(processors.len() as u64, sockets, "{processors:?}");
    }
}

#[tokio::test]
async fn memory_is_what_the_kernel_says() {
    let said = std::fs::read_to_string("/proc/meminfo").expect("meminfo");
    let usable: u64 = said
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"))
        .and_then(|kib| kib.parse().ok())
        .expect("a number");
    let snapshot = snapshot().await;
    let reported = snapshot["hardware"]["memory_bytes"].as_u64();
    let reported = reported.expect("memory");
    // The kernel keeps some of what is built in to itself.
    let built_in = usable * 1024..=usable * 1024 * 5 / 4 + (1 << 30);
    assert!(built_in.contains(&reported), "{reported}, {usable} kB");
}

#[tokio::test]
async fn volumes_are_what_df_shows() {
    let Some(rows) = lines("df", &["-B1", "--output=target,size,fstype"]) else {
        return;
    };
    let is_on_disk = |kind: &str| ["ext4", "xfs", "btrfs", "vfat", "zfs"].contains(&kind);
    let expected: BTreeSet<(String, String)> = rows
        .iter()
        .filter_map(|row| {
            let [mount, size, kind] = row.split_whitespace().collect::<Vec<_>>()[..] else {
                return None;
            };
            is_on_disk(kind).then(|| (format!("{mount} {kind}"), size.to_owned()))
        })
        .collect();
    let snapshot = snapshot().await;
    let reported: BTreeSet<(String, String)> = list(&snapshot["hardware"], "volumes")
        .iter()
        .filter(|it| is_on_disk(text(it, "file_system")))
        .map(|it| {
            let which = format!("{} {}", text(it, "mount"), text(it, "file_system"));
            (which, it["size_bytes"].to_string())
        })
        .collect();
    // One that is mounted over, or twice, df shows once.
    assert!(
        expected.is_subset(&reported),
        "df: {expected:?}, agent: {reported:?}"
    );
}

#[tokio::test]
async fn disks_are_what_lsblk_shows() {
    let Some(rows) = lines("lsblk", &["-b", "-d", "-n", "-o", "NAME,TYPE,SIZE"]) else {
        return;
    };
    let expected: BTreeSet<(String, u64)> = rows
        .iter()
        .filter_map(|row| {
            let [name, "disk", size] = row.split_whitespace().collect::<Vec<_>>()[..] else {
                return None;
            };
            let size = size.parse().ok().filter(|&size| size > 0)?;
            // Memory that is used as a disk is not equipment.
            (!name.starts_with("ram") && !name.starts_with("zram")).then(|| (name.to_owned(), size))
        })
        .collect();
    let snapshot = snapshot().await;
    let disks = list(&snapshot["hardware"], "disks").iter();
    let reported: BTreeSet<(String, u64)> = disks
        .filter_map(|it| Some((text(it, "name").to_owned(), it["size_bytes"].as_u64()?)))
        .collect();
    assert!(
        expected.is_subset(&reported),
        "lsblk: {expected:?}, agent: {reported:?}"
    );
    let Some(all) = lines("lsblk", &["-b", "-d", "-n", "-o", "NAME,SIZE", "-a"]) else {
        return;
    };
    let exists = |(name, size): &(String, u64)| {
        all.iter().any(|row| {
            let mut fields = row.split_whitespace();
            // One without a medium has no size.
            fields.next() == Some(name.as_str()) && fields.next().unwrap_or("0") == size.to_string()
        })
    };
    assert!(reported.iter().all(exists), "{reported:?} of {all:?}");
}

/// A hardware address; nothing where there is none worth the name.
fn hardware_address(text: &str) -> &str {
    let is_one = text.len() == 17
        && text
            .bytes()
            .any(|byte| byte.is_ascii_hexdigit() && byte != b'0');
    if is_one { text } else { "" }
}

#[tokio::test]
async fn adapters_and_addresses_are_what_ip_shows() {
    let Some(rows) = lines("ip", &["-j", "addr"]) else {
        return;
    };
    let shown: Value = serde_json::from_str(&rows.join("\n")).expect("JSON");
    let expected: BTreeSet<String> = shown
        .as_array()
        .expect("adapters")
        .iter()
        .flat_map(|adapter| {
            let name = text(adapter, "ifname").to_owned();
            let addresses = list(adapter, "addr_info").iter();
            let addresses: Vec<String> = addresses
                .map(|it| format!("{name} {}/{}", text(it, "local"), it["prefixlen"]))
                .collect();
            let mac = format!("{name} {}", hardware_address(text(adapter, "address")));
            addresses.into_iter().chain([name, mac])
        })
        .collect();
    let snapshot = snapshot().await;
    let reported: BTreeSet<String> = list(&snapshot["network"], "adapters")
        .iter()
        .flat_map(|adapter| {
            let name = text(adapter, "name").to_owned();
            let addresses = list(adapter, "addresses").iter();
            let addresses: Vec<String> = addresses
                .map(|it| format!("{name} {}", it.as_str().unwrap_or_default()))
                .collect();
            let mac = format!("{name} {}", hardware_address(text(adapter, "mac")));
            addresses.into_iter().chain([name, mac])
        })
        .collect();
    assert_eq!(reported, expected);
}

#[tokio::test]
async fn accounts_are_what_the_passwd_file_lists() {
    let Some(rows) = lines("getent", &["-s", "files", "passwd"]) else {
        return;
    };
    let expected: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            let fields: Vec<&str> = row.split(':').collect();
            format!("{} {} {} {}", fields[0], fields[2], fields[5], fields[6])
        })
        .collect();
    let snapshot = snapshot().await;
    let reported: BTreeSet<String> = list(&snapshot["accounts"], "accounts")
        .iter()
        .map(|it| {
            format!(
                "{} {} {} {}",
                text(it, "name"),
                text(it, "id"),
                text(it, "home"),
                text(it, "shell")
            )
        })
        .collect();
    assert_eq!(reported, expected);
}

#[tokio::test]
async fn administrators_are_whom_sudo_obeys() {
    let Some(rows) = lines("getent", &["passwd"]) else {
        return;
    };
    let snapshot = snapshot().await;
    let privileges = list(&snapshot["accounts"], "privileges");
    let controls = |name: &str| {
        privileges
            .iter()
            .any(|it| text(it, "principal") == name && it["full_control"] == "ON")
    };
    for name in rows.iter().filter_map(|row| row.split(':').next()) {
        let Some(groups) = lines("id", &["-Gn", name]) else {
            return;
        };
        let groups = groups.join(" ");
        let uid_zero = lines("id", &["-u", name]).is_some_and(|id| id == ["0"]);
        let Some(allowed) = lines("sudo", &["-l", "-U", name]) else {
            return;
        };
        let everything = allowed.iter().any(|line| line.trim().ends_with(") ALL"));
        if uid_zero {
            // Beside what a rule of sudo may give the same account.
            let by_id = |it: &Value| text(it, "principal") == name && it["mechanism"] == "UID_ZERO";
            assert!(privileges.iter().any(by_id), "{name} has user id 0");
        }
        if uid_zero || everything {
            assert!(
                controls(name),
                "{name} ({groups}) may do everything, but: {privileges:?}"
            );
        }
        let admin_group = ["sudo", "wheel"]
            .iter()
            .any(|it| groups.split(' ').any(|own| own == *it));
        if !uid_zero && !everything && !admin_group {
            let sudo = privileges.iter().any(|it| {
                text(it, "principal") == name
                    && it["mechanism"] == "SUDO"
                    && it["full_control"] == "ON"
            });
            assert!(!sudo, "{name} was made an administrator by nobody");
        }
    }
}

#[tokio::test]
async fn the_system_is_what_uname_and_os_release_say() {
    let snapshot = snapshot().await;
    let system = &snapshot["system"];
    for (field, flag) in [
        ("kernel", "-r"),
        ("architecture", "-m"),
        ("host_name", "-n"),
    ] {
        let Some(said) = lines("uname", &[flag]) else {
            return;
        };
        assert_eq!(
            text(system, field),
            said[0]
                .split('.')
                .next()
                .filter(|_| flag == "-n")
                .unwrap_or(&said[0])
        );
    }
    let release = std::fs::read_to_string("/etc/os-release").expect("os-release");
    let id = release
        .lines()
        .find_map(|line| line.strip_prefix("ID="))
        .expect("an ID");
    assert_eq!(
        text(&system["operating_system"], "id"),
        id.trim_matches('"')
    );
}

#[tokio::test]
async fn every_section_says_how_much_it_could_read() {
    let snapshot = snapshot().await;
    let sections = snapshot.as_object().expect("sections");
    assert_eq!(sections.len(), 8);
    for (name, section) in sections {
        let status = text(section, "status");
        assert!(
            ["COMPLETE", "PARTIAL", "UNREADABLE", "UNSUPPORTED"].contains(&status),
            "{name}: {status}"
        );
        if status != "COMPLETE" {
            assert!(
                !list(section, "diagnostics").is_empty(),
                "{name} is {status} and does not say why"
            );
        }
    }
}

#[tokio::test]
async fn an_unchanged_machine_yields_unchanged_sections() {
    let without_times = |mut sections: Value| {
        for section in sections.as_object_mut().expect("sections").values_mut() {
            section["collected_at"] = Value::Null;
        }
        // Sockets and the like come and go while tests run.
        sections["services"] = Value::Null;
        sections["network"] = Value::Null;
        sections
    };
    assert_eq!(
        without_times(snapshot().await),
        without_times(snapshot().await)
    );
}

#[tokio::test]
async fn wrong_usage_is_told_from_failure() {
    let directory = tempfile::tempdir().expect("a directory");
    let agent = Agent::new(directory.path());
    let mut command = tokio::process::Command::new(agent_program());
    command.args(["snapshot", "--section", "nonsense"]);
    assert_eq!(Answer::of(command).await.code, 2);
    Answer::of(agent.command(&["run"])).await.refused(&["join"]);
    let status = Answer::of(agent.command(&["status"])).await;
    assert!(status.code <= 1, "{status:?}");
}
