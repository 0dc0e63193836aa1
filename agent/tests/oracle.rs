//! The probes against the programs that people would check them with, on the machine the test runs on.
//!
//! Differences that are meant, each for a reason:
//! - `lsblk` calls the default of virtual disks "rotational"; the probe says UNKNOWN.
//! - `lsblk` lists loop devices, device-mapper and RAID volumes as devices; the probe lists only what
//!   they are made of, and the volumes on them by mount point.
//! - `ip` lists the privacy addresses that the kernel replaces every day; the probe leaves them out, so
//!   that history does not fill with them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use freehold_agent::probe::{self, Root};
use freehold_proto::v1::{Hardware, Network, System, section::Kind, toggle::State};
use serde_json::Value;

/// What a program prints as JSON; `None`, with a message, where the program is not installed.
fn ask(program: &str, arguments: &[&str]) -> Option<Value> {
    let output = match Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .output()
    {
        Ok(output) => output,
        Err(error) => {
            eprintln!(
                "skipped: {program} is not installed ({error}), so nothing is compared with it"
            );
            return None;
        }
    };
    assert!(output.status.success(), "{program} {arguments:?} failed");
    Some(serde_json::from_slice(&output.stdout).unwrap_or_default())
}

fn section<T: prost::Message + Default>(kind: Kind) -> T {
    let collected = probe::collect(kind, &Root::live()).unwrap();
    T::decode(collected.body.as_slice()).unwrap()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn processors_agree_with_lscpu() {
    let Some(answer) = ask("lscpu", &["-J"]) else {
        return;
    };
    let mut facts = BTreeMap::new();
    collect_fields(list(&answer["lscpu"]), &mut facts);
    let hardware: Hardware = section(Kind::Hardware);
    let fact = |name: &str| facts.get(name).map(String::as_str);
    let number = |name: &str| fact(name).and_then(|text| text.parse::<u32>().ok());

    let threads: u32 = hardware.processors.iter().filter_map(|p| p.threads).sum();
    let online =
        fact("On-line CPU(s) list").map(|text| freehold_agent::parse::cpu::list(text).len());
    assert_eq!(Some(threads as usize), online);
    if let (Some(sockets), Some(cores)) = (number("Socket(s)"), number("Core(s) per socket")) {
        assert_eq!(hardware.processors.len(), sockets as usize);
        assert_eq!(hardware.processors[0].cores, Some(cores));
    }
    if let Some(model) = fact("Model name") {
        assert_eq!(hardware.processors[0].model, model);
    }
    if let Some(maker) = fact("Vendor ID") {
        assert_eq!(hardware.processors[0].maker, maker);
    }
    if let Some(mhz) = fact("CPU max MHz").and_then(|text| text.split('.').next()) {
        assert_eq!(hardware.processors[0].max_mhz, mhz.parse().ok());
    }
    let system: System = section(Kind::System);
    assert_eq!(Some(system.architecture.as_str()), fact("Architecture"));
    if let Some(vendor) = fact("Hypervisor vendor")
        && vendor == "KVM"
        && !matches!(system.virtualization.as_str(), "docker" | "podman" | "lxc")
    {
        assert_eq!(system.virtualization, "kvm");
    }
}

/// lscpu nests its fields in newer versions.
fn collect_fields(fields: &[Value], facts: &mut BTreeMap<String, String>) {
    for field in fields {
        let name = text(field, "field").trim_end_matches(':').to_owned();
        facts.insert(name, text(field, "data"));
        collect_fields(list(&field["children"]), facts);
    }
}

#[test]
fn disks_and_volumes_agree_with_lsblk() {
    let columns = "NAME,PATH,TYPE,SIZE,MODEL,SERIAL,WWN,REV,TRAN,ROTA,RM,RO,MOUNTPOINTS,FSTYPE,FSSIZE,LABEL,UUID";
    let Some(answer) = ask("lsblk", &["-J", "-b", "-o", columns]) else {
        return;
    };
    let hardware: Hardware = section(Kind::Hardware);
    let devices: Vec<&Value> = list(&answer["blockdevices"]).iter().collect();
    let disks: Vec<&&Value> = devices
        .iter()
        .filter(|device| matches!(text(device, "type").as_str(), "disk" | "rom"))
        .collect();
    let theirs: BTreeSet<_> = disks.iter().map(|disk| text(disk, "name")).collect();
    let ours: BTreeSet<_> = hardware
        .disks
        .iter()
        .map(|disk| disk.name.clone())
        .collect();
    assert_eq!(ours, theirs);
    for disk in disks {
        let name = text(disk, "name");
        let ours = hardware
            .disks
            .iter()
            .find(|ours| ours.name == name)
            .unwrap();
        if text(disk, "type") == "disk" {
            assert_eq!(ours.size_bytes, disk["size"].as_u64(), "size of {name}");
        }
        for (field, own) in [
            ("model", &ours.model),
            ("serial", &ours.serial),
            ("wwn", &ours.wwn),
            ("rev", &ours.firmware),
        ] {
            let theirs = text(disk, field);
            assert!(
                theirs.is_empty() || theirs.trim() == own,
                "{field} of {name}: {theirs} is not {own}"
            );
        }
        let bus = text(disk, "tran");
        assert!(
            bus.is_empty() || bus == ours.bus,
            "{bus} is not {}",
            ours.bus
        );
        if ours.rotational() != State::Unknown {
            let rotational = ours.rotational() == State::On;
            assert_eq!(
                disk["rota"].as_bool(),
                Some(rotational),
                "platters of {name}"
            );
        }
    }
    for device in &devices {
        volumes_of(device, &hardware);
    }
    let ours: BTreeSet<&str> = hardware.volumes.iter().map(|v| v.mount.as_str()).collect();
    let mut theirs = BTreeSet::new();
    for device in devices {
        mount_points(device, &mut theirs);
    }
    // Where `ip netns` keeps its names is a part of another volume, mounted a second time.
    let other = |point: &&String| !point.starts_with("/snap/") && *point != "/run/netns";
    for point in theirs.iter().filter(other) {
        assert!(
            ours.contains(point.as_str()),
            "the volume at {point} is missing from {ours:?}"
        );
    }
}

/// File system, size, name and identifier of what is mounted from a device and its parts. Labels and
/// identifiers come from udev, which lsblk can do without and the probe cannot; lsblk in turn may not be
/// allowed to read a file system that the probe knows from the mount.
fn volumes_of(device: &Value, hardware: &Hardware) {
    let path = text(device, "path");
    for volume in hardware
        .volumes
        .iter()
        .filter(|volume| volume.device == path)
    {
        let file_system = text(device, "fstype");
        assert!(
            file_system.is_empty() || volume.file_system == file_system,
            "{path}: {} is not {file_system}",
            volume.file_system
        );
        if let Some(size) = device["fssize"].as_u64() {
            assert_eq!(volume.size_bytes, Some(size), "{path}");
        }
        for (ours, theirs) in [(&volume.label, "label"), (&volume.uuid, "uuid")] {
            let theirs = text(device, theirs);
            assert!(
                ours.is_empty() || *ours == theirs,
                "{path}: {ours} is not {theirs}"
            );
        }
        if device["ro"].as_bool() == Some(true) {
            assert_eq!(volume.read_only(), State::On, "{path}");
        }
    }
    for child in list(&device["children"]) {
        volumes_of(child, hardware);
    }
}

fn mount_points(device: &Value, points: &mut BTreeSet<String>) {
    let own = list(&device["mountpoints"])
        .iter()
        .filter_map(Value::as_str);
    points.extend(
        own.filter(|point| point.starts_with('/'))
            .map(str::to_owned),
    );
    for child in list(&device["children"]) {
        mount_points(child, points);
    }
}

#[test]
fn adapters_and_addresses_agree_with_ip() {
    let Some(answer) = ask("ip", &["-j", "addr"]) else {
        return;
    };
    let network: Network = section(Kind::Network);
    let theirs: BTreeMap<String, &Value> = list(&answer)
        .iter()
        .map(|link| (text(link, "ifname"), link))
        .collect();
    let ours: BTreeSet<_> = network
        .adapters
        .iter()
        .map(|adapter| adapter.name.clone())
        .collect();
    assert_eq!(ours, theirs.keys().cloned().collect());
    for adapter in &network.adapters {
        let link = theirs[&adapter.name];
        let expected: BTreeSet<String> = list(&link["addr_info"])
            .iter()
            .filter(|address| address["temporary"] != true)
            .map(|address| format!("{}/{}", text(address, "local"), address["prefixlen"]))
            .collect();
        let found: BTreeSet<String> = adapter.addresses.iter().cloned().collect();
        assert_eq!(found, expected, "addresses of {}", adapter.name);
        assert_eq!(adapter.mtu.map(u64::from), link["mtu"].as_u64());
        if text(link, "link_type") == "ether" {
            assert_eq!(adapter.mac, text(link, "address"));
        }
        let flags: Vec<_> = list(&link["flags"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let up = flags.contains(&"UP") && flags.contains(&"LOWER_UP");
        assert_eq!(adapter.up() == State::On, up, "link of {}", adapter.name);
    }
}

#[test]
fn routes_agree_with_ip() {
    let network: Network = section(Kind::Network);
    let mut theirs = BTreeSet::new();
    for (family, any, bits) in [("-4", "0.0.0.0/0", "/32"), ("-6", "::/0", "/128")] {
        let Some(answer) = ask("ip", &[family, "-j", "route"]) else {
            return;
        };
        for route in list(&answer) {
            let destination = match text(route, "dst") {
                name if name == "default" => any.to_owned(),
                name if name.contains('/') => name,
                name => name + bits,
            };
            let shared = list(&route["nexthops"]);
            for hop in if shared.is_empty() {
                std::slice::from_ref(route)
            } else {
                shared
            } {
                theirs.insert((destination.clone(), text(hop, "gateway"), text(hop, "dev")));
            }
        }
    }
    let ours: BTreeSet<_> = network
        .routes
        .iter()
        .map(|route| {
            (
                route.destination.clone(),
                route.gateway.clone(),
                route.adapter.clone(),
            )
        })
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
fn a_snapshot_of_these_sections_is_the_same_twice() {
    for kind in [
        Kind::System,
        Kind::Hardware,
        Kind::Network,
        Kind::Services,
        Kind::Protection,
    ] {
        let bodies =
            [(); 2].map(|()| probe::collect(kind, &Root::live()).map(|section| section.body));
        assert_eq!(bodies[0], bodies[1], "{kind:?}");
    }
}
