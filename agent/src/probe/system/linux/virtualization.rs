//! Whether the machine is a container or a virtual machine, and of which kind. Names are those of
//! systemd-detect-virt.

use crate::probe::{
    Root, sysfs,
    system::hypervisor::{by_firmware, by_signature},
};

/// The container, else the hypervisor, else "none"; empty when nothing tells. `signature` is what the
/// processor says about the hypervisor.
pub(super) fn detect(root: &Root, signature: Option<&str>) -> String {
    container(root)
        .or_else(|| hypervisor(root, signature))
        .unwrap_or_else(|| {
            let is_pc = super::architecture(root) == "x86_64";
            let can_tell = is_pc || sysfs::exists(root, "/sys/class/dmi/id");
            if can_tell { "none" } else { "" }.into()
        })
}

fn container(root: &Root) -> Option<String> {
    let told = ["/run/systemd/container", "/run/host/container-manager"];
    if let Some(name) = told.iter().find_map(|path| sysfs::value(root, path)) {
        return Some(name);
    }
    if let Some(name) = sysfs::value(root, "/proc/1/environ")
        .as_deref()
        .and_then(container_variable)
    {
        return Some(name.to_owned());
    }
    let kernel = sysfs::value(root, "/proc/sys/kernel/osrelease").unwrap_or_default();
    if kernel.to_lowercase().contains("microsoft") {
        return Some("wsl".into());
    }
    let marked = [("/run/.containerenv", "podman"), ("/.dockerenv", "docker")];
    let (_, name) = marked
        .into_iter()
        .find(|(path, _)| sysfs::exists(root, path))?;
    is_confined(root).then(|| name.into())
}

/// The variable by which container managers name themselves to the first process. No other is read.
fn container_variable(environment: &str) -> Option<&str> {
    let mut variables = environment.split('\0');
    variables
        .find_map(|variable| variable.strip_prefix("container="))
        .filter(|name| !name.is_empty())
}

/// Whether this is inside a container, as opposed to a machine made from a container's image, which
/// still holds its marker file.
fn is_confined(root: &Root) -> bool {
    /// The process namespace that the kernel itself starts with.
    const INITIAL: &str = "pid:[4026531836]";
    let namespace = sysfs::link_name(root, "/proc/self/ns/pid");
    if namespace.is_some_and(|name| name != INITIAL) {
        return true;
    }
    let mounts = root.read("/proc/self/mountinfo").unwrap_or_default();
    let mounts = crate::parse::mounts::parse(&mounts);
    mounts
        .iter()
        .any(|mount| mount.point == b"/" && mount.kind.contains("overlay"))
}

fn hypervisor(root: &Root, signature: Option<&str>) -> Option<String> {
    if sysfs::value(root, "/proc/xen/capabilities").is_some_and(|text| text.contains("control_d")) {
        // The machine that runs the hypervisor, not one that is run by it.
        return None;
    }
    if let Some(name) = signature.and_then(by_signature) {
        return Some(name.into());
    }
    let firmware = ["product_name", "sys_vendor", "board_vendor", "bios_vendor"];
    let told = firmware
        .iter()
        .filter_map(|name| sysfs::value(root, &format!("/sys/class/dmi/id/{name}")))
        .find_map(|text| by_firmware(&text));
    if let Some(name) = told {
        return Some(name.into());
    }
    if let Some(name) = sysfs::value(root, "/sys/hypervisor/type") {
        return Some(name);
    }
    let tree = sysfs::value(root, "/proc/device-tree/hypervisor/compatible").unwrap_or_default();
    match tree.split('\0').next() {
        Some("linux,kvm") => Some("kvm".into()),
        Some(name) if name.starts_with("xen") => Some("xen".into()),
        _ => signature.map(|_| "vm-other".into()),
    }
}
