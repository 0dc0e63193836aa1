//! Which hypervisor a machine runs on, by what its processor and its firmware say. Names are those of
//! systemd-detect-virt.

/// Beginnings of what the firmware of virtual machines says about itself.
const FIRMWARE: [(&str, &str); 17] = [
    ("KVM", "kvm"),
    ("OpenStack", "kvm"),
    ("KubeVirt", "kvm"),
    ("Amazon EC2", "amazon"),
    ("QEMU", "qemu"),
    ("VMware", "vmware"),
    ("VMW", "vmware"),
    ("innotek GmbH", "oracle"),
    ("VirtualBox", "oracle"),
    ("Xen", "xen"),
    ("Bochs", "bochs"),
    ("Parallels", "parallels"),
    ("BHYVE", "bhyve"),
    ("Virtual Machine", "microsoft"),
    ("Apple Virtualization", "apple"),
    ("Google Compute Engine", "google"),
    ("Alibaba Cloud ECS", "kvm"),
];

/// By a text of the firmware, such as its maker's name or that of the product.
pub(super) fn by_firmware(text: &str) -> Option<&'static str> {
    let found = FIRMWARE.iter().find(|(start, _)| text.starts_with(start));
    found.map(|(_, name)| *name)
}

/// By what the processor says.
pub(super) fn by_signature(signature: &str) -> Option<&'static str> {
    Some(match signature {
        "KVMKVMKVM" | "Linux KVM Hv" => "kvm",
        "TCGTCGTCGTCG" => "qemu",
        "VMwareVMware" => "vmware",
        "Microsoft Hv" => "microsoft",
        "VBoxVBoxVBox" => "oracle",
        "XenVMMXenVMM" => "xen",
        "bhyve bhyve" => "bhyve",
        "prl hyperv" | "lrpepyh  vr" => "parallels",
        "ACRNACRNACRN" => "acrn",
        "QNXQVMBSQG" => "qnx",
        "SRESRESRESRE" => "sre",
        _ => return None,
    })
}
