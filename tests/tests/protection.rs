//! Protection against the programs that people would check it with, in network namespaces of the tests' own.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::{fs, path::Path, process::Command as Blocking};

use freehold_tests::{World, process::agent_program};
use serde_json::Value;

/// Runs a script in a network and mount namespace of its own; its output. `None`, with a message, where
/// that is not allowed or a program is missing. `{agent}` stands for a snapshot of the section.
fn alone(needed: &[&str], script: &str) -> Option<String> {
    for program in needed {
        let path = ["/usr/sbin", "/usr/bin"];
        if !path
            .iter()
            .any(|folder| Path::new(folder).join(program).exists())
        {
            eprintln!("NOT TESTED: {program} is not installed");
            return None;
        }
    }
    let probe = Blocking::new("unshare")
        .args(["--net", "--mount", "true"])
        .status();
    if !probe.is_ok_and(|status| status.success()) {
        eprintln!("NOT TESTED: this computer does not allow network namespaces (unshare --net)");
        return None;
    }
    let agent = format!(
        "'{}' snapshot --section protection --format json",
        agent_program().display()
    );
    let script = format!("set -e\n{}", script.replace("{agent}", &agent));
    let output = Blocking::new("unshare")
        .args(["--net", "--mount", "sh", "-c", &script])
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .expect("unshare");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {errors}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn section(output: &str) -> Value {
    let all: Value = serde_json::from_str(output).expect("JSON");
    all["sections"]["protection"].clone()
}

/// Whether it filters, and what it does by default.
fn firewall(section: &Value, name: &str) -> Option<(String, String)> {
    let firewalls = section["firewalls"].as_array().expect("firewalls");
    let found = firewalls.iter().find(|firewall| firewall["name"] == name)?;
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    Some((text("enabled"), text("inbound")))
}

fn told(enabled: &str, inbound: &str) -> Option<(String, String)> {
    Some((enabled.to_owned(), inbound.to_owned()))
}

#[test]
fn rules_of_nftables_are_read_from_the_kernel() {
    for (rules, expected) in [
        ("", told("OFF", "accept")),
        (
            "table inet f { chain input { type filter hook input priority 0; policy drop; ct state established accept; }; }",
            told("ON", "drop"),
        ),
        (
            "table inet f { chain input { type filter hook input priority 0; iif lo accept; counter jump zones; }; \
             chain zones { tcp dport 22 accept; log; reject; }; }",
            told("ON", "reject"),
        ),
        (
            "table ip f { chain input { type filter hook input priority 0; policy drop; }; }",
            told("ON", "drop (IPv4), accept (IPv6)"),
        ),
        (
            "table inet f { chain ban { drop; }; chain input { type filter hook input priority 0; tcp dport vmap { 23 : jump ban }; }; }",
            told("ON", "accept"),
        ),
        (
            "table inet f { chain input { type filter hook input priority 0; tcp dport 22 accept; }; \
             chain forward { type filter hook forward priority 0; policy drop; drop; }; }",
            told("OFF", "accept"),
        ),
        (
            "table inet f { chain input { type filter hook input priority 0; policy drop; }; }; add table inet g { flags dormant; }",
            told("ON", "drop"),
        ),
    ] {
        let script = format!("echo '{rules}' | nft -f -\n{{agent}}");
        let Some(output) = alone(&["nft"], &script) else {
            return;
        };
        let section = section(&output);
        assert_eq!(
            firewall(&section, "nftables"),
            expected,
            "{rules}: {section}"
        );
    }
}

#[test]
fn default_policies_are_those_that_nft_lists() {
    let rules = "table inet f { chain a { type filter hook input priority 0; policy drop; }; };\n\
        table ip6 g { chain b { type filter hook input priority 5; policy accept; }; }";
    let script = format!("printf '%s\\n' '{rules}' | nft -f -\nnft -j list ruleset\n{{agent}}");
    let Some(output) = alone(&["nft"], &script) else {
        return;
    };
    let (listed, snapshot) = output.split_once('\n').expect("two answers");
    let listed: Value = serde_json::from_str(listed).expect("JSON");
    let items = listed["nftables"].as_array().expect("items");
    let policies = items.iter().filter_map(|item| {
        let chain = &item["chain"];
        (chain["hook"] == "input").then(|| chain["policy"].as_str().expect("a policy"))
    });
    let drops = policies.filter(|policy| *policy == "drop").count();
    assert_eq!(drops, 1, "{listed}");
    assert_eq!(firewall(&section(snapshot), "nftables"), told("ON", "drop"));
}

#[test]
fn rules_of_the_older_kind_are_read_as_well() {
    for (rules, expected) in [
        (
            "iptables-legacy -P INPUT DROP; ip6tables-legacy -P INPUT DROP",
            told("ON", "drop"),
        ),
        (
            "iptables-legacy -A INPUT -j REJECT; ip6tables-legacy -A INPUT -j REJECT",
            told("ON", "reject"),
        ),
        (
            "iptables-legacy -A INPUT -p tcp -j ACCEPT",
            told("OFF", "accept"),
        ),
    ] {
        let script = format!("{{ {rules}; }} || {{ echo unusable; exit 0; }}\n{{agent}}");
        let Some(output) = alone(&["iptables-legacy"], &script) else {
            return;
        };
        if output.starts_with("unusable") {
            eprintln!("NOT TESTED: this kernel has no iptables of the older kind");
            return;
        }
        let section = section(&output);
        assert_eq!(
            firewall(&section, "iptables"),
            expected,
            "{rules}: {section}"
        );
    }
}

#[test]
fn ufw_is_active_when_ufw_says_so() {
    let place = tempfile::tempdir().expect("a directory");
    let copy = place.path().join("etc");
    let prepare = format!(
        "cp -a /etc '{0}'; mount --bind '{0}' /etc; ip link set lo up\n",
        copy.display()
    );
    let run = |command: &str| {
        let script = format!(
            "{prepare}ufw --force {command} >/dev/null 2>&1 || {{ echo unusable; exit 0; }}\n\
             LC_ALL=C ufw status | head -n 1\n{{agent}}"
        );
        alone(&["ufw", "ip"], &script)
    };
    for (command, status, expected) in [
        ("enable", "Status: active", told("ON", "drop")),
        ("disable", "Status: inactive", told("OFF", "")),
    ] {
        let _ = fs::remove_dir_all(&copy);
        let Some(output) = run(command) else {
            return;
        };
        if output.starts_with("unusable") {
            eprintln!("NOT TESTED: ufw cannot work here");
            return;
        }
        let (said, snapshot) = output.split_once('\n').expect("two answers");
        assert_eq!(said, status);
        let section = section(snapshot);
        assert_eq!(firewall(&section, "ufw"), expected, "{section}");
    }
}

#[test]
fn without_rights_the_rules_are_unknown_and_that_is_said() {
    let script = "setpriv --reuid 65534 --clear-groups {agent}";
    let Some(output) = alone(&["setpriv"], script) else {
        return;
    };
    let section = section(&output);
    assert_eq!(section["status"], "PARTIAL");
    assert_eq!(firewall(&section, "nftables"), told("UNKNOWN", ""));
    let notes = section["diagnostics"].to_string();
    assert!(
        notes.contains("only administrators may read the rules"),
        "{notes}"
    );
}

/// A kernel without a device mapper has no encrypted volume to compare; then this shows only that none is
/// invented.
#[test]
fn volumes_are_encrypted_where_lsblk_shows_it() {
    let place = tempfile::tempdir().expect("a directory");
    let image = place.path().join("disk.img");
    let point = place.path().join("mounted");
    fs::write(&image, vec![0; 8 << 20]).expect("an image");
    fs::create_dir(&point).expect("a folder");
    let Some(world) = World::new(&[]) else {
        return;
    };
    let script = format!(
        "mkfs.ext4 -q '{}' && mount -o loop '{}' '{}'",
        image.display(),
        image.display(),
        point.display()
    );
    let run = |program: &Path, arguments: &[&str]| {
        let mut command = world.command(program).into_std();
        command.args(arguments);
        command.output().expect("a program")
    };
    if !run(Path::new("sh"), &["-c", &script]).status.success() {
        eprintln!("NOT TESTED: no loop device can be had here");
        return;
    }
    let columns = "NAME,TYPE,FSTYPE,MOUNTPOINT";
    let listed = run(Path::new("lsblk"), &["-J", "-o", columns]).stdout;
    let snapshot = ["snapshot", "--section", "protection", "--format", "json"];
    let section = section(&String::from_utf8_lossy(
        &run(&agent_program(), &snapshot).stdout,
    ));
    run(Path::new("umount"), &[&point.display().to_string()]);

    let listed: Value = serde_json::from_slice(&listed).expect("JSON");
    let mut expected = Vec::new();
    for device in listed["blockdevices"].as_array().expect("devices") {
        collect(device, false, &mut expected);
    }
    let volumes = section["volume_encryption"].as_array().expect("volumes");
    let shown = |mount: &str| volumes.iter().find(|volume| volume["mount"] == *mount);
    let own = point.display().to_string();
    assert!(expected.iter().any(|(mount, _)| *mount == own), "{listed}");
    for (mount, encrypted) in expected {
        let Some(volume) = shown(&mount) else {
            assert_ne!(mount, own, "{section}");
            continue;
        };
        let state = if encrypted { "ON" } else { "OFF" };
        assert_eq!(volume["encrypted"], state, "{volume} {listed}");
    }
}

/// Mount points with whether something of the type "crypt" is above them.
fn collect(device: &Value, above: bool, found: &mut Vec<(String, bool)>) {
    let encrypted = above || device["type"] == "crypt";
    if let Some(point) = device["mountpoint"].as_str() {
        found.push((point.to_owned(), encrypted));
    }
    for child in device["children"].as_array().into_iter().flatten() {
        collect(child, encrypted, found);
    }
}
