//! Root file systems written by the test, in the formats that the files' own manuals describe.

use freehold_proto::v1::{domain::Join, section::Status, toggle::State};
use tempfile::TempDir;

use super::*;
use crate::probe::fixture::{root_with, write};

const DEBIAN: &str = "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n";

fn debian() -> (TempDir, Root) {
    root_with(&[
        ("/usr/lib/os-release", DEBIAN.as_bytes()),
        ("/etc/debian_version", b"12.5\n"),
        ("/etc/hostname", b"front-desk\n"),
        (
            "/etc/hosts",
            b"127.0.1.1 front-desk.example.org front-desk\n",
        ),
        ("/etc/machine-id", b"3D1219c7c4c5404aaa1f6d2a48adfda4\n"),
        ("/etc/default/locale", b"LANG=\"de_DE.UTF-8\"\n"),
        ("/etc/timezone", b"Europe/Berlin\n"),
    ])
}

#[test]
fn another_root_tells_its_installation_and_admits_the_rest() {
    let (_directory, root) = debian();
    let system = collect(&root);
    assert_eq!(system.host_name, "front-desk");
    assert_eq!(system.fqdn, "front-desk.example.org");
    assert_eq!(system.machine_id, "3d1219c7c4c5404aaa1f6d2a48adfda4");
    assert_eq!(system.operating_system.as_ref().unwrap().build, "12.5");
    assert_eq!(system.locale, "de_DE.UTF-8");
    assert_eq!(system.kernel, "");
    assert_eq!(system.status(), Status::Partial);
    assert!(
        system
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.source == "/proc")
    );
}

#[test]
fn an_empty_root_is_unreadable_and_says_why() {
    let (_directory, root) = root_with(&[]);
    let system = collect(&root);
    assert_eq!(system.status(), Status::Unreadable);
    let sources: Vec<_> = system
        .diagnostics
        .iter()
        .map(|d| d.source.as_str())
        .collect();
    assert!(sources.contains(&"/usr/lib/os-release") && sources.contains(&"/etc/hostname"));
}

#[test]
fn the_time_zone_is_the_name_behind_the_link() {
    let (directory, root) = debian();
    let link = directory.path().join("etc/localtime");
    std::os::unix::fs::symlink("/usr/share/zoneinfo/Europe/Vienna", link).unwrap();
    assert_eq!(collect(&root).time_zone, "Europe/Vienna");
}

#[test]
fn a_domain_is_recognised_from_each_source() {
    let cases: [(&str, &str, Join, &str); 4] = [
        (
            "/etc/samba/smb.conf",
            "[global]\nsecurity = ADS\nrealm = EXAMPLE.ORG\n",
            Join::Domain,
            "example.org",
        ),
        (
            "/etc/sssd/sssd.conf",
            "[sssd]\ndomains = x\n[domain/x]\nid_provider = ad\nad_domain = corp.example.org\n",
            Join::Domain,
            "corp.example.org",
        ),
        (
            "/etc/himmelblau/himmelblau.conf",
            "[global]\ndomains = example.org,other\n",
            Join::Entra,
            "example.org",
        ),
        (
            "/etc/samba/smb.conf",
            "[global]\nworkgroup = WORKGROUP\nsecurity = user\n",
            Join::Standalone,
            "",
        ),
    ];
    for (path, text, join, name) in cases {
        let (_directory, root) = root_with(&[(path, text.as_bytes())]);
        let domain = domain::read(&root, &mut Diagnostics::new());
        assert_eq!(
            (domain.join(), domain.name.as_str()),
            (join, name),
            "{path}"
        );
    }
}

#[test]
fn a_realm_without_a_key_is_no_membership() {
    let (directory, root) = root_with(&[(
        "/etc/krb5.conf",
        b"[libdefaults]\n default_realm = EXAMPLE.ORG\n",
    )]);
    let mut diagnostics = Diagnostics::new();
    assert_eq!(
        domain::read(&root, &mut diagnostics).join(),
        Join::Standalone
    );
    write(directory.path(), "/etc/krb5.keytab", b"\x05\x02");
    assert_eq!(domain::read(&root, &mut diagnostics).join(), Join::Domain);
}

#[test]
fn an_unreadable_source_leaves_membership_open() {
    let (directory, root) = root_with(&[]);
    let looped = directory.path().join("etc/sssd");
    std::fs::create_dir_all(&looped).unwrap();
    std::os::unix::fs::symlink("sssd.conf", looped.join("sssd.conf")).unwrap();
    let mut diagnostics = Diagnostics::new();
    let domain = domain::read(&root, &mut diagnostics);
    assert_eq!(domain.join(), Join::Unspecified);
    assert_eq!(diagnostics.finish()[0].source, "/etc/sssd/sssd.conf");
}

#[test]
fn a_restart_is_pending_only_when_something_asks_for_it() {
    let (directory, root) = root_with(&[]);
    assert_eq!(restart::pending(&root), State::Unknown);
    write(directory.path(), "/run/reboot-required", b"");
    assert_eq!(restart::pending(&root), State::On);
}

#[test]
fn a_virtual_machine_made_from_a_container_image_is_no_container() {
    let (directory, root) = root_with(&[
        ("/.dockerenv", b""),
        (
            "/proc/self/mountinfo",
            b"27 1 254:0 / / rw - ext4 /dev/vda rw\n",
        ),
    ]);
    let namespaces = directory.path().join("proc/self/ns");
    std::fs::create_dir_all(&namespaces).unwrap();
    std::os::unix::fs::symlink("pid:[4026531836]", namespaces.join("pid")).unwrap();
    assert_eq!(virtualization::detect(&root, Some("KVMKVMKVM")), "kvm");

    std::fs::remove_file(namespaces.join("pid")).unwrap();
    std::os::unix::fs::symlink("pid:[4026532201]", namespaces.join("pid")).unwrap();
    assert_eq!(virtualization::detect(&root, Some("KVMKVMKVM")), "docker");
}

#[test]
fn hypervisors_are_told_by_processor_and_by_firmware() {
    let (_directory, root) = root_with(&[("/sys/class/dmi/id/sys_vendor", b"innotek GmbH\n")]);
    assert_eq!(virtualization::detect(&root, None), "oracle");
    assert_eq!(
        virtualization::detect(&root, Some("Microsoft Hv")),
        "microsoft"
    );
    let (_directory, root) = root_with(&[("/sys/class/dmi/id/sys_vendor", b"Dell Inc.\n")]);
    assert_eq!(virtualization::detect(&root, None), "none");
    assert_eq!(
        virtualization::detect(&root, Some("SomethingNew")),
        "vm-other"
    );
}

#[test]
fn bare_metal_is_told_by_its_chassis() {
    let (_directory, root) = root_with(&[("/sys/class/dmi/id/chassis_type", b"10\n")]);
    assert_eq!(chassis(&root, "none"), ChassisKind::Laptop);
    assert_eq!(chassis(&root, "kvm"), ChassisKind::Virtual);
}

#[test]
fn the_running_machine_is_read_the_same_twice() {
    let root = Root::live();
    let first = collect(&root);
    assert_eq!(first, collect(&root));
    assert!(!first.kernel.is_empty() && !first.architecture.is_empty());
    assert!(first.booted_at.is_some_and(|time| time.seconds % 60 == 0));
}
