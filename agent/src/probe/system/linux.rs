//! Linux: /etc tells of the installation, /proc of what runs.

mod domain;
mod restart;
mod virtualization;

use freehold_proto::v1::{OperatingSystem, System, domain::Join, system::ChassisKind};
use prost_types::Timestamp;

use crate::{
    parse::{cpu, hosts, key_value, mounts, os_release, smbios},
    probe::{
        Root,
        section::{Diagnostics, seconds, timestamp},
        sysfs,
    },
    sys::cpuid,
};

/// Collects the section.
pub(super) fn collect(root: &Root) -> System {
    let mut diagnostics = Diagnostics::new();
    let operating_system = operating_system(root, &mut diagnostics);
    let host = host_name(root, &mut diagnostics);
    let short = host.split('.').next().unwrap_or_default().to_owned();
    let any_source_read = operating_system.is_some() || !host.is_empty();
    let mut domain = domain::read(root, &mut diagnostics);
    if !any_source_read {
        // Without an operating system, the absence of its settings says nothing.
        domain.set_join(Join::Unspecified);
    }
    let mut system = System {
        fqdn: fqdn(root, &host, &mut diagnostics),
        host_name: short,
        machine_id: machine_id(root, &mut diagnostics),
        operating_system,
        installed_at: installed_at(root),
        time_zone: time_zone(root, &mut diagnostics),
        locale: locale(root, &mut diagnostics),
        domain: Some(domain),
        pending_reboot: restart::pending(root).into(),
        ..System::default()
    };
    if root.shows_machine() {
        running(root, &mut system, &mut diagnostics);
    } else {
        let reason = "another root file system does not tell kernel, start, virtualisation and kind of machine: they are missing";
        diagnostics.note("/proc", "", reason);
    }
    system.status = diagnostics.status(any_source_read).into();
    system.diagnostics = diagnostics.finish();
    system
}

/// What only a running system knows.
fn running(root: &Root, system: &mut System, diagnostics: &mut Diagnostics) {
    let release = "/proc/sys/kernel/osrelease";
    if let Some(bytes) = diagnostics.read_required(root, release, "the kernel's release is") {
        diagnostics
            .text(release, "", &bytes)
            .trim()
            .clone_into(&mut system.kernel);
    }
    system.architecture = architecture(root);
    system.booted_at = booted_at(root, diagnostics);
    system.virtualization = virtualization::detect(root, hypervisor(root).as_deref());
    system.chassis = chassis(root, &system.virtualization).into();
}

/// Architecture of the kernel; that of a recorded machine is known since Linux 6.1.
pub(in crate::probe) fn architecture(root: &Root) -> String {
    if root.is_live() {
        let name = rustix::system::uname();
        return name.machine().to_string_lossy().into_owned();
    }
    sysfs::value(root, "/proc/sys/kernel/arch").unwrap_or_default()
}

/// What the processor says about the hypervisor; a recorded one says only that there is one.
fn hypervisor(root: &Root) -> Option<String> {
    if root.is_live() {
        return cpuid::hypervisor();
    }
    let text = root.read("/proc/cpuinfo").unwrap_or_default();
    let threads = cpu::cpuinfo(&String::from_utf8_lossy(&text));
    let is_guest = threads.iter().any(|thread| thread.hypervisor);
    is_guest.then(String::new)
}

/// The machine id alone; empty where there is none.
pub(in crate::probe) fn installation_id(root: &Root) -> String {
    machine_id(root, &mut Diagnostics::new())
}

fn operating_system(root: &Root, diagnostics: &mut Diagnostics) -> Option<OperatingSystem> {
    let missing = "the operating system's name is";
    let (path, default) = ("/etc/os-release", "/usr/lib/os-release");
    let (path, bytes) = diagnostics
        .read_optional(root, path, missing)
        .map(|bytes| (path, bytes))
        .or_else(|| Some((default, diagnostics.read_required(root, default, missing)?)))?;
    let mut system = os_release::parse(&diagnostics.decode(path, "", &bytes));
    fit(&mut system, path, diagnostics);
    if system.id == "debian" {
        // Debian keeps its point release apart; its derivatives write other things there.
        let path = "/etc/debian_version";
        let bytes = diagnostics.read_optional(root, path, "the point release is");
        let point = diagnostics.text(path, "", &bytes.unwrap_or_default());
        if point.starts_with(|c: char| c.is_ascii_digit()) {
            point.trim().clone_into(&mut system.build);
        }
    }
    Some(system)
}

fn fit(system: &mut OperatingSystem, path: &str, diagnostics: &mut Diagnostics) {
    let OperatingSystem {
        id,
        name,
        version,
        edition,
        build,
        code_name,
        like,
    } = system;
    for text in [id, name, version, edition, build, code_name] {
        *text = diagnostics.fit(path, "", std::mem::take(text));
    }
    diagnostics.limit(path, "systems it derives from", like, 100);
    for text in like {
        *text = diagnostics.fit(path, "", std::mem::take(text));
    }
}

fn host_name(root: &Root, diagnostics: &mut Diagnostics) -> String {
    let path = if root.is_live() {
        "/proc/sys/kernel/hostname"
    } else {
        "/etc/hostname"
    };
    let Some(bytes) = diagnostics.read_required(root, path, "the host name is") else {
        return String::new();
    };
    let text = diagnostics.text(path, "", &bytes);
    let name = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    name.unwrap_or_default().to_owned()
}

/// The host name if it holds a domain, else what /etc/hosts says. No name server is asked.
fn fqdn(root: &Root, host: &str, diagnostics: &mut Diagnostics) -> String {
    if host.contains('.') {
        return host.to_owned();
    }
    let path = "/etc/hosts";
    let Some(bytes) = diagnostics.read_optional(root, path, "the fully qualified name is") else {
        return String::new();
    };
    let text = diagnostics.decode(path, "", &bytes);
    let name = hosts::qualified(&text, host).unwrap_or_default().to_owned();
    diagnostics.fit(path, "", name)
}

fn machine_id(root: &Root, diagnostics: &mut Diagnostics) -> String {
    for path in ["/etc/machine-id", "/var/lib/dbus/machine-id"] {
        let Some(bytes) = diagnostics.read_optional(root, path, "the machine id is") else {
            continue;
        };
        let text = String::from_utf8_lossy(&bytes).trim().to_lowercase();
        if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return text;
        }
        // An image that is to be copied has an empty one, or this word.
        if !matches!(text.as_str(), "" | "uninitialized") {
            let reason = "is not 32 hexadecimal digits, so the machine id is missing";
            diagnostics.note(path, "", reason);
        }
    }
    String::new()
}

/// When the installer finished; else when the root file system was made. File systems that do not
/// record that answer with nothing or with 1970.
fn installed_at(root: &Root) -> Option<Timestamp> {
    const LEFT_BY_INSTALLERS: [&str; 5] = [
        "/var/log/installer/initial-status.gz",
        "/var/log/installer/syslog",
        "/var/log/installer/subiquity-server-debug.log",
        "/root/anaconda-ks.cfg",
        "/var/log/anaconda",
    ];
    let written = LEFT_BY_INSTALLERS
        .iter()
        .find_map(|path| root.metadata(path).ok()?.modified().ok());
    let made = || {
        is_on_disk(root)
            .then(|| root.metadata("/").ok()?.created().ok())
            .flatten()
    };
    let time = timestamp(written.or_else(made)?);
    (time.seconds > 0).then_some(time)
}

/// Whether the root file system outlives the running system. One in memory, or laid over another, is
/// made anew at each start; a folder of this machine's disk has no age of its own.
fn is_on_disk(root: &Root) -> bool {
    if !root.is_live() {
        return root.is_mounted();
    }
    let mounts = root.read("/proc/self/mountinfo").unwrap_or_default();
    let mounts = mounts::parse(&mounts);
    let mount = mounts.iter().find(|mount| mount.point == b"/");
    mount.is_some_and(|mount| mount.device.starts_with(b"/dev/") || mount.kind == "zfs")
}

/// The start of the system, rounded down to the minute: the kernel derives it from a clock that is adjusted.
fn booted_at(root: &Root, diagnostics: &mut Diagnostics) -> Option<Timestamp> {
    let path = "/proc/stat";
    let bytes = diagnostics.read_required(root, path, "the time of the last start is")?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().find_map(|line| line.strip_prefix("btime "));
    let Some(unix) = line.and_then(|value| value.trim().parse::<i64>().ok()) else {
        diagnostics.note(
            path,
            "btime",
            "makes no sense, so the time of the last start is missing",
        );
        return None;
    };
    Some(seconds(unix / 60 * 60))
}

fn time_zone(root: &Root, diagnostics: &mut Diagnostics) -> String {
    let link = root.read_link("/etc/localtime");
    if let Ok(target) = &link
        && let Some((_, zone)) = target.to_string_lossy().split_once("zoneinfo/")
    {
        let zone = zone
            .trim_start_matches("posix/")
            .trim_start_matches("right/");
        return diagnostics.fit("/etc/localtime", "", zone.to_owned());
    }
    let path = "/etc/timezone";
    if let Some(bytes) = diagnostics.read_optional(root, path, "the time zone is") {
        return diagnostics.text(path, "", &bytes).trim().to_owned();
    }
    // Without the link, programs take UTC; with a file in its place, its name is not recorded.
    let is_missing = link.is_err_and(|error| crate::probe::root::is_absent(&error))
        && sysfs::exists(root, "/etc");
    if is_missing { "UTC" } else { "" }.into()
}

fn locale(root: &Root, diagnostics: &mut Diagnostics) -> String {
    for path in [
        "/etc/locale.conf",
        "/etc/default/locale",
        "/etc/sysconfig/i18n",
    ] {
        if let Some(bytes) = diagnostics.read_optional(root, path, "the default locale is") {
            let text = diagnostics.decode(path, "", &bytes);
            if let Some(locale) = key_value::value(&text, "LANG") {
                return diagnostics.fit(path, "", locale);
            }
        }
    }
    String::new()
}

fn chassis(root: &Root, virtualization: &str) -> ChassisKind {
    if !matches!(virtualization, "" | "none") {
        return ChassisKind::Virtual;
    }
    if let Some(number) = sysfs::number(root, "/sys/class/dmi/id/chassis_type") {
        return smbios::chassis_kind(number);
    }
    match sysfs::value(root, "/proc/device-tree/chassis-type").as_deref() {
        Some("desktop") => ChassisKind::Desktop,
        Some("laptop") => ChassisKind::Laptop,
        Some("convertible" | "tablet" | "handset") => ChassisKind::Tablet,
        Some("server") => ChassisKind::Server,
        Some(_) => ChassisKind::Other,
        None => ChassisKind::Unspecified,
    }
}

#[cfg(test)]
mod tests;
